"""Two servers over one contact centre, and what befalls them: finesse-notifications.md sections 1, 5 and 9."""

from __future__ import annotations

import asyncio
import ssl
from collections.abc import AsyncIterator
from xml.etree import ElementTree as ET

import aiohttp
import pytest

from finesse_simulator.scenario import Fidelity
from finesse_simulator.server_states import CONDITIONS, DoorState, ServerState
from finesse_simulator.servers import Server
from finesse_simulator.simulator import Simulator
from notification_clients.raw import RawClient, header
from notification_clients.two_servers import agent_at, ask, heard, sign_in, status, two_servers
from notification_clients.waiting import until

LOGIN = "<User><state>LOGIN</state><extension>4001</extension></User>"


@pytest.fixture
async def finesse() -> AsyncIterator[Simulator]:
    async with two_servers() as simulator:
        yield simulator


def ports(server: Server) -> list[int]:
    rest = [int(url.rpartition(":")[2]) for url in (server.rest_url, server.http_url)]
    return [*rest, server.xmpp_port, server.xmpp_tls_port, server.websocket_port]


async def refusing(server: Server) -> list[bool]:
    """Say which ports of a server refuse connections."""
    found = []
    for port in ports(server):
        try:
            _, writer = await asyncio.open_connection("127.0.0.1", port)
            writer.transport.abort()
            found.append(False)
        except ConnectionRefusedError:
            found.append(True)
    return found


# ---- both at work


async def test_both_servers_tell_of_what_one_of_them_was_asked(finesse: Simulator) -> None:
    first, second = finesse.server("A"), finesse.server("B")
    async with agent_at(first) as here, agent_at(second) as there:
        assert (await ask(second, "User/1001", method="PUT", body=LOGIN))[0] == 202
        await until(lambda: here.notifications and there.notifications)
        assert heard(here) == heard(there) == ["User PUT NOT_READY"]
        assert finesse.agent("1001")["servers"] == ["A", "B"]
    assert [(request.server, request.status) for request in finesse.requests()] == [("B", 202)]


async def test_each_names_both_and_its_own_domain(finesse: Simulator) -> None:
    documents = [ET.XML((await ask(server, "SystemInfo"))[1]) for server in finesse.servers]
    assert [
        [one.findtext(path) for path in ("primaryNode/host", "secondaryNode/host", "xmppDomain", "xmppPubSubDomain")]
        for one in documents
    ] == [
        ["localhost", "localhost", "a.example.test", "pubsub.a.example.test"],
        ["localhost", "localhost", "b.example.test", "pubsub.b.example.test"],
    ]


async def test_a_session_cookie_of_one_is_nothing_to_the_other(finesse: Simulator) -> None:
    first, second = finesse.server("A"), finesse.server("B")
    credentials = {"Authorization": aiohttp.encode_basic_auth("1001", "agent-secret-1001")}
    async with aiohttp.request("GET", f"{first.http_url}/finesse/api/User/1001", headers=credentials) as answer:
        cookie = answer.cookies["JSESSIONID"].value
    for server, expected in ((first, 200), (second, 401)):
        headers = {"Cookie": f"JSESSIONID={cookie}"}
        async with aiohttp.request("GET", f"{server.http_url}/finesse/api/User/1001", headers=headers) as answer:
            assert answer.status == expected


async def test_without_a_second_server_there_is_only_a() -> None:
    async with two_servers(second_server=None) as finesse:
        assert [server.name for server in finesse.servers] == ["A"]
        assert finesse.server("A").rest_url == finesse.rest_url
        with pytest.raises(KeyError):
            await finesse.set_server_state("B", "killed")


# ---- what befalls one of them


def test_every_state_says_what_is_left() -> None:
    assert set(CONDITIONS) == set(ServerState)


