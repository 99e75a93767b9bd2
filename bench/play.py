"""One site of one size, measured from the first sign-in to the last call."""

from __future__ import annotations

import asyncio
import os
from dataclasses import dataclass, field
from pathlib import Path

from bench import burst
from bench.accounting import Account, News, account
from bench.burst import Burst
from bench.cost import between, moment, resident_kib
from bench.crowd import Crowd, Mix, until
from bench.figures import Latency, latency
from bench.finesse import Finesse
from bench.site import Site
from bench.yardstick import Echoed, measure

_SIGN_IN_DEADLINE = 180.0
_QUIET = 30.0
_SETTLE = 2.0
_PREFETCHED = 500  # commands that the broker hands over to a connector that does not answer
_ECHO_SHARE = 0.5  # of the seconds of the load


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is measured. calls, commands: a second; destinations: 0 gives every agent one. yardsticks: echo, too."""

    agents: int
    destinations: int = 10
    calls: float = 20.0
    seconds: float = 20.0
    warm_up: float = 5.0
    idle_seconds: float = 10.0
    commands: float = 100.0
    mix: Mix = field(default_factory=Mix)
    yardsticks: bool = True


@dataclass(slots=True, kw_only=True)
class Result:
    """What was measured. seconds of the clock and of the processor; memory in KiB; busy: shares of one core.

    memory: (seconds since the load began, KiB of the connector).
    """

    plan: Plan
    sign_in_seconds: float = 0.0
    sign_in_cpu: float = 0.0
    not_signed_in: int = 0
    memory_before: int = 0
    memory_after: int = 0
    idle_busy: float = 0.0
    events_per_second: float = 0.0
    busy: dict[str, float] = field(default_factory=dict)
    news: dict[str, Latency] = field(default_factory=dict)
    answers: dict[str, Latency] = field(default_factory=dict)
    told: int = 0
    lost: int = 0
    disordered: int = 0
    unanswered: int = 0
    errors: dict[str, int] = field(default_factory=dict)
    findings: list[str] = field(default_factory=list)
    memory: list[tuple[float, int]] = field(default_factory=list)
    commands_per_second: float = 0.0
    commands_busy: dict[str, float] = field(default_factory=dict)
    command_answers: Latency | None = None
    event_burst: Burst | None = None
    command_burst: Burst | None = None
    event_bytes: int = 0
    echoes: dict[str, Echoed] = field(default_factory=dict)

    @property
    def memory_per_agent(self) -> float:
        """KiB of the connector for each agent who is signed in."""
        return (self.memory_after - self.memory_before) / self.plan.agents

    @property
    def cpu_per_1000_events(self) -> float:
        """Seconds of the processor that the connector uses for a thousand events, the commands among them included."""
        return 1000 * self.busy["connector"] / self.events_per_second

    @property
    def cpu_per_1000_commands(self) -> float:
        """Seconds of the processor that the connector uses for a thousand commands that only ask."""
        return 1000 * self.commands_busy["connector"] / self.commands_per_second


async def play(plan: Plan, directory: Path, profile: Path | None = None) -> Result:
    """Bring a site up, measure it, take it down. profile: where the connector's profile is written, if at all."""
    site = Site(directory, plan.agents, profile)
    crowd = Crowd(plan.agents, plan.destinations or plan.agents, plan.mix)
    result = Result(plan=plan)
    try:
        await site.start()
        await crowd.connect(site.broker.stomp_url)
        async with Finesse.at(site.control_url) as finesse:
            pids = {**site.pids, "client": os.getpid()}
            await _sign_in(result, crowd, pids)
            await _idle(result, pids)
            await _load(result, crowd, finesse, pids)
            await _commands(result, crowd, pids)
            result.event_burst = await burst.events(site, crowd, finesse, plan.calls, plan.mix.talk_seconds)
            result.command_burst = await burst.commands(site, crowd, min(plan.agents, _PREFETCHED))
        if plan.yardsticks:
            rate = result.events_per_second or 1.0
            result.event_bytes = len(crowd.sample)
            result.echoes = await measure(site.broker, directory, crowd.sample, rate, _ECHO_SHARE * plan.seconds)
    finally:
        await site.stop()
    return result


