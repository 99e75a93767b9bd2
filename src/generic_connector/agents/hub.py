"""Where commands come in: each is read once and handed to the agent or destination that it concerns.

Everything here is done at once, without waiting: when `receive` returns, the command is in an inbox, or has been
answered, and the broker's message can be acknowledged. Whatever a client sends, nothing raises.
Source: client-protocol.md sections 1 and 3.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from functools import partial

import structlog

from generic_connector.agents import translate
from generic_connector.agents.agent import Agent, Surroundings
from generic_connector.agents.clients import Client, Clients
from generic_connector.agents.handlers import carry_out
from generic_connector.agents.seats import Seats
from generic_connector.agents.settings import AgentSettings, ClientSettings
from generic_connector.agents.turn import Turn
from generic_connector.broker.destinations import is_destination_name, is_event_address
from generic_connector.broker.door import BrokerDoor, CommandMessage, CommandReceiver
from generic_connector.errors import CommandError
from generic_connector.finesse.door import Finesse
from generic_connector.operations.metrics import AGENTS, COMMANDS, ERRORS, REFUSED, UNANSWERABLE
from generic_connector.protocol import events
from generic_connector.protocol.command import Command
from generic_connector.protocol.command_rows import Subject
from generic_connector.protocol.commands import COMMANDS as ROWS
from generic_connector.protocol.commands import CommandRefused, parse_command, refusal
from generic_connector.protocol.formats import Format
from generic_connector.recording.door import Recorder
from generic_connector.statistics.door import Statistics

log = structlog.get_logger()

REMEMBERED = 10_000
"""How many message ids, and how many former owners of agents, are remembered."""

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
    ) -> None:
        self.clients = Clients(clients)
        self.agents: dict[str, Agent] = {}
        self._finesse = finesse
        self._surroundings = Surroundings(
            finesse=finesse,
            statistics=statistics,
            recorder=recorder,
            agents=self.agents,
            settings=agents,
            clients=self.clients,
            seats=Seats(agents.max_agents),
            carry_out=carry_out,
            retired=self._retired,
        )
        self._tasks: set[asyncio.Task[None]] = set()
        self._taken: OrderedDict[str, None] = OrderedDict()
        self._owners: OrderedDict[str, str] = OrderedDict()

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

    async def stop(self) -> None:
        """End every agent's life here. Nobody is signed out at Finesse."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.agents.clear()

    # --- taking a message ------------------------------------------------------------------------------------------

    def receive(self, door: BrokerDoor, message: CommandMessage) -> None:
        """Take one message over from a door. Never waits, never raises."""
        try:
            self._receive(door, message)
        except Exception:  # nothing that a client sends may stop the service
            REFUSED.labels("crash").inc()
            log.exception("message failed", door=door.name, type=message.type[:80])

    def _receive(self, door: BrokerDoor, message: CommandMessage) -> None:
        if message.redelivered and message.message_id in self._taken:
            REFUSED.labels("repeated").inc()
            log.info("message came again, not carried out again", door=door.name, type=message.type[:80])
            return
        self._remember(self._taken, message.message_id, None)
        try:
            command = self._read(message)
        except CommandRefused as refused:
            self._refuse(door, message, refused)
            return
        COMMANDS.labels(command.name).inc()
        whom = {ROWS[command.name].subject.value: command.subject}
        log.debug("command", door=door.name, command=command.name, **whom)
        match command.name:
            case "Hello":
                self._hello(door, message, command)
            case "Beat":
                self._beat(door, message, command)
            case "Connect":
                self._connect(door, message, command)
            case _:
                self._agent_command(door, message, command)

    def _read(self, message: CommandMessage) -> Command:
        if message.fault is not None:
            raise refusal(message.type, _sentence(message.fault.value))
        command = parse_command(message.type, message.body)
        row = ROWS[command.name]
        if row.subject is Subject.DESTINATION and not is_destination_name(command.subject):
            text = "The destination is not a name that events can be sent to"
            raise CommandRefused("PLEASE_RETRY", text, command=command.name, subject="")
        if message.redelivered and not row.repeatable:
            text = "The broker delivered this command again; it may have been carried out already"
            raise CommandRefused("PLEASE_RETRY", text, command=command.name, subject=command.subject)
        return command

    def _refuse(self, door: BrokerDoor, message: CommandMessage, refused: CommandRefused) -> None:
        REFUSED.labels(refused.code).inc()
        client = self._answerable(door, message, refused.command, refused.subject)
        known = client is not None and self.clients.get(client.name) is client
        destination = client.name if client is not None and known else ""  # else it may be a misplaced password
        log.info(
            "command refused",
            door=door.name,
            destination=destination,
            agent=refused.subject,
            command=refused.command,
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
        if is_event_address(message.reply_to):
            return self.clients.passing(message.reply_to, door)
        named = message.body.partition(",")[0].strip() if command.lower() == "connect" else subject
        if command.lower() in {"hello", "beat", "connect"} and is_destination_name(named):
            return self.clients.passing(named, door)
        return self._owner(subject)

    def _owner(self, agent_id: str) -> Client | None:
        agent = self.agents.get(agent_id)
        if agent is not None and agent.client is not None:
            return agent.client
        return self.clients.get(self._owners.get(agent_id, ""))

    def _tell(self, client: Client | None, event: events.Event, message: CommandMessage) -> None:
        if client is None:
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

    def _connect(self, door: BrokerDoor, message: CommandMessage, command: Command) -> None:
        destination = command.arguments["destination"]
        if not is_destination_name(destination):
            text = "The destination is not a name that events can be sent to"
            refused = CommandRefused("PLEASE_RETRY", text, command=command.name, subject=command.subject)
            self._refuse(door, message, refused)
            return
        if not self._finesse.in_service:
            if self._owner(command.subject) is None:  # what comes right behind is answered there, too
                self._remember(self._owners, command.subject, destination)
            self._tell(self.clients.passing(destination, door), self._system(), message)
            return
        if command.subject not in self.agents and len(self.agents) >= MOST_AGENTS:
            text = "Too many agents are connected"
            self._refuse(
                door, message, CommandRefused("PLEASE_RETRY", text, command="Connect", subject=command.subject)
            )
            return
        client = self.clients.register(destination, door, _format(message.properties.get("format", "")))
        agent = self._agent(command.subject)
        if agent.client is None:  # what comes right behind is answered to this client, too
            self._remember(self._owners, agent.id, client.name)
        self._submit(agent, self._turn(message, command, client))

    def _agent_command(self, door: BrokerDoor, message: CommandMessage, command: Command) -> None:
        reply = self.clients.passing(message.reply_to, door) if is_event_address(message.reply_to) else None
        if not self._finesse.in_service:
            self._tell(reply or self._owner(command.subject), self._system(), message)
            return
        turn = self._turn(message, command, reply)
        agent = self.agents.get(command.subject)
        supervisor = self._supervisor(command, reply, agent)
        if supervisor is not None and agent is not None:
            turn.actor = supervisor.credentials
        agent = agent or supervisor
        if agent is None:
            self._tell(reply or self._owner(command.subject), translate.relogin_event(command.subject), message)
            return
        self._submit(agent, turn)

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
        return next((one for one in supervisors if team_id in {"", *(team.id for team in one.user.teams)}), None)

    def _turn(self, message: CommandMessage, command: Command, client: Client | None) -> Turn:
        return Turn(command=command, client=client, clients=self.clients, correlation_id=_correlation_id(message))

    def _submit(self, agent: Agent, turn: Turn) -> None:
        if not agent.submit(turn):
            turn.client = turn.client or self._owner(agent.id)
            turn.fail(CommandError("PLEASE_RETRY", "Too many commands wait for this agent"))

    def _agent(self, agent_id: str) -> Agent:
        agent = self.agents.get(agent_id)
        if agent is None:
            agent = self.agents[agent_id] = Agent(agent_id, self._surroundings)
            AGENTS.set(len(self.agents))
            task = asyncio.get_running_loop().create_task(agent.run(), name=f"agent {agent_id}")
            self._tasks.add(task)
            task.add_done_callback(self._agent_ended)
        return agent

    def _agent_ended(self, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            log.error("agent crashed", task=task.get_name(), exc_info=error)

    def _retired(self, agent: Agent, waiting: Sequence[Turn], failure: CommandError | None) -> None:
        """Hear that an agent is gone; answer what still waited for it, and begin anew with a Connect among it."""
        if self.agents.get(agent.id) is agent:
            del self.agents[agent.id]
            AGENTS.set(len(self.agents))
        if agent.client is not None:
            agent.client.agents.discard(agent.id)
            self._remember(self._owners, agent.id, agent.client.name)
        successor: Agent | None = None
        for turn in waiting:
            if turn.command.name == "Connect" and successor is None:
                successor = self._agent(agent.id)
            if successor is not None:
                self._submit(successor, turn)
                continue
            turn.client = turn.client or agent.client
            if failure is not None:
                turn.fail(failure)
            else:
                turn.ended = True
                turn.tell(translate.relogin_event(turn.subject))

    @staticmethod
    def _remember(memory: OrderedDict[str, str] | OrderedDict[str, None], key: str, value: str | None) -> None:
        if not key:
            return
        memory[key] = value  # type: ignore[assignment]
        memory.move_to_end(key)
        if len(memory) > REMEMBERED:
            memory.popitem(last=False)


def _correlation_id(message: CommandMessage) -> str:
    return message.correlation_id or message.message_id


def _format(asked: str) -> Format | None:
    """Give the format that was asked for; anything but a known word asks for none."""
    return next((known for known in Format if known.value.lower() == asked.strip().lower()), None)


def _sentence(words: str) -> str:
    return words[:1].upper() + words[1:]
