"""The protocol's pages of the documentation, for developers of clients, read out of the tables.

generic_connector.documents writes them to docs/.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import msgspec

from generic_connector.errors import ERRORS, Blame, ErrorRow
from generic_connector.protocol import json_codec, text
from generic_connector.protocol.command_rows import Argument, CommandRow
from generic_connector.protocol.commands import COMMANDS
from generic_connector.protocol.events import Event
from generic_connector.protocol.layout import Field, Layout, Word
from generic_connector.protocol.layouts import LAYOUTS, layout_of
from generic_connector.protocol.pages_words import (
    COMMANDS_START,
    ERRORS_START,
    EVENT_MEANINGS,
    EVENTS_START,
    WHAT_TO_DO,
    WHEN,
)
from generic_connector.protocol.samples import SAMPLES

_SETTINGS = text.TextSettings()


def commands_markdown() -> str:
    """Give docs/commands.md: how to send commands, then every command."""
    overview = [_table_row(["command", "what for"]), _table_row(["---", "---"])]
    overview += [_table_row([f"[{row.name}](#{row.name.lower()})", row.about]) for row in COMMANDS.values()]
    sections = [_command_section(row) for row in COMMANDS.values()]
    return _page([COMMANDS_START, "\n".join(overview), *sections])


def events_markdown() -> str:
    """Give docs/events.md: how to read events, then every event in all its shapes."""
    names = dict.fromkeys(row.event.name for row in LAYOUTS)
    return _page([EVENTS_START, *(_event_section(name) for name in names)])


def errors_markdown() -> str:
    """Give docs/errors.md: how errors arrive, then every code."""
    header = [_table_row(["code", "text", "who can put it right", "commands"]), _table_row(["---"] * 4)]
    rows = [_error_row(row) for row in ERRORS.values()]
    advice = [f"- **{blame}**: {WHAT_TO_DO[blame]}" for blame in Blame]
    return _page([ERRORS_START, "\n".join(advice), "\n".join(header + rows)])


def _page(parts: Iterable[str]) -> str:
    return "\n\n".join(parts) + "\n"


def _command_section(row: CommandRow) -> str:
    lines = [f"## {row.name}", "", row.about, ""]
    lines += [f"- JMSType: `{row.name}#<{row.subject}>`", f"- body: {_body(row)}"]
    if row.aliases:
        lines.append(f"- also accepted as: {_codes(row.aliases)}")
    lines.append(f"- events, in order: {_heard(row.events, row.events_uccx)}")
    lines += [f"- {heard.who} hears, in order: {_heard(heard.events, heard.events_uccx)}" for heard in row.others]
    if not row.uccx:
        lines.append("- UCCX does not have what this needs")
    lines.append(f"- errors: {_codes(dict.fromkeys((*row.errors, row.unreadable)))}")
    if row.finesse:
        lines.append(f"- asked of Finesse: {row.finesse}")
    again = "carried out again, that does no harm" if row.repeatable else "not carried out a second time"
    lines.append(f"- delivered again by the broker after a failure: {again}")
    if row.arguments:
        lines += ["", _table_row(["argument", "what it is", "when missing"]), _table_row(["---"] * 3)]
        last = row.arguments[-1]
        lines += [_table_row(_argument(argument, last=argument is last)) for argument in row.arguments]
    return "\n".join(lines)


def _heard(events: tuple[str, ...], events_uccx: tuple[str, ...] | None) -> str:
    same = _codes(events) or "none"
    return same if events_uccx is None else f"{same}; on UCCX: {_codes(events_uccx) or 'none'}"


def _body(row: CommandRow) -> str:
    return " or ".join(f"`{form}`" for form in row.body.split(" or ")) if row.body else "empty"


def _argument(argument: Argument, *, last: bool) -> list[str]:
    optional = "may be left out" if last else "may be empty"
    missing = optional if argument.optional else f"`{argument.missing}`"
    return [_camel(argument.name), argument.about, missing]


def _event_section(name: str) -> str:
    answered = [row.name for row in COMMANDS.values() if name in row.answers]
    lines = [f"## {name}", "", EVENT_MEANINGS[name], ""]
    if answered:
        lines += [f"Follows on {_codes(answered)}.", ""]
    for layout in (row for row in LAYOUTS if row.event.name == name):
        lines += [f"Text: `{_pattern(layout)}`", ""]
        lines += [line for title, sample in _samples(layout) for line in _sample(title, sample)]
    return "\n".join(lines).rstrip()


def _samples(layout: Layout) -> Iterator[tuple[str, Event]]:
    return ((title, sample) for title, sample in SAMPLES.items() if layout_of(sample) is layout)


def _sample(title: str, sample: Event) -> list[str]:
    lines = [f"{title}:", "", "```text", text.render(sample, _SETTINGS), "```", ""]
    told = json_codec.render(sample)
    if told is None:
        return [*lines, "JSON has no such event.", ""]
    content = msgspec.json.decode(told)
    members = content[0] if isinstance(content, list) else content
    inner = [f'  "{name}": {msgspec.json.encode(value).decode()}' for name, value in members.items()]
    start, end = ("[{", "}]") if isinstance(content, list) else ("{", "}")
    return [*lines, "```json", start, ",\n".join(inner), end, "```", ""]


def _pattern(layout: Layout) -> str:
    """Give the text layout with a placeholder for each value."""
    return "#".join(piece.text if isinstance(piece, Word) else _placeholder(piece) for piece in layout.text)


def _placeholder(field: Field) -> str:
    if field.kind.form:
        return field.prefix + field.kind.form
    return f"{field.prefix}<{_camel(field.path.replace('dialog.', '').replace('.', '_'))}>"


def _error_row(row: ErrorRow) -> str:
    commands = [command.name for command in COMMANDS.values() if row.code in command.errors]
    code = f"`{row.code}`" + (f" (JSON: `{row.json_code}`)" if row.json_code else "")
    return _table_row([code, row.text, str(row.blame), WHEN.get(row.code) or _codes(commands)])


def _codes(words: Iterable[str]) -> str:
    return ", ".join(f"`{word}`" for word in words)


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)


def _table_row(cells: Iterable[str]) -> str:
    return "| " + " | ".join(cell.replace("|", "\\|") for cell in cells) + " |"