async def test_a_killed_server_cuts_everything_refuses_everything_and_comes_back_the_same(finesse: Simulator) -> None:
    first, second = finesse.server("A"), finesse.server("B")
    await sign_in(finesse, "1001")
    before = ports(first)
    async with agent_at(first) as here, agent_at(second) as there, RawClient(first.websocket_port) as web:
        reader, writer = await asyncio.open_connection("127.0.0.1", before[1])  # to be kept alive
        await finesse.set_server_state("A", "killed")
        await until(lambda: here.gone)
        assert (here.ended, await web.rest(), await reader.read()) == ([], "", b"")
        writer.close()
        assert await refusing(first) == [True] * 5
        assert finesse.counters()["sessions_now"] == {"A": 0, "B": 1}
        assert finesse.agent("1001")["servers"] == ["B"]
        finesse.set_agent_state("1001", "NOT_READY")
        await until(lambda: there.notifications)
        assert heard(there) == ["User PUT NOT_READY"]
        assert await refusing(second) == [False] * 5
    await finesse.set_server_state("A", "up")
    assert ports(first) == before
    assert await status(first) == ("IN_SERVICE", "")
    async with agent_at(first) as here:
        assert heard(here) == []  # nothing is replayed


async def test_it_dies_with_a_connection_by_websocket(finesse: Simulator) -> None:
    first = finesse.server("A")
    url = f"http://127.0.0.1:{first.websocket_port}/ws/"
    async with aiohttp.ClientSession() as session, session.ws_connect(url, protocols=("xmpp",)) as web:
        await finesse.set_server_state("A", "killed")
        assert (await web.receive(timeout=10)).type in {aiohttp.WSMsgType.CLOSED, aiohttp.WSMsgType.CLOSE}


async def test_a_frozen_server_keeps_everything_and_answers_nothing(finesse: Simulator) -> None:
    """Not even a TLS handshake; and what is asked meanwhile is answered when it goes on."""
    first = finesse.server("A")
    await sign_in(finesse, "1001")
    async with agent_at(first) as agent, RawClient(first.xmpp_port, domain=first.domain) as known:
        await finesse.set_server_state("A", "frozen")
        assert await refusing(first) == [False] * 5
        pending = asyncio.create_task(ask(first, "User/1001"))
        known.send(header(first.domain))
        finesse.set_agent_state("1001", "NOT_READY")
        await finesse.wait_for_agent("1001", "NOT_READY")
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.2), RawClient(first.xmpp_tls_port, context=ssl.create_default_context()):
                pass
        assert await known.nothing()
        assert (pending.done(), agent.gone, heard(agent)) == (False, False, [])
        await finesse.set_server_state("A", "up")
        answered, text = await pending
        assert (answered, ET.XML(text).findtext("state")) == (200, "NOT_READY")
        await known.read("</stream:features>")
        await until(lambda: len(agent.notifications) == 2)
        assert heard(agent) == ["SystemInfo IN_SERVICE", "User PUT NOT_READY"]
        assert finesse.counters()["forced_logouts"] == 0


async def test_what_is_frozen_can_be_killed_and_what_is_dead_can_be_frozen(finesse: Simulator) -> None:
    first = finesse.server("A")
    before = ports(first)
    async with agent_at(first) as agent:
        await finesse.set_server_state("A", "frozen")
        await finesse.set_server_state("A", "killed")
        await until(lambda: agent.gone)
    await finesse.set_server_state("A", "frozen")
    assert await refusing(first) == [False] * 5
    await finesse.set_server_state("A", "up")
    assert (await status(first), ports(first)) == (("IN_SERVICE", ""), before)


@pytest.mark.parametrize("state", ["killed", "frozen"])
async def test_it_can_be_stopped_whatever_befell_it(state: str) -> None:
    async with two_servers() as finesse:
        await finesse.set_server_state("B", state)
    async with finesse:
        assert await status(finesse.server("B")) == ("IN_SERVICE", "")


