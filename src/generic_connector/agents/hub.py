"""Where commands come in: each is read once and handed to the agent or destination that it concerns.

Everything here is done at once, without waiting: when `receive` returns, the command is in an inbox, or has been
answered, and the broker's message can be acknowledged. Whatever a client sends, nothing raises.
Source: client-protocol.md sections 1 and 3.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Mapping, Sequence
from contextvars import Context
from functools import partial

import structlog

from generic_connector.agents import translate
from generic_connector.agents.access import FORBIDDEN, Forbidden, Gate, request_for
from generic_connector.agents.agent import Agent, Surroundings
from generic_connector.agents.clients import Client, Clients
from generic_connector.agents.handlers import carry_out
from generic_connector.agents.kept_lists import KeptLists
from generic_connector.agents.seats import Seats
from generic_connector.agents.sessions import Sessions
from generic_connector.agents.settings import AgentSettings, ClientSettings
from generic_connector.agents.snapshot import snapshot
from generic_connector.agents.turn import Turn
from generic_connector.broker.destinations import is_destination_name, is_event_address
from generic_connector.broker.door import BrokerDoor, CommandMessage, CommandReceiver, GapListener
from generic_connector.errors import CommandError
from generic_connector.finesse.door import Finesse
from generic_connector.operations.hiding import hiding
from generic_connector.operations.metrics import AGENTS, COMMANDS, ERRORS, REFUSED, SNAPSHOTS, UNANSWERABLE
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

REMEMBERED = 10_000
"""How many message ids, and how many former owners of agents, are remembered."""

MOST_AGENTS = 10_000
"""How many agents may be connected, or about to be; a Finesse cluster has 2,000."""

_LOOK_EVERY = 0.02
"""Seconds between looks whether commands are under way, while draining."""

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
        self.agents: dict[str, Agent] = {}
        self._finesse = finesse
        self._surroundings = Surroundings(
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
            retired=self._retired,
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._taken: OrderedDict[str, None] = OrderedDict()
        self._owners: OrderedDict[str, str] = OrderedDict()
        self._begun: frozenset[str] | None = None

    def receiver(self, door: BrokerDoor) -> CommandReceiver:
        """Give what the door hands its commands to."""
        return partial(self.receive, door)

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
            client = self.clients.get(record.destination)
            if client is not None and record.id not in self.agents:
                self._agent(record.id).resume(record, client)
        log.info("sessions taken over", agents=len(self.agents), destinations=len(list(self.clients)))

    def keep_everything(self) -> None:
        """Write every session to the store again: it may have lost them."""
        self.sessions.forget_written()
        for subject in (*self.clients, *self.agents.values()):
            self.sessions.changed(subject)

    async def drain(self, deadline: float) -> bool:
        """Wait until no command is under way, for so many seconds at the longest; say whether that came to be."""
        try:
            async with asyncio.timeout(deadline):
                while not all(agent.is_idle for agent in self.agents.values()):  # noqa: ASYNC110  2,000 bells for once
                    await asyncio.sleep(_LOOK_EVERY)
        except TimeoutError:
            busy = [agent.id for agent in self.agents.values() if not agent.is_idle]
            log.warning("commands were still under way at the end", agents=busy[:20], count=len(busy))
            return False
        return True

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

    async def stop(self) -> None:
        """End every agent's life here. Nobody is signed out at Finesse."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.agents.clear()
        AGENTS.set(0)

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
        self._remember(self._taken, identity, None)
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
            owner=self._owner_name(command.subject),
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
        return self._owner(subject)

    def _reply(self, door: BrokerDoor, message: CommandMessage) -> Client | None:
        return self.clients.passing(message.reply_to, door) if is_event_address(message.reply_to) else None

    def _owner_name(self, agent_id: str) -> str:
        agent = self.agents.get(agent_id)
        return agent.client.name if agent is not None and agent.client is not None else self._owners.get(agent_id, "")

    def _owner(self, agent_id: str) -> Client | None:
        agent = self.agents.get(agent_id)
        if agent is not None and agent.client is not None:
            return agent.client
        return self.clients.get(self._owners.get(agent_id, ""))

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
            if self._owner(command.subject) is None and not self._gate.is_bound:  # for what comes right behind
                self._remember(self._owners, command.subject, destination)
            self._tell(self.clients.passing(destination, door), self._system(), message)
            return False
        if command.subject not in self.agents and len(self.agents) >= MOST_AGENTS:
            text = "Too many agents are connected"
            refused = CommandRefused("PLEASE_RETRY", text, command=command.name, subject=command.subject)
            self._refuse(door, message, refused)
            return False
        wanted = _format(message.properties.get("format", ""))
        client = self.clients.register(destination, door, wanted, proven=False)
        agent = self._agent(command.subject)
        if agent.client is None and not self._gate.is_bound:  # what comes right behind is answered there, too
            self._remember(self._owners, agent.id, client.name)
        return self._submit(agent, self._turn(door, message, command, client))

    def _agent_command(self, door: BrokerDoor, message: CommandMessage, command: Command) -> bool:
        reply = self._reply(door, message)
        if not self._finesse.in_service:
            self._tell(reply or self._owner(command.subject), self._system(), message)
            return False
        agent = self.agents.get(command.subject)
        turn = self._turn(door, message, command, reply or self._gate.own(message.sender, agent))
        supervisor = self._supervisor(command, reply, agent)
        if supervisor is not None and agent is not None:
            turn.actor = supervisor.credentials
        agent = agent or supervisor
        if agent is None:
            self._tell(reply or self._owner(command.subject), translate.relogin_event(command.subject), message)
            return False
        return self._submit(agent, turn)

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
            on_trial=not self._gate.has(message.sender, self._owner_name(command.subject)),
        )

    def _submit(self, agent: Agent, turn: Turn) -> bool:
        """Queue a command, or refuse it; say whether it was queued."""
        if agent.submit(turn):
            return True
        turn.client = turn.client or self._owner(agent.id)
        turn.fail(CommandError("PLEASE_RETRY", "Too many commands wait for this agent"))
        return False

    def _agent(self, agent_id: str) -> Agent:
        agent = self.agents.get(agent_id)
        if agent is None:
            agent = self.agents[agent_id] = Agent(agent_id, self._surroundings)
            AGENTS.set(len(self.agents))
            alone = Context()  # whose command made the agent is no matter of the agent's other lines in the log
            task = asyncio.get_running_loop().create_task(agent.run(), name=f"agent {agent_id}", context=alone)
            self._tasks.add(task)
            task.add_done_callback(partial(self._agent_ended, agent))
        return agent

    def _agent_ended(self, agent: Agent, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            with hiding(*agent.secrets(*agent.unfinished())):
                log.error("agent crashed", task=task.get_name(), exc_info=error)
            self._give_up(agent)

    def _give_up(self, agent: Agent) -> None:
        """Let an agent go whom nobody serves any more: the client connects anew (section 3, rule 5)."""
        client = agent.client
        agent.retire()
        if client is not None:
            self.clients.tell(client, translate.relogin_event(agent.id))

    def _retired(self, agent: Agent, waiting: Sequence[Turn], failure: CommandError | None) -> None:
        """Hear that an agent is gone; answer what still waited for it, and begin anew with a Connect among it."""
        if self.agents.get(agent.id) is agent:
            del self.agents[agent.id]
            AGENTS.set(len(self.agents))
        if agent.client is not None:
            agent.client.agents.discard(agent.id)
            if failure is None or not self._gate.is_bound:  # bound, a Connect that failed proves nothing
                self._remember(self._owners, agent.id, agent.client.name)
        successor: Agent | None = None
        for turn in waiting:
            if turn.command.name == "Connect" and successor is None:
                successor = self._agent(agent.id)
            if successor is not None and self._submit(successor, turn):
                continue
            turn.client = turn.client or agent.client
            if failure is not None:
                turn.fail(failure)
            elif not turn.ended:
                turn.ended = True
                turn.tell(translate.relogin_event(turn.subject))
            turn.settle()

    @staticmethod
    def _remember(memory: OrderedDict[str, str] | OrderedDict[str, None], key: str, value: str | None) -> None:
        if not key:
            return
        memory[key] = value  # type: ignore[assignment]
        memory.move_to_end(key)
        if len(memory) > REMEMBERED:
            memory.popitem(last=False)


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
