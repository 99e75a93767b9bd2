"""A random walk through the whole product, and what holds wherever it leads.

Longer walks by hand: WALK_SEEDS=100 (how many seeds, or `7-9`), WALK_STEPS=400 (steps between two looks),
WALK_ROUNDS=3 (looks in a walk).
"""

from __future__ import annotations

import asyncio
import logging
import os

import pytest
import structlog

from journeys.walking import AGENT_SETTINGS, CLIENT_SETTINGS, HOMES, ErrorLog, Walk, secret, walked_scenario
from journeys.world import a_world

STEPS = int(os.environ.get("WALK_STEPS", "80"))
ROUNDS = int(os.environ.get("WALK_ROUNDS", "1"))


def seeds() -> list[int]:
    asked = os.environ.get("WALK_SEEDS", "4")
    first, dash, last = asked.partition("-")
    return list(range(int(first), int(last) + 1)) if dash else list(range(1, int(asked) + 1))


@pytest.mark.parametrize("seed", seeds())
async def test_random_walk(seed: int) -> None:
    """Clients believe what is so; every command ends; nothing is left over, nothing complained of, no secret told."""
    tasks_before = asyncio.all_tasks()
    log = ErrorLog()
    logging.getLogger().addHandler(log)
    faults: list[str] = []
    trace: list[str] = []
    try:
        with structlog.testing.capture_logs() as lines:
            async with a_world(
                walked_scenario(seed, uccx=seed % 2 == 0),
                agents=AGENT_SETTINGS,
                clients=CLIENT_SETTINGS,
                retry_delay=0.05,
            ) as world:
                walk = Walk(world, seed, fair=seed % 4 > 1)
                trace = walk.trace
                await walk.begin()
                for _ in range(ROUNDS):
                    await walk.run(STEPS)
                    await walk.settle()
                    faults += walk.faults()
                    if faults:
                        break
    finally:
        logging.getLogger().removeHandler(log)
    await asyncio.sleep(0)
    faults += [f"logged: {line}" for line in lines if line["log_level"] in {"error", "critical"}]
    faults += [f"logged: {line}" for line in log.errors]
    faults += [
        f"secret in log: {line}" for line in [*map(str, lines), *log.lines] if any(secret(one) in line for one in HOMES)
    ]
    faults += [f"left over: {task}" for task in asyncio.all_tasks() - tasks_before]
    if faults:
        story = "\n".join(trace)
        pytest.fail(f"seed {seed}\n{story}\n" + "\n".join(faults), pytrace=False)
