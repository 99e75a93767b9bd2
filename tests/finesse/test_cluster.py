import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from finesse import updates
from finesse.pretend_node import DOMAIN, PretendNode, pretending
from finesse.scripted_xmpp import Script, serving
from finesse.test_subscriptions import Agents
from finesse.test_xmpp import Owner, nothing_is_left
from finesse_simulator.xmpp.server import XmppServer
from generic_connector.finesse.checking import NodeReport
from generic_connector.finesse.cluster import FinesseCluster
from generic_connector.finesse.door import Finesse
from generic_connector.finesse.failures import Down, NotificationsUnavailable, OutOfService, Overloaded
from generic_connector.finesse.model import Credentials, SystemInfo
from generic_connector.finesse.requests import build
from generic_connector.finesse.session import AgentSession
from generic_connector.finesse.settings import FinesseSettings

ANN = Credentials(user_id="1001", secret="secret")
OUT_OF_SERVICE = updates.SYSTEM_INFO.format(domain=DOMAIN).replace("IN_SERVICE", "OUT_OF_SERVICE")
IN_SERVICE = updates.SYSTEM_INFO.format(domain=DOMAIN)


class Verdicts:
    """What the cluster said of itself, and a way to wait for it."""

    def __init__(self) -> None:
        self.said: list[bool] = []
        self._news = asyncio.Event()

    def __call__(self, in_service: bool) -> None:  # noqa: FBT001 - the door's callback
        self.said.append(in_service)
        self._news.set()

    async def until(self, count: int) -> None:
        async with asyncio.timeout(5):
            while len(self.said) < count:
                self._news.clear()
                await self._news.wait()


@contextlib.asynccontextmanager
async def started(*nodes: str, **changes: Any) -> AsyncIterator[tuple[FinesseCluster, Verdicts]]:
    quick: dict[str, Any] = {"health_interval": 0.05, "retry_delay": 0.02, "xmpp_transport": "plain"}
    cluster = FinesseCluster(FinesseSettings(nodes=nodes, **quick | changes))
    verdicts = Verdicts()
    await cluster.start(verdicts)
    try:
        yield cluster, verdicts
    finally:
        await cluster.stop()
        await cluster.stop()
        await nothing_is_left()


async def test_it_is_in_service_once_the_node_says_so() -> None:
    async with pretending() as node, started(node.url) as (cluster, verdicts):
        door: Finesse = cluster
        assert door.in_service
        assert door.system_info.xmpp_domain == DOMAIN
        assert verdicts.said == [True]


@contextlib.asynccontextmanager
async def web_application() -> AsyncIterator[XmppServer]:
    server = XmppServer(domain=DOMAIN, tls_port=None)
    await server.start(Agents())
    yield server
    await server.stop()


async def signed_in(cluster: FinesseCluster, owner: Owner) -> AgentSession:
    return await cluster.open_session(Credentials(user_id="1001", secret="pass&word"), lambda _: None, owner.on_closed)


async def test_a_web_application_that_was_never_there_is_not_missed() -> None:
    """Nothing is known of a service that tells no presence, or tells it of another user."""
    async with pretending() as node, web_application() as server:
        server.set_web_application_available(available=False)
        async with started(node.url, xmpp_port=server.plain_port) as (cluster, verdicts):
            await signed_in(cluster, Owner())
            await asyncio.sleep(0.2)
            assert verdicts.said == [True]


async def test_another_node_is_taken_when_the_web_application_is_gone() -> None:
    async with (
        pretending() as first,
        pretending() as second,
        web_application() as server,
        started(first.url, second.url, xmpp_port=server.plain_port) as (cluster, verdicts),
    ):
        owner = Owner()
        await signed_in(cluster, owner)
        server.set_web_application_available(available=False)
        await owner.until(closed=1)
        assert cluster.node.rstrip("/") == second.url
        assert verdicts.said == [True]  # there was a node all the time


