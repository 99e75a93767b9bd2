"""Who is here: every agent with its task, from the Connect that brings it to its end; and who was here before.

Source: client-protocol.md section 3, rules 5 and 8.
"""

from __future__ import annotations

import asyncio
from collections import OrderedDict
from collections.abc import Sequence
from contextvars import Context
from functools import partial
from typing import Generic, TypeVar

import structlog

from generic_connector.agents import translate
from generic_connector.agents.agent import Agent, Surroundings
from generic_connector.agents.clients import Client, Clients
from generic_connector.agents.turn import Turn
from generic_connector.errors import CommandError
from generic_connector.operations.hiding import hiding
from generic_connector.operations.metrics import AGENTS
from generic_connector.store.records import AgentRecord

log = structlog.get_logger()

REMEMBERED = 10_000
"""How many message ids, and how many former owners of agents, are remembered."""

_LOOK_EVERY = 0.02
"""Seconds between looks whether commands are under way, while draining."""

Value = TypeVar("Value")


class Memory(Generic[Value]):
    """The last of many things; the oldest is forgotten for the newest."""

    def __init__(self) -> None:
        self._values: OrderedDict[str, Value] = OrderedDict()

    def __contains__(self, key: object) -> bool:
        return key in self._values

    def __len__(self) -> int:
        return len(self._values)

    def get(self, key: str, default: Value) -> Value:
        """Give what was noted last, or the default."""
        return self._values.get(key, default)

    def note(self, key: str, value: Value) -> None:
        """Remember a value; a key "" is nothing to remember."""
        if not key:
            return
        self._values[key] = value
        self._values.move_to_end(key)
        if len(self._values) > REMEMBERED:
            self._values.popitem(last=False)


class Roster:
    """All agents of one connector. surroundings: what they share; it is there before the first is admitted.

    is_bound: clients do not trust each other, so a Connect that failed says nothing of whose an agent is.
    """

    surroundings: Surroundings

    def __init__(self, clients: Clients, *, is_bound: bool) -> None:
        self.agents: dict[str, Agent] = {}
        self._clients = clients
        self._is_bound = is_bound
        self._tasks: set[asyncio.Task[None]] = set()
        self._owners = Memory[str]()

    # --- whose an agent is -----------------------------------------------------------------------------------------

    def owner_name(self, agent_id: str) -> str:
        """Name the destination that has an agent, or had it last, "" for none."""
        agent = self.agents.get(agent_id)
        return agent.client.name if agent is not None and agent.client is not None else self._owners.get(agent_id, "")

    def owner(self, agent_id: str) -> Client | None:
        """Give the client that has an agent, or had it last, None where there is none any more."""
        agent = self.agents.get(agent_id)
        if agent is not None and agent.client is not None:
            return agent.client
        return self._clients.get(self._owners.get(agent_id, ""))

    def note_owner(self, agent_id: str, destination: str) -> None:
        """Note whom to answer about an agent that nobody has."""
        self._owners.note(agent_id, destination)

    # --- coming and going ------------------------------------------------------------------------------------------

    def admit(self, agent_id: str) -> Agent:
        """Give an agent, a new one where there is none of that id."""
        agent = self.agents.get(agent_id)
        if agent is None:
            agent = self.agents[agent_id] = Agent(agent_id, self.surroundings)
            AGENTS.set(len(self.agents))
            alone = Context()  # whose command made the agent is no matter of the agent's other lines in the log
            task = asyncio.get_running_loop().create_task(agent.run(), name=f"agent {agent_id}", context=alone)
            self._tasks.add(task)
            task.add_done_callback(partial(self._ended, agent))
        return agent

    def resume(self, record: AgentRecord) -> None:
        """Take an agent over from whoever served before, where its client is known."""
        client = self._clients.get(record.destination)
        if client is not None and record.id not in self.agents:
            self.admit(record.id).resume(record, client)

    def submit(self, agent: Agent, turn: Turn) -> bool:
        """Queue a command, or refuse it; say whether it was queued."""
        if agent.submit(turn):
            return True
        turn.client = turn.client or self.owner(agent.id)
        turn.fail(CommandError("PLEASE_RETRY", "Too many commands wait for this agent"))
        return False

    def _ended(self, agent: Agent, task: asyncio.Task[None]) -> None:
        self._tasks.discard(task)
        if not task.cancelled() and (error := task.exception()) is not None:
            with hiding(*agent.secrets(*agent.unfinished())):
                log.error("agent crashed", task=task.get_name(), exc_info=error)
                self._give_up(agent)

    def _give_up(self, agent: Agent) -> None:
        """Let an agent go whom nobody serves any more: the client connects anew (section 3, rule 5)."""
        client = agent.client
        try:
            agent.retire()
            if client is not None:
                self._clients.tell(client, translate.relogin_event(agent.id))
        except Exception:  # whatever is wrong with it must not be the loop's own trouble
            log.exception("crashed agent not let go")

    def retired(self, agent: Agent, waiting: Sequence[Turn], failure: CommandError | None) -> None:
        """Hear that an agent is gone; answer what still waited for it, and begin anew with a Connect among it."""
        if self.agents.get(agent.id) is agent:
            del self.agents[agent.id]
            AGENTS.set(len(self.agents))
        if agent.client is not None:
            agent.client.agents.discard(agent.id)
            if failure is None or not self._is_bound:
                self.note_owner(agent.id, agent.client.name)
        successor: Agent | None = None
        for turn in waiting:
            if turn.command.name == "Connect" and successor is None:
                successor = self.admit(agent.id)
            if successor is not None and self.submit(successor, turn):
                continue
            turn.client = turn.client or agent.client
            if failure is not None:
                turn.fail(failure)
            elif not turn.ended:
                turn.ended = True
                turn.tell(translate.relogin_event(turn.subject))
            turn.settle()

    # --- the end ---------------------------------------------------------------------------------------------------

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

    async def stop(self) -> None:
        """End every agent's life here. Nobody is signed out at Finesse."""
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)
        self.agents.clear()
        AGENTS.set(0)
