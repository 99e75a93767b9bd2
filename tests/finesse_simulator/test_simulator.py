import asyncio
from xml.etree import ElementTree as ET

import aiohttp
import msgspec
import pytest
from aiohttp import web

from finesse_simulator.listening import Listener
from finesse_simulator.notifying import AccountsUnavailableError
from finesse_simulator.recording import RecordingServer
from finesse_simulator.scenario import Control, Scenario
from finesse_simulator.simulator import Simulator


async def sign_in(finesse: Simulator, user_id: str, *, ready: bool = False) -> None:
    finesse.set_agent_state(user_id, "LOGIN", extension=str(int(user_id) + 3000))
    await finesse.wait_for_agent(user_id, "NOT_READY")
    if ready:
        finesse.set_agent_state(user_id, "READY")
        await finesse.wait_for_agent(user_id, "READY")


async def test_the_directory_knows_passwords_without_regard_to_the_case_of_ids(finesse: Simulator) -> None:
    assert finesse.check_password("1001", "agent-secret-1001")
    assert not finesse.check_password("1001", "agent-secret-1002")
    assert not finesse.check_password("9", "")
    assert not finesse.check_password("1001", "\ud800")
    assert finesse.node_exists("/finesse/api/User/1001")
    assert not finesse.may_subscribe("1001", "/finesse/api/User/1002")


async def test_presence_is_counted_and_its_loss_takes_effect_at_the_pace(finesse: Simulator) -> None:
    finesse.set_pace(1000)
    await sign_in(finesse, "1001", ready=True)
    finesse.presence_changed("1001", "one", available=True)
    await finesse.wait_for_session("1001")
    finesse.presence_changed("1001", "one", available=False)
    finesse.presence_changed("nobody", "one", available=False)
    await finesse.wait_for_agent("1001", "NOT_READY")
    assert finesse.agent("1001")["reasonCode"] == 50002


async def test_a_publication_may_come_back_with_news(scene: Scenario) -> None:
    """A notification server that loses a session while it publishes tells so at once."""

    class Impatient(RecordingServer):
        def publish(self, node: str, user_ids: tuple[str, ...], payload: str) -> None:
            super().publish(node, user_ids, payload)
            assert self.directory is not None
            self.directory.presence_changed("1002", "one", available=True)

    async with Simulator(scene, Impatient()) as finesse:
        await sign_in(finesse, "1001", ready=True)
        assert finesse.agent("1002")["sessions"] == ["one"]


async def test_waiting_in_vain_tells_the_state(finesse: Simulator) -> None:
    with pytest.raises(TimeoutError, match=r"does not hold after 0\.01 s.*'pace': 10"):
        await finesse.wait_until(lambda: False, 0.01)


async def test_unknown_agents_and_calls(finesse: Simulator) -> None:
    for look in (lambda: finesse.agent("9"), lambda: finesse.call("9"), lambda: finesse.customer_hang_up("9")):
        with pytest.raises(KeyError):
            look()
    with pytest.raises(ValueError, match="greater than 0"):
        finesse.set_pace(0)
    with pytest.raises(ValueError, match="neither a queue"):
        finesse.customer_call("555", "777")
    with pytest.raises(ValueError, match="not signed in"):
        finesse.set_agent_state("1001", "READY")


async def test_phones_and_outside_parties(finesse: Simulator) -> None:
    await sign_in(finesse, "1001", ready=True)
    call = finesse.customer_call("5550188", "4001")
    await finesse.wait_for_call(call, "ALERTING")
    finesse.phone_answer("4001")
    await finesse.wait_for_call(call, "ACTIVE")
    finesse.phone_hang_up("4001")
    await finesse.wait_for_call(call, "DROPPED")
    assert finesse.state()["calls"] == []


async def test_service_and_disconnection_reach_the_notification_server(finesse: Simulator) -> None:
    server = finesse.notification_server
    assert isinstance(server, RecordingServer)
    await sign_in(finesse, "1001")
    finesse.go_out_of_service("CTI lost")
    finesse.go_into_service()
    assert [
        (published.user_ids, ET.XML(published.payload).findtext("data/systemInfo/status"))
        for published in server.published[1:]
        if published.user_ids
    ] == [(("1001", "1002", "1003"), "OUT_OF_SERVICE"), (("1001", "1002", "1003"), "IN_SERVICE"), (("1001",), None)]
    finesse.disconnect("1001")
    finesse.disconnect()
    assert server.disconnected == ["1001", None]
    finesse.set_web_application_available(available=False)
    assert not server.web_application_available
    finesse.set_sessions_available(available=False)
    with pytest.raises(AccountsUnavailableError):
        finesse.check_password("1001", "agent-secret-1001")


async def test_a_port_in_use_closes_everything_again(scene: Scenario) -> None:
    other = Listener(web.Application)
    await other.start()
    port = await other.listen("127.0.0.1", 0)
    taken = Simulator(msgspec.structs.replace(scene, control=Control(port=port)), RecordingServer())
    with pytest.raises(OSError, match="address already in use"):
        await taken.start()
    with pytest.raises(OSError, match="Connect call failed"):
        await asyncio.open_connection("127.0.0.1", int(taken.http_url.rpartition(":")[2]))
    await other.stop()


async def test_a_node_comes_back_on_the_same_ports_with_its_agents(scene: Scenario) -> None:
    finesse = Simulator(scene, RecordingServer())
    async with finesse:
        await sign_in(finesse, "1001")
        before = (finesse.rest_url, finesse.http_url, finesse.control_url)
    async with finesse:
        assert (finesse.rest_url, finesse.http_url, finesse.control_url) == before
        async with aiohttp.request("GET", f"{finesse.http_url}/finesse/api/SystemInfo") as answer:
            assert answer.status == 200
        finesse.set_agent_state("1001", "READY")
        await finesse.wait_for_agent("1001", "READY")


async def test_the_clock_stands_still_after_the_stop(scene: Scenario) -> None:
    finesse = Simulator(scene, RecordingServer())
    await finesse.start()
    waiting = asyncio.ensure_future(finesse.wait_until(lambda: False))
    await asyncio.sleep(0)
    await finesse.stop()
    with pytest.raises(asyncio.CancelledError):
        await waiting
    before = finesse.state()["time"]
    assert finesse.state()["time"] == before
