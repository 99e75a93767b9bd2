"""What events are made of: the base of all of them, and the parts that several carry."""

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
    """Any event. name is the event's word on the wire; restated: a snapshot of a client's agents holds it anew."""

    name: ClassVar[str]
    restated: ClassVar[bool] = False

    @property
    def lasting(self) -> bool:
        """Whether no snapshot could make good for this one: it must be kept where others are given up."""
        return not self.restated


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogSummary:
    """A dialog as DialogStatus tells it."""

    dialog_id: str
    state: str
    from_address: str
    call_data: CallData
