"""What a play of a fault leaves behind: commands sent, events heard, and what really happened at Finesse. Pure.

All times are seconds since 1970.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from generic_connector.protocol import events
from generic_connector.protocol.events import Event

ENDED = "DROPPED"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sent:
    """A command. agent: "" for those of a destination. target: the dialog or number, "" without.

    confirmed: the broker said that it has it. One that is not confirmed may or may not be carried out: the client
    does not know, and looks at the state before it asks again.
    """

    id: str
    at: float
    destination: str
    agent: str
    name: str
    target: str = ""
    confirmed: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Heard:
    """An event. name: its word on the wire. state: of the agent or the call, the code of an Error.

    changed: since when, in UTC, as clients read times; "" when not told. shown: the calls of a DialogStatus with their
    states. pending: a State's pending state. text: the whole event.
    """

    at: float
    destination: str
    name: str
    agent: str = ""
    dialog: str = ""
    state: str = ""
    changed: str = ""
    pending: str = ""
    shown: tuple[tuple[str, str], ...] = ()
    correlation: str = ""
    text: str = ""

    @property
    def about_a_call(self) -> bool:
        """Whether it tells how a call of the agent goes on."""
        return self.name in {"NewInboundCall", "InboundCall", "ConsultCall"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """A notice of Finesse: the truth. state is what a client has to read; event is POST, PUT or DELETE."""

    at: float
    agent: str
    event: str
    state: str
    changed: str
    dialog: str = ""
    to_address: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request that Finesse accepted. target: the dialog, or for MAKE_CALL the number."""

    agent: str
    action: str
    target: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Window:
    """When something was broken. destinations: for whom, empty for all.

    blind: nobody could hear Finesse or keep what it told, so that what came and went within it cannot be known.
    """

    start: float
    end: float
    destinations: frozenset[str] = frozenset()
    blind: bool = False

    def concerns(self, destination: str) -> bool:
        """Say whether the destination was affected."""
        return not self.destinations or destination in self.destinations

    def touches(self, start: float, end: float) -> bool:
        """Say whether a span of time overlaps it."""
        return start <= self.end and end >= self.start

    def covers(self, start: float, end: float) -> bool:
        """Say whether a span of time lies within it."""
        return self.start <= start and end <= self.end


@dataclass(frozen=True, slots=True, kw_only=True)
class Transcript:
    """Everything about one play. agents: their destinations. final_states: what Finesse says after all is quiet.

    known_states: what the clients knew before.
    forced_out: how many agents Finesse counted as signed out or made not ready because their presence was lost.
    """

    agents: Mapping[str, str]
    sent: Sequence[Sent]
    heard: Sequence[Heard]
    told: Sequence[Told]
    requests: Sequence[Request]
    windows: Sequence[Window]
    final_states: Mapping[str, str]
    known_states: Mapping[str, str] = field(default_factory=dict)
    forced_out: int = 0


def heard_of(event: Event, *, at: float, destination: str, correlation: str = "", text: str = "") -> Heard:
    """Give what an event says, in the words of the accounting."""
    particulars: dict[str, Any] = {"agent": getattr(event, "agent_id", "")}
    match event:
        case events.State():
            particulars |= {"state": event.state, "changed": event.state_change_time, "pending": event.pending_state}
        case events.NewInboundCall():
            particulars |= {"dialog": event.dialog_id, "state": "ALERTING"}
        case events.InboundCall() | events.ConsultCall():
            changed = event.participants[0].state_change_time if event.participants else ""
            particulars |= {"dialog": event.dialog_id, "state": event.state, "changed": changed}
        case events.InboundCallFailed() | events.ConsultCallFailed():
            particulars |= {"dialog": event.dialog_id, "state": "FAILED"}
        case events.DialogStatus():
            dialogs = [one for one in (event.dialog, event.associated) if one is not None]
            particulars["shown"] = tuple((one.dialog_id, one.state) for one in dialogs)
        case events.System() | events.Destination():
            particulars["state"] = event.status
        case events.Error():
            particulars["state"] = event.code
        case _:
            pass
    return Heard(at=at, destination=destination, name=event.name, correlation=correlation, text=text, **particulars)
