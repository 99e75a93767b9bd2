"""Agents, calls and their parties as the engine holds them."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime

from finesse_simulator import scenario
from finesse_simulator.engine.clock import Timer
from finesse_simulator.vocabulary import (
    CALL_VARIABLES,
    OUT_OF_CALL,
    AgentState,
    CallType,
    DialogState,
    MobileMode,
    PartyState,
)


@dataclass(frozen=True, slots=True)
class Origin:
    """Who asked. request_id: the header of the request, echoed on its direct effect only."""

    user_id: str = ""
    request_id: str = ""


NOBODY = Origin()
"""What happened by itself, or on the phone."""


@dataclass(frozen=True, slots=True)
class Reason:
    """Why an agent is not ready or signed out. system: supplied by Finesse, not in any list."""

    id: int
    code: int
    label: str
    category: str
    for_all: bool = True
    system: bool = False


@dataclass(frozen=True, slots=True)
class Mobile:
    """Where a mobile agent takes its calls."""

    mode: MobileMode
    dial_number: str


@dataclass(slots=True, eq=False)
class Agent:
    """A user and what is known of it now. idle_state: where it returns to after a call.

    sessions: the resources of its notification sessions by server, farewells: which servers wait for it to come back.
    """

    profile: scenario.Agent
    state: AgentState = AgentState.LOGOUT
    changed: datetime | None = None
    reason: Reason | None = None
    last_reason_id: str = ""
    pending: AgentState | None = None
    pending_reason: Reason | None = None
    idle_state: AgentState = AgentState.NOT_READY
    idle_reason: Reason | None = None
    extension: str = ""
    mobile: Mobile | None = None
    ready_since: float = 0.0
    sessions: dict[str, set[str]] = field(default_factory=dict)
    farewells: dict[str, Timer] = field(default_factory=dict)
    work: Call | None = None
    work_timer: Timer | None = None

    @property
    def id(self) -> str:
        """The agent id."""
        return self.profile.id

    @property
    def signed_in(self) -> bool:
        """Whether the agent is at work."""
        return self.state is not AgentState.LOGOUT

    def __repr__(self) -> str:
        return f"<Agent {self.id} {self.state}>"


@dataclass(slots=True, eq=False)
class Party:
    """A participant. device: whether the address is a phone of the contact centre; agent: who is signed in on it.

    passive: overheard by a supervisor, not a call of the agent's own. link: the agent's leg of the call that this leg
    was put on hold for, and the other way round.
    """

    address: str
    state: PartyState
    started: datetime
    changed: datetime
    device: bool = False
    agent: Agent | None = None
    cause: str = ""
    passive: bool = False
    link: Leg | None = None

    @property
    def live(self) -> bool:
        """Whether the participant is still on the call."""
        return self.state not in OUT_OF_CALL

    def enter(self, state: PartyState, now: datetime, cause: str = "") -> None:
        """Go to this state."""
        self.state, self.changed, self.cause = state, now, cause


@dataclass(slots=True, eq=False)
class Outbound:
    """What makes a call one of a campaign. mode: how BAStatus names it; port: the dialler's number.

    direct: the agent's own phone dials. reservation: nobody has been dialled yet. callback: time and number of the
    callback that the agent arranged, as given.
    """

    agent: Agent
    customer: str
    mode: str
    port: str
    direct: bool = False
    reservation: bool = False
    classification: str = ""
    callback: tuple[str, str] | None = None


@dataclass(slots=True, eq=False)
class Call:
    """A call. routed: it came by a queue, so that wrap-up applies and UCCX tells of it.

    watchers: the agents whose collection of dialogs holds the call. reserved: the agent whom a waiting call has chosen
    but does not ring yet. hidden_caller: somebody who withholds the number is on the call and in no list. controller:
    who may add parties to a conference. overhears: the call that this one lets a supervisor hear. digits: what was
    sent as tones.
    """

    id: int
    type: CallType
    from_address: str
    to_address: str = ""
    dialed_number: str = ""
    dnis: str = ""
    state: DialogState = DialogState.INITIATED
    parties: list[Party] = field(default_factory=list)
    variables: dict[str, str] = field(default_factory=lambda: dict.fromkeys(CALL_VARIABLES, ""))
    wrap_up_reason: str | None = None
    associated_id: int | None = None
    secondary_id: int | None = None
    queue: scenario.Queue | None = None
    routed: bool = False
    reserved: Agent | None = None
    hidden_caller: bool = False
    controller: Agent | None = None
    overhears: Call | None = None
    outbound: Outbound | None = None
    digits: str = ""
    recorded: bool = False
    answered: bool = False
    watchers: list[Agent] = field(default_factory=list)
    timers: list[Timer] = field(default_factory=list)
    ended: bool = False

    @property
    def uri(self) -> str:
        """The address of the dialog."""
        return f"/finesse/api/Dialog/{self.id}"

    def party_at(self, address: str) -> Party | None:
        """Find the participant at an extension or number who is still on the call, else one who was."""
        there = [party for party in self.parties if party.address == address]
        return next((party for party in there if party.live), there[0] if there else None)

    def party_of(self, agent: Agent) -> Party | None:
        """Find the agent's participant who is still on the call, else one who was."""
        own = [party for party in self.parties if party.agent is agent]
        return next((party for party in own if party.live), own[0] if own else None)

    def live_parties(self) -> list[Party]:
        """Give the participants who are still on the call."""
        return [party for party in self.parties if party.live]

    def cancel_timers(self) -> None:
        """Forget what was to happen to this call."""
        for timer in self.timers:
            timer.cancel()
        self.timers.clear()

    def __repr__(self) -> str:
        parties = " ".join(f"{party.address}:{party.state}" for party in self.parties)
        return f"<Call {self.id} {self.state} {parties}>"


Leg = tuple[Call, Party]
"""A participant and the call."""
