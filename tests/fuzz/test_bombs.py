"""Documents that are made to harm who reads them: refused with a clear word, at a bounded cost, and life goes on."""

from __future__ import annotations

import asyncio
import gzip
import tracemalloc
from collections.abc import Callable
from unittest.mock import patch
from xml.sax.saxutils import escape

import aiohttp
import pytest

from finesse import updates
from fuzz import answers, websocket, xmpp
from fuzz.source import pieces
from fuzz.watching import play
from generic_connector.finesse import payloads
from generic_connector.finesse.failures import Down, FinesseError, PayloadError
from generic_connector.finesse.requests import build
from generic_connector.finesse.rest import RestNode
from generic_connector.finesse.settings import FinesseSettings

MEMORY = 64 * 1024 * 1024
"""Bytes that one document may take for a moment."""

LAUGHS = (
    "<!DOCTYPE User [<!ENTITY l0 'lol'>"
    + "".join(f"<!ENTITY l{level} '{f'&l{level - 1};' * 10}'>" for level in range(1, 10))
    + "]>"
)
EXTERNAL = '<!DOCTYPE User [<!ENTITY file SYSTEM "file:///etc/passwd">]>'
DEEP = "<a>" * 100_000 + "</a>" * 100_000

DOCUMENTS = {
    "entities": (LAUGHS + "<User>&l9;</User>", "DOCTYPE"),
    "external": (EXTERNAL + "<User>&file;</User>", "DOCTYPE"),
    "external subset": ("<!DOCTYPE User SYSTEM 'http://example.com/a.dtd'><User/>", "DOCTYPE"),
    "entities that nobody declared": ("<User>&file;</User>", "well-formed"),
    "deep": (f"<User>{DEEP}</User>", "levels"),
    "wide": ("<User>" + "<a/>" * 500_000 + "</User>", "tags"),
    "many attributes": ("<User " + "a='' " * 100_000 + "/>", "well-formed"),
    "large": ("<User>" + "x" * payloads.NOTIFICATION_LIMIT * 40 + "</User>", "characters"),
    "NUL": ("<User>\0</User>", "well-formed"),
    "NUL, written otherwise": ("<User>&#0;</User>", "well-formed"),
    "half a character": ("<User>\ud800</User>", "well-formed"),
    "half a character, written otherwise": ("<User>&#xD800;</User>", "well-formed"),
}
"""A document, and a word of its refusal."""


def network(data: bytes) -> list[bytes]:
    """Cut bytes as a network does that is in a hurry."""
    return [data[at : at + 65_536] for at in range(0, len(data), 65_536)]


@pytest.mark.parametrize("name", DOCUMENTS)
def test_a_document_is_refused_at_a_bounded_cost(name: str) -> None:
    document, word = DOCUMENTS[name]
    tracemalloc.start()
    try:
        with pytest.raises(PayloadError, match=word):
            payloads.parse_user(document)
        assert tracemalloc.get_traced_memory()[1] < MEMORY
    finally:
        tracemalloc.stop()


# --- notifications -----------------------------------------------------------------------------------------------

SETTINGS = FinesseSettings(nodes=("https://127.0.0.1:8445",), xmpp_transport="plain")
IN_MESSAGE = "<message xmlns='jabber:client' from='pubsub.fin1.example.com'>{}</message>"
IN_ITEM = (
    "<event xmlns='http://jabber.org/protocol/pubsub#event'><items node='/finesse/api/User/1001'><item>"
    "<notification xmlns='http://jabber.org/protocol/pubsub'>{}</notification></item></items></event>"
)
NEWS = IN_MESSAGE.format(IN_ITEM.format(escape(updates.USER_NOT_READY)))

MANY = " ".join(f"{{0}}{number}='x'" for number in range(20_000))

STANZAS = {
    "deep": (IN_MESSAGE.format(DEEP), "", "more than 24 levels"),
    "deep request": (f"<iq xmlns='jabber:client' type='get' id='1'>{DEEP}</iq>", "", "more than 24 levels"),
    "deep payload": (IN_MESSAGE.format(IN_ITEM.format(escape(f"<Update>{DEEP[:9000]}</Update>"))), "", "well-formed"),
    "entities in the payload": (IN_MESSAGE.format(IN_ITEM.format(escape(f"{LAUGHS}<Update/>"))), "", "DOCTYPE"),
    "wide": (IN_MESSAGE.format("<a/>" * 100_000), "", ""),
    "many attributes": (IN_MESSAGE.format(f"<b {MANY.format('a')}/>"), "", ""),
    "many namespaces": (IN_MESSAGE.format(f"<b {MANY.format('xmlns:a')}/>"), "", ""),
    "large attribute": (f"<message xmlns='jabber:client' a='{'x' * 3_000_000}'/>", "too large", ""),
    "NUL": (IN_MESSAGE.format("\0"), "not well-formed", ""),
    "half a character": (IN_MESSAGE.format("&#xD800;"), "not well-formed", ""),
    "no entity": (IN_MESSAGE.format("&l9;"), "not well-formed", ""),
    "DOCTYPE": (LAUGHS + NEWS, "DOCTYPE|not well-formed", ""),
}
"""A stanza, a word of the reason for which the session ends ("": it does not), and one of what is logged."""


