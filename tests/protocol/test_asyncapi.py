"""The AsyncAPI document beside the schema of those who define AsyncAPI (asyncapi_specs/README.md)."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from jsonschema import Draft7Validator, Draft202012Validator

from generic_connector.protocol.asyncapi import asyncapi_document
from generic_connector.protocol.commands import COMMANDS
from generic_connector.protocol.layouts import LAYOUTS
from generic_connector.protocol.schemas import as_text

OFFICIAL = Path(__file__).parent / "asyncapi_specs" / "3.0.0.json"
DOCUMENT: dict[str, Any] = json.loads(as_text(asyncapi_document()))
MESSAGES: dict[str, Any] = DOCUMENT["components"]["messages"]


@pytest.fixture(scope="module")
def official() -> Draft7Validator:
    return Draft7Validator(json.loads(OFFICIAL.read_text(encoding="utf-8")))


def test_the_document_is_asyncapi(official: Draft7Validator) -> None:
    """The AsyncAPI Initiative's own schema finds nothing wrong with it."""
    assert [(error.json_path, error.message) for error in official.iter_errors(DOCUMENT)] == []


@pytest.mark.parametrize(
    ("path", "value"),
    [
        (("asyncapi",), "2.6.0"),
        (("channels", "events", "address"), 7),
        (("operations", "receiveLogin", "action"), "publish"),
        (("components", "messages", "LoginCommand", "payload"), {"type": "word"}),
        (("servers", "broker", "bindings", "jms", "bindingVersion"), "9"),
    ],
)
def test_the_official_schema_would_object(official: Draft7Validator, path: tuple[str, ...], value: object) -> None:
    """A judge who never objects proves nothing."""
    spoilt = json.loads(json.dumps(DOCUMENT))
    *ways, last = path
    place = spoilt
    for way in ways:
        place = place[way]
    place[last] = value
    assert not official.is_valid(spoilt)


def _references(content: Any) -> Iterator[str]:
    if isinstance(content, dict):
        for name, value in content.items():
            if name == "$ref":
                yield value
            else:
                yield from _references(value)
    elif isinstance(content, list):
        for value in content:
            yield from _references(value)


def _resolve(reference: str) -> Any:
    place: Any = DOCUMENT
    for way in reference.removeprefix("#/").split("/"):
        place = place[way]
    return place


def test_every_reference_leads_somewhere() -> None:
    assert all(_resolve(reference) for reference in _references(DOCUMENT))


def test_every_command_is_received_and_every_event_sent() -> None:
    operations = set(DOCUMENT["operations"])
    assert operations == {f"receive{name}" for name in COMMANDS} | {"sendEvents"}
    sent = {reference.rpartition("/")[2] for reference in _references(DOCUMENT["operations"]["sendEvents"]["messages"])}
    told = {f"{layout.event.name}Json" for layout in LAYOUTS if layout.members is not None}
    assert sent == told | {f"{layout.event.name}Text" for layout in LAYOUTS}


def test_an_operation_tells_what_answers_it() -> None:
    reply = DOCUMENT["operations"]["receiveBeat"]["reply"]["messages"]
    assert [reference.rpartition("/")[2] for reference in _references(reply)] == [
        *("SystemJson", "SystemText", "DestinationJson", "DestinationText"),
        *("ErrorJson", "ErrorText"),
    ]


EXAMPLES = [(name, example) for name, message in MESSAGES.items() for example in message.get("examples", ())]


@pytest.mark.parametrize(("name", "example"), EXAMPLES, ids=lambda value: str(value)[:20])
def test_the_examples_are_what_the_messages_say(name: str, example: dict[str, Any]) -> None:
    """Each sample event in each format fits the payload of its message."""
    payload = MESSAGES[name]["payload"]
    schema = _resolve(payload["$ref"]) if "$ref" in payload else payload
    Draft202012Validator(schema).validate(example["payload"])
