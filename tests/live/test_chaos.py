"""The short version of `make chaos`: two faults on a site of real processes, with few agents. Nothing may be lost."""

from __future__ import annotations

from pathlib import Path

import pytest

from chaos.crowd import Load
from chaos.faults import FAULTS
from chaos.play import Timing, play
from chaos.stage import Stage
from live.parts import require_part

pytestmark = pytest.mark.live

LOAD = Load(agents=20, servers=2, desktops=4, calls=2.0, dials=0.5)
TIMING = Timing(before=3, after=3)


@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", ["broker killed and restarted", "connector killed and restarted"])
async def test_nothing_is_lost(tmp_path: Path, name: str) -> None:
    """No command and no event is lost, doubled or out of order, and nobody is signed out, whatever time it takes."""
    require_part("activemq")
    fault = next(fault for fault in FAULTS if fault.name == name)
    stage = await Stage.build(fault.topology, tmp_path, LOAD)
    try:
        result = await play(stage, fault, TIMING)
    finally:
        await stage.close()
    assert result.account.findings == ()
    assert result.restless == ()
    assert result.recovery is not None
    assert result.account.commands_sent > 0
    assert result.account.events_expected > 0
