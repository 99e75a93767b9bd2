"""Hostile bytes for an HTTP answer, status line and all, to the REST link, the readers, and the look at SystemInfo.

An input: a byte for the size of the pieces, then what the node writes.
"""

from __future__ import annotations

import asyncio
import contextlib
from dataclasses import replace
from typing import Any
from unittest.mock import patch

import aiohttp
from aiohttp.client_proto import ResponseHandler

from finesse import updates
from fuzz.source import headed, pieces
from fuzz.watching import SECRET, play
from fuzz.xmpp import SETTINGS as USUAL
from fuzz.xmpp import Pipe, tls_context
from generic_connector.finesse import cluster, payloads
from generic_connector.finesse.failures import FinesseError, PayloadError
from generic_connector.finesse.model import Credentials
from generic_connector.finesse.requests import build
from generic_connector.finesse.rest import RestNode

SETTINGS = replace(USUAL, request_timeout=0.2)
"""aiohttp 3.14 waits for the rest of a chunked body that broke off in its later part, until its time is up."""

READERS = (
    payloads.parse_user,
    payloads.parse_users,
    payloads.parse_dialog,
    payloads.parse_dialogs,
    payloads.parse_reason_codes,
    payloads.parse_wrap_up_reasons,
    payloads.parse_system_info,
    payloads.parse_team,
    payloads.parse_queues,
    payloads.parse_phone_books,
    payloads.parse_api_errors,
)
HONEST = b"HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%b"
SYSTEM_INFO = updates.SYSTEM_INFO.format(domain="fin1.example.com").encode()
ANN = Credentials(user_id="1001", secret=SECRET)


class Answering(Pipe):
    """A connection whose other end answers every request with the same bytes, and closes."""

    def __init__(self, protocol: ResponseHandler, chunks: list[bytes]) -> None:
        super().__init__(protocol)
        self._chunks = chunks

    def write(self, data: Any) -> None:
        super().write(data)
        if data:
            loop = asyncio.get_running_loop()
            for chunk in self._chunks:
                loop.call_soon(self._hear, chunk)
            loop.call_soon(self.close)

    def _hear(self, chunk: bytes) -> None:
        if not self.is_closing():
            self._protocol.data_received(chunk)

    def pause_reading(self) -> None:
        """Say nothing: all of it has been sent."""

    def resume_reading(self) -> None:
        """Say nothing."""


class Connector(aiohttp.BaseConnector):
    """Connects to nobody. chunks: the answer, the same for all."""

    chunks: list[bytes]

    def __init__(self, *, limit: int, keepalive_timeout: float, ssl: object) -> None:
        super().__init__(limit=limit, keepalive_timeout=keepalive_timeout)
        del ssl

    async def _create_connection(self, *_: Any) -> ResponseHandler:
        protocol = ResponseHandler(loop=asyncio.get_running_loop())
        protocol.connection_made(Answering(protocol, Connector.chunks))
        return protocol


def one(data: bytes) -> None:
    """Let a node answer this to a request, and to the look at SystemInfo; then let it answer as it should."""
    size, data = headed(data)

    async def script() -> None:
        with patch.object(aiohttp, "TCPConnector", Connector), patch.object(cluster, "make_tls_context", tls_context):
            await _ask_a_node(list(pieces(data, size)))
            await _look_at_a_cluster(list(pieces(data, size)))

    play(script)


async def _ask_a_node(chunks: list[bytes]) -> None:
    node = RestNode(SETTINGS.nodes[0], SETTINGS, tls_context())
    Connector.chunks = chunks
    try:
        answer = await node.request(build("user", user_id="1001"), ANN)
    except FinesseError:
        pass
    else:
        for read in READERS:
            with contextlib.suppress(PayloadError):
                read(answer.body)
    Connector.chunks = [HONEST % (len(SYSTEM_INFO), SYSTEM_INFO)]
    answer = await node.request(build("system_info"), None)
    assert answer.body.encode() == SYSTEM_INFO
    await node.close()


async def _look_at_a_cluster(chunks: list[bytes]) -> None:
    finesse = cluster.FinesseCluster(SETTINGS)
    Connector.chunks = chunks
    await finesse.start(lambda _: None)
    Connector.chunks = [HONEST % (len(SYSTEM_INFO), SYSTEM_INFO)]
    await finesse._look()
    assert finesse.in_service
    await finesse.stop()
