"""Load on the whole product through a real broker, and what became of every message."""

from __future__ import annotations

import asyncio
import itertools
import re
from collections import Counter
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self

from generic_connector.broker.activemq import ActiveMqDoor
from generic_connector.broker.door import EventMessage
from journeys.world import World
from live.activemq import JmsClient

CRM = "CRM1"
AGENTS = ("1001", "1002")
STREAMS = ("SEQ.a", "SEQ.b", "SEQ.c")
STREAM_PAUSE, COMMAND_PAUSE = 0.005, 0.05

_VALUE = re.compile(r"<value>(n[0-9]+)</value>")


@dataclass
class Report:
    """What became of the messages. Events are those of the streams, which are numbered."""

    commands_sent: int = 0
    commands_answered: int = 0
    carried_out_twice: int = 0
    events_expected: int = 0
    events_received: int = 0
    events_lost: list[str] = field(default_factory=list)
    events_doubled: int = 0
    events_out_of_order: int = 0


class Load:
    """Two agents in calls, whose client sends numbered commands, and three destinations that get numbered events.

    A command sets a call variable to its number: the connector answers it with an event that shows the call, and the
    pretend Finesse remembers the request.
    """

    def __init__(self, world: World, door: ActiveMqDoor, jms: JmsClient) -> None:
        self._world = world
        self._door = door
        self._jms = jms
        self._numbers = itertools.count(1)
        self._calls: dict[str, str] = {}
        self._sent: list[str] = []
        self._published: Counter[str] = Counter()
        self._tasks: list[asyncio.Task[None]] = []
        self._over = asyncio.Event()

    async def prepare(self) -> None:
        """Sign the agents in and bring each into a call."""
        for destination in (CRM, *STREAMS):
            await self._jms.subscribe(destination)
        for agent in AGENTS:
            await self._jms.send(f"Connect#{agent}", f"{CRM},agent-secret-{agent}")
            await self._jms.send(f"Login#{agent}", f"agent-secret-{agent},4{agent[1:]}")
            await self._jms.send(f"MakeReady#{agent}")
            await self._world.finesse.wait_for_agent(agent, "READY")
            call = self._world.finesse.customer_call("5550188", "8800")
            await self._jms.wait_for(CRM, lambda got: any("NewInboundCall" in (one.body or "") for one in got[-1:]))
            await self._jms.send(f"AnswerCall#{agent}", call)
            await self._world.finesse.wait_for_agent(agent, "TALKING")
            self._calls[agent] = call

    async def __aenter__(self) -> Self:
        await self.prepare()
        self._tasks = [asyncio.create_task(self._stream()), asyncio.create_task(self._command())]
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._over.set()
        for task in self._tasks:
            if kind is not None:
                task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=kind is not None)

    async def flow(self, events: int = 100, commands: int = 5) -> None:
        """Wait until that much more has been published, and that many more commands have been answered."""
        published, answered = self._published.total() + events, len(self._answered()) + commands
        async with asyncio.timeout(45):
            while self._published.total() < published or len(self._answered()) < answered:  # noqa: ASYNC110
                await asyncio.sleep(0.01)

    async def _stream(self) -> None:
        for stream in itertools.cycle(STREAMS):
            self._published[stream] += 1
            number = str(self._published[stream])
            self._door.publish(EventMessage(destination=stream, body=number, correlation_id=f"{stream}-{number}"))
            if self._over.is_set():
                return
            await asyncio.sleep(STREAM_PAUSE)

    async def _command(self) -> None:
        for agent in itertools.cycle(AGENTS):
            value = f"n{next(self._numbers)}"
            body = f"{self._calls[agent]},callVariable3,{value}"
            await self._jms.send(f"update_call_variable#{agent}", body, correlation_id=value)
            self._sent.append(value)
            if self._over.is_set():
                return
            await asyncio.sleep(COMMAND_PAUSE)

    def _answered(self) -> set[str]:
        ids = {one.correlation_id or "" for one in self._jms.received}
        return {one for one in ids if one.startswith("n")}

    async def report(self) -> Report:
        """Wait, once the load is over, until everything arrived that will; then count."""
        try:
            async with asyncio.timeout(20):
                while len(self._answered()) < len(self._sent) or not self._streams_are_complete():  # noqa: ASYNC110
                    await asyncio.sleep(0.05)
        except TimeoutError:
            pass  # the report says what is missing
        report = Report(
            commands_sent=len(self._sent),
            commands_answered=len(self._answered() & set(self._sent)),
            carried_out_twice=sum(count > 1 for count in self._carried_out().values()),
            events_expected=self._published.total(),
        )
        for stream in STREAMS:
            self._count(stream, report)
        return report

    def _got(self, stream: str) -> list[int]:
        return [int(one.body or 0) for one in self._jms.received if one.destination == f"topic://{stream}"]

    def _streams_are_complete(self) -> bool:
        return all(self._published[stream] in self._got(stream)[-1:] for stream in STREAMS)

    def _carried_out(self) -> Counter[str]:
        found = (_VALUE.search(one.body) for one in self._world.finesse.requests() if one.method == "PUT")
        return Counter(match[1] for match in found if match is not None)

    def _count(self, stream: str, report: Report) -> None:
        numbers = self._got(stream)
        lost = set(range(1, self._published[stream] + 1)) - set(numbers)
        first_times = list(dict.fromkeys(numbers))
        report.events_received += len(numbers)
        report.events_lost += [f"{stream} {number}" for number in sorted(lost)]
        report.events_doubled += len(numbers) - len(first_times)
        report.events_out_of_order += sum(b < a for a, b in itertools.pairwise(first_times))
