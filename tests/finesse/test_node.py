"""One node, protected: so many requests per second, equal reads once, nothing in vain."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from prometheus_client import REGISTRY

from finesse.pretend_node import PretendNode, pretending
from finesse.test_xmpp import nothing_is_left, tls_context
from generic_connector.finesse.door import Answer, Request
from generic_connector.finesse.failures import Down, NotReachable, Overloaded, TimedOut, command_error
from generic_connector.finesse.model import Credentials
from generic_connector.finesse.node import Node
from generic_connector.finesse.requests import build
from generic_connector.finesse.settings import FinesseSettings

ANN = Credentials(user_id="1001", secret="pass&word")
BOB = Credentials(user_id="1002", secret="pass&word")
USER = build("user", user_id="1001")
REASONS = build("reason_codes", user_id="1001", category="LOGOUT")
READY = build("change_state", user_id="1001", state="READY")


@asynccontextmanager
async def node_at(url: str, **changes: Any) -> AsyncIterator[Node]:
    settings = FinesseSettings(nodes=(url,), **changes)
    node = Node(url, settings, tls_context(settings))
    try:
        yield node
    finally:
        await node.close()
        await nothing_is_left()


def counted(name: str, **labels: str) -> float:
    return REGISTRY.get_sample_value(f"generic_connector_finesse_{name}", labels) or 0.0


async def several(node: Node, *requests: Request, by: Credentials = ANN) -> list[asyncio.Task[Answer]]:
    """Ask side by side, in this order."""
    tasks = [asyncio.create_task(node.request(request, by)) for request in requests]
    for _ in range(5):
        await asyncio.sleep(0)
    return tasks


async def until_asked(pretended: PretendNode, count: int) -> None:
    async with asyncio.timeout(5):
        while len(pretended.asked) < count:  # noqa: ASYNC110  it is a server of its own
            await asyncio.sleep(0.005)


# --- how many


async def test_no_more_than_the_burst_and_then_by_the_rate() -> None:
    async with pretending() as pretended, node_at(pretended.url, requests_per_second=20, requests_burst=2) as node:
        loop, waited = asyncio.get_running_loop(), counted("delayed_total", what="request")
        began = loop.time()
        await asyncio.gather(*(node.request(READY, ANN) for _ in range(6)))
        assert loop.time() - began >= 0.15  # four of them one after the other
        assert (len(pretended.asked), counted("delayed_total", what="request")) == (6, waited + 4)


async def test_a_command_goes_before_what_nobody_waits_for() -> None:
    async with pretending() as pretended, node_at(pretended.url, requests_per_second=10, requests_burst=1) as node:
        background = [build("user", user_id=f"200{number}") for number in range(3)]
        tasks = await several(
            node, READY, *(Request(**_fields(one), background=True) for one in background), build("users")
        )
        await asyncio.gather(*tasks)
        asked = [one.path.rpartition("/finesse/api")[2] for one in pretended.asked]
        assert asked == ["/User/1001", "/Users", "/User/2000", "/User/2001", "/User/2002"]


def _fields(request: Request) -> dict[str, Any]:
    return {"operation": request.operation, "method": request.method, "path": request.path}


async def test_a_command_that_would_wait_too_long_is_to_be_tried_again() -> None:
    """At once, without having been sent; what nobody waits for waits as long as it takes."""
    rate: dict[str, Any] = {"requests_per_second": 0.5, "requests_burst": 1, "request_timeout": 1.5}
    async with pretending() as pretended, node_at(pretended.url, **rate) as node:
        before = counted("overloaded_total")
        await node.request(READY, ANN)
        with pytest.raises(Overloaded) as caught:
            await node.request(READY, ANN)
        assert command_error(caught.value, "change_state").code == "PLEASE_RETRY"
        assert (len(pretended.asked), counted("overloaded_total")) == (1, before + 1)
        await node.request(Request(**_fields(USER), background=True), ANN)
        assert len(pretended.asked) == 2


async def test_a_look_at_its_state_does_not_wait() -> None:
    async with pretending() as pretended, node_at(pretended.url, requests_per_second=0.1, requests_burst=1) as node:
        await node.request(READY, ANN)
        info, reason = await node.system_info()
        assert (info is not None, reason, len(pretended.asked)) == (True, "", 2)


# --- equal reads


async def test_a_list_under_way_is_shared() -> None:
    async with pretending() as pretended, node_at(pretended.url) as node:
        before = counted("coalesced_total", operation="reason_codes")
        pretended.hold()
        first = await several(node, REASONS)
        await until_asked(pretended, 1)
        others = await several(node, REASONS, REASONS)
        pretended.go_on()
        answers = await asyncio.gather(*first, *others)
        assert len({answer.body for answer in answers}) == 1
        assert (len(pretended.asked), counted("coalesced_total", operation="reason_codes")) == (1, before + 2)
        await node.request(REASONS, ANN)
        assert len(pretended.asked) == 2  # what is over is over


async def test_a_read_that_has_begun_answers_no_later_question() -> None:
    """What was asked about may have changed in between."""
    async with pretending() as pretended, node_at(pretended.url) as node:
        pretended.hold()
        first = await several(node, USER)
        await until_asked(pretended, 1)
        later = await several(node, USER)
        await until_asked(pretended, 2)
        pretended.go_on()
        await asyncio.gather(*first, *later)
        assert len(pretended.asked) == 2


async def test_a_read_that_waits_for_its_turn_is_shared() -> None:
    async with pretending() as pretended, node_at(pretended.url, requests_per_second=5, requests_burst=1) as node:
        tasks = await several(node, READY, USER, USER, USER)
        await asyncio.gather(*tasks)
        assert [one.method for one in pretended.asked] == ["PUT", "GET"]


async def test_nobody_gets_what_others_may_see() -> None:
    async with pretending() as pretended, node_at(pretended.url, requests_per_second=20, requests_burst=1) as node:
        tasks = [*await several(node, READY, REASONS), *await several(node, REASONS, by=BOB)]
        await asyncio.gather(*tasks)
        rights = [one.headers["Authorization"] for one in pretended.asked]
        assert (len(rights), len(set(rights))) == (3, 2)


async def test_changes_are_never_shared() -> None:
    async with pretending() as pretended, node_at(pretended.url, requests_per_second=50, requests_burst=1) as node:
        await asyncio.gather(*await several(node, READY, READY, READY))
        assert len(pretended.asked) == 3


async def test_who_gives_up_takes_nothing_from_the_others() -> None:
    """And when all have, nothing is asked."""
    async with pretending() as pretended, node_at(pretended.url, requests_per_second=5, requests_burst=1) as node:
        busy, one, other = await several(node, READY, USER, USER)
        one.cancel()
        assert (await other).status == 200
        await busy
        [last] = await several(node, USER)
        last.cancel()
        await asyncio.gather(one, last, return_exceptions=True)
        await node.request(READY, ANN)
        assert [asked.method for asked in pretended.asked] == ["PUT", "GET", "PUT"]


async def test_a_failure_is_shared_as_well() -> None:
    async with pretending() as pretended, node_at(pretended.url, requests_per_second=5, requests_burst=1) as node:
        tasks = await several(node, READY, USER, USER)
        await tasks[0]
        pretended.status = 503
        failures = await asyncio.gather(*tasks, return_exceptions=True)
        assert ([type(one).__name__ for one in failures[1:]], len(pretended.asked)) == (["OutOfService"] * 2, 2)


# --- in vain


async def test_after_so_many_in_vain_the_next_fail_at_once_until_it_answers() -> None:
    async with pretending() as pretended:
        port = pretended.port
    url = f"http://127.0.0.1:{port}"
    async with node_at(url, breaker_failures=3) as node:
        labels = {"node": "127.0.0.1"}
        for _ in range(3):
            with pytest.raises(Down, match=r"^(?!not tried)"):
                await node.request(READY, ANN)
        with pytest.raises(Down, match="not tried"):
            await node.request(USER, ANN)
        assert counted("breaker_open", **labels) == 1
        async with pretending(port=port) as pretended:
            with pytest.raises(Down, match="not tried"):
                await node.request(READY, ANN)
            assert pretended.asked == []
            await node.system_info()
            await node.request(READY, ANN)
            assert ([one.method for one in pretended.asked], counted("breaker_open", **labels)) == (["GET", "PUT"], 0)


async def test_a_node_that_says_nothing_is_down_as_well() -> None:
    async with pretending() as pretended, node_at(pretended.url, breaker_failures=2, request_timeout=0.1) as node:
        pretended.hang = True
        failures = await asyncio.gather(*(node.request(READY, ANN) for _ in range(2)), return_exceptions=True)
        assert [type(one) for one in failures] == [TimedOut] * 2
        with pytest.raises(Down, match=r"no answer within 0\.1 s"):
            await node.request(READY, ANN)
        assert len(pretended.asked) == 2


async def test_an_error_is_an_answer() -> None:
    async with pretending() as pretended, node_at(pretended.url, breaker_failures=1) as node:
        for pretended.status in (400, 404, 500, 503, 401):
            await asyncio.gather(node.request(READY, ANN), return_exceptions=True)
        pretended.status = 200
        assert (await node.request(READY, ANN)).status == 200


async def test_what_waits_while_it_opens_is_not_sent() -> None:
    settings: dict[str, Any] = {"requests_per_second": 10, "requests_burst": 2, "breaker_failures": 2}
    async with pretending() as pretended:
        port = pretended.port
    async with node_at(f"http://127.0.0.1:{port}", **settings) as node:
        failures = await asyncio.gather(*await several(node, *[READY] * 4), return_exceptions=True)
        assert [str(one).startswith("not tried") for one in failures] == [False, False, True, True]


async def test_a_node_that_cannot_be_reached_stays_so(monkeypatch: pytest.MonkeyPatch) -> None:
    """The error of those that are not tried is that of those that were."""
    async with pretending() as pretended, node_at(pretended.url, breaker_failures=1) as node:

        async def unreachable(*_: Any) -> Answer:
            raise NotReachable("no connection within 3 s, twice")

        monkeypatch.setattr(node._rest, "request", unreachable)
        for _ in range(2):
            with pytest.raises(NotReachable):
                await node.request(READY, ANN)
        assert pretended.asked == []
