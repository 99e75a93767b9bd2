"""What can be set: every key with its place, read out of the sections."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from pydantic import BaseModel
from pydantic.fields import FieldInfo

from generic_connector.config.sections import Settings

PREFIX = "GC_"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One setting. path: its names from the top, such as ("log", "level")."""

    path: tuple[str, ...]
    field: FieldInfo

    @property
    def dotted(self) -> str:
        """The name that people use: log.level."""
        return ".".join(self.path)

    @property
    def variable(self) -> str:
        """The environment variable that overrides it: GC_LOG__LEVEL."""
        return PREFIX + "__".join(self.path).upper()


def section_of(field: FieldInfo) -> type[BaseModel] | None:
    """Give the section that a field holds, None when it holds a value."""
    kind = field.annotation
    return kind if isinstance(kind, type) and issubclass(kind, BaseModel) else None


def walk(section: type[BaseModel], path: tuple[str, ...] = ()) -> Iterator[Key]:
    """Give the keys of a section and of those below it, in the order of declaration."""
    for name, field in section.model_fields.items():
        below = section_of(field)
        if below is None:
            yield Key(path=(*path, name), field=field)
        else:
            yield from walk(below, (*path, name))


KEYS = {key.dotted: key for key in walk(Settings)}
"""Every setting by its dotted name."""
