"""The JSON Schemas, read by a validator that no one here wrote, beside the parser and the codec."""

from __future__ import annotations

import json
import string
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from generic_connector.protocol import events, json_codec, text
from generic_connector.protocol.command_rows import CommandRow
from generic_connector.protocol.commands import COMMANDS, MAX_BODY, MAX_ID, CommandRefused, parse_command
from generic_connector.protocol.events import Event
from generic_connector.protocol.layout import Word
from generic_connector.protocol.layouts import LAYOUTS, layout_of
from generic_connector.protocol.patterns import text_pattern
from generic_connector.protocol.samples import SAMPLES
from generic_connector.protocol.schemas import JSON_EVENTS, as_text, command_schema, event_schema
from generic_connector.protocol.text import TextSettings
from protocol.event_strategies import any_event
from protocol.test_commands import READ, REFUSED, Case

# As a client reads them from docs/schemas.
COMMAND_SCHEMAS = {name: json.loads(as_text(command_schema(name))) for name in COMMANDS}
EVENT_SCHEMAS = {name: json.loads(as_text(event_schema(name))) for name in JSON_EVENTS}
COMMAND_JUDGES = {name: Draft202012Validator(schema) for name, schema in COMMAND_SCHEMAS.items()}
EVENT_JUDGES = {name: Draft202012Validator(schema) for name, schema in EVENT_SCHEMAS.items()}


@pytest.mark.parametrize(
    "schema", [*COMMAND_SCHEMAS.values(), *EVENT_SCHEMAS.values()], ids=lambda schema: schema["$id"]
)
def test_every_schema_is_one(schema: dict[str, Any]) -> None:
    Draft202012Validator.check_schema(schema)


def judged(name: str, message_type: str, body: str | None) -> bool:
    return COMMAND_JUDGES[name].is_valid({"jmsType": message_type, "body": body})


def parsed(message_type: str, body: str) -> bool:
    try:
        parse_command(message_type, body)
    except CommandRefused:
        return False
    return True


@pytest.mark.parametrize("case", READ, ids=lambda case: f"{case.name}:{case.body}")
def test_what_the_parser_reads_the_schema_allows(case: Case) -> None:
    assert judged(case.name, f"{case.name}#1001", case.body)


@pytest.mark.parametrize(("name", "body", "code"), REFUSED, ids=lambda value: str(value)[:30])
def test_what_the_parser_refuses_the_schema_forbids(name: str, body: str, code: str) -> None:
    """But for a day that no month has: no pattern knows the calendar."""
    assert code
    assert judged(name, f"{name}#1001", body) == ("02-31" in body)


_WORDS = (
    "SSO",
    "sso",
    "1001",
    "+49",
    "a",
    "é",
    "😀",
    "true",
    "FALSE",
    "call_by_call",
    "ACCEPT",
    "reject",
    "Close",
    "json",
)
_TIMES = ("42#*A", "2024-03-01T14:30", "2024-03-01 14:30:05.1")
_PIECES = st.sampled_from([*",,,,...==|| \t\n\x00\ud800", *_WORDS, *_TIMES])
_BODIES = st.lists(_PIECES, max_size=9).map("".join)
_ROWS = st.sampled_from(list(COMMANDS.values()))


@settings(max_examples=1500, deadline=None)
@given(_ROWS, _BODIES)
def test_schema_and_parser_agree_on_bodies(row: CommandRow, body: str) -> None:
    """Whatever the body, the schema allows it exactly when the parser reads it."""
    assert judged(row.name, f"{row.name}#1001", body) == parsed(f"{row.name}#1001", body)


_SUBJECTS = st.text(st.sampled_from("1a.# \t\n\x00\x85\u2028\ud800é😀"), max_size=6)


