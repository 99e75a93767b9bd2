import asyncio
import base64
import socket
import ssl
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import structlog

from finesse.pretend_node import PretendNode, pretending
from generic_connector.errors import UserError
from generic_connector.finesse.door import Answer, Request
from generic_connector.finesse.failures import (
    Down,
    FinesseError,
    NotAuthorised,
    NotReachable,
    OutOfService,
    PayloadError,
    Refused,
    TimedOut,
)
from generic_connector.finesse.model import ApiError, Credentials
from generic_connector.finesse.requests import build
from generic_connector.finesse.rest import RestNode
from generic_connector.finesse.settings import FinesseSettings
from generic_connector.finesse.tls import make_tls_context

ANN = Credentials(user_id="70011", secret="pässword:x")
GET = build("user", user_id="70011")
PUT = build("change_state", user_id="70011", state="READY")
HTML = "<!DOCTYPE html><html><body>Cisco</body></html>"
NOT_FOUND = (
    "<ApiErrors><ApiError><ErrorType>User Not Found</ErrorType><ErrorMessage>UNKNOWN_USER</ErrorMessage></ApiError>"
    "</ApiErrors>"
)


@asynccontextmanager
async def opened(url: str, **changes: Any) -> AsyncIterator[RestNode]:
    chosen: dict[str, Any] = {"connect_timeout": 1.0, "request_timeout": 2.0} | changes
    settings = FinesseSettings(nodes=(url,), **chosen)
    node = RestNode(url, settings, make_tls_context(settings))
    try:
        yield node
    finally:
        await node.close()


async def asked(node: PretendNode, request: Request = GET, **changes: Any) -> Answer:
    async with opened(node.url, **changes) as rest:
        return await rest.request(request, ANN, "r-1")


async def test_a_request_carries_what_finesse_wants() -> None:
    async with pretending() as node:
        node.status, node.body = 202, ""
        assert await asked(node, build("make_call", user_id="7 0", from_address="4101", to_address="ä<")) == Answer(
            status=202
        )
    [request] = node.asked
    assert (request.method, request.path) == ("POST", "/finesse/api/User/7%200/Dialogs")
    assert "<toAddress>&#228;&lt;</toAddress>" in request.body
    assert request.headers["requestId"] == "r-1"
    assert request.headers["Content-Type"] == "application/xml"
    assert base64.b64decode(request.headers["Authorization"].removeprefix("Basic ")).decode() == "70011:pässword:x"


async def test_a_request_may_have_a_header_of_its_own() -> None:
    async with pretending() as node, opened(node.url) as rest:
        await rest.request(build("phone_books", user_id="70011"), ANN)
    assert node.asked[0].headers["Range"] == "objects=1-1500"


async def test_a_get_carries_no_body_and_a_token_travels_as_bearer() -> None:
    async with pretending() as node, opened(node.url) as rest:
        await rest.request(GET, Credentials(user_id="70011", secret="t0k.en", sso=True))
        await rest.request(build("system_info"), None)
    first, second = node.asked
    assert first.headers["Authorization"] == "Bearer t0k.en"
    assert "Content-Type" not in first.headers
    assert "requestId" not in first.headers
    assert "Authorization" not in second.headers


@pytest.mark.parametrize("token", ["a\r\nX: y", "ä"])
async def test_a_token_that_cannot_be_a_header_is_not_authorised(token: str) -> None:
    async with pretending() as node, opened(node.url) as rest:
        with pytest.raises(NotAuthorised):
            await rest.request(GET, Credentials(user_id="70011", secret=token, sso=True))
    assert node.asked == []


async def test_agents_share_connections_but_no_cookies() -> None:
    async with pretending() as node, opened(node.url) as rest:
        node.headers = {"Set-Cookie": "JSESSIONID=ann"}
        for _ in range(2):
            await rest.request(GET, ANN)
    assert "Cookie" not in node.asked[1].headers


@pytest.mark.parametrize(
    ("status", "body", "failure"),
    [
        (404, NOT_FOUND, Refused),
        (400, HTML, Refused),
        (401, HTML, NotAuthorised),
        (401, NOT_FOUND.replace("User Not Found", "Invalid State"), Refused),
        (500, "", Refused),
        (301, "", Refused),
        (503, HTML, OutOfService),
    ],
)
async def test_an_error_status_becomes_a_failure(status: int, body: str, failure: type[FinesseError]) -> None:
    async with pretending() as node:
        node.status, node.body, node.headers = status, body, {"Location": "/elsewhere"}
        with pytest.raises(failure) as caught:
            await asked(node)
    assert len(node.asked) == 1
    assert type(caught.value) is failure


async def test_a_refusal_tells_finesses_errors() -> None:
    async with pretending() as node:
        node.status, node.body = 404, NOT_FOUND
        with pytest.raises(Refused) as caught:
            await asked(node)
    assert caught.value.status == 404
    assert caught.value.errors == (ApiError(type="User Not Found", message="UNKNOWN_USER"),)


