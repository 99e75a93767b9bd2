"""The kinds of values that settings have, beyond those of the language. Each says in a few words what it accepts.

A value from the environment is always text: lists may be written with commas or as JSON, maps as JSON.
"""

from __future__ import annotations

import json
import re
import zoneinfo
from difflib import get_close_matches
from pathlib import Path
from typing import Annotated, Any
from urllib.parse import SplitResult, urlsplit

from pydantic import AfterValidator, BaseModel, BeforeValidator, ConfigDict, Field, SecretStr, model_validator
from sqlalchemy import make_url
from sqlalchemy.exc import ArgumentError

from generic_connector.broker.urls import BrokerUrl

LAST_PORT = 65535
LOCAL_HOSTS = frozenset({"127.0.0.1", "::1", "localhost"})
"""Addresses to listen on that only this machine reaches."""
_PASSWORD_IN_URL = re.compile(r"(?:password|passwd|pwd)(?:=|%3d)", re.IGNORECASE)
_HASH = re.compile(r"scrypt\$\d{1,6}\$\d{1,2}\$\d{1,2}\$[A-Za-z0-9+/]{22}==\$[A-Za-z0-9+/]{43}=")


class Section(BaseModel):
    """A table of the file: unchangeable once loaded, and closed to keys that it does not know."""

    model_config = ConfigDict(extra="forbid", frozen=True, use_attribute_docstrings=True, hide_input_in_errors=True)


def _many(value: Any) -> Any:
    """Read a list that came as text: a JSON array, or values separated by commas."""
    if not isinstance(value, str):
        return value
    if value.lstrip().startswith("["):
        return _json(value)
    return [part.strip() for part in value.split(",") if part.strip()]


def _map(value: Any) -> Any:
    """Read a map that came as text: a JSON object, or nothing at all."""
    if not isinstance(value, str):
        return value
    return _json(value) if value.strip() else {}


def _json(value: str) -> Any:
    try:
        return json.loads(value)
    except json.JSONDecodeError as error:
        raise ValueError(f"it must be JSON: {error.msg} at character {error.pos + 1}") from None


def _lowered(value: Any) -> Any:
    return value.lower() if isinstance(value, str) else value


def _nothing(value: Any) -> Any:
    return None if value == "" else value


def _readable(path: Path) -> Path:
    if not path.is_file():
        raise ValueError("there is no such file")
    try:
        with path.open("rb"):
            return path
    except OSError as error:
        raise ValueError(f"the file cannot be read: {error.strerror}") from None


def _time_zone(name: str) -> str:
    if not name:
        return name
    try:
        zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        near = get_close_matches(name, zoneinfo.available_timezones(), n=1)
        hint = f"; did you mean {near[0]}?" if near else ", such as Europe/Vienna"
        raise ValueError(f"it must be the name of a time zone{hint}") from None
    return name


def _password_hash(value: str) -> str:
    if not _HASH.fullmatch(value):
        raise ValueError("it must be what `generic-connector hash-password` prints, not the password itself")
    return value


def url_of(*schemes: str) -> AfterValidator:
    """Accept an address SCHEME://HOST[:PORT] and nothing more; credentials belong into their own settings."""

    def check(value: str) -> str:
        parts = urlsplit(value)
        if parts.username is not None:
            raise ValueError("user name and password must be given in their own settings, not in the address")
        beyond = parts.path.strip("/") or parts.query or parts.fragment
        if parts.scheme not in schemes or not parts.hostname or beyond or not _port_is_good(parts):
            raise ValueError("it must be " + " or ".join(f"{scheme}://host:port" for scheme in schemes))
        return value.rstrip("/")

    return AfterValidator(check)


def _port_is_good(parts: SplitResult) -> bool:
    try:
        return parts.port != 0
    except ValueError:
        return False


def _broker_address(value: str) -> str:
    BrokerUrl.parse(value)
    return value


def _database_url(value: str) -> str:
    if not value:
        return value
    try:
        url = make_url(value)
    except (ArgumentError, ValueError):
        raise ValueError("it must be dialect+driver://host:port/database") from None
    if url.username is not None or url.password is not None or _PASSWORD_IN_URL.search(value):
        raise ValueError("user name and password must be given in their own settings, not in the address")
    return value


BrokerAddress = Annotated[str, AfterValidator(_broker_address)]
"""The address of a STOMP connector."""
DatabaseUrl = Annotated[str, AfterValidator(_database_url)]
"""SQLAlchemy's address of a database, or "" for none."""
Many = BeforeValidator(_many)
"""Beside a tuple type: its text form."""
Lowered = BeforeValidator(_lowered)
"""Beside a choice of words: its capitals do not matter."""
AsMap = BeforeValidator(_map)
"""Beside a dict type: its text form."""
OptionalFile = Annotated[Annotated[Path, AfterValidator(_readable)] | None, BeforeValidator(_nothing)]
"""A file that can be read, or "" for none."""
TimeZone = Annotated[str, AfterValidator(_time_zone)]
"""A name of the IANA time zone database, or "" for the server's own."""
Port = Annotated[int, Field(ge=0, le=LAST_PORT)]
"""A TCP port to connect to; 0 for the usual one."""
ListeningPort = Annotated[int, Field(ge=-1, le=LAST_PORT)]
"""A TCP port to listen on; 0 takes a free one, -1 none."""
PasswordHash = Annotated[str, AfterValidator(_password_hash)]
"""What broker.embedded.hash_password made of a password."""
Count = Annotated[int, Field(ge=1)]
"""A number of things, one at least."""
Seconds = Annotated[float, Field(gt=0, allow_inf_nan=False)]
"""A time span in seconds, longer than nothing."""


class Login(Section):
    """A user name with its password, which may stand in a file of its own."""

    username: str = ""
    """The user name; empty to come without one."""
    password: SecretStr = SecretStr("")
    """The password. Better from the environment, or in a file of its own (password_file)."""
    password_file: OptionalFile = None
    """A file that holds the password and nothing else (a line break at its end does not count)."""

    @model_validator(mode="before")
    @classmethod
    def _read_password_file(cls, values: Any) -> Any:
        return from_file(values, "password")


def from_file(values: Any, secret: str) -> Any:
    """Let the text of the file `<secret>_file` stand for the secret; a secret beside it cannot be meant."""
    if not isinstance(values, dict) or not values.get(f"{secret}_file"):
        return values
    if values.get(secret):
        raise ValueError(f"{secret} and {secret}_file are both given; give one and leave the other empty")
    try:
        text = Path(values[f"{secret}_file"]).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError, TypeError):
        return values  # the field's own check says what is wrong with the file
    return values | {secret: text.rstrip("\r\n")}
