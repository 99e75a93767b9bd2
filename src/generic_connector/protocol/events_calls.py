"""The events of calls."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from generic_connector.protocol.event_parts import CallData, DialogSummary, Event, Participant

ENDED = "DROPPED"
"""The state of a call that is over."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogStatus(Event):
    """The call that the agent has at sign-in or after a gap, and the call associated with it."""

    name: ClassVar[str] = "DialogStatus"
    restated: ClassVar[bool] = True
    agent_id: str
    dialog: DialogSummary | None = None
    associated: DialogSummary | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class NewInboundCall(Event):
    """A call rings at the agent."""

    name: ClassVar[str] = "NewInboundCall"
    restated: ClassVar[bool] = True
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
    restated: ClassVar[bool] = True
    agent_id: str
    dialog_id: str
    state: str
    start_time: str
    prev_dialog_id: str | None = None
    from_address: str
    call_data: CallData
    participants: tuple[Participant, ...]
    call_type: str

    @property
    def lasting(self) -> bool:
        """Whether a snapshot will not tell it: it tells only the calls that are."""
        return self.state == ENDED


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
    restated: ClassVar[bool] = True
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

    @property
    def lasting(self) -> bool:
        """Whether a snapshot will not tell it: it tells only the calls that are."""
        return self.state == ENDED


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
class DialogStateControls(Event):
    """What the agent may do with a call in its present state, in Finesse's words."""

    name: ClassVar[str] = "DialogStateControls"
    agent_id: str
    dialog_id: str
    state: str
    actions: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class ConferenceParticipants(Event):
    """The extensions or numbers of the parties of a call."""

    name: ClassVar[str] = "ConferenceParticipants"
    agent_id: str
    participants: tuple[str, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class CallBack(Event):
    """A callback was Scheduled, Updated or Canceled. Text tells only this, and to whom only by the destination."""

    name: ClassVar[str] = "CallBack"
    agent_id: str
    status: str
    dialog_id: str
    callback_time: str = ""
    callback_number: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Reclassify(Event):
    """An outbound call was reclassified: value is what it was said to be."""

    name: ClassVar[str] = "Reclassify"
    agent_id: str
    dialog_id: str
    value: str