@pytest.mark.parametrize(
    ("wire", "name"),
    [("tcp", name) for name in STANZAS]
    + [("websocket", name) for name in STANZAS if name != "large attribute"],  # aiohttp's affair: test_websocket.py
)
def test_a_stanza_is_ignored_or_ends_the_session(wire: str, name: str) -> None:
    """Where the session goes on, the next notification is heard; where it ends, its owner hears why."""
    stanza, reason, logged = STANZAS[name]

    async def by_tcp() -> None:
        data = (stanza + NEWS).encode()
        check(await xmpp.converse(xmpp.HONEST, network(data), SETTINGS), reason)

    async def by_websocket() -> None:
        frames = [*websocket.HONEST, stanza, NEWS]
        check(await websocket.converse([frame.encode() for frame in frames], SETTINGS, is_honest=True), reason)

    assert logged in str(play(by_tcp if wire == "tcp" else by_websocket))


def check(owner: xmpp.Owner, reason: str) -> None:
    assert len(owner.heard) == (0 if reason else 1)
    assert any(word in owner.closed[0].reason for word in reason.split("|"))


@pytest.mark.parametrize(
    ("beginning", "reason"),
    [
        (f"<?xml version='1.0'?>{LAUGHS}<stream:stream xmlns:stream='s'>&l9;", "DOCTYPE"),
        (f"<?xml version='1.0'?>{EXTERNAL}", "DOCTYPE"),
        ("<?xml version='1.0' encoding='utf-16'?><a>".encode("utf-16"), "not send UTF-8"),
        ("<!DOCTYPE a [<!ENTITY b 'c'>]><a>&b;".encode("utf-16-le"), "not send UTF-8"),
        (b"<?xml version='1.0' encoding='cp037'?>" + "<!DOCTYPE a>".encode("cp037"), "not well-formed"),
        ("<?xml version='1.0' encoding='no-such'?></a>", "not well-formed"),
        (b"\xff\xfe\0\xd8", "not send UTF-8"),
        (xmpp.HONEST[0].replace("</stream:features>", f"{DEEP}</stream:features></a>"), "not well-formed"),
    ],
    ids=range(8),
)
@pytest.mark.parametrize("size", [0, 1, 5])
def test_a_stream_that_begins_badly_is_left(beginning: str | bytes, reason: str, size: int) -> None:
    """At once, however the network cuts it, with the reason; nothing that it declares is expanded."""
    data = beginning if isinstance(beginning, bytes) else beginning.encode()

    async def script() -> None:
        with pytest.raises(FinesseError, match=reason):
            await xmpp.opened(pieces(data, size), SETTINGS)

    play(script)


def test_what_follows_after_bad_xml_is_not_read() -> None:
    """However much it is: each piece would cost a task and an answer."""

    async def script() -> None:
        before = len(asyncio.all_tasks())
        wire = xmpp.PipedWire(xmpp.ADDRESS, xmpp.ANN, SETTINGS, xmpp.Deaf(), tls_context=xmpp.tls_context())
        wire.connect()
        for _ in range(1000):
            wire._client.data_received(b"</a>")
        assert len(asyncio.all_tasks()) <= before + 1
        await asyncio.wait(wire.dispose())

    play(script)


# --- answers -----------------------------------------------------------------------------------------------------


def answer(body: bytes, status: int = 200, **headers: str) -> bytes:
    lines = "".join(f"{name.replace('_', '-')}: {value}\r\n" for name, value in headers.items())
    return f"HTTP/1.1 {status} OK\r\n{lines}Content-Length: {len(body)}\r\n\r\n".encode() + body


ANSWERS: dict[str, tuple[Callable[[], bytes], type[FinesseError]]] = {
    "gzip": (lambda: answer(gzip.compress(b"\0" * 50_000_000), Content_Encoding="gzip"), PayloadError),
    "no gzip": (lambda: answer(b"<User/>" * 20, Content_Encoding="gzip"), Down),
    "large header": (lambda: b"HTTP/1.1 200 OK\r\nX: " + b"x" * 10_000_000, Down),
    "many headers": (lambda: b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 100_000, Down),
    "large status line": (lambda: b"HTTP/1.1 200 " + b"x" * 10_000_000, Down),
    "no status": (lambda: b"HTTP/1.1 \xff\0\r\n\r\n", Down),
    "endless body": (lambda: b"HTTP/1.1 200 OK\r\n\r\n" + b"x" * 20_000_000, PayloadError),
    "bad chunk": (lambda: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n", Down),
    "large chunk size": (lambda: b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n" + b"f" * 100_000, Down),
    "two lengths": (lambda: b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\nab", Down),
    "nothing": (lambda: b"", Down),
}


@pytest.mark.parametrize("name", ANSWERS)
def test_an_answer_is_a_failure_and_the_next_request_is_answered(name: str) -> None:
    make, failure = ANSWERS[name]

    async def script() -> None:
        with patch.object(aiohttp, "TCPConnector", answers.Connector):
            node = RestNode(SETTINGS.nodes[0], SETTINGS, xmpp.tls_context())
            data = make()
            answers.Connector.chunks = network(data)
            with pytest.raises(failure):
                await node.request(build("user", user_id="1001"), None)
            answers.Connector.chunks = [answer(b"<User/>")]
            assert (await node.request(build("user", user_id="1001"), None)).body == "<User/>"
            await node.close()

    play(script)