async def test_without_sessions_system_info_alone_decides() -> None:
    """The web application's return would be told to nobody."""
    async with (
        pretending() as node,
        web_application() as server,
        started(node.url, xmpp_port=server.plain_port) as (cluster, verdicts),
    ):
        session = await signed_in(cluster, Owner())
        server.set_web_application_available(available=False)
        await verdicts.until(2)
        await session.close()
        await verdicts.until(3)
        assert verdicts.said == [True, False, True]


async def test_a_node_that_is_not_there_is_waited_for() -> None:
    async with pretending() as node:
        port = node.port
    async with started(f"http://127.0.0.1:{port}") as (cluster, verdicts):
        assert not cluster.in_service
        assert cluster.system_info == SystemInfo()
        with pytest.raises(NotificationsUnavailable):
            await cluster.open_session(ANN, lambda _: None, lambda _: None)
        async with pretending(port=port):
            await verdicts.until(1)
            assert cluster.in_service


async def test_its_status_follows_the_nodes() -> None:
    async with pretending() as node, started(node.url) as (cluster, verdicts):
        node.body = OUT_OF_SERVICE
        await verdicts.until(2)
        assert cluster.system_info.status == "OUT_OF_SERVICE"
        node.body = IN_SERVICE
        await verdicts.until(3)
        assert verdicts.said == [True, False, True]


async def test_a_503_puts_it_out_of_service_at_once() -> None:
    async with pretending() as node, started(node.url, health_interval=60.0, retry_delay=60.0) as (cluster, verdicts):
        node.status = 503
        with pytest.raises(OutOfService):
            await cluster.request(build("users"), ANN)
        assert verdicts.said == [True, False]


async def test_a_notification_puts_it_out_of_service_and_back() -> None:
    async with pretending() as node, started(node.url, health_interval=60.0, retry_delay=60.0) as (cluster, verdicts):
        for status in ("OUT_OF_SERVICE", "OUT_OF_SERVICE", "", "IN_SERVICE"):
            cluster.report(SystemInfo(status=status))
        assert verdicts.said == [True, False, True]
        assert cluster.system_info.xmpp_domain == DOMAIN


async def until_asked(node: PretendNode, count: int) -> None:
    async with asyncio.timeout(5):
        while len(node.asked) < count:  # noqa: ASYNC110  it is a server of its own
            await asyncio.sleep(0.005)


async def test_an_answer_that_is_older_than_what_was_told_meanwhile_does_not_count() -> None:
    async with pretending() as node, started(node.url, health_interval=60.0) as (cluster, verdicts):
        node.body = OUT_OF_SERVICE
        node.hold()
        cluster.report(SystemInfo(status="OUT_OF_SERVICE"))
        await until_asked(node, 2)
        node.body = IN_SERVICE
        cluster.report(SystemInfo(status="IN_SERVICE"))
        node.go_on()
        await until_asked(node, 3)
        await asyncio.sleep(0.1)
        assert verdicts.said == [True, False, True]


@pytest.mark.parametrize(("background", "said"), [(True, [True, False, True]), (False, [True, False, True, False])])
async def test_a_503_that_is_older_than_what_was_told_meanwhile(background: bool, said: list[bool]) -> None:  # noqa: FBT001  a table
    """It counts where a client is answered so, which must hear of the return then."""
    async with pretending() as node, started(node.url, health_interval=60.0, retry_delay=60.0) as (cluster, verdicts):
        node.status = 503
        node.hold()
        request = replace(build("users"), background=background)
        task = asyncio.create_task(cluster.request(request, ANN))
        await until_asked(node, 2)
        node.status = 200
        for status in ("OUT_OF_SERVICE", "IN_SERVICE"):
            cluster.report(SystemInfo(status=status))
        node.go_on()
        with pytest.raises(OutOfService):
            await task
        assert verdicts.said == said


