"""From what a client sent to a Command, and from a command to what a client sends.

Whatever arrives, the outcome is a Command or a CommandRefused that says in words what to change.
Source: client-protocol.md sections 1 and 4.
"""

from __future__ import annotations

import difflib
import re

from generic_connector.errors import CommandError
from generic_connector.protocol.bodies import call_variables
from generic_connector.protocol.command import Command
from generic_connector.protocol.command_rows import Argument, CommandRow
from generic_connector.protocol.command_table import COMMANDS, find_row

MAX_ID = 255
"""Longest agent id or destination name. Nothing real comes near; it keeps logs and answers readable."""

MAX_BODY = 64 * 1024
"""Longest body. All call variables of a call together stay far below, so does a bearer token."""

__all__ = [
    "COMMANDS",
    "MAX_BODY",
    "MAX_ID",
    "CommandRefused",
    "find_row",
    "format_command",
    "format_variables",
    "parse_command",
    "refusal",
    "split_type",
]

_MAX_SHOWN = 40
_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff\ufffe\uffff]")
# What XML cannot carry to Finesse, and half characters that no encoding can.
_UNSENDABLE = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")


class CommandRefused(CommandError):  # noqa: N818 - a verdict on the client's words, and the name that the log uses
    """A command that is not carried out because of how it reads.

    command: its canonical name, or what the client sent instead, shortened. subject: the agent or destination it
    names, "" when it names none that could exist; with code and text this is all that an Error event needs.
    """

    def __init__(self, code: str, text: str, *, command: str, subject: str) -> None:
        super().__init__(code, text)
        self.command = command
        self.subject = subject


def split_type(message_type: str) -> tuple[str, str]:
    """Part a JMSType at the first `#` into command name and subject, blanks trimmed; without `#` the subject is ""."""
    name, _, subject = message_type.partition("#")
    return name.strip(), subject.strip()


def parse_command(message_type: str, body: str) -> Command:
    """Read a command from its JMSType and body. Raises CommandRefused and nothing else (sections 1, 4)."""
    name, subject = split_type(message_type)
    row = find_row(name)
    command = row.name if row else _shown(name)
    subject_fault = _fault_of_subject(subject)
    known_subject = "" if subject_fault else subject
    if row is None:
        raise CommandRefused("PLEASE_RETRY", _unknown(name), command=command, subject=known_subject)
    if subject_fault:
        text = f"The JMSType reads {row.name}#<{row.subject}>: {subject_fault}"
        raise CommandRefused("PLEASE_RETRY", text, command=command, subject="")
    try:
        return _read(row, subject, body)
    except CommandError as error:
        raise CommandRefused(error.code, error.text, command=command, subject=known_subject) from None


def refusal(message_type: str, text: str) -> CommandRefused:
    """Give the refusal of a message for another reason than how it reads; it names what can be named."""
    name, subject = split_type(message_type)
    row = find_row(name)
    known_subject = "" if _fault_of_subject(subject) else subject
    return CommandRefused("PLEASE_RETRY", text, command=row.name if row else _shown(name), subject=known_subject)


def format_command(name: str, subject: str, *arguments: str) -> tuple[str, str]:
    """Give JMSType and body as a client sends them; the name may be in any case, an unknown one is left as it is.

    The arguments are joined by commas as they are: a client has no means of escaping either. Call variables go as
    one argument (format_variables) or as a name and a value.
    """
    row = find_row(name)
    return f"{row.name if row else name}#{subject}", ",".join(arguments)


def format_variables(variables: tuple[tuple[str, str], ...]) -> str:
    """Give the last argument of update_call_variable for several pairs; values must not hold `|`."""
    return "|".join(f"{name}={value}" for name, value in variables)


def _read(row: CommandRow, subject: str, body: str) -> Command:
    parts = _parts(row, body)
    arguments = {}
    for position, argument in enumerate(row.arguments):
        value = parts[position] if position < len(parts) else ""
        value = _checked(argument, value)
        if value:
            arguments[argument.name] = value
    variables = _variables(row, arguments.pop("variables")) if row.variables else ()
    return Command(name=row.name, subject=subject, arguments=arguments, variables=variables)


def _parts(row: CommandRow, body: str) -> list[str]:
    if len(body) > MAX_BODY:
        raise CommandError(row.unreadable, f"The body is longer than {MAX_BODY} characters")
    if _UNSENDABLE.search(body):
        raise CommandError(row.unreadable, "The body holds a character that Finesse cannot be sent")
    parts = row.split(body) if body.strip() else []
    if len(parts) > len(row.arguments):
        raise CommandError("PLEASE_RETRY", f"The body of {row.name} reads {row.body}" if row.body else _no_body(row))
    return parts


def _checked(argument: Argument, value: str) -> str:
    if not value and argument.optional:
        return ""
    if not value:
        text = f"The {argument.name} is missing" if argument.missing == "PLEASE_RETRY" else ""
        raise CommandError(argument.missing, text)
    return argument.check.read(value) if argument.check else value


def _variables(row: CommandRow, text: str) -> tuple[tuple[str, str], ...]:
    try:
        return call_variables(text)
    except ValueError as error:
        raise CommandError(row.unreadable, f"The call data cannot be read: {error}") from None


def _fault_of_subject(subject: str) -> str:
    if not subject:
        return "what stands behind # is missing"
    if len(subject) > MAX_ID:
        return f"what stands behind # is longer than {MAX_ID} characters"
    if "#" in subject or _UNPRINTABLE.search(subject):
        return "what stands behind # holds a second # or a control character"
    if not subject.strip("."):
        # It becomes a part of a URL, where dots alone mean another place.
        return "what stands behind # consists of dots"
    return ""


def _unknown(name: str) -> str:
    if not name:
        return "The JMSType is empty: it reads <Command>#<id>"
    close = difflib.get_close_matches(name[:_MAX_SHOWN].lower(), [known.lower() for known in COMMANDS], n=1)
    row = find_row(close[0]) if close else None
    return f"There is no command {_shown(name)}" + (f", is {row.name} meant?" if row else "")


def _no_body(row: CommandRow) -> str:
    return f"{row.name} takes no arguments, the body stays empty"


def _shown(text: str) -> str:
    shown = _UNPRINTABLE.sub("?", text)
    return shown if len(shown) <= _MAX_SHOWN else shown[:_MAX_SHOWN] + "…"