@settings(max_examples=500, deadline=None)
@given(_ROWS, st.sampled_from([str, str.lower, str.upper]), st.sampled_from(["", " ", "\n"]), _SUBJECTS)
@example(COMMANDS["Beat"], str, "", "1" * MAX_ID)
@example(COMMANDS["Beat"], str, "", "1" * (MAX_ID + 1))
@example(COMMANDS["Beat"], str, "", "..")
def test_schema_and_parser_agree_on_types(row: CommandRow, case: type[str], blank: str, subject: str) -> None:
    """JMSType is read in any case and with stray blanks; an id that cannot exist is forbidden."""
    body = next(case.body for case in READ if case.name == row.name) if row.name in {case.name for case in READ} else ""
    for name in (row.name, *row.aliases):
        message_type = f"{blank}{case(name)}{blank}#{subject}{blank}"
        body_read = parsed(f"{row.name}#1001", body)
        assert (judged(row.name, message_type, body) or not body_read) == (parsed(message_type, body) or not body_read)


def test_the_length_of_a_body() -> None:
    assert judged("MakeCall", "MakeCall#1001", "1" * MAX_BODY)
    assert not judged("MakeCall", "MakeCall#1001", "1" * (MAX_BODY + 1))


@pytest.mark.parametrize("row", COMMANDS.values(), ids=lambda row: row.name)
def test_no_body_is_an_empty_one(row: CommandRow) -> None:
    """A null body and a missing one are the same as an empty one (section 1)."""
    message_type = f"{row.name}#1001"
    read = parsed(message_type, "")
    assert judged(row.name, message_type, None) == read
    assert COMMAND_JUDGES[row.name].is_valid({"jmsType": message_type}) == read


@pytest.mark.parametrize("title", SAMPLES)
def test_every_sample_fits_its_schema(title: str) -> None:
    sample = SAMPLES[title]
    told = json_codec.render(sample)
    if told is not None:
        EVENT_JUDGES[sample.name].validate(json.loads(told))


def _of_the_words(event: Event) -> bool:
    """Whether the event's words are among those that the connector uses."""
    match event:
        case events.System():
            return event.status in {"IN_SERVICE", "OUT_OF_SERVICE"}
        case events.Destination():
            return event.status == "RECONNECT"
        case events.CallBack():
            return event.status in {"Scheduled", "Updated", "Canceled"}
        case events.ReasonCodes():
            return event.category in {"NOT_READY", "LOGOUT", "WrapUp"}
    return True


@settings(max_examples=600, deadline=None)
@given(any_event)
def test_every_event_fits_its_schema(event: Event) -> None:
    told = json_codec.render(event)
    if told is not None:
        assert EVENT_JUDGES[event.name].is_valid(json.loads(told)) == _of_the_words(event)


@pytest.mark.parametrize("title", SAMPLES)
def test_a_schema_notices_what_is_missing_and_what_is_new(title: str) -> None:
    told = json_codec.render(SAMPLES[title])
    if told is None:
        return
    content = json.loads(told)
    members = content[0] if isinstance(content, list) else content
    judge = EVENT_JUDGES[SAMPLES[title].name]
    for name in [name for name in members if name != "supervisorId"]:
        rest = {other: value for other, value in members.items() if other != name}
        assert not judge.is_valid([rest] if isinstance(content, list) else rest)
    more = {**members, "more": ""}
    assert not judge.is_valid([more] if isinstance(content, list) else more)


@settings(max_examples=600, deadline=None)
@given(any_event, st.booleans())
def test_every_event_fits_its_text_pattern(event: Event, with_text: bool) -> None:  # noqa: FBT001 - drawn
    told = text.render(event, TextSettings(error_text=with_text))
    Draft202012Validator({"pattern": text_pattern(layout_of(event))}).validate(told)


def test_text_patterns_hold_no_signs_of_their_own() -> None:
    """Words and prefixes stand in the patterns as they are, so none may mean something there."""
    for layout in LAYOUTS:
        words = [piece.text if isinstance(piece, Word) else piece.prefix for piece in layout.text]
        assert set("".join(words)) <= {*string.ascii_letters, "_", ":", " "}
