"""What a connector that takes over has to know of clients and agents, and its form in a store. Pure.

Source: client-protocol.md section 3: whose destination an agent belongs to, in which format it hears, by what
credentials the agent is connected, and what it was told last, so that only differences are told (rule 8).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import TypeVar

import msgspec

from generic_connector.finesse.model import Credentials, Dialog, User
from generic_connector.protocol.events import State
from generic_connector.protocol.formats import Format

VERSION = 1
"""Of the form below. Records of another version are not read: their clients connect anew."""


class Kind(StrEnum):
    """The kinds of records."""

    DESTINATION = "destination"
    AGENT = "agent"


@dataclass(frozen=True, slots=True, kw_only=True)
class DestinationRecord:
    """A client's destination. door: the name of the door by which it is spoken to."""

    name: str
    door: str
    format: Format
    version: int = VERSION


@dataclass(frozen=True, slots=True, kw_only=True)
class CallRecord:
    """A call as Finesse told it last, and what the client was told of it: as in agents.calls.Call."""

    dialog: Dialog
    consultation: bool = False
    announced: bool = False
    offered: bool = False
    parties: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentRecord:
    """An agent who is connected.

    watched: signed in here, so that the client is told what happens. told: the state that the client was told last.
    nodes: what the agent's session subscribed to beside the agent's own nodes. mobile: the mode and dial_number that a
    mobile agent signed in with.
    """

    id: str
    destination: str
    credentials: Credentials = field(repr=False)
    extension: str = ""
    watched: bool = False
    user: User = field(default_factory=User)
    told: State | None = None
    calls: tuple[CallRecord, ...] = ()
    nodes: tuple[str, ...] = ()
    mobile: Mapping[str, str] = field(default_factory=dict)
    version: int = VERSION


Record = TypeVar("Record", DestinationRecord, AgentRecord)

_ENCODER = msgspec.msgpack.Encoder()


def encode(record: DestinationRecord | AgentRecord) -> bytes:
    """Give a record's form in a store, before it is sealed."""
    return _ENCODER.encode(record)


def decode(kind: type[Record], data: bytes) -> Record:
    """Read a record. Raises ValueError for what encode() of this version did not make."""
    record = msgspec.msgpack.decode(data, type=kind)
    if record.version != VERSION:
        raise ValueError(f"the record has version {record.version}, not {VERSION}")
    return record