async def test_only_the_rest_interface_dies(finesse: Simulator) -> None:
    await sign_in(finesse, "1001")
    async with agent_at(finesse.server("A")) as agent:
        await finesse.set_server_state("A", "rest_down")
        assert await refusing(finesse.server("A")) == [True, True, False, False, False]
        finesse.set_agent_state("1001", "NOT_READY")
        await until(lambda: agent.notifications)
        assert heard(agent) == ["User PUT NOT_READY"]
        await finesse.set_server_state("A", "up")
        assert await status(finesse.server("A")) == ("IN_SERVICE", "")


async def test_only_the_notifications_die(finesse: Simulator) -> None:
    first = finesse.server("A")
    async with agent_at(first) as agent:
        await finesse.set_server_state("A", "notifications_down")
        await until(lambda: agent.gone)
    assert await refusing(first) == [False, False, True, True, True]
    assert await status(first) == ("IN_SERVICE", "")
    await finesse.set_server_state("A", "up")
    async with agent_at(first) as agent:
        assert not agent.gone


async def test_a_server_out_of_service_says_so_and_tells_the_last_state_when_it_is_back(finesse: Simulator) -> None:
    """A call that began and ended meanwhile is never told of, one that changed is told of once."""
    first, second = finesse.server("A"), finesse.server("B")
    await sign_in(finesse, "1001", "1002")
    kept = finesse.customer_call("5550188", "4001")
    await finesse.wait_for_call(kept, "ALERTING")
    async with agent_at(first) as here, agent_at(second) as there, agent_at(first, "1002") as other:
        await finesse.set_server_state("A", "out_of_service")
        assert await status(first) == ("OUT_OF_SERVICE", "CTI server is not connected")
        assert ((await ask(first, "User/1001"))[0], (await ask(second, "User/1001"))[0]) == (503, 200)
        finesse.phone_answer("4001")
        short = finesse.customer_call("5550101", "4002")
        await finesse.wait_for_call(short, "ALERTING")
        finesse.customer_hang_up(short)
        await finesse.wait_for_call(short, "DROPPED")
        await until(lambda: len(there.notifications) == 2)
        await here.round_trip()
        await other.round_trip()
        assert (heard(here), heard(other)) == (["SystemInfo OUT_OF_SERVICE"], ["SystemInfo OUT_OF_SERVICE"])
        await finesse.set_server_state("A", "up")
        await until(lambda: len(here.notifications) == 3 and len(other.notifications) == 2)
        assert heard(here) == ["SystemInfo IN_SERVICE", "User PUT TALKING", f"Dialog PUT {kept} ACTIVE"]
        assert heard(other) == ["SystemInfo IN_SERVICE", "User PUT READY"]
        assert heard(there) == ["User PUT TALKING", f"Dialog PUT {kept} ACTIVE"]


async def test_all_lose_the_cti_server_and_find_it_again(finesse: Simulator) -> None:
    await sign_in(finesse, "1001")
    async with agent_at(finesse.server("A")) as here, agent_at(finesse.server("B")) as there:
        finesse.go_out_of_service("CTI lost")
        assert [await status(server) for server in finesse.servers] == [("OUT_OF_SERVICE", "CTI lost")] * 2
        assert [(await ask(server, "User/1001"))[0] for server in finesse.servers] == [503, 503]
        finesse.go_into_service()
        for agent in (here, there):
            await until(lambda: len(agent.notifications) == 3)  # noqa: B023  waited for in this very turn
            assert heard(agent) == ["SystemInfo OUT_OF_SERVICE", "SystemInfo IN_SERVICE", "User PUT READY"]


async def test_the_web_application_of_one_server_goes_and_comes_back(finesse: Simulator) -> None:
    first = finesse.server("A")
    await sign_in(finesse, "1001")
    async with agent_at(first) as agent:
        watched = f"finesse@{first.domain}"
        agent.send_presence(pto=watched, ptype="subscribe")
        await until(lambda: f"available {watched}/finesse" in agent.seen)
        agent.seen.clear()
        await finesse.set_server_state("A", "web_application_down")
        await until(lambda: agent.seen)
        assert await refusing(first) == [True, True, False, False, False]
        finesse.set_agent_state("1001", "NOT_READY")
        await finesse.wait_for_agent("1001", "NOT_READY")
        await agent.round_trip()
        assert heard(agent) == []
        await finesse.set_server_state("A", "up")
        await until(lambda: len(agent.notifications) == 2)
        assert heard(agent) == ["SystemInfo IN_SERVICE", "User PUT NOT_READY"]
        assert agent.seen == [f"unavailable {watched}/finesse", f"available {watched}/finesse"]


