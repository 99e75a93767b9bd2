"""What a row of the command table consists of.

Source: client-protocol.md section 4.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from generic_connector.protocol.bodies import Split, at_all_commas
from generic_connector.protocol.checks import Check

ANY_CF = "CF_…"
"""Stands in a row's errors for any CTI name that Finesse reports."""


class Subject(StrEnum):
    """What stands behind the `#` of a command's JMSType."""

    AGENT = "agent"
    DESTINATION = "destination"


@dataclass(frozen=True, slots=True, kw_only=True)
class Argument:
    """One argument of a command.

    missing: the error code when it is not sent or empty. commas: it may hold commas. check: what else it has to be.
    about: words for the docs.
    """

    name: str
    missing: str = "PLEASE_RETRY"
    optional: bool = False
    commas: bool = False
    check: Check | None = None
    about: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """What somebody hears around a command, in order.

    who: in words; sender: it is the one who sent the command, and this answers it. events_uccx: on UCCX, None when the
    same.
    """

    who: str
    sender: bool = False
    events: tuple[str, ...]
    events_uccx: tuple[str, ...] | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class CommandRow:
    """One command.

    name: the canonical spelling; aliases: other spellings that are accepted, case never matters.
    split: how the body falls into arguments. variables: the last argument holds call variables.
    repeatable: carrying it out twice does no harm, so a command that the broker delivers again is simply carried out.
    unreadable: the error code for arguments that cannot be read.
    body, about, finesse, events and errors are what the documentation says: the body's pattern, what the command is
    for, the Finesse request behind it, the events that the sender hears in order, the errors that have a reason of
    their own. events_uccx: the events on UCCX, None when the same. others: what else is heard, and by whom.
    uccx: UCCX has what the command needs; where it has not, the command is refused there.
    body_pattern: a pattern of the body, where the arguments one by one do not make it.
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
    body_pattern: str = ""
    about: str
    finesse: str = ""
    events: tuple[str, ...] = ()
    events_uccx: tuple[str, ...] | None = None
    others: tuple[Heard, ...] = ()
    uccx: bool = True
    errors: tuple[str, ...] = ()

    @property
    def answers(self) -> tuple[str, ...]:
        """The names of all the events that the sender can hear because of the command, Error aside."""
        more = [event for heard in self.others if heard.sender for event in heard.events]
        return tuple(dict.fromkeys(event.split()[0] for event in (*self.events, *(self.events_uccx or ()), *more)))
