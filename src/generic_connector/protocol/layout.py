"""What a row of the event table consists of: text fields and JSON members, and how an event is read back from them.

Source: client-protocol.md sections 2 and 5.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from operator import attrgetter
from typing import Any

from generic_connector.errors import ConnectorError
from generic_connector.protocol.events import CallData, Event, Team
from generic_connector.protocol.kinds import STRING, Kind

Getter = Callable[[Any], Any]
Values = dict[str, Any]
"""What was read back from a text: path of a field or member, and value."""


class UnreadableEventError(ConnectorError):
    """A text that is no event of the protocol. Only clients read events, so the connector itself never meets it."""


@dataclass(frozen=True, slots=True)
class Word:
    """A text field that always reads the same."""

    text: str


@dataclass(frozen=True, slots=True)
class Field:
    """A text field that carries a value, maybe behind a prefix. path says which value, for reading and for the docs.

    rest: the last field of an event, which takes all the fields that are left.
    """

    path: str
    kind: Kind
    prefix: str
    get: Getter
    rest: bool = False


@dataclass(frozen=True, slots=True)
class Constant:
    """A JSON member that always reads the same."""

    name: str
    value: str


@dataclass(frozen=True, slots=True)
class Member:
    """A JSON member that carries a value. optional: left out when it is empty."""

    name: str
    path: str
    kind: Kind
    optional: bool
    get: Getter


@dataclass(frozen=True, slots=True, kw_only=True)
class Layout:
    """One shape of one event, in both formats.

    text: the fields that `#` joins. members: the JSON members behind `"type"`, None when JSON has no such event.
    json_type: JSON's word for the event where it has its own. in_array: JSON has the object in an array, alone.
    applies: whether an event of the class has this shape. build: makes the event of what was read back.
    """

    event: type[Event]
    text: tuple[Word | Field, ...]
    members: tuple[Constant | Member, ...] | None
    json_type: str = ""
    in_array: bool = False
    applies: Callable[[Any], bool] = lambda _event: True
    build: Callable[[Values], Event] | None = None

    @property
    def type(self) -> str:
        """What JSON calls the event."""
        return self.json_type or self.event.name

    def fields(self, text: str) -> list[str] | None:
        """Part a text into as many fields as this layout has; None when it has more or fewer."""
        last = self.text[-1]
        fields = text.split("#", len(self.text) - 1) if isinstance(last, Field) and last.rest else text.split("#")
        return fields if len(fields) == len(self.text) else None

    def read(self, values: Values) -> Event:
        """Make the event; what the format does not carry becomes the attribute's default, else empty."""
        return self.build(values) if self.build else make(self.event, values)


def value(path: str, kind: Kind = STRING, prefix: str = "", get: Getter | None = None) -> Field:
    """Declare a text field. path: an attribute, `outer.inner`, or with get a name for what get computes."""
    return Field(path, kind, prefix, get or _getter(path))


def rest(path: str, kind: Kind) -> Field:
    """Declare the last text field of an event, which may itself consist of several."""
    return Field(path, kind, "", _getter(path), rest=True)


def member(name: str, path: str, kind: Kind = STRING, *, optional: bool = False) -> Member:
    """Declare a JSON member. path: an attribute, or `outer.inner`, null when outer is None."""
    return Member(name, path, kind, optional, _getter(path))


def make(event: type[Event], values: Mapping[str, Any]) -> Event:
    """Make an event of the values at hand; what is missing becomes the attribute's default, else empty."""
    return event(**{**_blanks(event), **values})


def _getter(path: str) -> Getter:
    outer, dot, inner = path.partition(".")
    if not dot:
        return attrgetter(path)

    def through(event: Any) -> Any:
        part = getattr(event, outer)
        return None if part is None else getattr(part, inner)

    return through


_EMPTY = {"str": "", "CallData": CallData(), "Team": Team(id="", name="")}


def _blanks(event: type[Event]) -> Values:
    needed = [field for field in dataclasses.fields(event) if field.default is dataclasses.MISSING]
    return {field.name: () if str(field.type).startswith("tuple") else _EMPTY[str(field.type)] for field in needed}
