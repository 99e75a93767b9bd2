"""What a case is: somebody in a situation sends a command, and these events or this error must follow."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from generic_connector.conformance.scene import Scene

Deed = Callable[["Scene"], Awaitable[None]]
"""Something that is done in a scene: bringing a situation about, or what another party does next."""

ANY_ERROR = "any"
"""Stands for whichever error: the deployment does not offer what the command needs."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """What somebody must hear, in order. from_the_start: counted from the situation's beginning, not the command."""

    who: str
    events: tuple[str, ...]
    from_the_start: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """How a row of the command table is tried, for both deployments.

    situation: brought about before. arguments: the command's, with {names} of cast.NUMBERS or scene.values. subject:
    what stands behind `#`. sender: who sends it and hears the row's events. answers_to: the person named as reply-to;
    "": nobody. told: which of the row's `others` the sender hears instead of the row's events. listeners: for each of
    the row's `others` in words, who that is here; before: the same, for what is heard before the command is sent.
    then: what others do next. also: more that the sender hears. refused_on_uccx: UCCX refuses it. needs, needs_uccx:
    what the site must have.
    """

    command: str
    situation: Deed
    arguments: tuple[str, ...] = ()
    subject: str = "{id}"
    sender: str = "ann"
    answers_to: str = ""
    title: str = ""
    told: str = ""
    listeners: Mapping[str, str] = field(default_factory=dict)
    before: Mapping[str, str] = field(default_factory=dict)
    then: tuple[Deed, ...] = ()
    also: tuple[str, ...] = ()
    refused_on_uccx: bool = False
    needs: str = ""
    needs_uccx: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Provocation:
    """How a command is brought to end in an error. arguments: None takes those of the command's script.

    failures: played by Finesse. code: the error where it is not the one provoked (a CF_… name). uccx, ucce: where.
    """

    situation: Deed | None = None
    arguments: tuple[str, ...] | None = None
    failures: tuple[Mapping[str, Any], ...] = ()
    code: str = ""
    sender: str = ""
    then: tuple[Deed, ...] = ()
    uccx: bool = True
    ucce: bool = True
    needs: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Case:
    """One case, for one deployment.

    command: the canonical name, "" where nobody sends one. told: what must be heard. error: the one error in which the
    command ends, "" for none, ANY_ERROR for any. code: the code of the row's errors that this is a case of. leaves: the
    agents' sessions are not as they were, so that they are opened again after it. row: where it belongs in the table of
    results, "" with its command. spelling: how the command is written, "" as in the table.
    """

    name: str
    command: str = ""
    sender: str = "ann"
    subject: str = "{id}"
    arguments: tuple[str, ...] = ()
    answers_to: str = ""
    situation: Deed
    failures: tuple[Mapping[str, Any], ...] = ()
    then: tuple[Deed, ...] = ()
    told: tuple[Told, ...] = ()
    error: str = ""
    code: str = ""
    needs: str = ""
    leaves: bool = False
    row: str = ""
    spelling: str = ""

    @property
    def table_row(self) -> str:
        """The row of the table of results that the case belongs to."""
        return self.row or self.command
