"""The kinds of values that are lists of records: `<label>:<value>,<label>:<value>` joined, and JSON objects.

In text the first `:` (or `=`) of a part ends its label, so values keep theirs: times need it, and labels hold none.
Source: client-protocol.md section 5; the seeds' layouts.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from generic_connector.protocol.escaping import TextSettings
from generic_connector.protocol.kinds import Kind


def _number(value: Any) -> int:
    if not isinstance(value, int) or isinstance(value, bool):
        raise TypeError("a number is expected")
    return value


def word(value: Any) -> str:
    """Check a string. Raises TypeError."""
    if not isinstance(value, str):
        raise TypeError("a string is expected")
    return value


def _camel(label: str) -> str:
    return label[:1].lower() + label[1:]


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a record: its label in text and its member in JSON, "" where a format has none of it."""

    attribute: str
    label: str
    member: str
    number: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Records:
    """How records of one class are written and read, in both formats.

    sign stands between label and value. start: the constant members that JSON objects begin with.
    """

    item: Callable[..., Any]
    parts: tuple[Part, ...]
    sign: str = ":"
    start: tuple[tuple[str, str], ...] = ()

    def to_text(self, record: Any, settings: TextSettings) -> str:
        """Give the parts that have a label, joined by commas."""
        return ",".join(
            f"{part.label}{self.sign}{settings.item(str(getattr(record, part.attribute)))}"
            for part in self.parts
            if part.label
        )

    def from_text(self, text: str) -> Any:
        """Read a record back. Raises ValueError for a text with other labels."""
        labelled = [part for part in self.parts if part.label]
        values: dict[str, Any] = {}
        for part, piece in zip(labelled, text.split(","), strict=True):
            label, sign, value = piece.partition(self.sign)
            if label != part.label or not sign:
                raise ValueError("another label is expected")
            values[part.attribute] = int(value) if part.number else value
        return self.item(**values)

    def to_json(self, record: Any) -> dict[str, Any]:
        """Give the parts that have a member."""
        return {
            **dict(self.start),
            **{part.member: getattr(record, part.attribute) for part in self.parts if part.member},
        }

    def from_json(self, content: Any) -> Any:
        """Read a record back. Raises KeyError, ValueError or TypeError for other members."""
        if any(content[name] != word for name, word in self.start):
            raise ValueError("another word is expected")
        read: Mapping[bool, Callable[[Any], Any]] = {True: _number, False: word}
        return self.item(
            **{part.attribute: read[part.number](content[part.member]) for part in self.parts if part.member}
        )

    @property
    def form(self) -> str:
        """The text form, for the docs."""
        return ",".join(f"{part.label}{self.sign}<{_camel(part.label)}>" for part in self.parts if part.label)

    @property
    def schema(self) -> Mapping[str, Any]:
        """The JSON Schema of one record."""
        kinds = {part.member: {"type": "integer" if part.number else "string"} for part in self.parts if part.member}
        members = {**{name: {"const": word} for name, word in self.start}, **kinds}
        return {"type": "object", "properties": members, "required": list(members), "additionalProperties": False}


def listed(records: Records, *, between: str = "#", none: str = "") -> Kind:
    """Give the kind of a list of records. none: the word that text tells instead of an empty list."""

    def to_text(value: tuple[Any, ...], settings: TextSettings) -> str:
        return between.join([records.to_text(record, settings) for record in value]) or none

    def from_text(text: str) -> tuple[Any, ...]:
        return () if text == none else tuple(records.from_text(piece) for piece in text.split(between))

    return Kind(
        name="records",
        to_text=to_text,
        from_text=from_text,
        to_json=lambda value: [records.to_json(record) for record in value],
        from_json=lambda value: tuple(records.from_json(content) for content in value),
        schema={"type": "array", "items": records.schema},
        form=f"{records.form}{between}…",
    )
