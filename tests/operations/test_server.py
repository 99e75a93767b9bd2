"""The operations port as probes, Prometheus, curious people and hostile ones meet it."""

from __future__ import annotations

import asyncio
import contextlib
import io
import json
from base64 import b64encode
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import aiohttp
import pytest
import uvloop
from prometheus_client.openmetrics.parser import text_string_to_metric_families as read_openmetrics
from prometheus_client.parser import text_string_to_metric_families as read_metrics

from finesse_simulator.certificate import self_signed
from generic_connector.operations.health import ACTIVE, STANDBY, HealthReport, Part
from generic_connector.operations.server import OperationsServer, is_allowed
from generic_connector.operations.settings import OperationsSettings

GOOD = HealthReport(ACTIVE, (Part("broker", ok=True, detail="memory open"),))
BAD = HealthReport(ACTIVE, (Part("broker", ok=False, detail="memory connecting"),))
PASSWORD = "canary-gehéim"
LOGIN = OperationsSettings(username="monitor", password=PASSWORD)
GET = b"GET /health/live HTTP/1.1\r\nHost: x\r\n\r\n"


@asynccontextmanager
async def serving(
    report: HealthReport = GOOD, settings: OperationsSettings | None = None
) -> AsyncIterator[OperationsServer]:
    """Have the port open."""
    server = OperationsServer(settings or OperationsSettings(), lambda: report)
    await server.start()
    try:
        yield server
    finally:
        await server.stop()


async def ask(server: OperationsServer, path: str, method: str = "GET", **headers: str) -> tuple[int, str, str]:
    """Give status, content type and body of an answer."""
    address = f"http://127.0.0.1:{server.port}{path}"
    async with aiohttp.ClientSession() as session, session.request(method, address, headers=headers) as answer:
        return answer.status, answer.headers.get("Content-Type", ""), await answer.text()


def basic(username: str, password: str) -> str:
    return "Basic " + b64encode(f"{username}:{password}".encode()).decode()


async def raw(server: OperationsServer, data: bytes) -> bytes:
    """Send bytes and give all that comes back until the other side closes."""
    reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
    writer.write(data)
    try:
        return await reader.read()
    except ConnectionResetError:
        return b""
    finally:
        await closed(writer)


async def closed(writer: asyncio.StreamWriter) -> None:
    writer.close()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()


async def test_live() -> None:
    """The loop answers: that is all it says."""
    async with serving(BAD) as server:
        assert await ask(server, "/health/live") == (200, "application/json; charset=utf-8", '{"status": "alive"}')


@pytest.mark.parametrize(
    ("report", "path", "status"),
    [
        (GOOD, "/health/ready", 200),
        (BAD, "/health/ready", 503),
        (HealthReport(STANDBY, GOOD.parts), "/health/ready", 503),
        (HealthReport(STANDBY, GOOD.parts), "/health/ready?standby=ok", 200),
        (HealthReport(STANDBY, GOOD.parts), "/health/ready?standby=no", 503),
        (HealthReport(STANDBY, BAD.parts), "/health/ready?standby=ok", 503),
    ],
)
async def test_ready(report: HealthReport, path: str, status: int) -> None:
    async with serving(report) as server:
        told, _, body = await ask(server, path)
        assert (told, json.loads(body)["role"]) == (status, report.role)


async def test_metrics() -> None:
    """In Prometheus' form, with those of the process, and what /health/ready says."""
    async with serving(BAD) as server:
        status, kind, body = await ask(server, "/metrics")
    samples = {
        (sample.name, tuple(sample.labels.items())): sample.value
        for family in read_metrics(body)
        for sample in family.samples
    }
    assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")
    assert samples["generic_connector_ready", ()] == 0
    assert samples["generic_connector_role", (("role", "active"),)] == 1
    assert samples["generic_connector_part_ok", (("part", "broker"),)] == 0
    assert samples["process_resident_memory_bytes", ()] > 0
    assert ("generic_connector_loop_lag_seconds_count", ()) in samples


async def test_openmetrics() -> None:
    """For who asks for it."""
    async with serving() as server:
        status, kind, body = await ask(server, "/metrics", Accept="application/openmetrics-text; version=1.0.0")
    assert (status, kind.partition(";")[0]) == (200, "application/openmetrics-text")
    assert body.endswith("# EOF\n")
    assert "generic_connector_ready" in {family.name for family in read_openmetrics(body)}  # type: ignore[no-untyped-call]


