"""The results as a table and as a JSON file. Pure."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import partial

import msgspec

from bench.burst import Burst
from bench.crowd import COMMANDS
from bench.figures import Latency
from bench.play import Result

JAVA, STOMP = "Java echo", "STOMP echo"

Cell = Callable[[Result], str]


def _milliseconds(figures: Latency | None) -> str:
    if figures is None or not figures.count:
        return "none"
    return f"{figures.p50:.1f} / {figures.p99:.1f} / {figures.p99_9:.1f} / {figures.most:.1f}"


POP, ADDED = "screen pop", "screen pop, from leaving"


def _ratio(result: Result, figure: str, echo: str) -> str:
    if echo not in result.echoes:
        return "not measured"
    ours, theirs = result.news[figure], result.echoes[echo].latency
    return f"{ours.p50 / theirs.p50:.2f} / {ours.p99 / theirs.p99:.2f}"


def _echoed(result: Result, echo: str) -> str:
    return _milliseconds(result.echoes[echo].latency) if echo in result.echoes else "not measured"


def _busy(busy: Mapping[str, float]) -> str:
    return ", ".join(f"{name} {100 * share:.0f} %" for name, share in busy.items())


def _answered(command: str, result: Result) -> str:
    return _milliseconds(result.answers.get(command))


def _burst(found: Burst | None) -> str:
    if found is None:
        return "not measured"
    return f"{found.per_core_second:.0f} of a core ({found.per_second:.0f} by the clock, pile of {found.pile})"


ROWS: tuple[tuple[str, Cell], ...] = (
    ("destinations", lambda one: str(one.plan.destinations or one.plan.agents)),
    ("sign-in of all, s (connector's processor, s)", lambda one: f"{one.sign_in_seconds:.1f} ({one.sign_in_cpu:.1f})"),
    ("not signed in", lambda one: str(one.not_signed_in)),
    ("memory before sign-in, MiB", lambda one: f"{one.memory_before / 1024:.0f}"),
    ("memory per agent, KiB", lambda one: f"{one.memory_per_agent:.0f}"),
    ("idle, % of a core", lambda one: f"{100 * one.idle_busy:.1f}"),
    ("events per second under load", lambda one: f"{one.events_per_second:.0f}"),
    ("screen pop, ms: p50 / p99 / p99.9 / max", lambda one: _milliseconds(one.news.get(POP))),
    ("  beside the Java echo: p50 / p99", lambda one: _ratio(one, POP, JAVA)),
    ("  beside the STOMP echo: p50 / p99", lambda one: _ratio(one, POP, STOMP)),
    ("screen pop from when it left the simulator, ms", lambda one: _milliseconds(one.news.get(ADDED))),
    ("  beside the Java echo: p50 / p99", lambda one: _ratio(one, ADDED, JAVA)),
    ("  beside the STOMP echo: p50 / p99", lambda one: _ratio(one, ADDED, STOMP)),
    ("every change, ms", lambda one: _milliseconds(one.news.get("every change"))),
    ("  of it in the simulator", lambda one: _milliseconds(one.news.get("in the simulator"))),
    *((f"{name} to first event, ms", partial(_answered, name)) for name in COMMANDS),
    ("news told / lost / threads out of order", lambda one: f"{one.told} / {one.lost} / {one.disordered}"),
    ("commands unanswered", lambda one: str(one.unanswered)),
    ("errors told", lambda one: ", ".join(f"{code} {count}" for code, count in one.errors.items()) or "none"),
    ("busy under load, of a core", lambda one: _busy(one.busy)),
    ("connector's processor, s per 1,000 events", lambda one: f"{one.cpu_per_1000_events:.3f}"),
    ("GetState commands per second", lambda one: f"{one.commands_per_second:.0f}"),
    ("  command to event, ms", lambda one: _milliseconds(one.command_answers)),
    ("  busy, of a core", lambda one: _busy(one.commands_busy)),
    ("  connector's processor, s per 1,000 commands", lambda one: f"{one.cpu_per_1000_commands:.3f}"),
    ("events a second, saturated", lambda one: _burst(one.event_burst)),
    ("commands a second, saturated", lambda one: _burst(one.command_burst)),
    ("event of the yardsticks, bytes", lambda one: str(one.event_bytes)),
    ("Java echo, ms", lambda one: _echoed(one, JAVA)),
    ("STOMP echo, ms", lambda one: _echoed(one, STOMP)),
)
"""What is reported, a row each."""


def table(results: Sequence[Result], machine: Mapping[str, str]) -> str:
    """Write the table, the machine above it."""
    lines = [f"{name}: {value}" for name, value in machine.items()]
    columns = [["agents", *(str(one.plan.agents) for one in results)]]
    columns += [[name, *(cell(one) for one in results)] for name, cell in ROWS]
    widths = [max(map(len, column)) for column in zip(*columns, strict=True)]
    lines += ["  ".join(cell.ljust(width) for cell, width in zip(row, widths, strict=True)) for row in columns]
    lines += [f"FOUND at {one.plan.agents} agents: {finding}" for one in results for finding in one.findings]
    return "\n".join(lines)


def as_json(results: Sequence[Result], machine: Mapping[str, str]) -> bytes:
    """Write all figures."""
    derived = [
        {
            "memory_per_agent_kib": one.memory_per_agent,
            "cpu_seconds_per_1000_events": one.cpu_per_1000_events,
            "cpu_seconds_per_1000_commands": one.cpu_per_1000_commands,
        }
        for one in results
    ]
    content = {"machine": machine, "results": msgspec.to_builtins(list(results)), "derived": derived}
    return msgspec.json.format(msgspec.json.encode(content), indent=2) + b"\n"
