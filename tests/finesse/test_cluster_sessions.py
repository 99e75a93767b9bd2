"""The sessions of a cluster's agents: at most so many at a time, and what they tell of the node."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from finesse import updates
from finesse.pretend_node import DOMAIN, pretending
from finesse.scripted_xmpp import Script, serving
from finesse.test_cluster import ANN, started
from finesse.test_xmpp import Owner
from generic_connector.finesse.cluster import FinesseCluster
from generic_connector.finesse.door import SessionClosed
from generic_connector.finesse.failures import NotAuthorised, NotificationsUnavailable
from generic_connector.finesse.session import AgentSession


def two_services(*ports: int) -> list[str]:
    """Give what two nodes say of themselves whose notification services are at these ports."""
    info = updates.SYSTEM_INFO.format(domain=DOMAIN)
    node = "<primaryNode><host>x</host><xmppPort>{}</xmppPort></primaryNode>"
    return [info.replace("<status>", node.format(port) + "<status>") for port in ports]


async def open_one(cluster: FinesseCluster, owner: Owner | None = None, **changes: Any) -> AgentSession:
    owner = owner or Owner()
    return await cluster.open_session(ANN, owner.on_notification, owner.on_closed, **changes)


async def fails(cluster: FinesseCluster, **changes: Any) -> None:
    with pytest.raises(NotificationsUnavailable):
        await open_one(cluster, **changes)


async def until_used(cluster: FinesseCluster, url: str) -> None:
    async with asyncio.timeout(5):
        while cluster.node != url:  # noqa: ASYNC110  the cluster tells nobody when all is well
            await asyncio.sleep(0.005)


# --- a notification service that is dead for everybody


async def test_another_node_is_taken_when_no_session_can_be_opened_twice() -> None:
    """REST is healthy on both; nobody is told that Finesse is out of service."""
    async with pretending() as first, pretending() as second, serving() as alive, serving() as dead:
        first.body, second.body = two_services(dead.port, alive.port)
        async with started(first.url, second.url, sign_in_deadline=0.5) as (cluster, verdicts):
            dead.script.silent_after = "<stream"
            await fails(cluster)
            await asyncio.sleep(0.2)  # several looks: one failed try is none too many
            assert cluster.node == first.url
            await fails(cluster)
            await until_used(cluster, second.url)
            await (await open_one(cluster)).close()
            assert verdicts.said == [True]


async def test_it_is_not_taken_when_its_service_is_dead_as_well() -> None:
    async with pretending() as first, pretending() as second:
        first.body, second.body = two_services(1, 1)
        async with started(first.url, second.url) as (cluster, verdicts):
            for _ in range(4):
                await fails(cluster)
                await asyncio.sleep(0.05)
            assert (cluster.node, verdicts.said) == (first.url, [True])


async def test_one_that_lives_for_others_is_kept() -> None:
    """What goes wrong for one agent does not move all."""
    async with pretending() as first, pretending() as second, serving() as server:
        first.body = second.body = two_services(server.port)[0]
        async with started(first.url, second.url) as (cluster, _):
            session = await open_one(cluster)
            server.script.failure = "temporary-auth-failure"
            for _ in range(3):
                await fails(cluster)
                await asyncio.sleep(0.05)
            assert cluster.node == first.url
            await session.close()


async def test_a_wrong_password_is_no_sign_of_death() -> None:
    async with pretending() as first, pretending() as second, serving(Script(failure="not-authorized")) as server:
        first.body = second.body = two_services(server.port)[0]
        async with started(first.url, second.url) as (cluster, _):
            for _ in range(3):
                with pytest.raises(NotAuthorised):
                    await open_one(cluster)
                await asyncio.sleep(0.05)
            assert cluster.node == first.url


# --- a change of the node


async def test_a_try_at_the_old_node_is_given_up_at_once() -> None:
    """It would hang until its deadline; the next one goes to the node in use."""
    async with pretending() as first, pretending() as second, serving() as alive, serving() as dead:
        first.body, second.body = two_services(dead.port, alive.port)
        dead.script.silent_after = "<stream"
        async with started(first.url, second.url, sign_in_deadline=60.0) as (cluster, _):
            hanging = asyncio.create_task(fails(cluster, background=True))
            await dead.connected.wait()
            first.status = 500
            async with asyncio.timeout(5):
                await hanging
            assert cluster.node == second.url
            await (await open_one(cluster)).close()


async def test_a_client_that_connects_meanwhile_is_connected_at_the_new_node() -> None:
    async with pretending() as first, pretending() as second, serving() as alive, serving() as dead:
        first.body, second.body = two_services(dead.port, alive.port)
        dead.script.silent_after = "<stream"
        async with started(first.url, second.url, sign_in_deadline=60.0) as (cluster, _):
            connecting = asyncio.create_task(open_one(cluster))
            await dead.connected.wait()
            first.status = 500
            async with asyncio.timeout(5):
                session = await connecting
            assert (len(dead.connections), len(alive.connections)) == (1, 1)
            await session.close()


async def test_what_the_old_node_still_says_is_not_heard() -> None:
    """Its session is cut before anything else can come."""
    owner = Owner()
    async with pretending() as first, pretending() as second, serving() as server:
        first.body = second.body = two_services(server.port)[0]
        async with started(first.url, second.url) as (cluster, _):
            await open_one(cluster, owner)
            first.status = 500
            await owner.until(closed=1)
            server.last.publish(updates.USER_NOT_READY)
            await server.last.until_closed()
            assert (owner.heard, owner.closed) == ([], [SessionClosed("another node is in use")])


async def test_the_first_node_is_used_again_after_being_healthy_for_so_long() -> None:
    """A failure in between begins the time anew; its notification port counts."""
    async with pretending() as first, pretending() as second, serving() as server:
        first.body, second.body = two_services(1, server.port)
        async with started(first.url, second.url, return_to_first=0.3) as (cluster, verdicts):
            first.status = 500
            await until_used(cluster, second.url)
            first.status = 200
            await asyncio.sleep(0.5)
            assert cluster.node == second.url
            first.body = two_services(server.port)[0]
            await until_used(cluster, first.url)
            assert verdicts.said == [True]


# --- how many at a time


async def test_no_more_than_so_many_are_being_opened() -> None:
    """Clients' own before ours, whoever came first."""
    async with pretending() as node, serving() as server:
        node.body = two_services(server.port)[0]
        server.script.silent_after = "<auth"
        async with started(node.url, sessions_at_once=1, sign_in_deadline=0.2) as (cluster, _):
            order: list[str] = []

            async def attempt(name: str, *, background: bool) -> None:
                try:
                    await open_one(cluster, background=background)
                except NotificationsUnavailable:
                    order.append(name)

            tasks = []
            for name in ("ours 1", "ours 2", "client 1", "ours 3", "client 2"):
                tasks.append(asyncio.create_task(attempt(name, background=name.startswith("ours"))))
                await asyncio.sleep(0)
            await asyncio.gather(*tasks)
            assert order == ["ours 1", "client 1", "client 2", "ours 2", "ours 3"]