@pytest.mark.parametrize("accept", ["text/plain; version=x", "application/openmetrics-text; version=1.x", "*/*", ",;="])
async def test_metrics_in_no_form_that_exists(accept: str) -> None:
    async with serving() as server:
        status, kind, _ = await ask(server, "/metrics", Accept=accept)
    assert (status, kind) == (200, "text/plain; version=0.0.4; charset=utf-8")


async def test_methods_and_paths() -> None:
    """HEAD is GET without a body; other methods and other paths are refused, and none of them is kept alive."""
    async with serving(BAD) as server:
        told = {
            (method, path): (await ask(server, path, method))[::2]
            for method, path in (
                ("HEAD", "/health/ready"),
                ("HEAD", "/metrics"),
                ("POST", "/health/live"),
                ("DELETE", "/metrics"),
                ("GET", "/"),
                ("GET", "/metrics/"),
                ("PUT", "/nowhere"),
            )
        }
        head = await raw(server, b"HEAD /nowhere HTTP/1.1\r\nHost: x\r\n\r\n" + GET)
    assert told == {
        ("HEAD", "/health/ready"): (503, ""),
        ("HEAD", "/metrics"): (200, ""),
        ("POST", "/health/live"): (405, "405: Method Not Allowed"),
        ("DELETE", "/metrics"): (405, "405: Method Not Allowed"),
        ("GET", "/"): (404, "404: Not Found"),
        ("GET", "/metrics/"): (404, "404: Not Found"),
        ("PUT", "/nowhere"): (404, "404: Not Found"),
    }
    assert head.startswith(b"HTTP/1.1 404 Not Found\r\n")
    assert head.count(b"HTTP/1.1") == 1  # the second request on the connection is not answered
    assert b"Connection: close" in head


@pytest.mark.parametrize(
    ("authorization", "status"),
    [
        (basic("monitor", PASSWORD), 200),
        (basic("monitor", PASSWORD).replace("Basic", "bASIC"), 200),
        ("", 401),
        (basic("monitor", "wrong"), 401),
        (basic("other", PASSWORD), 401),
        (basic("monitor", ""), 401),
        (basic("monitor", PASSWORD).replace("Basic", "Bearer"), 401),
        (PASSWORD, 401),
        ("Basic", 401),
        ("Basic ½", 401),
    ],
)
async def test_password(authorization: str, status: int, log: io.StringIO) -> None:
    """The metrics are for who has the password; health is for everybody; the log says nothing of it."""
    async with serving(settings=LOGIN) as server:
        headers = {"Authorization": authorization} if authorization else {}
        assert (await ask(server, "/metrics", **headers))[0] == status
        assert [(await ask(server, path))[0] for path in ("/health/live", "/health/ready")] == [200, 200]
        unasked = await raw(server, b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
    assert b'WWW-Authenticate: Basic realm="generic-connector", charset="UTF-8"' in unasked
    secrets = (PASSWORD, basic("monitor", PASSWORD).removeprefix("Basic "))
    assert [secret for secret in secrets if secret in log.getvalue()] == []


def test_a_header_that_is_no_text() -> None:
    """Bytes that are not UTF-8 come as surrogates."""
    assert not is_allowed("Basic \udcff", LOGIN)


def test_password_is_in_no_repr() -> None:
    assert PASSWORD not in repr(LOGIN)


@pytest.mark.parametrize("path", ["/health/ready", "/metrics"])
async def test_a_mistake_of_ours(path: str, log: io.StringIO) -> None:
    """It is logged; who asked is told that there was one, and no more."""

    def source() -> HealthReport:
        raise RuntimeError("broken")

    server = OperationsServer(OperationsSettings(), source)
    await server.start()
    try:
        status, _, body = await ask(server, path)
    finally:
        await server.stop()
    (line,) = [one for one in map(json.loads, log.getvalue().splitlines()) if one["level"] == "error"]
    assert (status, body) == (500, "500: Internal Server Error")
    assert (line["event"], line["path"], "RuntimeError: broken" in line["exception"]) == (
        "operations request failed",
        path,
        True,
    )


HOSTILE = [
    b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",  # a TLS client at a port without TLS
    b"GET / HTTP/9.9\r\n\r\n",
    b"GET /" + b"a" * 100_000 + b" HTTP/1.1\r\nHost: x\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\nX: " + b"a" * 100_000 + b"\r\n\r\n",
    b"GET / HTTP/1.1\r\nHost: x\r\n" + b"".join(b"X-%d: a\r\n" % number for number in range(1000)) + b"\r\n",
    b"GET / HTTP/1.1\r\nAuthorization: Basic " + PASSWORD.encode() + b"\r\n broken\0\r\n\r\n",
    b"POST /metrics HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n",
    b"\0" * 1000,
]


@pytest.mark.parametrize("data", HOSTILE)
async def test_hostile_bytes(data: bytes, log: io.StringIO) -> None:
    """They are refused, the connection ends, the port goes on, and the log is not theirs to fill."""
    async with serving(settings=OperationsSettings(connection_deadline=1)) as server:
        answer = await raw(server, data)
        assert answer == b"" or answer[9:12] in {b"400", b"404", b"405", b"505"}
        assert (await ask(server, "/health/live"))[0] == 200
    told = [line for line in map(json.loads, log.getvalue().splitlines()) if line["level"] != "debug"]
    assert [line["event"] for line in told] == ["operations port listens"]
    assert PASSWORD not in log.getvalue()


@pytest.mark.parametrize(
    "data", [b"", b"GET /health", GET[:-2], b"POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 9\r\n\r\n"]
)
async def test_slow_clients_are_cut(data: bytes) -> None:
    """Whatever was sent of a request: a connection ends when its time is over."""
    async with serving(settings=OperationsSettings(connection_deadline=0.05)) as server:
        assert not (await raw(server, data)).startswith(b"HTTP/1.1 200")


async def test_a_client_that_reads_nothing_is_cut() -> None:
    """The answers wait in buffers; they are given up with the connection."""
    async with serving(settings=OperationsSettings(connection_deadline=0.2)) as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port, limit=1)
        writer.write(b"GET /metrics HTTP/1.1\r\nHost: x\r\n\r\n")
        assert server._runner is not None
        assert server._runner.server is not None
        while not server._runner.server.connections:  # noqa: ASYNC110  nothing tells us when
            await asyncio.sleep(0.001)
        while server._runner.server.connections:  # noqa: ASYNC110
            await asyncio.sleep(0.01)
        await closed(writer)
        del reader


