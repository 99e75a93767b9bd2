"""The client protocol as an AsyncAPI 3 document, made from the tables.

Seen from the connector, as AsyncAPI wants it: it receives commands and sends events.
generic_connector.documents writes it to docs/asyncapi.json.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping
from typing import Any

from generic_connector.protocol import json_codec, text
from generic_connector.protocol.command_rows import CommandRow
from generic_connector.protocol.commands import COMMANDS
from generic_connector.protocol.events import Event
from generic_connector.protocol.layouts import LAYOUTS
from generic_connector.protocol.pages_words import EVENT_MEANINGS
from generic_connector.protocol.patterns import text_pattern, type_pattern
from generic_connector.protocol.samples import SAMPLES
from generic_connector.protocol.schemas import JSON_EVENTS, body_schema, event_content
from generic_connector.version import __version__

_JMS = "0.0.1"
_CORRELATION = {
    "location": "$message.header#/JMSCorrelationID",
    "description": "An event carries that of the command it answers, or its JMSMessageID, else an id of its own.",
}
_ID = {"type": "string", "description": "joins an event to the command that it answers"}
_EVENTS = tuple(dict.fromkeys(layout.event.name for layout in LAYOUTS))


def asyncapi_document() -> Mapping[str, Any]:
    """Give the document."""
    commands = {f"{name}Command": _command(row) for name, row in COMMANDS.items()}
    told = {f"{name}Json": _json_event(name) for name in JSON_EVENTS}
    told |= {f"{name}Text": _text_event(name) for name in _EVENTS}
    return {
        "asyncapi": "3.0.0",
        "id": "urn:generic-connector",
        "info": {
            "title": "Generic Connector",
            "version": __version__,
            "description": "Lets any CRM work with a Cisco Finesse contact centre by simple messages.",
            "license": {"name": "Apache-2.0"},
        },
        "defaultContentType": "text/plain",
        "servers": {"broker": _server()},
        "channels": {"commands": _command_channel(commands), "events": _event_channel(told)},
        "operations": {
            **{f"receive{name}": _receive(row) for name, row in COMMANDS.items()},
            "sendEvents": _send(told),
        },
        "components": {
            "messages": {**commands, **told},
            "schemas": {f"{name}Event": event_content(name) for name in JSON_EVENTS},
        },
    }


def _server() -> Mapping[str, Any]:
    return {
        "host": "localhost:61616",
        "protocol": "jms",
        "description": "The site's Apache ActiveMQ, Classic or Artemis.",
        "bindings": {
            "jms": {
                "jmsConnectionFactory": "org.apache.activemq.ActiveMQConnectionFactory",
                "bindingVersion": _JMS,
            }
        },
    }


def _command_channel(names: Iterable[str]) -> Mapping[str, Any]:
    return {
        "address": "Connector1",
        "title": "Commands",
        "description": "The connector's command queue; its name is a setting.",
        "messages": _messages(names),
        "bindings": {"jms": {"destinationType": "queue", "bindingVersion": _JMS}},
    }


def _event_channel(names: Iterable[str]) -> Mapping[str, Any]:
    return {
        "address": "{destination}",
        "title": "Events",
        "description": "A client's topic. It carries events in text or in JSON, never both.",
        "parameters": {"destination": {"description": "the name that the client gave with Hello and Connect"}},
        "messages": _messages(names),
    }


def _messages(names: Iterable[str]) -> Mapping[str, Any]:
    return {name: {"$ref": f"#/components/messages/{name}"} for name in names}


def _receive(row: CommandRow) -> Mapping[str, Any]:
    told = (*row.answers, "Error")
    answers = [f"{name}{form}" for name in told for form in ("Json", "Text") if form == "Text" or name in JSON_EVENTS]
    return {
        "action": "receive",
        "channel": {"$ref": "#/channels/commands"},
        "title": row.name,
        "summary": row.about,
        "messages": [{"$ref": f"#/channels/commands/messages/{row.name}Command"}],
        "reply": {
            "channel": {"$ref": "#/channels/events"},
            "messages": [{"$ref": f"#/channels/events/messages/{answer}"} for answer in answers],
        },
    }


def _send(names: Iterable[str]) -> Mapping[str, Any]:
    return {
        "action": "send",
        "channel": {"$ref": "#/channels/events"},
        "title": "Events",
        "summary": "Tells a client what happened, asked or unasked.",
        "messages": [{"$ref": f"#/channels/events/messages/{name}"} for name in names],
    }


def _command(row: CommandRow) -> Mapping[str, Any]:
    headers: dict[str, Any] = {
        "JMSType": {"type": "string", "pattern": type_pattern(row), "description": f"{row.name}#<{row.subject}>"},
        "JMSReplyTo": {"type": "string", "description": "the client's topic; may be left out"},
        "JMSCorrelationID": _ID,
    }
    if row.name == "Hello":
        headers["format"] = {"enum": ["json", "text"], "description": "the format of the events; may be left out"}
    return {
        "name": row.name,
        "title": row.name,
        "summary": row.about,
        "contentType": "text/plain",
        "headers": {"type": "object", "properties": headers, "required": ["JMSType"]},
        "payload": body_schema(row),
        "correlationId": _CORRELATION,
        "bindings": {"jms": {"bindingVersion": _JMS}},
    }


def _event(name: str, form: str) -> dict[str, Any]:
    delivery = {"type": "object", "properties": {"JMSDeliveryMode": {"const": "NON_PERSISTENT"}}}
    none = {"type": ["string", "null"], "maxLength": 0, "description": "null or empty"}
    return {
        "name": name,
        "title": f"{name} in {form}",
        "summary": EVENT_MEANINGS[name],
        "headers": {"type": "object", "properties": {"JMSType": none, "JMSCorrelationID": _ID}},
        "correlationId": _CORRELATION,
        "bindings": {"jms": {"headers": delivery, "bindingVersion": _JMS}},
    }


def _json_event(name: str) -> Mapping[str, Any]:
    told = [(title, json_codec.render(sample)) for title, sample in _samples(name)]
    return {
        **_event(name, "JSON"),
        "contentType": "application/json",
        "payload": {"$ref": f"#/components/schemas/{name}Event"},
        "examples": [{"summary": title, "payload": json.loads(content)} for title, content in told if content],
    }


def _text_event(name: str) -> Mapping[str, Any]:
    patterns = dict.fromkeys(text_pattern(layout) for layout in LAYOUTS if layout.event.name == name)
    shapes = [{"type": "string", "pattern": pattern} for pattern in patterns]
    settings = text.TextSettings()
    return {
        **_event(name, "text"),
        "contentType": "text/plain",
        "payload": shapes[0] if len(shapes) == 1 else {"anyOf": shapes},
        "examples": [{"summary": title, "payload": text.render(sample, settings)} for title, sample in _samples(name)],
    }


def _samples(name: str) -> list[tuple[str, Event]]:
    return [(title, sample) for title, sample in SAMPLES.items() if sample.name == name]