async def test_another_node_is_taken_after_two_failed_tries_and_the_sessions_move() -> None:
    owner = Owner()
    async with (
        serving() as server,
        pretending() as first,
        pretending() as second,
        started(first.url, second.url, xmpp_port=server.port) as (cluster, verdicts),
    ):
        await cluster.open_session(ANN, owner.on_notification, owner.on_closed)
        asked_before = len(first.asked)
        first.status = 500
        await owner.until(closed=1)
        assert not owner.closed[0].expected
        assert cluster.node == second.url
        assert len(first.asked) - asked_before >= 2
        assert verdicts.said == [True]
        assert (await cluster.request(build("users"), ANN)).status == 200


async def test_a_node_out_of_service_is_not_taken() -> None:
    async with pretending() as first, pretending() as second:
        second.body = OUT_OF_SERVICE
        async with started(first.url, second.url) as (cluster, verdicts):
            first.status = 500
            await verdicts.until(2)
            assert verdicts.said == [True, False]
            assert cluster.node == first.url
            second.body = IN_SERVICE
            await verdicts.until(3)
            assert cluster.node == second.url


async def test_a_dead_connection_wakes_the_watch(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next look is a minute away, but a request that meets a dead node is reason enough."""
    taken = asyncio.Event()
    take = FinesseCluster._take

    def take_and_tell(cluster: FinesseCluster, *what: Any) -> None:
        take(cluster, *what)
        taken.set()

    monkeypatch.setattr(FinesseCluster, "_take", take_and_tell)
    async with pretending() as second, contextlib.AsyncExitStack() as first:
        node = await first.enter_async_context(pretending())
        async with started(node.url, second.url, health_interval=60.0) as (cluster, verdicts):
            await first.aclose()
            with pytest.raises(Down):
                await cluster.request(build("users"), ANN)
            async with asyncio.timeout(5):
                await taken.wait()
            assert cluster.node == second.url
            assert verdicts.said == [True]


async def test_stopping_closes_the_sessions() -> None:
    owner = Owner()
    async with serving() as server, pretending() as node:
        async with started(node.url, xmpp_port=server.port) as (cluster, _):
            session = await cluster.open_session(ANN, owner.on_notification, owner.on_closed)
            server.last.publish(updates.USER_NOT_READY)
            await owner.until(heard=1)
        await session.close()
    assert [closed.expected for closed in owner.closed] == [True]


async def test_a_session_that_ended_is_forgotten() -> None:
    owner = Owner()
    async with serving() as server, pretending() as node, started(node.url, xmpp_port=server.port) as (cluster, _):
        await cluster.open_session(ANN, owner.on_notification, owner.on_closed)
        server.last.writer.transport.abort()
        await owner.until(closed=1)
        assert not cluster._sessions


@pytest.mark.parametrize(
    ("changes", "expected"),
    [
        ({"xmpp_transport": "tls"}, ("127.0.0.1", 5223)),
        ({"xmpp_transport": "plain"}, ("127.0.0.1", 5222)),
        ({"xmpp_host": "xmpp.example.com", "xmpp_port": 15223}, ("xmpp.example.com", 15223)),
    ],
)
async def test_where_the_notification_service_is(changes: dict[str, Any], expected: tuple[str, int]) -> None:
    async with pretending() as node, started(node.url, **changes) as (cluster, _):
        address = cluster._address(cluster._node, cluster.system_info)
        assert (address.host, address.port, address.domain) == (*expected, DOMAIN)


# --- check -------------------------------------------------------------------------------------------------------


async def checked(*nodes: str, **changes: Any) -> tuple[NodeReport, ...]:
    cluster = FinesseCluster(FinesseSettings(nodes=nodes, **changes))
    try:
        return await cluster.check()
    finally:
        await cluster.stop()


async def test_check_finds_nothing_wrong(server_tls: ssl.SSLContext, ca_file: Path) -> None:
    async with pretending(server_tls) as node, serving(Script(), server_tls) as server:
        [report] = await checked(node.url, tls_ca_file=ca_file, xmpp_port=server.port)
    assert report == NodeReport(
        node=node.url, reachable=True, status="IN_SERVICE", notifications=f"127.0.0.1:{server.port}"
    )


@pytest.mark.parametrize(
    ("changes", "told", "port"),
    [
        ({}, SystemInfo(), 5223),
        ({}, SystemInfo(xmpp_secure_port=6223, https_port=8445), 6223),
        ({"xmpp_transport": "plain"}, SystemInfo(), 5222),
        ({"xmpp_transport": "plain"}, SystemInfo(xmpp_port=6222), 6222),
        ({"xmpp_transport": "websocket"}, SystemInfo(), 7443),
        ({"xmpp_transport": "websocket"}, SystemInfo(https_port=8445, xmpp_secure_port=5223), 8445),
        ({"xmpp_transport": "websocket", "xmpp_websocket_tls": False}, SystemInfo(https_port=8445), 7071),
        ({"xmpp_transport": "websocket", "xmpp_port": 443}, SystemInfo(https_port=8445), 443),
    ],
)
async def test_the_notification_port_is_set_or_told_or_the_usual_one(
    changes: dict[str, Any], told: SystemInfo, port: int
) -> None:
    cluster = FinesseCluster(FinesseSettings(nodes=("https://fin1.example.com:8445",), **changes))
    assert cluster._address(cluster._node, told).port == port
    await cluster.stop()


async def test_check_says_what_is_wrong_with_each_node(server_tls: ssl.SSLContext) -> None:
    async with pretending() as out, pretending(server_tls) as untrusted, pretending() as gone, serving() as clear:
        out.body = OUT_OF_SERVICE
        urls = (out.url, untrusted.url, gone.url.replace(str(gone.port), "1"))
        reports = await checked(*urls, xmpp_port=clear.port, connect_timeout=0.5)
    assert [(report.reachable, report.status, report.notifications) for report in reports] == [
        (True, "OUT_OF_SERVICE", ""),
        (False, "", ""),
        (False, "", ""),
    ]
    assert reports[0].reasons[0].startswith("OUT_OF_SERVICE")
    assert "certificate" in reports[1].reasons[0].lower()
    assert reports[2].reasons[0].startswith("Down")
    assert all("notification port" in report.reasons[1] for report in reports)


async def test_sessions_are_opened_a_few_at_a_time() -> None:
    """Those behind wait for their turn, and their deadline begins with it; who gives up takes no turn."""
    async with pretending() as node, serving(Script(silent_after="<stream")) as service:
        changes = {"xmpp_port": service.port, "sessions_at_once": 2, "sign_in_deadline": 0.1}
        async with started(node.url, **changes) as (cluster, _):
            opening = [asyncio.ensure_future(open_at(cluster, Owner())) for _ in range(6)]
            opening[4].cancel()
            await asyncio.wait(opening[:2])
            assert len(service.connections) <= 4
            await asyncio.wait(opening)
    reasons = [str(one.exception()) for one in opening if not one.cancelled()]
    assert (reasons, len(service.connections)) == (["no session within 0.1 s"] * 5, 5)


async def open_at(cluster: FinesseCluster, owner: Owner) -> AgentSession:
    return await cluster.open_session(ANN, owner.on_notification, owner.on_closed)


async def test_a_turn_that_does_not_come_is_a_failure(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generic_connector.finesse.sessions._LONGEST_WAIT", 0.01)
    async with pretending() as node, serving(Script(silent_after="<stream")) as service:
        changes = {"xmpp_port": service.port, "sessions_at_once": 1, "sign_in_deadline": 0.2}
        async with started(node.url, **changes) as (cluster, _):
            first = asyncio.ensure_future(open_at(cluster, Owner()))
            await service.connected.wait()
            with pytest.raises(Overloaded, match="no turn within"):
                await open_at(cluster, Owner())
            await asyncio.wait([first])
