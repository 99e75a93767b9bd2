"""The clients that are played: all their agents sign in, and act on their calls at planned times.

It is an open loop. A command is sent at its planned time, whether or not the one before was answered, and how late its
first event came is counted from that time.
"""

from __future__ import annotations

import asyncio
import itertools
import random
from collections import Counter, defaultdict
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from bench.accounting import ENDS, News, normal
from bench.desk import Desk
from bench.site import OUTSIDE_NUMBER, agent_ids, extension_of

QUEUE = "Connector1"
_TICK = 0.02
_PATIENCE = 30.0
_RINGING = 0.5  # seconds of a customer's call before it is answered


@dataclass(frozen=True, slots=True, kw_only=True)
class Mix:
    """What share of the calls is put on hold for a while, consulted about and then passed on, passed on at once.

    talk_seconds: how long a customer stays. The rest happens at fixed parts of that.
    """

    hold: float = 0.2
    consult: float = 0.05
    transfer: float = 0.05
    talk_seconds: float = 10.0


_STEPS: dict[str, Sequence[tuple[float, str, str]]] = {
    "hold": ((0.2, "HoldCall", "{dialog}"), (0.6, "RetrieveCall", "{dialog}")),
    "consult": ((0.1, "ConsultCall", "{number},{dialog}"), (0.85, "TransferCall", "{number},{dialog}")),
    "transfer": ((0.3, "Transfer_sst", "{number},{dialog}"),),
}
"""When, as a part of the talk, which command is sent, and with what."""

COMMANDS = tuple(command for steps in _STEPS.values() for _, command, _ in steps)
"""All of them."""


