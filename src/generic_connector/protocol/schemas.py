"""JSON Schemas of every command and of every event that JSON has, made from the tables.

Draft 2020-12; generic_connector.documents writes them to docs/schemas/.
"""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Iterable, Mapping
from typing import Any

from generic_connector.protocol.command_rows import Argument, CommandRow
from generic_connector.protocol.commands import COMMANDS, MAX_BODY
from generic_connector.protocol.layout import Constant, Layout, Member
from generic_connector.protocol.layouts import LAYOUTS
from generic_connector.protocol.pages_words import EVENT_MEANINGS
from generic_connector.protocol.patterns import SENDABLE, body_pattern, may_be_empty, type_pattern

Schema = Mapping[str, Any]

_DRAFT = "https://json-schema.org/draft/2020-12/schema"

JSON_EVENTS = tuple(dict.fromkeys(layout.event.name for layout in LAYOUTS if layout.members is not None))
"""The names of the events that JSON has."""


def as_text(content: Mapping[str, Any]) -> str:
    """Give a document as it is written to a file."""
    return json.dumps(content, indent=2, ensure_ascii=False) + "\n"


def command_schema(name: str) -> Schema:
    """Give the schema of a command as a client sends it: an object of its JMSType and its body."""
    row = COMMANDS[name]
    return {
        "$schema": _DRAFT,
        "$id": f"urn:generic-connector:command:{name}",
        "title": name,
        "description": row.about,
        "type": "object",
        "properties": {
            "jmsType": {"type": "string", "pattern": type_pattern(row), "description": f"{name}#<{row.subject}>"},
            "body": body_schema(row),
        },
        "required": ["jmsType"] if may_be_empty(row) else ["jmsType", "body"],
        "$defs": {"arguments": _arguments(row.arguments)},
    }


def body_schema(row: CommandRow) -> Schema:
    """Give the schema of a command's body; where nothing has to be said, no body is the same as an empty one."""
    return {
        "type": ["string", "null"] if may_be_empty(row) else "string",
        "allOf": [{"pattern": body_pattern(row)}, {"pattern": SENDABLE}],
        "maxLength": MAX_BODY,
        "description": row.body or "empty",
    }


def event_schema(name: str) -> Schema:
    """Give the schema of an event in JSON, with all its shapes."""
    return {
        "$schema": _DRAFT,
        "$id": f"urn:generic-connector:event:{name}",
        "title": name,
        "description": EVENT_MEANINGS[name],
        **event_content(name),
    }


def event_content(name: str) -> Schema:
    """Give what the schema of an event says of its content."""
    shapes: list[Schema] = []
    for layout in LAYOUTS:
        if layout.event.name == name and layout.members is not None and _shape(layout) not in shapes:
            shapes.append(_shape(layout))
    return shapes[0] if len(shapes) == 1 else {"anyOf": shapes}


def _shape(layout: Layout) -> Schema:
    members = layout.members or ()
    shape = {
        "type": "object",
        "properties": {
            "type": {"const": layout.type},
            **{member.name: _member(layout, member) for member in members},
        },
        "required": ["type", *_required(members)],
        "additionalProperties": False,
    }
    return {"type": "array", "items": shape, "minItems": 1, "maxItems": 1} if layout.in_array else shape


def _required(members: Iterable[Constant | Member]) -> list[str]:
    return [member.name for member in members if isinstance(member, Constant) or not member.optional]


def _member(layout: Layout, member: Constant | Member) -> Schema:
    if isinstance(member, Constant):
        return {"const": member.value}
    outer = member.path.partition(".")[0]
    types = {field.name: str(field.type) for field in dataclasses.fields(layout.event)}
    return {"anyOf": [member.kind.schema, {"type": "null"}]} if "None" in types[outer] else member.kind.schema


def _arguments(arguments: tuple[Argument, ...]) -> Schema:
    """Give the schema of what the body carries, for programs that put one together."""
    return {
        "description": "what the body carries, in this order",
        "type": "object",
        "properties": {_camel(argument.name): _argument(argument) for argument in arguments},
        "required": [_camel(argument.name) for argument in arguments if not argument.optional],
        "additionalProperties": False,
    }


def _argument(argument: Argument) -> Schema:
    pattern = {"pattern": f"^(?:{argument.check.pattern})$"} if argument.check else {}
    return {"type": "string", **pattern, "description": argument.about}


def _camel(name: str) -> str:
    first, *rest = name.split("_")
    return first + "".join(word.capitalize() for word in rest)
