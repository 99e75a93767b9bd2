"""The clients: one per destination, with the door and the format by which it is spoken to.

Source: client-protocol.md sections 1 and 3.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Iterator
from dataclasses import dataclass, field
from fnmatch import fnmatchcase

import structlog

from generic_connector.agents.sessions import Sessions
from generic_connector.agents.settings import ClientSettings
from generic_connector.broker.door import BrokerDoor, DoorState, EventMessage
from generic_connector.operations.metrics import EVENTS, UNANSWERABLE
from generic_connector.protocol.events import Event
from generic_connector.protocol.formats import Format, render
from generic_connector.store.door import Key
from generic_connector.store.records import DestinationRecord, Kind

log = structlog.get_logger()

MOST_WITHOUT_AGENTS = 10_000
"""How many destinations without agents are remembered; past it those go that were not heard of for longest."""


@dataclass(slots=True, eq=False, repr=False)
class Client:
    """A destination that events go to. agents: the ids of those who are connected from it.

    proven: it said Hello or Beat, or an agent was connected from it. What only a Connect named may be a password in
    the wrong place.
    """

    name: str
    door: BrokerDoor
    format: Format
    heard: float = field(default_factory=time.monotonic)
    agents: set[str] = field(default_factory=set)
    proven: bool = True

    def __repr__(self) -> str:
        return f"<Client {self.shown or 'not proven'}, {self.format}, {len(self.agents)} agents>"

    @property
    def shown(self) -> str:
        """The name as the log may show it."""
        return self.name if self.proven else ""

    @property
    def key(self) -> Key:
        """What its record is called (sessions.Subject)."""
        return Key(Kind.DESTINATION, self.name)

    def record(self) -> DestinationRecord | None:
        """Give what whoever takes over has to know of it; None while it may not be one."""
        return None if not self.proven else DestinationRecord(name=self.name, door=self.door.name, format=self.format)

    def door_state(self) -> DoorState:
        """Say that it can always be written: what was told does not matter here."""
        return DoorState.OPEN


class Clients:
    """The destinations that said Hello or Connect, and the way to tell them something."""

    def __init__(self, settings: ClientSettings, sessions: Sessions | None = None) -> None:
        self._settings = settings
        self._sessions = sessions or Sessions(None)
        self._clients: dict[str, Client] = {}

    def __iter__(self) -> Iterator[Client]:
        return iter(list(self._clients.values()))

    def get(self, name: str) -> Client | None:
        """Give the client of that name, None when it is not known."""
        return self._clients.get(name)

    def register(self, name: str, door: BrokerDoor, wanted: Format | None, *, proven: bool = True) -> Client:
        """Know the client from now on, by the door through which it spoke last; wanted None keeps its format."""
        client = self._clients.get(name)
        if client is None:
            self._forget_old()
            client = self._clients[name] = Client(name, door, wanted or self.format_of(name), proven=False)
        client.door = door
        client.format = wanted or client.format
        if proven:
            self.prove(client)
        client.heard = time.monotonic()
        self._clients[name] = self._clients.pop(name)  # in the order in which they were heard of
        self._sessions.changed(client)
        return client

    def prove(self, client: Client) -> None:
        """Take its name for what it is: from now on the log shows it."""
        if not client.proven:
            client.proven = True
            self._sessions.changed(client)
            log.info("client known", destination=client.name, door=client.door.name, format=client.format.value)

    def passing(self, name: str, door: BrokerDoor) -> Client:
        """Give somebody to answer to without knowing the destination from now on."""
        return self._clients.get(name) or Client(name, door, self.format_of(name))

    def format_of(self, name: str) -> Format:
        """Give the format that the configuration has for a destination."""
        matches = (chosen for pattern, chosen in self._settings.formats if fnmatchcase(name, pattern))
        return next(matches, self._settings.default_format)

    def tell(self, client: Client, event: Event, correlation_id: str = "") -> None:
        """Send an event to a client, in the client's format; what the format does not have is not sent."""
        body = render(event, client.format, self._settings.text)
        if body is None:
            return
        message = EventMessage(
            destination=client.name,
            body=body,
            correlation_id=correlation_id or str(uuid.uuid4()),
            lasting=event.lasting,
        )
        try:
            client.door.publish(message)
        except ValueError as error:  # such as another broker's temporary topic
            UNANSWERABLE.inc()
            log.warning("event cannot be sent", destination=client.shown, door=client.door.name, reason=str(error))
            return
        EVENTS.labels(event.name).inc()

    def _forget_old(self) -> None:
        """Make room for one more, where it is needed: whoever was heard of last is kept longest."""
        limit = time.monotonic() - self._settings.forget_after
        too_many = self._too_many()
        forgotten: list[Client] = []
        for client in self._clients.values():
            if client.agents:
                continue
            if len(forgotten) >= too_many and client.heard >= limit:
                break
            forgotten.append(client)
        for client in forgotten:
            log.info("client forgotten", destination=client.shown)
            del self._clients[client.name]
            if client.proven:
                self._sessions.gone(client.key)

    def _too_many(self) -> int:
        """Say how many without agents have to go. They go by the hundredth, for to count them all takes its time."""
        if len(self._clients) < MOST_WITHOUT_AGENTS:
            return 0
        idle = sum(not one.agents for one in self._clients.values())
        return 0 if idle < MOST_WITHOUT_AGENTS else idle + 1 - MOST_WITHOUT_AGENTS + MOST_WITHOUT_AGENTS // 100
