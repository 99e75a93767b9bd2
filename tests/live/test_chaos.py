"""The short version of `make chaos`: a few faults on a site of real processes. Nothing may be lost."""

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
MANY = Load(agents=500, servers=4, desktops=20, calls=1.0, dials=0.2)
TIMING = Timing(before=3, after=3)


@pytest.mark.timeout(300)
@pytest.mark.parametrize(
    ("name", "load"),
    [
        ("broker killed and restarted", LOAD),
        ("connector killed and restarted", LOAD),
        ("connector stopped and restarted", MANY),
        ("active connector killed", LOAD),
    ],
)
async def test_nothing_is_lost(tmp_path: Path, name: str, load: Load) -> None:
    """No command and no event is lost, doubled or out of order, and nobody is signed out, whatever time it takes."""
    require_part("activemq")
    fault = next(fault for fault in FAULTS if fault.name == name)
    if fault.topology.store == "redis":
        require_part("redis")
    stage = await Stage.build(fault.topology, tmp_path, load)
    try:
        result = await play(stage, fault, TIMING)
    finally:
        await stage.close()
    assert result.account.findings == ()
    assert result.restless == ()
    assert result.recovery is not None
    assert result.account.commands_sent > 0
    assert result.account.events_expected > 0
