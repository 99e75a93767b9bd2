"""The recorder that is told by HTTP, against a small server."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from generic_connector.recording.door import NoRecorder, RecordedCall, RecorderUnavailable
from generic_connector.recording.http import HttpRecorder, RecorderSettings, fill

CALL = RecordedCall(agent_id="1001", login_name="ann/lee", extension="4001", dialog_id="16777217")
ODD = RecordedCall(agent_id='a"b<c', login_name="", extension="", dialog_id="")


@dataclass
class Server:
    """A recorder's HTTP interface that keeps what it was asked."""

    url: str = ""
    status: int = 200
    hangs: bool = False
    asked: list[tuple[str, str, str, str]] = field(default_factory=list)

    async def answer(self, request: web.Request) -> web.Response:
        body = await request.text()
        self.asked.append((request.method, request.raw_path, request.headers.get("X-Key", ""), body))
        if self.hangs:
            await asyncio.Event().wait()
        return web.Response(status=self.status, headers={"Location": "/elsewhere"} if self.status == 302 else None)


@asynccontextmanager
async def a_server() -> AsyncIterator[Server]:
    server = Server()
    app = web.Application()
    app.router.add_route("*", "/{tail:.*}", server.answer)
    runner = web.AppRunner(app, shutdown_timeout=0.1)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", 0)
    await site.start()
    server.url = f"http://127.0.0.1:{runner.addresses[0][1]}"
    try:
        yield server
    finally:
        await runner.cleanup()


@asynccontextmanager
async def a_recorder(server: Server, **settings: object) -> AsyncIterator[HttpRecorder]:
    templates = {"pause_url": f"{server.url}/pause/{{agent_id}}", "resume_url": f"{server.url}/go?who={{login_name}}"}
    recorder = HttpRecorder(RecorderSettings(**(templates | settings)))  # type: ignore[arg-type]
    try:
        yield recorder
    finally:
        await recorder.close()


async def test_what_is_asked() -> None:
    """Each request has its own address and body, both filled in, and the headers of the configuration."""
    body = '{"call": "{dialog_id}", "more": {}}'
    headers = {"X-Key": "k1", "Content-Type": "application/json"}
    async with a_server() as server, a_recorder(server, pause_body=body, headers=headers, method="PUT") as recorder:
        await recorder.pause(CALL)
        await recorder.resume(CALL)
    assert server.asked == [
        ("PUT", "/pause/1001", "k1", '{"call": "16777217", "more": {}}'),
        ("PUT", "/go?who=ann%2Flee", "k1", ""),
    ]


@pytest.mark.parametrize(
    ("kind", "filled"),
    [("application/json", 'a\\"b<c'), ("text/xml", "a&quot;b&lt;c"), ("text/plain", "a%22b%3Cc")],
)
async def test_values_are_escaped(kind: str, filled: str) -> None:
    """What a value may hold depends on what the body is."""
    async with (
        a_server() as server,
        a_recorder(server, pause_body="{agent_id}", headers={"content-type": kind}) as recorder,
    ):
        await recorder.pause(ODD)
    assert [one[3] for one in server.asked] == [filled]


def test_other_braces_stay() -> None:
    """A template may be full of braces."""
    assert fill("{x} {agent_id} {}", CALL, str) == "{x} 1001 {}"


@pytest.mark.parametrize("status", [302, 401, 500])
async def test_a_refusal(status: int) -> None:
    """A status that is no success is told."""
    async with a_server() as server, a_recorder(server) as recorder:
        server.status = status
        with pytest.raises(RecorderUnavailable, match=str(status)):
            await recorder.pause(CALL)


async def test_no_answer() -> None:
    """A recorder that hangs is given up; one that is not there is told so."""
    async with a_server() as server, a_recorder(server, timeout=0.1) as recorder:
        server.hangs = True
        with pytest.raises(RecorderUnavailable, match="no answer"):
            await recorder.resume(CALL)
    async with a_recorder(server) as recorder:
        with pytest.raises(RecorderUnavailable, match="cannot be reached"):
            await recorder.pause(CALL)


async def test_no_recorder() -> None:
    """Where none is configured, that is what is told."""
    for ask in (NoRecorder().pause, NoRecorder().resume):
        with pytest.raises(RecorderUnavailable, match="No recorder"):
            await ask(CALL)
