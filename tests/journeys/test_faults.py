"""What docs/operations.md says of each fault: what clients hear, what is logged and counted, and what health says."""

from __future__ import annotations

import io
import json

from prometheus_client import REGISTRY

from generic_connector.agents.settings import AgentSettings
from generic_connector.health_of import health_of
from journeys.world import World, a_world

READY = (True, ())


def counted(name: str, **labels: str) -> float:
    """Give what a metric of the product says now."""
    return REGISTRY.get_sample_value(f"generic_connector_{name}", labels) or 0.0


def logged(log: io.StringIO) -> list[str]:
    """Give the events of the product's own lines that an operator sees, oldest first."""
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    return [line["event"] for line in lines if line["level"] != "debug" and "logger" not in line]


def health(world: World) -> tuple[bool, tuple[str, ...]]:
    report = health_of(world.connector.doors, world.connector.finesse)
    return report.ready, report.reasons


async def test_finesse_loses_its_cti_server(log: io.StringIO) -> None:
    """Everybody hears it, commands are answered with it, and afterwards each agent hears what there is."""
    async with a_world() as world:
        await world.sign_in("1001", "CRM1")
        assert health(world) == READY
        world.finesse.go_out_of_service("CTI is away")
        assert await world.hears("CRM1", 1) == ["System#OUT_OF_SERVICE"]
        ready, (reason,) = health(world)
        assert (ready, reason.startswith(f"finesse: {world.connector.finesse.node} out of service: ")) == (False, True)
        world.send("MakeReady#1001")
        assert await world.hears("CRM1", 1) == ["System#OUT_OF_SERVICE"]
        world.finesse.go_into_service()
        assert await world.hears("CRM1", 2) == ["System#IN_SERVICE", "1001#DialogStatus###"]
        assert health(world) == READY
    events = logged(log)
    assert [event for event in events if event.startswith(("node out", "node in ", "finesse "))] == [
        *("node in service", "finesse in service", "node out of service", "finesse out of service"),
        *("node in service", "finesse in service"),
    ]


async def test_a_notification_session_is_lost(log: io.StringIO) -> None:
    """It is opened again, and what was missed is read back: here nothing."""
    lost = counted("notification_sessions_lost_total")
    async with a_world() as world:
        await world.sign_in("1001", "CRM1")
        world.finesse.disconnect("1001")
        assert await world.hears("CRM1", 1) == ["1001#DialogStatus###"]
        assert health(world) == READY
    assert counted("notification_sessions_lost_total") == lost + 1
    events = logged(log)
    assert events.index("notification session lost") < events.index("notification session restored")


async def test_finesse_gives_no_answer(log: io.StringIO) -> None:
    """The command ends in an error, the failure is counted by its kind, and the connector is not ready any more."""
    down = counted("finesse_failures_total", failure="Down")
    async with a_world() as world:
        await world.sign_in("1001", "CRM1")
        await world.finesse.server("A").rest.stop()
        world.send("MakeReady#1001")
        heard = await world.hears("CRM1", 2)
        assert [event.split("#")[:3] for event in heard] == [["1001", "Error", "DOWN"], ["System", "OUT_OF_SERVICE"]]
        assert not health(world)[0]
    assert counted("finesse_failures_total", failure="Down") > down
    events = logged(log)
    assert [event in events for event in ("request failed", "command failed", "node not in service")] == [True] * 3


async def test_no_broker() -> None:
    """Nobody can be served then; Finesse is in order."""
    async with a_world() as world:
        world.door.cut()
        assert health(world) == (False, ("broker: memory connecting",))
        world.door.restore()
        assert health(world) == READY


async def test_too_many_commands(log: io.StringIO) -> None:
    """More than may wait for one agent are refused at once; the others are carried out."""
    refused = counted("errors_total", code="PLEASE_RETRY")
    async with a_world(agents=AgentSettings(inbox_limit=2)) as world:
        await world.sign_in("1001", "CRM1")
        for _ in range(10):
            world.send("GetState#1001")
        heard = await world.hears("CRM1", 10)
    errors = [event for event in heard if "#Error#PLEASE_RETRY#" in event]
    assert len(errors) == 8
    assert all("Too many commands wait for this agent" in event for event in errors)
    assert counted("errors_total", code="PLEASE_RETRY") == refused + 8
    assert logged(log).count("command failed") == 8


async def test_the_licence_is_used_up() -> None:
    """Who comes too late is told; who is signed in stays."""
    refused = counted("errors_total", code="LICENSES_EXCEEDED")
    async with a_world(agents=AgentSettings(max_agents=1)) as world:
        await world.sign_in("1001", "CRM1")
        world.send("Connect#1002", "CRM1,agent-secret-1002")
        world.send("Login#1002", "agent-secret-1002,4002")
        (event,) = await world.hears("CRM1", 1)
        assert event.startswith("1002#Error#LICENSES_EXCEEDED#")
        assert (counted("agents_signed_in"), health(world)) == (1, READY)
    assert counted("errors_total", code="LICENSES_EXCEEDED") == refused + 1
