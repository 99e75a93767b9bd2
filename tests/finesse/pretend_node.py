"""A REST node that answers as it is told and keeps what it was asked."""

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

from aiohttp import web

from finesse import updates

DOMAIN = "fin1.example.com"


@dataclass
class Asked:
    """A request as it arrived."""

    method: str
    path: str
    body: str
    headers: dict[str, str]


@dataclass
class PretendNode:
    """The node. status and body: the next answers. hang: never answer. cut: close in the middle of the answer."""

    status: int = 200
    body: str = updates.SYSTEM_INFO.format(domain=DOMAIN)
    headers: dict[str, str] = field(default_factory=dict)
    hang: bool = False
    cut: bool = False
    asked: list[Asked] = field(default_factory=list)
    port: int = 0
    scheme: str = "http"
    going_on: asyncio.Event = field(default_factory=asyncio.Event)

    def __post_init__(self) -> None:
        self.going_on.set()

    def hold(self) -> None:
        """Answer nothing for now."""
        self.going_on.clear()

    def go_on(self) -> None:
        """Answer what was held, and everything after."""
        self.going_on.set()

    @property
    def url(self) -> str:
        return f"{self.scheme}://127.0.0.1:{self.port}"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        self.asked.append(
            Asked(request.method, request.raw_path, (await request.read()).decode(), dict(request.headers))
        )
        status, body = self.status, self.body  # as things are when it is asked
        await self.going_on.wait()
        if self.hang:
            await asyncio.sleep(60)
        if self.cut:
            answer = web.StreamResponse(headers={"Content-Length": "1000"})
            await answer.prepare(request)
            await answer.write(b"<User>")
            assert request.transport is not None
            request.transport.abort()
            return answer
        return web.Response(status=status, text=body, content_type="application/xml", headers=self.headers)


@contextlib.asynccontextmanager
async def pretending(tls: ssl.SSLContext | None = None, port: int = 0) -> AsyncIterator[PretendNode]:
    """Serve a pretend node on a free port (or that one) of 127.0.0.1."""
    node = PretendNode(scheme="https" if tls else "http")
    app = web.Application()
    app.router.add_route("*", "/{path:.*}", node.handle)
    runner = web.AppRunner(app, shutdown_timeout=0.1, handler_cancellation=True)
    await runner.setup()
    site = web.TCPSite(runner, "127.0.0.1", port, ssl_context=tls)
    await site.start()
    node.port = runner.addresses[0][1]
    try:
        yield node
    finally:
        await runner.cleanup()
