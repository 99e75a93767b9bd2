"""One fault played on a stage: load, fault, recovery, quiet, and the account."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Mapping
from dataclasses import dataclass

from chaos.accounting import Account, account
from chaos.faults import Fault
from chaos.processes import until
from chaos.stage import Stage
from chaos.transcript import Window

PROBE_PATIENCE = 8.0
"""Seconds after which a prober that is not answered is given a new command; the accounting keeps the old one."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Timing:
    """Seconds: of load before the fault and after the recovery, and for the recovery and the quiet at the most."""

    before: float = 6.0
    after: float = 8.0
    recovery: float = 90.0
    quiet: float = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """What a fault did. recovery: seconds, None when it did not recover.

    restless: agents who did not come to rest; lost_connections: those of clients, with the reasons.
    """

    fault: str
    recovery: float | None
    restless: tuple[str, ...]
    lost_connections: Mapping[str, int]
    account: Account

    @property
    def clean(self) -> bool:
        """Whether it recovered and nothing was lost."""
        return self.recovery is not None and not self.restless and self.account.clean


async def play(stage: Stage, fault: Fault, timing: Timing) -> Result:
    """Play a fault under load."""
    await stage.begin()
    stage.crowd.loaded = True
    await asyncio.sleep(timing.before)
    injected = time.time()
    await fault.inject(stage)
    reference, recovered = injected, None
    if fault.undo is not None and fault.recovery == "undo":
        await asyncio.sleep(fault.lasts)
        await fault.undo(stage)
        reference = time.time()
        recovered = await recovery(stage, reference, timing.recovery)
    else:
        undoing = asyncio.create_task(_undo_later(stage, fault))
        recovered = await recovery(stage, reference, timing.recovery)
        await undoing
    await asyncio.sleep(timing.after + fault.late)
    stage.crowd.loaded = False
    end = max(reference + fault.lasts, recovered or time.time())
    restless = await stage.quiet(timing.quiet)
    window = Window(start=injected, end=end + 1, destinations=fault.destinations, blind=fault.blind)
    transcript = await stage.transcript([window])
    found = account(transcript, count_forced=not fault.forces_out)
    seconds = None if recovered is None else recovered - reference
    return Result(
        fault=fault.name,
        recovery=seconds,
        restless=restless,
        lost_connections=dict(stage.crowd.lost_connections),
        account=found,
    )


async def _undo_later(stage: Stage, fault: Fault) -> None:
    if fault.undo is not None:
        await asyncio.sleep(fault.lasts)
        await fault.undo(stage)


async def recovery(stage: Stage, reference: float, deadline: float) -> float | None:
    """Wait until every server's prober had a command carried out that it sent after the reference; say when."""
    for prober in stage.crowd.probers:
        prober.probe = True

    def all_probed() -> bool:
        now = time.time()
        for prober in stage.crowd.probers:
            stuck = prober.waits_for is not None and now - prober.waits_for.at > PROBE_PATIENCE
            asked_before = prober.waits_for is not None and prober.waits_for.at < reference
            if stuck or (asked_before and now - reference > PROBE_PATIENCE):
                prober.waits_for = None
            if prober.probed_at <= reference:
                prober.probe = True
        return all(prober.probed_at > reference for prober in stage.crowd.probers)

    if not await until(all_probed, deadline):
        return None
    return max(prober.probed_at for prober in stage.crowd.probers)
