"""Where commands come in: each is read once and handed to the agent or destination that it concerns.

Everything here is done at once, without waiting: when `receive` returns, the command is in an inbox, or has been
answered, and the broker's message can be acknowledged. Whatever a client sends, nothing raises.
Source: client-protocol.md sections 1 and 3.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

import structlog

from generic_connector.agents import translate
from generic_connector.agents.access import FORBIDDEN, Forbidden, Gate, request_for
from generic_connector.agents.agent import Agent, Surroundings
from generic_connector.agents.clients import Client, Clients
from generic_connector.agents.handlers import carry_out
from generic_connector.agents.kept_lists import KeptLists
from generic_connector.agents.roster import Memory, Roster
from generic_connector.agents.seats import Seats
from generic_connector.agents.sessions import Sessions
from generic_connector.agents.settings import AgentSettings, ClientSettings
from generic_connector.agents.snapshot import snapshot
from generic_connector.agents.turn import Turn
from generic_connector.broker.destinations import is_destination_name, is_event_address
from generic_connector.broker.door import BrokerDoor, CommandMessage, GapListener
from generic_connector.finesse.door import Finesse
from generic_connector.operations.hiding import hiding
from generic_connector.operations.metrics import COMMANDS, ERRORS, REFUSED, SNAPSHOTS, UNANSWERABLE
from generic_connector.protocol import events
from generic_connector.protocol.command import Command
from generic_connector.protocol.command_rows import Subject
from generic_connector.protocol.commands import COMMANDS as ROWS
from generic_connector.protocol.commands import CommandRefused, parse_command, refusal
from generic_connector.protocol.formats import Format
from generic_connector.recording.door import Recorder
from generic_connector.statistics.door import Statistics
from generic_connector.store.door import Saved, SessionStore

log = structlog.get_logger()

MOST_AGENTS = 10_000
"""How many agents may be connected, or about to be; a Finesse cluster has 2,000."""

BY_SUPERVISORS = frozenset({"Logout", "MakeReady", "MakeNotReady"})
"""Commands that carry a member's id and may come from the member's supervisor (section 3)."""


class Hub:
    """All agents and all clients of one connector."""

    def __init__(
        self,
        *,
        finesse: Finesse,
        statistics: Statistics,
        recorder: Recorder,
        agents: AgentSettings,
        clients: ClientSettings,
        store: SessionStore | None = None,
    ) -> None:
        self.sessions = Sessions(store)
        self.clients = Clients(clients, self.sessions)
        self._gate = Gate(clients.access, clients.senders)
        self.roster = Roster(self.clients, is_bound=self._gate.is_bound)
        self.agents = self.roster.agents
        self._finesse = finesse
        self._surroundings = self.roster.surroundings = Surroundings(
            finesse=finesse,
            statistics=statistics,
            recorder=recorder,
            agents=self.agents,
            lists=KeptLists(),
            settings=agents,
            clients=self.clients,
            seats=Seats(agents.max_agents),
            sessions=self.sessions,
            carry_out=self._gate.guarded(carry_out),
            retired=self.roster.retired,
        )
        self._taken = Memory[None]()
        self._begun: frozenset[str] | None = None

    def status_changed(self, in_service: bool) -> None:  # noqa: FBT001 - a callback with one meaning
        """Hear whether Finesse can be worked with, and tell every client (section 3, rule 7)."""
        log.info("finesse in service" if in_service else "finesse out of service")
        for client in self.clients:
            self.clients.tell(client, self._system())
        if in_service:
            for agent in self.agents.values():
                agent.look_again()

    # --- taking over, and handing over ------------------------------------------------------------------------------

    def restore(self, saved: Saved, doors: Mapping[str, BrokerDoor]) -> None:
        """Take over from whoever served before: know the clients, have the agents, read back what happened meanwhile.

        doors: by name. Sessions of a door that is not here are left alone; their clients connect anew.
        """
        self._begun = saved.begun
        for destination in saved.destinations:
            if destination.door in doors:
                self.clients.register(destination.name, doors[destination.door], destination.format)
        for record in saved.agents:
            self.roster.resume(record)
        log.info("sessions taken over", agents=len(self.agents), destinations=len(list(self.clients)))

    def keep_everything(self) -> None:
        """Write every session to the store again: it may have lost them."""
        self.sessions.forget_written()
        for subject in (*self.clients, *self.agents.values()):
            self.sessions.changed(subject)

    def gap_listener(self, door: BrokerDoor) -> GapListener:
        """Give what the door asks for a snapshot for a destination."""
        return partial(self.restate, door)

    def restate(self, door: BrokerDoor, destination: str) -> None:
        """Tell a client anew how everything stands: events for it had to be given up. Never waits, never raises."""
        client = self.clients.get(destination)
        if client is None or client.door is not door:
            return
        known = (self.agents[agent_id] for agent_id in sorted(client.agents) if agent_id in self.agents)
        watched = [agent for agent in known if agent.watched and agent.client is client]
        log.warning("events were given up, the client gets a snapshot", destination=destination, agents=len(watched))
        SNAPSHOTS.inc()
        try:
            for event in (self._system(), *snapshot(watched)):
                self.clients.tell(client, event)
        except Exception:  # one client must not stop the door
            log.exception("snapshot failed", destination=destination)

    # --- taking a message ------------------------------------------------------------------------------------------

    def receive(self, door: BrokerDoor, message: CommandMessage) -> bool:
        """Take one message over from a door; say whether it is acknowledged later. Never waits, never raises."""
        try:
            return self._receive(door, message)
        except Exception:  # nothing that a client sends may stop the service
            REFUSED.labels("crash").inc()
            with hiding(message.body, *message.body.split(",")):
                log.exception("message failed", door=door.name, type=message.type[:80])
        return False

    def _receive(self, door: BrokerDoor, message: CommandMessage) -> bool:
        identity = _identity(door, message)
        if identity in self._taken:  # marked or not: a broker that was restarted marks nothing
            REFUSED.labels("repeated").inc()
            log.info("message came again, not carried out again", door=door.name, type=message.type[:80])
            return False
        self._taken.note(identity, None)
        try:
            command = self._read(door, message)
            self._check(door, message, command)
        except CommandRefused as refused:
            self._refuse(door, message, refused)
            return False
        COMMANDS.labels(command.name).inc()
        whom = {ROWS[command.name].subject.value: command.subject}
        log.debug("command", door=door.name, command=command.name, **whom)
        match command.name:
            case "Hello":
                self._hello(door, message, command)
            case "Beat":
                self._beat(door, message, command)
            case "Connect":
                return self._connect(door, message, command)
            case _:
                return self._agent_command(door, message, command)
        return False

    def _read(self, door: BrokerDoor, message: CommandMessage) -> Command:
        if message.fault is not None:
            raise refusal(message.type, _sentence(message.fault.value))
        command = parse_command(message.type, message.body)
        row = ROWS[command.name]
        if row.subject is Subject.DESTINATION and not is_destination_name(command.subject):
            text = "The destination is not a name that events can be sent to"
            raise CommandRefused("PLEASE_RETRY", text, command=command.name, subject="")
        if not row.repeatable and self._may_have_begun(door, message):
            text = "The broker delivered this command again; it may have been carried out already"
            raise CommandRefused("PLEASE_RETRY", text, command=command.name, subject=command.subject)
        return command

    def _may_have_begun(self, door: BrokerDoor, message: CommandMessage) -> bool:
        """Say whether somebody else may have carried this command out: by the record, else by the broker's mark."""
        return message.redelivered if self._begun is None else _identity(door, message) in self._begun

    def _check(self, door: BrokerDoor, message: CommandMessage, command: Command) -> None:
        """Raise Forbidden for what the sender may not do (agents/access.py)."""
        if not self._gate.is_bound:
            return
        agent = self.agents.get(command.subject)
        request = request_for(
            message,
            command,
            agent=agent,
            owner=self.roster.owner_name(command.subject),
            in_service=self._finesse.in_service,
            supervises=self._supervisor(command, self._reply(door, message), agent) is not None,
        )
        self._gate.check(request, command)

    def _refuse(self, door: BrokerDoor, message: CommandMessage, refused: CommandRefused) -> None:
        cause = FORBIDDEN if isinstance(refused, Forbidden) else refused.code
        REFUSED.labels(cause).inc()
        client = self._answerable(door, message, refused.command, refused.subject)
        known = client is not None and self.clients.get(client.name) is client
        destination = client.shown if client is not None and known else ""  # else it may be a misplaced password
        log.info(
            "command refused",
            door=door.name,
            sender=message.sender,
            destination=destination,
            agent=refused.subject,
            command=refused.command,
            cause=cause,
            code=refused.code,
            text=refused.text,
        )
        event = events.Error(
            agent_id=refused.subject,
            code=refused.code,
            message=refused.text,
            command=refused.command,
        )
        ERRORS.labels(refused.code).inc()
        self._tell(client, event, message)

    # --- whom to answer --------------------------------------------------------------------------------------------

    def _answerable(self, door: BrokerDoor, message: CommandMessage, command: str, subject: str) -> Client | None:
        """Find the client that a message belongs to: reply-to, the destination it names, or the agent's client."""
        if (reply := self._reply(door, message)) is not None:
            return reply
        named = message.body.partition(",")[0].strip() if command.lower() == "connect" else subject
        if command.lower() in {"hello", "beat", "connect"} and is_destination_name(named):
            return self.clients.passing(named, door)
        return self.roster.owner(subject)

    def _reply(self, door: BrokerDoor, message: CommandMessage) -> Client | None:
        return self.clients.passing(message.reply_to, door) if is_event_address(message.reply_to) else None

    def _tell(self, client: Client | None, event: events.Event, message: CommandMessage) -> None:
        if client is None or not self._gate.has(message.sender, client.name):
            UNANSWERABLE.inc()
            log.warning("nobody to answer", type=message.type[:80], answer=event.name)
            return
        self.clients.tell(client, event, _correlation_id(message))

    def _system(self) -> events.System:
        return events.System(status="IN_SERVICE" if self._finesse.in_service else "OUT_OF_SERVICE")

    # --- destinations ----------------------------------------------------------------------------------------------

    def _hello(self, door: BrokerDoor, message: CommandMessage, command: Command) -> None:
        asked = command.arguments.get("format") or message.properties.get("format", "")
        client = self.clients.register(command.subject, door, _format(asked))
        self._tell(client, self._system(), message)

    def _beat(self, door: BrokerDoor, message: CommandMessage, command: Command) -> None:
        if self.clients.get(command.subject) is None:
            event = events.Destination(destination=command.subject)
            self._tell(self.clients.passing(command.subject, door), event, message)
            return
        self._tell(self.clients.register(command.subject, door, None), self._system(), message)

    # --- agents ----------------------------------------------------------------------------------------------------

    def _connect(self, door: BrokerDoor, message: CommandMessage, command: Command) -> bool:
        destination = command.arguments["destination"]
        if not is_destination_name(destination):
            text = "The destination is not a name that events can be sent to"
            refused = CommandRefused("PLEASE_RETRY", text, command=command.name, subject=command.subject)
            self._refuse(door, message, refused)
            return False
        if not self._finesse.in_service:
            if self.roster.owner(command.subject) is None and not self._gate.is_bound:  # for what comes right behind
                self.roster.note_owner(command.subject, destination)
            self._tell(self.clients.passing(destination, door), self._system(), message)
            return False
        if command.subject not in self.agents and len(self.agents) >= MOST_AGENTS:
            text = "Too many agents are connected"
            refused = CommandRefused("PLEASE_RETRY", text, command=command.name, subject=command.subject)
            self._refuse(door, message, refused)
            return False
        wanted = _format(message.properties.get("format", ""))
        client = self.clients.register(destination, door, wanted, proven=False)
        agent = self.roster.admit(command.subject)
        if agent.client is None and not self._gate.is_bound:  # what comes right behind is answered there, too
            self.roster.note_owner(agent.id, client.name)
        return self.roster.submit(agent, self._turn(door, message, command, client))

    def _agent_command(self, door: BrokerDoor, message: CommandMessage, command: Command) -> bool:
        reply = self._reply(door, message)
        if not self._finesse.in_service:
            self._tell(reply or self.roster.owner(command.subject), self._system(), message)
            return False
        agent = self.agents.get(command.subject)
        turn = self._turn(door, message, command, reply or self._gate.own(message.sender, agent))
        supervisor = self._supervisor(command, reply, agent)
        if supervisor is not None and agent is not None:
            turn.actor = supervisor.credentials
        agent = agent or supervisor
        if agent is None:
            self._tell(reply or self.roster.owner(command.subject), translate.relogin_event(command.subject), message)
            return False
        return self.roster.submit(agent, turn)

    def _supervisor(self, command: Command, reply: Client | None, member: Agent | None) -> Agent | None:
        """Find the connected supervisor at reply-to who may act on the member; Finesse enforces the rest."""
        if command.name not in BY_SUPERVISORS or reply is None:
            return None
        if member is not None and member.client is reply:
            return None
        connected = (self.agents[agent_id] for agent_id in sorted(reply.agents) if agent_id in self.agents)
        supervisors = (agent for agent in connected if agent.user.is_supervisor and agent.watched)
        if member is None:
            return next(supervisors, None)
        team_id = member.user.team_id  # not known before the member signs in here
        unknown = () if self._gate.is_bound else ("",)
        return next((one for one in supervisors if team_id in {*unknown, *(team.id for team in one.user.teams)}), None)

    def _turn(self, door: BrokerDoor, message: CommandMessage, command: Command, client: Client | None) -> Turn:
        return Turn(
            command=command,
            client=client,
            clients=self.clients,
            correlation_id=_correlation_id(message),
            message_id=_identity(door, message),
            settle=message.acknowledge,
            sender=message.sender,
            on_trial=not self._gate.has(message.sender, self.roster.owner_name(command.subject)),
        )


def _identity(door: BrokerDoor, message: CommandMessage) -> str:
    """Give what tells a message from every other one, "" where nothing does: each door has ids of its own."""
    return f"{door.name} {message.sender} {message.message_id}" if message.message_id else ""


def _correlation_id(message: CommandMessage) -> str:
    return message.correlation_id or message.message_id


def _format(asked: str) -> Format | None:
    """Give the format that was asked for; anything but a known word asks for none."""
    return next((known for known in Format if known.value.lower() == asked.strip().lower()), None)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
