"""What the log says of a command on its way through the product."""

from __future__ import annotations

import io
import json

from finesse_simulator.rest.failures import Failure
from journeys.world import a_world


async def test_every_line_of_a_command_names_it(log: io.StringIO) -> None:
    """A request that Finesse refuses is logged far from the command, and still says whose and which it was."""
    async with a_world() as world:
        await world.sign_in("1001", "CRM1")
        world.finesse.fail(Failure(kind="refuse", method="PUT", status=500))
        world.send("MakeReady#1001")
        await world.hears("CRM1", 1)
    told = [json.loads(line) for line in log.getvalue().splitlines()]
    failed = [line for line in told if line.get("operation") == "change_state" or line["event"] == "command failed"]
    assert len(failed) == 2
    for line in failed:
        assert (line["agent"], line["destination"], line["command"]) == ("1001", "CRM1", "MakeReady")
