"""What clients hear: one frozen dataclass per event. Their text and JSON forms are rows in protocol.layouts.

Values are as a client reads them: times already in the configured zone as `yyyy-MM-dd HH:mm:ss` or "", call types
with the protocol's short names. Nothing is escaped here; that is the codecs' part.
Source: client-protocol.md sections 2 and 5.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

CallVariables = tuple[tuple[str, str], ...]
"""Name and value, callVariable1 … callVariable10 first, then ECC variables in the order received. Without ani."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A party of a call, as clients read it."""

    media_address: str
    state: str
    address_type: str = ""
    state_cause: str = ""
    state_change_time: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A team, by id and name."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Reason:
    """A reason code or wrap-up reason that the client may offer: the code it sends back, and the label it shows."""

    code: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class CallData:
    """Call variables with the two values that travel beside them (section 2)."""

    ani: str = ""
    associated_dialog_id: str = ""
    variables: CallVariables = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Event:
    """Any event. name is the event's word on the wire."""

    name: ClassVar[str]


@dataclass(frozen=True, slots=True, kw_only=True)
class System(Event):
    """Whether Finesse can be worked with: IN_SERVICE or OUT_OF_SERVICE."""

    name: ClassVar[str] = "System"
    status: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination(Event):
    """The destination is not known (any more): the client connects and signs in each of its agents again."""

    name: ClassVar[str] = "Destination"
    destination: str
    status: str = "RECONNECT"


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


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogSummary:
    """A dialog as DialogStatus tells it."""

    dialog_id: str
    state: str
    from_address: str
    call_data: CallData


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogStatus(Event):
    """The call that the agent has at sign-in or after a gap, and the call associated with it."""

    name: ClassVar[str] = "DialogStatus"
    agent_id: str
    dialog: DialogSummary | None = None
    associated: DialogSummary | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInboundCall(Event):
    """A call rings at the agent."""

    name: ClassVar[str] = "NewInboundCall"
    agent_id: str
    dialog_id: str
    from_address: str
    call_data: CallData
    call_type: str
    start_time: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewOutboundPreviewCall(NewInboundCall):
    """A preview reservation is offered to the agent."""

    name: ClassVar[str] = "NewOutboundPreviewCall"


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundCall(Event):
    """A call of the agent, whatever its direction. state DROPPED ends it. The agent's own participant comes first."""

    name: ClassVar[str] = "InboundCall"
    agent_id: str
    dialog_id: str
    state: str
    start_time: str
    prev_dialog_id: str | None = None
    from_address: str
    call_data: CallData
    participants: tuple[Participant, ...]
    call_type: str


@dataclass(frozen=True, slots=True, kw_only=True)
class InboundCallFailed(Event):
    """A call that could not be made."""

    name: ClassVar[str] = "InboundCall"
    agent_id: str
    dialog_id: str
    cause: str
    full_name: str
    prev_dialog_id: str | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultCall(Event):
    """A call that the agent started to consult somebody. dialog_id is told as assDialogId."""

    name: ClassVar[str] = "ConsultCall"
    agent_id: str
    dialog_id: str
    state: str
    from_address: str
    to_address: str
    start_time: str
    call_data: CallData
    participants: tuple[Participant, ...]
    call_type: str
    agent_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ConsultCallFailed(Event):
    """A consultation that could not be made."""

    name: ClassVar[str] = "ConsultCall"
    agent_id: str
    dialog_id: str
    cause: str
    agent_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogState(Event):
    """The answer to GetDialogState; NOT_FOUND when there is no such dialog."""

    name: ClassVar[str] = "DialogState"
    agent_id: str
    dialog_id: str
    state: str
    full_name: str


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
class Error(Event):
    """A command failed. agent_id is whom it is about; command is the command's name, "" when there was none."""

    name: ClassVar[str] = "Error"
    agent_id: str
    code: str
    message: str
    command: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class ConnectStatus(Event):
    """A Connect succeeded. Only where the setting asks for it: to the original's clients success is silent."""

    name: ClassVar[str] = "ConnectStatus"
    agent_id: str
    status: str = "CONNECTED"