async def test_no_more_than_so_many_per_second_are_opened() -> None:
    async with pretending() as node, serving() as server:
        node.body = two_services(server.port)[0]
        async with started(node.url, sessions_per_second=20) as (cluster, _):
            loop = asyncio.get_running_loop()
            began = loop.time()
            sessions = await asyncio.gather(*(open_one(cluster, background=True) for _ in range(8)))
            assert loop.time() - began >= 0.25  # two at once, six more one after the other
            assert len(server.connections) == 8
            await asyncio.gather(*(session.close() for session in sessions))


async def test_a_session_that_comes_in_the_moment_in_which_its_owner_leaves_is_not_left_open(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    abandoned: list[str] = []
    ready = asyncio.Event()

    class Opened:
        jid = "1001@fin1.example.com/gc-1"

        def abandon(self, reason: str) -> None:
            abandoned.append(reason)

    async def opening(*_: Any, **__: Any) -> Opened:
        await ready.wait()
        return Opened()

    monkeypatch.setattr("generic_connector.finesse.sessions.open_session", opening)
    async with pretending() as node, started(node.url) as (cluster, _):
        task = asyncio.create_task(open_one(cluster))
        await asyncio.sleep(0.02)
        ready.set()
        await asyncio.sleep(0)  # it is open, and its owner does not know
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
        assert (task.cancelled(), abandoned, len(cluster._sessions)) == (True, ["not wanted any more"], 0)