async def test_a_server_whose_port_was_taken_stays_dead(finesse: Simulator) -> None:
    second = finesse.server("B")
    await finesse.set_server_state("B", "killed")
    second.rest.https_port = finesse.server("A").rest.https_port
    with pytest.raises(OSError, match="address already in use"):
        await finesse.set_server_state("B", "up")
    assert second.state is ServerState.KILLED
    assert (await refusing(second))[1:] == [True] * 4
    assert second.condition.rest is DoorState.SHUT


# ---- forced sign-outs


async def test_who_comes_to_the_other_server_in_time_stays_signed_in() -> None:
    async with two_servers(pace=100.0) as finesse:
        await sign_in(finesse, "1001", "1002")
        async with agent_at(finesse.server("A")), agent_at(finesse.server("A"), "1002"):
            await finesse.set_server_state("A", "killed")
            async with agent_at(finesse.server("B")):
                await finesse.wait_for_agent("1002", "NOT_READY")
                assert (finesse.agent("1001")["state"], finesse.agent("1002")["reasonCode"]) == ("READY", 50002)
                counters = finesse.counters()
                assert (counters["forced_logouts"], counters["late_forced_logouts"]) == (1, 0)


async def test_a_dead_server_signs_out_who_is_at_the_other_one_when_it_is_late() -> None:
    late = Fidelity(late_forced_logout="logout")
    async with two_servers(pace=100.0, fidelity=late) as finesse:
        await sign_in(finesse, "1001")
        async with agent_at(finesse.server("A")), agent_at(finesse.server("B")) as there:
            await finesse.set_server_state("A", "killed")
            await until(lambda: there.notifications)
            assert heard(there) == ["User PUT LOGOUT"]
            counters = finesse.counters()
            assert (counters["forced_logouts"], counters["late_forced_logouts"]) == (1, 1)


async def test_who_stays_at_a_frozen_server_is_given_up() -> None:
    async with two_servers(pace=100.0) as finesse:
        await sign_in(finesse, "1001")
        async with agent_at(finesse.server("A")):
            await finesse.set_server_state("A", "frozen")
            await finesse.wait_for_agent("1001", "NOT_READY")
            assert (finesse.agent("1001")["reasonCode"], finesse.counters()["forced_logouts"]) == (50002, 1)


async def test_a_server_that_was_frozen_is_late_when_it_goes_on() -> None:
    late = Fidelity(late_forced_logout="logout")
    async with two_servers(pace=1.0, fidelity=late) as finesse:
        await sign_in(finesse, "1001")
        async with agent_at(finesse.server("B")) as there:
            async with agent_at(finesse.server("A")):
                await finesse.set_server_state("A", "frozen")
            assert finesse.agent("1001")["servers"] == ["A", "B"]  # it does not know yet
            await finesse.set_server_state("A", "up")
            await finesse.wait_until(lambda: finesse.agent("1001")["servers"] == ["B"])
            assert heard(there) == []
            finesse.set_pace(1000.0)
            await until(lambda: there.notifications)
            assert heard(there) == ["User PUT LOGOUT"]


async def test_forced_by_hand(finesse: Simulator) -> None:
    await sign_in(finesse, "1001", "1002")
    assert finesse.force_logout("1001", "B") == ["1001"]
    await finesse.wait_for_agent("1001", "NOT_READY")
    assert finesse.force_logout() == ["1001", "1002"]
    with pytest.raises(KeyError):
        finesse.force_logout("9")
    with pytest.raises(KeyError):
        finesse.force_logout("1001", "C")