async def test_few_connections_at_a_time() -> None:
    """One more is closed at once; when one has ended there is room again."""
    async with serving(settings=OperationsSettings(connection_limit=2)) as server:
        first, second = [await asyncio.open_connection("127.0.0.1", server.port) for _ in range(2)]
        assert await raw(server, GET) == b""
        first[1].write(GET)
        assert (await first[0].read()).startswith(b"HTTP/1.1 200 OK")
        assert (await raw(server, GET)).startswith(b"HTTP/1.1 200 OK")
        for _, writer in (first, second):
            await closed(writer)


async def test_stop_ends_connections() -> None:
    """Also one that has asked nothing yet; stopping twice is fine, and the port is free afterwards."""
    async with serving() as server:
        reader, writer = await asyncio.open_connection("127.0.0.1", server.port)
        await server.stop()
        assert await reader.read() == b""
        await closed(writer)
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection("127.0.0.1", server.port)


async def test_a_port_that_is_taken() -> None:
    """It is told, and nothing is left over."""
    async with serving() as server:
        other = OperationsServer(OperationsSettings(port=server.port), lambda: GOOD)
        with pytest.raises(OSError, match=f"{server.port}"):
            await other.start()
        assert other.port == 0


async def test_a_tls_client_that_says_nothing_is_cut() -> None:
    settings = OperationsSettings(ssl_context=self_signed("127.0.0.1").server_context(), connection_deadline=0.05)
    async with serving(settings=settings) as server:
        assert await raw(server, b"") == b""


def test_tls_on_the_loop_of_the_product() -> None:
    """Who speaks no TLS gets nothing."""
    certificate = self_signed("127.0.0.1")

    async def talk() -> None:
        settings = OperationsSettings(ssl_context=certificate.server_context(), connection_deadline=1)
        async with serving(settings=settings) as server, aiohttp.ClientSession() as session:
            address = f"https://127.0.0.1:{server.port}/health/ready"
            async with session.get(address, ssl=certificate.client_context()) as answer:
                assert answer.status == 200
            assert b"200 OK" not in await raw(server, GET)

    uvloop.run(talk())
