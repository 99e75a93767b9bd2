"""Hostile clients at the embedded broker's sockets, while an agent works beside them as if they were not there."""

from __future__ import annotations

import asyncio
import re

import aiohttp
import structlog

from broker.embedded.wire import CONNECT, Wire
from fuzz.watching import check
from generic_connector.broker.embedded import EmbeddedDoor, EmbeddedSettings
from journeys.test_overload import what_each_heard
from journeys.world import World, a_world

SEND = "SEND\ndestination:/queue/Connector1\n"
BEFORE_LOGIN = {
    "another protocol": (b"GET / HTTP/1.1\r\nHost: x\r\n\r\n", "unknown command"),
    "TLS": (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(256)), "unknown command"),
    "not UTF-8": (b"CONNECT\naccept-version:\xff\n\n\0", "not UTF-8"),
    "NUL": (b"CONNECT\naccept-version\0:1.2\n\n\0", "ends within its headers"),
    "half a character": (b"CONNECT\nlogin:\xed\xa0\x80\n\n\0", "not UTF-8"),
}
AFTER_LOGIN = {
    "many headers": (SEND + "a:b\n" * 100_000 + "\n\0", "too (large|many)"),
    "a long header": (SEND + "a:" + "b" * 50_000 + "\n\n\0", "too long"),
    "headers without end": (SEND + "a:b\n" * 1_000_000, "too large"),
    "no header": (SEND + "a\n\n\0", "no colon"),
    "an escape that is none": (SEND + "a:\\t\n\n\0", "undefined escape"),
    "a length that is none": (SEND + "content-length:-1\n\n\0", "not a number"),
    "a length that is wrong": (SEND + "content-length:2\n\nabcd\0", "does not end where"),
    "what only a broker says": ("MESSAGE\n\n\0", "not allowed"),
}


def errors(answer: bytes) -> list[str]:
    """Give the messages of the ERROR frames."""
    frames = answer.decode().replace("\n\0", "\0").split("\0")
    return [frame.partition("message:")[2] for frame in frames if frame.lstrip("\n").startswith("ERROR\n")]


async def works_as_ever(world: World) -> None:
    """Let an agent sign in, go ready, ask and sign out, and compare all that is heard."""
    await world.sign_in("1001", "CRM1")
    for command, events in (("MakeReady#1001", 1), ("GetState#1001", 1), ("force_logout#1001", 2)):
        world.send(command)
        await world.hears("CRM1", events)
    told = what_each_heard(world.door.bodies("CRM1"))["1001"]
    states = ["State READY", "State READY", "State NOT_READY", "State LOGOUT"]
    assert told == ["AgentInfo", "State NOT_READY", "DialogStatus", *states]


async def rejected(door: EmbeddedDoor, first: bytes, then: bytes, reason: str) -> None:
    """Send this, see that the connection is closed, and that nothing but this is told."""
    wire = await Wire.open(door.broker.tcp_port, first)
    for start in range(0, len(then), 65_536):
        wire.write(then[start : start + 65_536])
        await asyncio.sleep(0)
    told = errors(await wire.read_to_end())  # nothing where the network was reset before it was read
    assert all(re.search(reason, error) for error in told), told
    await wire.close()


async def test_hostile_clients_are_told_why_and_nobody_else_notices() -> None:
    door = EmbeddedDoor(EmbeddedSettings(tcp_port=0))
    with structlog.testing.capture_logs() as lines:
        async with a_world(doors=[door]) as world:
            strangers = [rejected(door, data, b"", reason) for data, reason in BEFORE_LOGIN.values()]
            clients = [rejected(door, CONNECT, text.encode(), reason) for text, reason in AFTER_LOGIN.values()]
            await asyncio.gather(*strangers, *clients, works_as_ever(world))
            assert door.broker._connections == set()
    reasons = [line["reason"] for line in lines if line["event"] == "client is disconnected"]
    expected = [reason for _, reason in (*BEFORE_LOGIN.values(), *AFTER_LOGIN.values())]
    assert [reason for reason in expected if not any(re.search(reason, told) for told in reasons)] == []
    assert len(reasons) == len(expected)
    check(lines)


async def test_a_command_that_is_too_large_or_no_text_is_answered() -> None:
    """The client that sent it goes on, by a socket as well as by a WebSocket."""
    door = EmbeddedDoor(EmbeddedSettings(tcp_port=0, websocket_port=0, body_limit=100_000))
    url = "http://127.0.0.1:{}/stomp"
    async with a_world(doors=[door]) as world, aiohttp.ClientSession() as http:
        async with http.ws_connect(url.format(door.broker.websocket_port), protocols=("v12.stomp",)) as socket:
            await socket.send_str("CONNECT\naccept-version:1.2\n\n\0")
            await socket.receive_str()
            await socket.send_str("SUBSCRIBE\nid:1\ndestination:/topic/HOSTILE\n\n\0")
            for headers, body in (("", b"x" * 200_000), ("", b"\xff"), ("content-length:2\n", b"\0\1"), ("", b"")):
                head = f"{SEND}type:GetState#nobody\nreply-to:/topic/HOSTILE\n{headers}\n"
                await socket.send_bytes(head.encode() + body + b"\0")
            answers = [(await socket.receive_str()).partition("\n\n")[2] for _ in range(4)]
        assert [answer.partition("#")[2].partition("\0")[0] for answer in answers] == [
            "Error#PLEASE_RETRY#The body is larger than the broker door accepts",
            "Error#PLEASE_RETRY#The body is not UTF-8 text",
            "Error#PLEASE_RETRY#The message is not a TextMessage",
            "State#RE_LOGIN######nobody####",
        ]
        await works_as_ever(world)
