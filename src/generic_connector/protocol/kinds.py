"""The kinds of values that events carry: how each is written and read, in text and in JSON.

A layout names a kind beside each attribute, so the two formats of an event can never tell different things.
Source: client-protocol.md sections 2 and 5; the second seed's samples.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from generic_connector.errors import ERRORS
from generic_connector.protocol.escaping import TextSettings
from generic_connector.protocol.events import CallData, Participant, Reason, Team

PARTICIPANT_MEMBERS = (
    ("mediaAddress", "media_address"),
    ("state", "state"),
    ("addressType", "address_type"),
    ("stateCause", "state_cause"),
    ("stateChangeTime", "state_change_time"),
)
"""JSON member and attribute of each part of a participant, in both formats' order."""

_JSON_CODES = {row.code: row.json_code for row in ERRORS.values() if row.json_code}
_CODES = {json_code: code for code, json_code in _JSON_CODES.items()}


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How one kind of value is written and read.

    The readers raise ValueError, TypeError, KeyError, IndexError or AttributeError for what they cannot read.
    schema: the JSON Schema of what JSON tells. form: the text form, for the docs, of a kind with a form of its own.
    derived: only told, never read back, since another field of the event says the same.
    """

    name: str
    to_text: Callable[[Any, TextSettings], str]
    from_text: Callable[[str], Any]
    to_json: Callable[[Any], Any]
    from_json: Callable[[Any], Any]
    schema: Mapping[str, Any]
    form: str = ""
    derived: bool = False


def _same(value: Any) -> Any:
    return value


def _string(value: Any) -> str | None:
    if value is not None and not isinstance(value, str):
        raise TypeError("a string or null is expected")
    return value


def _string_to_text(value: str | None, settings: TextSettings) -> str:
    return settings.value(value) if value else ""


STRING = Kind(
    name="string",
    to_text=_string_to_text,
    from_text=_same,
    to_json=_same,
    from_json=_string,
    schema={"type": "string"},
)
"""A string; None is empty in text and null in JSON."""


def word_of(*words: str) -> Kind:
    """Give the kind of a string that is one of a few words."""
    return replace(STRING, schema={"enum": list(words)})


def _boolean_to_text(value: bool, _settings: TextSettings) -> str:  # noqa: FBT001 - the value that is written
    return "true" if value else "false"


def _boolean_from_text(text: str) -> bool:
    return {"true": True, "false": False}[text]


BOOLEAN = Kind(
    name="boolean",
    to_text=_boolean_to_text,
    from_text=_boolean_from_text,
    to_json=_same,
    from_json=bool,
    schema={"type": "boolean"},
)
"""true or false."""


def _count_to_text(value: tuple[Any, ...], _settings: TextSettings) -> str:
    return str(len(value))


def _count_to_json(value: tuple[Any, ...]) -> str:
    return str(len(value))


COUNT = Kind(
    name="count",
    to_text=_count_to_text,
    from_text=_same,
    to_json=_count_to_json,
    from_json=_same,
    schema={"type": "string", "pattern": "^[0-9]+$"},
    derived=True,
)
"""How many items a list has; a string in JSON as the second seed shows it."""


def _words_to_text(value: tuple[str, ...], settings: TextSettings) -> str:
    return ",".join([settings.item(word) for word in value])


def _words_from_text(text: str) -> tuple[str, ...]:
    return tuple(text.split(",")) if text else ()


def _words_from_json(value: Any) -> tuple[str, ...]:
    if not all(isinstance(word, str) for word in value):
        raise TypeError("strings are expected")
    return tuple(value)


WORDS = Kind(
    name="words",
    to_text=_words_to_text,
    from_text=_words_from_text,
    to_json=list,
    from_json=_words_from_json,
    schema={"type": "array", "items": {"type": "string"}},
)
"""Plain values, joined by commas in text."""


def _category_to_text(value: str, settings: TextSettings) -> str:
    return "Wrap_Up" if value == "WrapUp" else settings.value(value)


def _category_from_text(text: str) -> str:
    return "WrapUp" if text == "Wrap_Up" else text


CATEGORY = Kind(
    name="category",
    to_text=_category_to_text,
    from_text=_category_from_text,
    to_json=_same,
    from_json=_string,
    schema={"enum": ["NOT_READY", "LOGOUT", "WrapUp"]},
)
"""A category of reason codes; text writes WrapUp as Wrap_Up."""


def _code_to_json(value: str) -> str:
    return _JSON_CODES.get(value, value)


def _code_from_json(value: str) -> str:
    return _CODES.get(value, value)


CODE = Kind(
    name="error code",
    to_text=_string_to_text,
    from_text=_same,
    to_json=_code_to_json,
    from_json=_code_from_json,
    schema={"anyOf": [{"enum": [row.json_code or row.code for row in ERRORS.values()]}, {"pattern": "^CF_"}]},
)
"""An error code, with its own spelling in JSON where the error table has one."""


def _team_id_to_text(value: Team, settings: TextSettings) -> str:
    return settings.value(value.id)


def _team_from_text(text: str) -> Team:
    return Team(id=text, name="")


def _team_to_json(value: Team) -> dict[str, str]:
    return {"id": value.id, "name": value.name}


def _team_from_json(value: Any) -> Team:
    return Team(id=value["id"], name=value["name"])


def _object_of(members: tuple[str, ...]) -> dict[str, Any]:
    strings = {member: {"type": "string"} for member in members}
    return {"type": "object", "properties": strings, "required": list(members), "additionalProperties": False}


_TEAM_SCHEMA = _object_of(("id", "name"))
_PAIR_SCHEMA = {
    "type": "object",
    "additionalProperties": {"type": "string"},
    "minProperties": 1,
    "maxProperties": 1,
}

TEAM = Kind(
    name="team",
    to_text=_team_id_to_text,
    from_text=_team_from_text,
    to_json=_team_to_json,
    from_json=_team_from_json,
    schema=_TEAM_SCHEMA,
)
"""A team: its id in text, id and name in JSON."""


def _teams_to_text(value: tuple[Team, ...], settings: TextSettings) -> str:
    return "|".join([f"{settings.item(team.id)},{settings.item(team.name)}" for team in value])


def _teams_from_text(text: str) -> tuple[Team, ...]:
    pairs = [item.split(",") for item in text.split("|")] if text else []
    return tuple(Team(id=team_id, name=name) for team_id, name in pairs)


def _teams_to_json(value: tuple[Team, ...]) -> list[dict[str, str]]:
    return [_team_to_json(team) for team in value]


def _teams_from_json(value: Any) -> tuple[Team, ...]:
    return tuple(_team_from_json(team) for team in value)


TEAMS = Kind(
    name="teams",
    to_text=_teams_to_text,
    from_text=_teams_from_text,
    to_json=_teams_to_json,
    from_json=_teams_from_json,
    schema={"type": "array", "items": _TEAM_SCHEMA},
)
"""Teams: `<id>,<name>|<id>,<name>` in text, objects of id and name in JSON."""


def _reasons_from_json(value: Any) -> tuple[Reason, ...]:
    return tuple(Reason(code=code, label=label) for item in value for code, label in item.items())


def _reasons_to_json(value: tuple[Reason, ...]) -> list[dict[str, str]]:
    return [{reason.code: reason.label} for reason in value]


def _reasons_to_text(value: tuple[Reason, ...], settings: TextSettings) -> str:
    return _words_to_text(tuple(reason.code for reason in value), settings)


REASONS = Kind(
    name="reasons",
    to_text=_reasons_to_text,
    from_text=_words_from_text,
    to_json=_reasons_to_json,
    from_json=_reasons_from_json,
    schema={"type": "array", "items": _PAIR_SCHEMA},
)
"""Reason codes: JSON objects of one member, code to label. Text tells codes and labels apart, see the layout."""


def _call_data_to_text(value: CallData | None, settings: TextSettings) -> str:
    if value is None:
        return ""
    item, name = settings.item, settings.name
    pairs = [f"{name(variable)}={item(content)}" for variable, content in value.variables]
    return "|".join([f"ani={item(value.ani)}", f"associatedDialogId={item(value.associated_dialog_id)}", *pairs])


def _call_data_from_text(text: str) -> CallData:
    pairs = [item.split("=", 1) for item in text.split("|")] if text else [["", ""], ["", ""]]
    (_, ani), (_, associated), *variables = pairs
    return CallData(
        ani=ani, associated_dialog_id=associated, variables=tuple((name, value) for name, value in variables)
    )


def _call_data_to_json(value: CallData | None) -> list[dict[str, str]] | None:
    if value is None:
        return None
    return [*({name: content} for name, content in value.variables), {"ani": value.ani}]


def _call_data_from_json(value: Any) -> CallData:
    *variables, last = [pair for item in value or [{"ani": ""}] for pair in item.items()]
    return CallData(ani=last[1], variables=tuple(variables))


CALL_DATA = Kind(
    name="call variables",
    to_text=_call_data_to_text,
    from_text=_call_data_from_text,
    to_json=_call_data_to_json,
    from_json=_call_data_from_json,
    schema={"type": "array", "items": _PAIR_SCHEMA, "minItems": 1},
)
"""Call variables: `ani=…|associatedDialogId=…|<name>=<value>…` in text; single-key objects, ani last, in JSON."""


def _participant_to_text(value: Participant, settings: TextSettings) -> str:
    item = settings.item
    return ",".join(
        [
            item(value.media_address),
            item(value.state),
            item(value.address_type),
            item(value.state_cause),
            item(value.state_change_time),
        ]
    )


def _participants_to_text(value: tuple[Participant, ...], settings: TextSettings) -> str:
    return "|".join([_participant_to_text(participant, settings) for participant in value])


def _participants_from_text(text: str) -> tuple[Participant, ...]:
    names = [attribute for _, attribute in PARTICIPANT_MEMBERS]
    items = [item.split(",") for item in text.split("|")] if text else []
    return tuple(Participant(**dict(zip(names, item, strict=True))) for item in items)


def _participants_to_json(value: tuple[Participant, ...]) -> list[dict[str, str]]:
    return [
        {member: getattr(participant, attribute) for member, attribute in PARTICIPANT_MEMBERS} for participant in value
    ]


def _participants_from_json(value: Any) -> tuple[Participant, ...]:
    return tuple(
        Participant(**{attribute: item[member] for member, attribute in PARTICIPANT_MEMBERS}) for item in value
    )


PARTICIPANTS = Kind(
    name="participants",
    to_text=_participants_to_text,
    from_text=_participants_from_text,
    to_json=_participants_to_json,
    from_json=_participants_from_json,
    schema={"type": "array", "items": _object_of(tuple(member for member, _ in PARTICIPANT_MEMBERS))},
)
"""Parties of a call: `mediaAddress,state,addressType,stateCause,stateChangeTime|…` in text, objects in JSON."""
