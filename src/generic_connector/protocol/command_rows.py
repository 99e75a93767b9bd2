"""What a row of the command table consists of, and the checks that a row can name.

Source: client-protocol.md section 4.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum

from generic_connector.errors import CommandError
from generic_connector.protocol.bodies import Split, at_all_commas

ANY_CF = "CF_…"
"""Stands in a row's errors for any CTI name that Finesse reports."""

_EXTENSION = re.compile(r"\+?[0-9]+")

Check = Callable[[str], str]
"""Gives the argument in its plain spelling. Raises CommandError when it is not what it should be."""


class Subject(StrEnum):
    """What stands behind the `#` of a command's JMSType."""

    AGENT = "agent"
    DESTINATION = "destination"


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument of a command.

    missing: the error code when it is not sent or empty. check: what else it has to be. about: words for the docs.
    """

    name: str
    missing: str = "PLEASE_RETRY"
    optional: bool = False
    check: Check | None = None
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRow:
    """One command.

    name: the canonical spelling; aliases: other spellings that are accepted, case never matters.
    split: how the body falls into arguments. variables: the last argument holds call variables.
    repeatable: carrying it out twice does no harm, so a command that the broker delivers again is simply carried out.
    unreadable: the error code for arguments that cannot be read.
    body, about, finesse, events and errors are what the documentation says: the body's pattern, what the command is
    for, the Finesse request behind it, the events in order, the errors that have a reason of their own.
    """

    name: str
    aliases: tuple[str, ...] = ()
    subject: Subject = Subject.AGENT
    arguments: tuple[Argument, ...] = ()
    split: Split = at_all_commas
    variables: bool = False
    repeatable: bool
    unreadable: str = "PLEASE_RETRY"
    body: str = ""
    about: str
    finesse: str = ""
    events: tuple[str, ...] = ()
    errors: tuple[str, ...] = ()


def extension(value: str) -> str:
    """Check an extension: digits, or `+` and digits. Raises CommandError WRONG_EXTENSION."""
    if _EXTENSION.fullmatch(value) is None:
        raise CommandError("WRONG_EXTENSION")
    return value


def event_format(value: str) -> str:
    """Check the format that Hello may ask for, in any case. Raises CommandError PLEASE_RETRY."""
    if value.upper() not in {"JSON", "TEXT"}:
        raise CommandError("PLEASE_RETRY", "The body of Hello is empty, JSON or TEXT")
    return value.upper()
