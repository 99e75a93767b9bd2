"""Patterns of what goes over the wire, for the schemas: a command's JMSType and body, an event's text.

They say what the parser accepts and what the codec writes, in the part of regular expressions that Python and
JavaScript (with its flag u, as JSON Schema wants it) read alike. The parser itself does not use them: it can say what
is wrong, a pattern only that something is. Tests hold the two together.
"""

from __future__ import annotations

from generic_connector.protocol.checks import any_case
from generic_connector.protocol.command_rows import Argument, CommandRow
from generic_connector.protocol.commands import MAX_ID
from generic_connector.protocol.events import Error
from generic_connector.protocol.layout import Field, Layout, Word

_WITHOUT_COMMA = r"\s*[^,\s][^,]*"
_WITH_COMMAS = r"\s*\S[\s\S]*"
_NOT_IN_IDS = r"#\u0000-\u001f\u007f-\u009f\u2028\u2029\ud800-\udfff\ufffe\uffff"
_ID = rf"(?!\.+\s*$)[^{_NOT_IN_IDS}\s](?:[^{_NOT_IN_IDS}]{{0,{MAX_ID - 2}}}[^{_NOT_IN_IDS}\s])?"

SENDABLE = r"^[^\u0000-\u0008\u000b\u000c\u000e-\u001f\ud800-\udfff\ufffe\uffff]*$"
"""What every body consists of: characters that can be sent to Finesse."""


def type_pattern(row: CommandRow) -> str:
    """Give the pattern of a command's JMSType: its name or an alias in any case, `#`, the id; blanks do not matter."""
    names = "|".join(any_case(name) for name in (row.name, *row.aliases))
    return rf"^\s*(?:{names})\s*#\s*{_ID}\s*$"


def body_pattern(row: CommandRow) -> str:
    """Give the pattern of a command's body."""
    if row.body_pattern:
        return f"^{row.body_pattern}$"
    needed = len(row.arguments)
    while needed and row.arguments[needed - 1].optional:
        needed -= 1
    required = ",".join(_argument(argument) for argument in row.arguments[:needed])
    left_out = ""
    for position in range(len(row.arguments) - 1, needed - 1, -1):
        comma = "," if position else ""
        left_out = f"(?:{comma}{_argument(row.arguments[position])}{left_out})?"
    return f"^{required or _blanks(row)}{left_out}$"


def may_be_empty(row: CommandRow) -> bool:
    """Whether a command needs no body."""
    return all(argument.optional for argument in row.arguments)


def text_pattern(layout: Layout) -> str:
    """Give the pattern of an event's text; the setting text.error_text may take the last field of an Error away."""
    pieces = [piece.text if isinstance(piece, Word) else piece.prefix + _field(piece) for piece in layout.text]
    if layout.event is Error:
        *pieces, last = pieces
        return f"^{'#'.join(pieces)}(?:#{last})?$"
    return f"^{'#'.join(pieces)}$"


def _argument(argument: Argument) -> str:
    if argument.check is not None:
        pattern = rf"\s*(?:{argument.check.pattern})\s*"
    else:
        pattern = _WITH_COMMAS if argument.commas else _WITHOUT_COMMA
    return rf"(?:{pattern}|\s*)" if argument.optional else pattern


def _blanks(row: CommandRow) -> str:
    return "" if row.arguments else r"\s*"


def _field(field: Field) -> str:
    return r"[\s\S]*" if field.rest else "[^#]*"