class Crowd:
    """Agents at so many destinations. answered: seconds from planned times of commands to first events, by command.

    events: how many came. sample: the longest event of a call. errors: the codes of Error events.
    """

    def __init__(self, agents: int, destinations: int, mix: Mix) -> None:
        self.ids = agent_ids(agents)
        self.desks = [Desk(f"BENCH{number}", self._hear) for number in range(destinations)]
        self.states: dict[str, str] = dict.fromkeys(self.ids, "")
        self.heard: list[News] = []
        self.events = 0
        self.errors: Counter[str] = Counter()
        self.answered: dict[str, list[float]] = defaultdict(list)
        self.sample = b""
        self.status = ""
        self._mix = mix
        self._acts = False
        self._desk_of = dict(zip(self.ids, itertools.cycle(self.desks), strict=False))
        self._planned: dict[str, tuple[str, float]] = {}
        self._numbers = itertools.count(1)
        self._chance = random.Random(1)  # noqa: S311  no secret
        self._begun: set[str] = set()

    # -- life

    async def connect(self, url: str) -> None:
        """Come to the broker, say Hello, wait until the connector is in service. Raises StompError, TimeoutError."""
        for desk in self.desks:
            await desk.connect(url)
            desk.send(QUEUE, f"Hello#{desk.destination}", b"", "")
        if not await until(lambda: self.status == "System#IN_SERVICE", _PATIENCE):
            raise TimeoutError("the connector did not come into service")

    async def close(self) -> None:
        """Go."""
        for desk in self.desks:
            await desk.close()

    async def sign_in(self, deadline: float) -> list[str]:
        """Let everybody connect and sign in at once; give who was not in by the deadline (seconds)."""
        for agent in self.ids:
            desk, password = self._desk_of[agent], f"agent-secret-{agent}"
            desk.send(QUEUE, f"Connect#{agent}", f"{desk.destination},{password}".encode(), "")
            desk.send(QUEUE, f"Login#{agent}", f"{password},{extension_of(agent)}".encode(), "")
        return await self._all_in("NOT_READY", deadline)

    async def get_ready(self, deadline: float, per_second: float = 200.0) -> list[str]:
        """Make everybody ready; give who is not by the deadline (seconds)."""
        await self.command_all("MakeReady", per_second, len(self.ids))
        return await self._all_in("READY", deadline)

    async def _all_in(self, state: str, deadline: float) -> list[str]:
        await until(lambda: self.everybody_is(state), deadline)
        return [agent for agent, one in self.states.items() if one != state]

    def everybody_is(self, state: str) -> bool:
        """Say whether all agents are in a state."""
        return all(one == state for one in self.states.values())

    # -- acting

    def begin_book(self, *, acting: bool) -> None:
        """Forget what was heard; acting: act on calls from now on."""
        self.heard.clear()
        self.answered.clear()
        self._planned.clear()
        self.events, self._acts = 0, acting

    async def command_all(self, command: str, per_second: float, count: int) -> None:
        """Send a command for agent after agent at planned times; return when the last is sent."""
        loop = asyncio.get_running_loop()
        began = loop.time()
        agents: Iterator[str] = itertools.islice(itertools.cycle(self.ids), count)
        for number, agent in enumerate(agents):
            when = began + number / per_second
            if when > loop.time():
                await asyncio.sleep(when - loop.time())
            self._send(when, agent, command, "")

    @property
    def unanswered(self) -> int:
        """How many commands have had no event yet."""
        return len(self._planned)

    def _send(self, when: float, agent: str, command: str, body: str) -> None:
        number = f"b{next(self._numbers)}"
        self._planned[number] = command, when
        self._desk_of[agent].send(QUEUE, f"{command}#{agent}", body.encode(), number)

    def _act(self, at: float, agent: str, dialog: str) -> None:
        """Choose what the agent will do about a call that has just been answered."""
        chance = self._chance.random()
        for deed, share in (("hold", self._mix.hold), ("consult", self._mix.consult), ("transfer", self._mix.transfer)):
            if chance < share:
                self._plan(at, agent, dialog, deed)
                return
            chance -= share

    def _plan(self, at: float, agent: str, dialog: str, deed: str) -> None:
        loop = asyncio.get_running_loop()
        for part, command, body in _STEPS[deed]:
            when = at + part * (self._mix.talk_seconds - _RINGING)
            loop.call_at(when, self._send, when, agent, command, body.format(number=OUTSIDE_NUMBER, dialog=dialog))

    # -- hearing

    def _hear(self, at: float, correlation: str, body: bytes) -> None:
        self.events += 1
        planned = self._planned.pop(correlation, None)
        if planned is not None:
            command, when = planned
            self.answered[command].append(at - when)
        text = body.decode()
        if text.startswith("System#"):
            self.status = text
            return
        agent, name, rest = text.split("#", 2)
        if name in _READERS:
            news = _READERS[name](agent, rest, at)
            self.heard.append(news)
            self._follow(news, name, body)
        elif name == "Error":
            self.errors[rest.partition("#")[0]] += 1

    def _follow(self, news: News, name: str, body: bytes) -> None:
        if not news.dialog:
            self.states[news.agent] = news.state
        elif news.state == ENDS:
            self._begun.discard(news.dialog)
        elif self._acts and name == "InboundCall" and news.state == "ACTIVE" and news.dialog not in self._begun:
            self._begun.add(news.dialog)
            self._act(news.at, news.agent, news.dialog)
            self.sample = max(self.sample, body, key=len)


def _state(agent: str, rest: str, at: float) -> News:
    return News(agent, "", rest.partition("#")[0], at)


def _call(agent: str, rest: str, at: float) -> News:
    state, dialog, _ = rest.split("#", 2)
    return News(agent, dialog.partition(":")[2], normal(state), at)


def _new_call(agent: str, rest: str, at: float) -> News:
    return News(agent, rest.split("#", 3)[2].partition(":")[2], normal("ALERTING"), at)


_READERS: dict[str, Callable[[str, str, float], News]] = {
    "State": _state,
    "InboundCall": _call,
    "ConsultCall": _call,
    "NewInboundCall": _new_call,
}
"""How the events that are counted are read, by their names (client-protocol.md section 5)."""


async def until(condition: Callable[[], bool], deadline: float) -> bool:
    """Wait until a condition holds, at most so many seconds; say whether it does."""
    loop = asyncio.get_running_loop()
    end = loop.time() + deadline
    while not condition() and loop.time() < end:  # noqa: ASYNC110  nothing tells us when
        await asyncio.sleep(_TICK)
    return condition()
