"""The settings written down: the annotated default file, and the table in the docs."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Literal, get_args, get_origin

from annotated_types import Ge, Gt, Le, MaxLen, MinLen
from pydantic import BaseModel, SecretStr
from pydantic.fields import FieldInfo

from generic_connector.config.keys import KEYS, section_of
from generic_connector.config.sections import Settings

_WIDTH = 100
_HEAD = """\
The configuration of the Generic Connector: every setting with its default.
A file needs only the keys that differ. Each key can also be given as an environment variable, named in capitals
with GC_ before and two underscores between the parts: GC_BROKER__ACTIVEMQ__URLS, GC_LOG__LEVEL. Lists may then be
written with commas, or as JSON; maps as JSON. GC_SECRETS_DIR names a directory of secret files, one per setting,
named like the variable (upper or lower case); they stand above this file and below the environment.
Relative paths are taken from the directory in which the connector is started."""


def annotated_default() -> str:
    """Give the default configuration as a TOML file with a comment on every key. It loads, and equals the defaults."""
    lines = [*_comment(_HEAD), *_section(Settings, ())]
    return "\n".join(lines) + "\n"


def settings_markdown() -> str:
    """Give the page of settings: one table per section."""
    lines = [
        "# Settings",
        "",
        "One TOML file (`generic-connector run -c FILE`), read with secret files and environment variables over it.",
        "`generic-connector config` prints this as an annotated file. Unknown keys and variables are refused.",
        "",
        "Lists may be written with commas in a variable, or as JSON; maps as JSON. `GC_SECRETS_DIR` names a directory",
        "of secret files, one per setting, each named like the variable. Precedence: variable, secret file, TOML file.",
        *_tables(Settings, ()),
    ]
    return "\n".join(lines) + "\n"


def _comment(text: str) -> list[str]:
    return [f"# {line}".rstrip() for line in textwrap.wrap(text, _WIDTH)]


def _section(section: type[BaseModel], path: tuple[str, ...]) -> Iterator[str]:
    values = {name: field for name, field in section.model_fields.items() if section_of(field) is None}
    if path:
        yield from ["", *_comment(_text(section.__doc__)), f"[{'.'.join(path)}]"]
    for name, field in values.items():
        yield from _comment(_text(field.description) + _limits_after(field))
        yield f"{name} = {toml(field.get_default(call_default_factory=True))}"
    for name, field in section.model_fields.items():
        below = section_of(field)
        if below is not None:
            yield from _section(below, (*path, name))


def _tables(section: type[BaseModel], path: tuple[str, ...]) -> Iterator[str]:
    own = [key for key in KEYS.values() if key.path[:-1] == path]
    if path:
        yield from ["", f"## [{'.'.join(path)}]", "", _text(section.__doc__)]
    if own:
        yield from ["", "| key | default | what it does | variable |", "|---|---|---|---|"]
    for key in own:
        default = _on_one_line(key.field.get_default(call_default_factory=True))
        what = _cell(_text(key.field.description) + _limits_after(key.field))
        yield f"| `{key.path[-1]}` | `{_cell(default)}` | {what} | `{key.variable}` |"
    for name, field in section.model_fields.items():
        below = section_of(field)
        if below is not None:
            yield from _tables(below, (*path, name))


def _on_one_line(value: Any) -> str:
    return toml(" ".join(value.split("\n")) if isinstance(value, str) else value)


def _text(text: str | None) -> str:
    return " ".join((text or "").split())


def _cell(text: str) -> str:
    return text.replace("|", "\\|")


def _limits_after(field: FieldInfo) -> str:
    limits = limits_of(field)
    return f" ({limits})" if limits else ""


def limits_of(field: FieldInfo) -> str:
    """Say which values a setting takes, as far as its type tells, such as `text or json`, or `0 to 127`."""
    if get_origin(field.annotation) is Literal:
        *choices, last = get_args(field.annotation)
        return f"{', '.join(choices)} or {last}"
    low = [f"{item.ge}" for item in field.metadata if isinstance(item, Ge)]
    low += [f"more than {item.gt}" for item in field.metadata if isinstance(item, Gt)]
    high = [f"{item.le}" for item in field.metadata if isinstance(item, Le)]
    if low and high:
        return f"{low[0]} to {high[0]}"
    if low:
        return low[0] if low[0].startswith("more") else f"{low[0]} or more"
    return _length(field)


def _length(field: FieldInfo) -> str:
    least = [item.min_length for item in field.metadata if isinstance(item, MinLen)]
    most = [item.max_length for item in field.metadata if isinstance(item, MaxLen)]
    if least and most:
        return f"{least[0]} or {most[0]} of them"
    return f"at least {least[0]}" if least else ""


def toml(value: Any) -> str:
    """Write a value as TOML does. None, which TOML does not have, is written as the empty text that it is read from."""
    match value:
        case None | Path():
            return toml(str(value or ""))
        case SecretStr():
            return toml(value.get_secret_value())
        case dict():
            return "{" + ", ".join(f"{toml(key)} = {toml(item)}" for key, item in value.items()) + "}"
        case list() | tuple():
            return "[" + ", ".join(toml(item) for item in value) + "]"
    if isinstance(value, str) and "\n" in value:
        lines = (json.dumps(line, ensure_ascii=False)[1:-1] for line in value.split("\n"))
        return '"""\n' + "\n".join(lines) + '"""'
    return json.dumps(value, ensure_ascii=False)  # text, numbers and booleans are written alike in both
