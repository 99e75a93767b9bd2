"""The whole pretend Finesse with each of its notification servers, watched by a client that no one here wrote."""

import shutil
from pathlib import Path
from xml.etree import ElementTree as ET

import msgspec
import pytest

from finesse_simulator.notification_servers import TemporaryProsody, make_simulator
from finesse_simulator.scenario import Scenario, Xmpp
from notification_clients.agent import Agent
from notification_clients.directory import DOMAIN
from notification_clients.waiting import until

SERVERS = [
    "in-process",
    pytest.param(
        "prosody",
        marks=[
            pytest.mark.live,
            pytest.mark.skipif(shutil.which("prosody") is None, reason="prosody is not installed"),
        ],
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


@pytest.mark.live
@pytest.mark.skipif(shutil.which("prosody") is None, reason="prosody is not installed")
async def test_prosody_leaves_no_folder_behind(scene: Scenario) -> None:
    xmpp = Xmpp(server="prosody", plain_port=0, tls_port=0)
    simulator = make_simulator(msgspec.structs.replace(scene, xmpp=xmpp))
    server = simulator.notification_server
    assert isinstance(server, TemporaryProsody)
    async with simulator:
        assert _is_there(server.folder)
    assert not _is_there(server.folder.parent)


def _is_there(folder: Path) -> bool:
    return folder.exists()
