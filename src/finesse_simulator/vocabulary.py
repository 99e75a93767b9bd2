"""Finesse's own words: states, actions and call types, and which action each participant state offers.

Sources: finesse-rest.md sections 5 (agent states) and 7 (dialog and participant states, actions, call types).
"""

from __future__ import annotations

from enum import StrEnum


class Deployment(StrEnum):
    """Which contact centre stands behind Finesse."""

    UCCE = "UCCE"
    UCCX = "UCCX"


class Profile(StrEnum):
    """The Finesse release whose elements and rules are shown (finesse-rest.md section 14.2)."""

    V11_6 = "11.6"
    V12_5 = "12.5"
    V12_6 = "12.6"


class AgentState(StrEnum):
    """A state of a user."""

    LOGIN = "LOGIN"
    LOGOUT = "LOGOUT"
    NOT_READY = "NOT_READY"
    READY = "READY"
    RESERVED = "RESERVED"
    RESERVED_OUTBOUND = "RESERVED_OUTBOUND"
    RESERVED_OUTBOUND_PREVIEW = "RESERVED_OUTBOUND_PREVIEW"
    TALKING = "TALKING"
    HOLD = "HOLD"
    WORK = "WORK"
    WORK_READY = "WORK_READY"
    UNKNOWN = "UNKNOWN"


SETTABLE = frozenset({AgentState.LOGIN, AgentState.LOGOUT, AgentState.NOT_READY, AgentState.READY})
"""The states that a client may ask for."""

WRAPPING_UP = frozenset({AgentState.WORK, AgentState.WORK_READY})
"""The states of an agent after a call."""

RESERVED_BY_DIALER = frozenset({AgentState.RESERVED_OUTBOUND, AgentState.RESERVED_OUTBOUND_PREVIEW})
"""The states of an agent chosen for a call of a campaign."""

ON_CALL = frozenset({AgentState.RESERVED, AgentState.TALKING, AgentState.HOLD}) | RESERVED_BY_DIALER
"""The states in which a request for another state has to wait for the end of the call."""


class PartyState(StrEnum):
    """A state of a participant."""

    INITIATING = "INITIATING"
    INITIATED = "INITIATED"
    ALERTING = "ALERTING"
    ACTIVE = "ACTIVE"
    FAILED = "FAILED"
    HELD = "HELD"
    DROPPED = "DROPPED"
    WRAP_UP = "WRAP_UP"
    ACCEPTED = "ACCEPTED"


OUT_OF_CALL = frozenset({PartyState.DROPPED, PartyState.WRAP_UP})
"""The states of a participant who no longer talks."""


class DialogState(StrEnum):
    """A state of a dialog. There is neither HELD nor WRAP_UP."""

    INITIATING = "INITIATING"
    INITIATED = "INITIATED"
    ALERTING = "ALERTING"
    ACTIVE = "ACTIVE"
    FAILED = "FAILED"
    DROPPED = "DROPPED"
    ACCEPTED = "ACCEPTED"


UNANSWERED = frozenset({DialogState.INITIATING, DialogState.INITIATED, DialogState.ALERTING, DialogState.FAILED})
"""The states of a dialog that nobody has answered."""


class Action(StrEnum):
    """What a client may ask of a dialog."""

    MAKE_CALL = "MAKE_CALL"
    ANSWER = "ANSWER"
    HOLD = "HOLD"
    RETRIEVE = "RETRIEVE"
    DROP = "DROP"
    UPDATE_CALL_DATA = "UPDATE_CALL_DATA"
    CONSULT_CALL = "CONSULT_CALL"
    TRANSFER = "TRANSFER"
    TRANSFER_SST = "TRANSFER_SST"
    CONFERENCE = "CONFERENCE"
    SEND_DTMF = "SEND_DTMF"
    SILENT_MONITOR = "SILENT_MONITOR"
    BARGE_CALL = "BARGE_CALL"
    PARTICIPANT_DROP = "PARTICIPANT_DROP"
    START_RECORDING = "START_RECORDING"
    ACCEPT = "ACCEPT"
    CLOSE = "CLOSE"
    REJECT = "REJECT"
    RECLASSIFY = "RECLASSIFY"
    UPDATE_SCHEDULED_CALLBACK = "UPDATE_SCHEDULED_CALLBACK"
    CANCEL_SCHEDULED_CALLBACK = "CANCEL_SCHEDULED_CALLBACK"


OFFERED: dict[PartyState, tuple[Action, ...]] = {
    PartyState.INITIATING: (Action.UPDATE_CALL_DATA, Action.DROP),
    PartyState.INITIATED: (Action.UPDATE_CALL_DATA, Action.DROP),
    PartyState.ALERTING: (Action.ANSWER,),
    PartyState.ACTIVE: (
        Action.TRANSFER_SST,
        Action.CONSULT_CALL,
        Action.HOLD,
        Action.UPDATE_CALL_DATA,
        Action.SEND_DTMF,
        Action.DROP,
    ),
    PartyState.HELD: (Action.UPDATE_CALL_DATA, Action.DROP, Action.RETRIEVE),
    PartyState.FAILED: (Action.DROP,),
    PartyState.WRAP_UP: (Action.UPDATE_CALL_DATA,),
    PartyState.DROPPED: (),
    PartyState.ACCEPTED: (),
}
"""The actions per participant state, in captured order (finesse-rest.md section 7.3)."""


class CallType(StrEnum):
    """What kind of call a dialog is (finesse-rest.md section 7.4)."""

    ACD_IN = "ACD_IN"
    PREROUTE_ACD_IN = "PREROUTE_ACD_IN"
    OTHER_IN = "OTHER_IN"
    OUT = "OUT"
    AGENT_INSIDE = "AGENT_INSIDE"
    CONSULT = "CONSULT"
    TRANSFER = "TRANSFER"
    CONFERENCE = "CONFERENCE"
    SUPERVISOR_MONITOR = "SUPERVISOR_MONITOR"
    OUTBOUND = "OUTBOUND"
    OUTBOUND_PREVIEW = "OUTBOUND_PREVIEW"
    OUTBOUND_DIRECT_PREVIEW = "OUTBOUND_DIRECT_PREVIEW"
    OUTBOUND_PERSONAL_CALLBACK_PREVIEW = "OUTBOUND_PERSONAL_CALLBACK_PREVIEW"


RESERVATIONS = frozenset(
    {
        CallType.OUTBOUND_PREVIEW,
        CallType.OUTBOUND_DIRECT_PREVIEW,
        CallType.OUTBOUND_PERSONAL_CALLBACK_PREVIEW,
    }
)
"""The kinds of calls that offer a customer's record to an agent before anybody is dialled."""


class WrapUpMode(StrEnum):
    """Whether an agent does after-call work."""

    REQUIRED = "REQUIRED"
    OPTIONAL = "OPTIONAL"
    NOT_ALLOWED = "NOT_ALLOWED"
    REQUIRED_WITH_WRAP_UP_DATA = "REQUIRED_WITH_WRAP_UP_DATA"


class MobileMode(StrEnum):
    """How a mobile agent is called on the telephone where it is (UCCE)."""

    CALL_BY_CALL = "CALL_BY_CALL"
    NAILED_CONNECTION = "NAILED_CONNECTION"


class Event(StrEnum):
    """The event word of an Update. Captured asynchronous errors carry the lower-case one (section 8.4)."""

    POST = "POST"
    PUT = "PUT"
    DELETE = "DELETE"
    ERROR = "put"


CALL_VARIABLES = tuple(f"callVariable{number}" for number in range(1, 11))
"""The ten peripheral call variables, always all listed."""
