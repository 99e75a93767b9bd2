"""What is wrong with a configuration, said so that the person can put it right."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from difflib import get_close_matches
from typing import Any

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from generic_connector.config.keys import KEYS, section_of
from generic_connector.config.sections import Settings

_SECRET = re.compile("password|secret|token|passcode|users", re.IGNORECASE)
_URL_LOGIN = re.compile("//.*@")
_URL_PASSWORD = re.compile(r"((?:password|passwd|pwd)(?:=|%3d)).*", re.IGNORECASE)
_SHOWN_AT_MOST = 80


def describe(where: str, error: ValidationError, environ: Mapping[str, str]) -> str:
    """Say every fault, one per line: the key, what was given, what would be right.

    where: the file's name. environ: to say which of the values came from the environment. No secret is shown.
    """
    lines = [f"  {line}" for line in _lines(error, environ)]
    return "\n".join([f"{where} cannot be used:", *lines])


def _lines(error: ValidationError, environ: Mapping[str, str]) -> Iterator[str]:
    set_by_environment = {name.upper() for name in environ}
    for fault in error.errors(include_url=False):
        location = fault["loc"]
        key = KEYS.get(".".join(str(part) for part in location if isinstance(part, str)))
        from_environment = key is not None and key.variable in set_by_environment
        source = f" (from {key.variable})" if key and from_environment else ""
        yield f"{_dotted(location)}{source}: {_fault(fault)}"


def _dotted(location: tuple[str | int, ...]) -> str:
    """Write a place as people do: finesse.nodes[0], clients.formats."WEB.*"."""
    written = ""
    for part in location:
        if isinstance(part, int):
            written += f"[{part}]"
        else:
            written += f".{part}" if re.fullmatch(r"\w+", part) else f'."{part}"'
    return written.removeprefix(".") or "the settings"


def _fault(fault: ErrorDetails) -> str:
    if fault["type"] == "extra_forbidden":
        return _unknown(fault["loc"])
    if fault["type"] in {"model_type", "model_attributes_type"}:
        return f"it must be a section of its own, [{_dotted(fault['loc'])}]"
    message = _message(fault)
    given = _given(fault)
    return f"{given} was given; {message}" if given else message


def _message(fault: ErrorDetails) -> str:
    if fault["type"] == "too_short":
        return f"it must hold at least {fault['ctx']['min_length']}"
    if fault["type"] == "too_long":
        return f"it may hold {fault['ctx']['max_length']} at most"
    message = fault["msg"].removeprefix("Value error, ").replace("Input should", "it must")
    forbidden = re.fullmatch(r"\^\[\^(.+)\]\*\$", fault.get("ctx", {}).get("pattern", ""))
    if forbidden:
        return "it must not hold any of " + " ".join(forbidden[1])
    message = re.sub(r"^(Tuple|Dictionary|List) should", "it must", message)
    return message[:1].lower() + message[1:]


def _given(fault: ErrorDetails) -> str:
    """Show what was given, unless it is a secret, a whole section or nothing."""
    value: Any = fault["input"]
    if isinstance(value, dict | BaseModel) or any(_SECRET.search(str(part)) for part in fault["loc"]):
        return ""
    text = _URL_LOGIN.sub("//***@", str(value) if isinstance(value, str | int | float) else repr(value))
    text = _URL_PASSWORD.sub(r"\1***", text)
    text = text if len(text) <= _SHOWN_AT_MOST else text[:_SHOWN_AT_MOST] + "…"
    return f'"{text}"' if isinstance(value, str) else text


def _unknown(location: tuple[str | int, ...]) -> str:
    *above, name = (str(part) for part in location)
    siblings = _names(above)
    near = get_close_matches(name, siblings, n=1)
    if near:
        return f"no such setting; did you mean {'.'.join([*above, near[0]])}?"
    elsewhere = [dotted for dotted, key in KEYS.items() if key.path[-1] == name]
    if elsewhere:
        return f"no such setting; did you mean {' or '.join(elsewhere)}?"
    return f"no such setting; there are {', '.join(siblings)}"


def _names(path: list[str]) -> list[str]:
    section: type[BaseModel] = Settings
    for part in path:
        section = section_of(section.model_fields[part]) or section
    return list(section.model_fields)