async def test_a_node_that_does_not_answer_times_out() -> None:
    async with pretending() as node:
        node.hang = True
        with pytest.raises(TimedOut):
            await asked(node, PUT, request_timeout=0.2)
    assert len(node.asked) == 1


async def test_an_answer_cut_in_the_middle_is_down() -> None:
    async with pretending() as node:
        node.cut = True
        with pytest.raises(Down):
            await asked(node)


async def test_a_request_is_never_sent_twice_on_a_connection_that_breaks() -> None:
    """Aiohttp would send a PUT again when a kept connection closes: a consultation would be dialled twice."""
    received: list[bytes] = []

    async def answer_once(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        received.append(await reader.readuntil(b"\r\n\r\n"))
        writer.write(b"HTTP/1.1 202 Accepted\r\nContent-Length: 0\r\n\r\n")
        received.append(await reader.readuntil(b"\r\n\r\n"))
        writer.transport.abort()

    server = await asyncio.start_server(answer_once, "127.0.0.1", 0)
    port = server.sockets[0].getsockname()[1]
    request = Request(operation="take_action", method="PUT", path="/Dialog/1")
    async with opened(f"http://127.0.0.1:{port}") as rest:
        assert (await rest.request(request, ANN)).status == 202
        with pytest.raises(Down):
            await rest.request(request, ANN)
    server.close()
    assert len(received) == 2


async def test_a_refused_connection_is_down() -> None:
    async with pretending() as node:
        pass
    with pytest.raises(Down):
        await asked(node)


async def test_an_unknown_host_is_down() -> None:
    async with opened("http://no-such-host.invalid:8445") as rest:
        with pytest.raises((Down, NotReachable)):
            await rest.request(GET, ANN)


async def test_a_connection_that_times_out_is_tried_twice() -> None:
    """A listener whose queue is full leaves the next connection unanswered, like a host that is not there."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(0)
    fillers = [socket.socket() for _ in range(4)]
    for filler in fillers:
        filler.setblocking(False)
        filler.connect_ex(listener.getsockname())
    began = asyncio.get_running_loop().time()
    async with opened(f"http://127.0.0.1:{listener.getsockname()[1]}", connect_timeout=0.2) as rest:
        with pytest.raises(NotReachable, match="twice"):
            await rest.request(GET, ANN)
    assert asyncio.get_running_loop().time() - began >= 0.4
    for each in (listener, *fillers):
        each.close()


async def test_an_endless_answer_is_refused() -> None:
    async with pretending() as node:
        node.body = "x" * 2000
        with pytest.raises(PayloadError, match="1000 bytes"):
            await asked(node, answer_limit=1000)


async def test_a_hanging_request_delays_no_other() -> None:
    async with pretending() as slow, pretending() as quick:
        slow.hang = True
        async with opened(quick.url) as rest, opened(slow.url) as other:
            hanging = asyncio.create_task(other.request(GET, ANN))
            assert (await rest.request(GET, ANN)).status == 200
            hanging.cancel()
            await asyncio.wait([hanging])


# --- TLS ---------------------------------------------------------------------------------------------------------


async def test_a_certificate_that_is_not_trusted_is_down(server_tls: ssl.SSLContext) -> None:
    async with pretending(server_tls) as node:
        with pytest.raises(Down, match=r"(?i)certificate"):
            await asked(node)
    assert node.asked == []


async def test_an_own_ca_file_makes_it_trusted(server_tls: ssl.SSLContext, ca_file: Path) -> None:
    async with pretending(server_tls) as node:
        assert (await asked(node, tls_ca_file=ca_file)).status == 200


async def test_the_host_name_is_verified(server_tls: ssl.SSLContext, ca_file: Path) -> None:
    async with pretending(server_tls) as node, opened(f"https://127.0.0.2:{node.port}", tls_ca_file=ca_file) as rest:
        with pytest.raises(Down):
            await rest.request(GET, ANN)


async def test_verification_can_be_switched_off_but_not_silently(server_tls: ssl.SSLContext) -> None:
    with structlog.testing.capture_logs() as lines:
        async with pretending(server_tls) as node:
            assert (await asked(node, tls_verify=False)).status == 200
    assert [line["event"] for line in lines] == ["certificates are not verified"]


def test_tls_is_1_2_at_the_least_and_strictness_can_be_relaxed() -> None:
    settings = FinesseSettings(nodes=("https://x",), tls_strict=False)
    context = make_tls_context(settings)
    assert context.minimum_version is ssl.TLSVersion.TLSv1_2
    assert not context.verify_flags & ssl.VERIFY_X509_STRICT
    assert context.check_hostname


def test_a_ca_file_that_is_none_is_the_users_mistake(tmp_path: Path) -> None:
    (tmp_path / "no.pem").write_text("no certificate")
    for file in (tmp_path / "no.pem", tmp_path / "missing.pem"):
        with pytest.raises(UserError, match=file.name):
            make_tls_context(FinesseSettings(nodes=("https://x",), tls_ca_file=file))
