"""The events of the system, of agents and their states, and what is shown to them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from generic_connector.protocol.event_parts import Event, Reason, Team

LEFT = frozenset({"LOGOUT", "RE_LOGIN"})
"""States of agents who are no more, or not yet, at the client."""


@dataclass(frozen=True, slots=True, kw_only=True)
class System(Event):
    """Whether Finesse can be worked with: IN_SERVICE or OUT_OF_SERVICE."""

    name: ClassVar[str] = "System"
    restated: ClassVar[bool] = True
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination(Event):
    """The destination is not known (any more): the client connects and signs in each of its agents again."""

    name: ClassVar[str] = "Destination"
    destination: str
    status: str = "RECONNECT"


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectStatus(Event):
    """A Connect succeeded. Only where the setting asks for it: to the original's clients success is silent."""

    name: ClassVar[str] = "ConnectStatus"
    agent_id: str
    status: str = "CONNECTED"


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentInfo(Event):
    """Who the agent is, told after sign-in. teams is empty for an agent who is not a supervisor."""

    name: ClassVar[str] = "AgentInfo"
    agent_id: str
    first_name: str = ""
    last_name: str = ""
    supervisor: bool = False
    wrap_up_on_incoming: str = ""
    teams: tuple[Team, ...] = ()
    team: Team
    full_name: str = ""
    login_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class State(Event):
    """An agent's state. supervisor_id is set when a supervisor hears it of a member; then it is field 0 in text."""

    name: ClassVar[str] = "State"
    restated: ClassVar[bool] = True
    agent_id: str
    state: str
    reason_code: str = ""
    state_change_time_string: str = ""
    pending_state: str = ""
    state_change_time: str = ""
    full_name: str = ""
    extension: str = ""
    label: str = ""
    login_name: str = ""
    supervisor_id: str = ""

    @property
    def lasting(self) -> bool:
        """Whether a snapshot will not tell it: it tells the client's own agents, and those who are there."""
        return bool(self.supervisor_id) or self.state in LEFT


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCodes(Event):
    """What may be chosen. category: NOT_READY, LOGOUT or WrapUp (text writes Wrap_Up)."""

    name: ClassVar[str] = "ReasonCodes"
    agent_id: str
    category: str
    reasons: tuple[Reason, ...]
    full_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamInfoIds(Event):
    """The ids of the teams that the supervisor has. Text only."""

    name: ClassVar[str] = "TeamInfoIDs"
    agent_id: str
    teams: tuple[Team, ...]
    full_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamInfoNames(Event):
    """The names of the teams that the supervisor has. Text only."""

    name: ClassVar[str] = "TeamInfoNames"
    agent_id: str
    teams: tuple[Team, ...]
    full_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamMemberStateChanged(Event):
    """A member's state, beside the member's State. agent_id is the supervisor. Text only, and only where asked for."""

    name: ClassVar[str] = "TeamMemberStateChanged"
    agent_id: str
    team_id: str
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Control(Event):
    """Something that the agent's window shows in its status bar."""

    name: ClassVar[str] = "Control"
    agent_id: str
    message: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Error(Event):
    """A command failed. agent_id is whom it is about; command is the command's name, "" when there was none."""

    name: ClassVar[str] = "Error"
    agent_id: str
    code: str
    message: str
    command: str = ""
