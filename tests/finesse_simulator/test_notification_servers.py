"""The whole pretend Finesse with each of its notification servers, watched by a client that no one here wrote."""

import asyncio
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest

from finesse_simulator.notification_servers import TemporaryEjabberd, TemporaryProsody, make_simulator
from finesse_simulator.scenario import Scenario, Xmpp
from live.parts import PARTS
from notification_clients.agent import Agent
from notification_clients.directory import DOMAIN
from notification_clients.two_servers import FREE, agent_at, heard
from notification_clients.waiting import until

SERVERS = [
    "in-process",
    *(
        pytest.param(
            name, marks=[pytest.mark.live, pytest.mark.skipif(not PARTS[name](), reason=f"{name} is not installed")]
        )
        for name in ("prosody", "ejabberd")
    ),
]


@pytest.mark.parametrize("server", SERVERS)
async def test_an_agent_hears_of_its_call(scene: Scenario, server: str) -> None:
    xmpp = msgspec.convert({"server": server, "domain": DOMAIN, "plain_port": 0, "tls_port": 0}, Xmpp)
    async with make_simulator(msgspec.structs.replace(scene, xmpp=xmpp)) as finesse:
        port = getattr(finesse.notification_server, "plain_port", 0)
        async with Agent(port, "1001/test", "agent-secret-1001") as agent:
            await finesse.wait_for_session("1001")
            finesse.set_agent_state("1001", "LOGIN", extension="4001")
            await finesse.wait_for_agent("1001", "NOT_READY")
            call = finesse.customer_call("5550188", "4001", {"callVariable1": "a < b & c"})
            await finesse.wait_for_call(call, "ALERTING")
            await until(lambda: len(agent.notifications) == 2)
            heard = [(node, ET.XML(text)) for node, text in agent.notifications]
        await finesse.wait_until(lambda: finesse.agent("1001")["sessions"] == [])
    assert [node for node, _ in heard] == ["/finesse/api/User/1001", "/finesse/api/User/1001/Dialogs"]
    assert heard[1][1].findtext("data/dialogs/Dialog/id") == call
    assert heard[1][1].findtext(".//CallVariable/value") == "a < b & c"


@pytest.mark.parametrize("server", SERVERS)
async def test_the_doors_of_the_scenario_are_open(scene: Scenario, server: str) -> None:
    """Those by WebSocket too; and what has no port is shut."""
    doors = {"tls_port": 0, "websocket_port": 0, "secure_websocket_port": 0, "plain_port": -1}
    xmpp = msgspec.convert({"server": server, "domain": DOMAIN, **doors}, Xmpp)
    async with make_simulator(msgspec.structs.replace(scene, xmpp=xmpp)) as finesse:
        ports = {door: getattr(finesse.notification_server, door) for door in doors}
        assert ports.pop("plain_port") is None
        for port in ports.values():
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.close()
            await writer.wait_closed()
    assert len(set(ports.values())) == 3


@pytest.mark.parametrize("name", SERVERS[1:])
async def test_a_real_server_leaves_no_folder_behind(scene: Scenario, name: str) -> None:
    xmpp = msgspec.convert({"server": name, "plain_port": 0, "tls_port": 0}, Xmpp)
    simulator = make_simulator(msgspec.structs.replace(scene, xmpp=xmpp))
    server = simulator.notification_server
    assert isinstance(server, TemporaryProsody | TemporaryEjabberd)
    async with simulator:
        assert _is_there(server.folder)
    assert not _is_there(server.folder.parent)


def _is_there(folder: Path) -> bool:
    return folder.exists()


@pytest.mark.parametrize("server", SERVERS)
async def test_server_a_freezes_dies_and_comes_back_whatever_carries_its_notifications(
    scene: Scenario, server: str
) -> None:
    """Server B, which is always our own, goes on beside it."""
    xmpp = msgspec.convert({"server": server, "domain": DOMAIN, "plain_port": 0, "tls_port": 0}, Xmpp)
    changed = msgspec.structs.replace(scene, xmpp=xmpp, second_server=FREE)
    async with make_simulator(changed) as finesse:
        first, second = finesse.server("A"), finesse.server("B")
        before = first.xmpp_port
        async with agent_at(first) as here, agent_at(second) as there:
            await finesse.wait_until(lambda: finesse.agent("1001")["servers"] == ["A", "B"])
            await finesse.set_server_state("A", "frozen")
            finesse.set_agent_state("1001", "LOGIN", extension="4001")
            await until(lambda: there.notifications)
            assert heard(here) == []
            await finesse.set_server_state("A", "up")
            await until(lambda: len(here.notifications) == 2)
            assert heard(here) == ["SystemInfo IN_SERVICE", "User PUT NOT_READY"]
            await finesse.set_server_state("A", "killed")
            await until(lambda: here.gone)
            assert finesse.agent("1001")["servers"] == ["B"]
            with pytest.raises(ConnectionRefusedError):
                await asyncio.open_connection("127.0.0.1", before)
        await finesse.set_server_state("A", "up")
        assert first.xmpp_port == before
        async with agent_at(first):
            await finesse.wait_for_session("1001")