async def _sign_in(result: Result, crowd: Crowd, pids: dict[str, int]) -> None:
    await asyncio.sleep(_SETTLE)
    result.memory_before = resident_kib(pids["connector"])
    before = moment(pids)
    result.not_signed_in = len(await crowd.sign_in(_SIGN_IN_DEADLINE))
    spent = between(before, moment(pids))
    result.sign_in_seconds, result.sign_in_cpu = spent.seconds, spent.cpu["connector"]
    await asyncio.sleep(_SETTLE)
    result.memory_after = resident_kib(pids["connector"])


async def _idle(result: Result, pids: dict[str, int]) -> None:
    before = moment(pids)
    await asyncio.sleep(result.plan.idle_seconds)
    result.idle_busy = between(before, moment(pids)).busy("connector")


async def _load(result: Result, crowd: Crowd, finesse: Finesse, pids: dict[str, int]) -> None:
    """Play calls: a warm-up that does not count, then the time that is measured, then quiet."""
    plan = result.plan
    await crowd.get_ready(_SIGN_IN_DEADLINE)
    await finesse.told()
    crowd.begin_book(acting=True)
    began = asyncio.get_running_loop().time()
    await finesse.play_load(plan.calls, plan.warm_up + plan.seconds, plan.mix.talk_seconds)
    told = await _watch(result, finesse, pids, began, plan.warm_up)
    before, events = moment(pids), crowd.events
    told += await _watch(result, finesse, pids, began, plan.warm_up + plan.seconds)
    spent = between(before, moment(pids))
    result.events_per_second = (crowd.events - events) / spent.seconds
    result.busy = {name: spent.busy(name) for name in pids}
    await until(lambda: _is_quiet(crowd), plan.mix.talk_seconds + _QUIET)
    await asyncio.sleep(_SETTLE)
    told += await finesse.told()
    _take(result, account(told, crowd.heard, since=began + plan.warm_up), crowd)


async def _watch(
    result: Result, finesse: Finesse, pids: dict[str, int], began: float, until_second: float
) -> list[News]:
    """Look at the connector's memory and fetch what was told, every second."""
    loop, told = asyncio.get_running_loop(), list[News]()
    while (rest := began + until_second - loop.time()) > 0:
        await asyncio.sleep(min(1.0, rest))
        result.memory.append((round(loop.time() - began, 1), resident_kib(pids["connector"])))
        told += await finesse.told()
    return told


def _is_quiet(crowd: Crowd) -> bool:
    return not crowd.unanswered and crowd.everybody_is("READY")


def _take(result: Result, found: Account, crowd: Crowd) -> None:
    result.news = found.latencies
    result.answers = {command: latency(seconds) for command, seconds in sorted(crowd.answered.items())}
    result.told, result.lost, result.disordered = found.told, found.lost, found.disordered
    result.unanswered, result.errors = crowd.unanswered, dict(crowd.errors)
    result.findings = found.findings[:20]


async def _commands(result: Result, crowd: Crowd, pids: dict[str, int]) -> None:
    """Send commands that read an agent's state at Finesse, and nothing else."""
    plan = result.plan
    crowd.begin_book(acting=False)
    before = moment(pids)
    await crowd.command_all("GetState", plan.commands, int(plan.commands * plan.seconds / 2))
    spent = between(before, moment(pids))
    result.commands_per_second = plan.commands * plan.seconds / 2 / spent.seconds
    result.commands_busy = {name: spent.busy(name) for name in pids}
    await until(lambda: not crowd.unanswered, _QUIET)
    result.unanswered += crowd.unanswered
    result.command_answers = latency(crowd.answered["GetState"])
