"""Every door with TLS, as a site's own settings make it: what is too old, not trusted or somebody else is refused."""

from __future__ import annotations

import asyncio
import contextlib
import ssl
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import pytest

from finesse_simulator.certificate import Certificate, self_signed
from generic_connector.broker import activemq
from generic_connector.broker.embedded import EmbeddedBroker
from generic_connector.config import Settings, load
from generic_connector.config.mapping import to_activemq, to_embedded, to_finesse, to_recorder
from generic_connector.finesse.failures import FinesseError
from generic_connector.finesse.model import Credentials
from generic_connector.finesse.opening import open_session
from generic_connector.finesse.requests import build
from generic_connector.finesse.rest import RestNode
from generic_connector.finesse.session import XmppAddress
from generic_connector.finesse.tls import make_tls_context
from generic_connector.recording.door import RecordedCall, RecorderUnavailable
from generic_connector.recording.http import HttpRecorder

ANN = Credentials(user_id="1001", secret="agent-secret-1001")
HERE, ELSEWHERE = "127.0.0.1", "elsewhere.example"

# --- doors by which we go out: each tries what it can at an address


async def requests(settings: Settings, port: int) -> None:
    ours = to_finesse(settings)
    node = RestNode(f"https://{HERE}:{port}", ours, make_tls_context(ours))
    with contextlib.suppress(FinesseError):
        await node.request(build("user", user_id="1001"), ANN, "")
    await node.close()


async def notifications(settings: Settings, port: int) -> None:
    ours = to_finesse(settings)
    with contextlib.suppress(FinesseError):
        await open_session(
            XmppAddress(host=HERE, port=port, domain="finesse.example"),
            ANN,
            ours,
            make_tls_context(ours),
            on_notification=lambda _: None,
            on_closed=lambda _: None,
        )


async def broker(settings: Settings, _: int) -> None:
    await activemq.check(to_activemq(settings))


async def recorder(settings: Settings, _: int) -> None:
    ours = to_recorder(settings)
    assert ours is not None
    recorder = HttpRecorder(ours)
    with contextlib.suppress(RecorderUnavailable):
        await recorder.pause(RecordedCall(agent_id="1", login_name="x", extension="1", dialog_id="1"))
    await recorder.close()


@dataclass(frozen=True)
class Door:
    """A way out. section: where its TLS is set; more: other settings, {port} being the server's."""

    section: str
    go: Callable[[Settings, int], Awaitable[None]]
    more: str = ""


DOORS = {
    "requests": Door("finesse.tls", requests),
    "notifications": Door("finesse.tls", notifications),
    "notifications by WebSocket": Door(
        "finesse.tls", notifications, '[finesse.notifications]\ntransport = "websocket"\nsign_in_deadline_seconds = 5\n'
    ),
    "broker": Door("broker.activemq.tls", broker, f'[broker.activemq]\nurls = ["stomp+ssl://{HERE}:{{port}}"]\n'),
    "recorder": Door(
        "recording.tls",
        recorder,
        f'[recording]\npause_url = "https://{HERE}:{{port}}/"\nresume_url = "https://{HERE}:{{port}}/"\n',
    ),
}


@pytest.fixture(scope="module")
def ours() -> Certificate:
    """Give the certificate of a server at HERE."""
    return self_signed(HERE)


@dataclass
class Meeting:
    """What a server saw. port: where it listens; agreed: the version of TLS in which each handshake ended well."""

    port: int
    agreed: list[str]


@asynccontextmanager
async def serving(certificate: Certificate, newest: ssl.TLSVersion) -> AsyncIterator[Meeting]:
    """Serve TLS, and say no more than good-bye to whoever comes in."""
    context = certificate.server_context()
    context.maximum_version = newest
    agreed: list[str] = []

    async def meet(_: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        agreed.append(writer.get_extra_info("ssl_object").version())
        writer.transport.abort()

    server = await asyncio.start_server(meet, HERE, 0, ssl=context)
    try:
        yield Meeting(server.sockets[0].getsockname()[1], agreed)
    finally:
        server.close()
        await server.wait_closed()


def written(door: Door, tmp_path: Path, port: int, trusted: Certificate, **tls: str) -> Settings:
    """Give a site's settings for a door."""
    (tmp_path / "ca.pem").write_text(trusted.certificate)
    lines = [f"{key} = {value}" for key, value in {"ca_file": f'"{tmp_path / "ca.pem"}"', **tls}.items()]
    text = "\n".join([door.more.format(port=port), f"[{door.section}]", *lines])
    (tmp_path / "connector.toml").write_text(text)
    return load(tmp_path / "connector.toml", {})


OLD, NEW = ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.parametrize(
    ("newest", "minimum", "agreed"),
    [(OLD, "1.2", "TLSv1.2"), (NEW, "1.2", "TLSv1.3"), (NEW, "1.3", "TLSv1.3"), (OLD, "1.3", "")],
    ids=["old", "new", "new only", "too old"],
)
async def test_the_oldest_version(
    ours: Certificate, tmp_path: Path, name: str, *, newest: ssl.TLSVersion, minimum: str, agreed: str
) -> None:
    """What the certificate's own authority signed is trusted; a server that is too old is not spoken with."""
    async with serving(ours, newest) as meeting:
        settings = written(DOORS[name], tmp_path, meeting.port, ours, minimum_version=f'"{minimum}"')
        await DOORS[name].go(settings, meeting.port)
        assert set(meeting.agreed) == ({agreed} if agreed else set())


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.parametrize("newest", [OLD, NEW])
async def test_another_authority(ours: Certificate, tmp_path: Path, name: str, newest: ssl.TLSVersion) -> None:
    async with serving(self_signed(HERE), newest) as meeting:
        await DOORS[name].go(written(DOORS[name], tmp_path, meeting.port, ours), meeting.port)
        assert meeting.agreed == []


@pytest.mark.parametrize("name", DOORS)
@pytest.mark.parametrize("newest", [OLD, NEW])
async def test_another_host(tmp_path: Path, name: str, newest: ssl.TLSVersion) -> None:
    """A certificate that is trusted, but not for whom we meant to speak with."""
    theirs = self_signed(ELSEWHERE)
    async with serving(theirs, newest) as meeting:
        await DOORS[name].go(written(DOORS[name], tmp_path, meeting.port, theirs), meeting.port)
        assert meeting.agreed == []


@pytest.mark.parametrize("name", DOORS)
async def test_unverified(ours: Certificate, tmp_path: Path, name: str) -> None:
    """Only where a setting says so."""
    async with serving(self_signed(ELSEWHERE), NEW) as meeting:
        await DOORS[name].go(written(DOORS[name], tmp_path, meeting.port, ours, verify="false"), meeting.port)
        assert set(meeting.agreed) == {"TLSv1.3"}


# --- doors by which clients come in


@asynccontextmanager
async def a_broker(tmp_path: Path, certificate: Certificate, minimum: str) -> AsyncIterator[EmbeddedBroker]:
    """Put the embedded broker up as settings say."""
    (tmp_path / "server.pem").write_text(certificate.key + certificate.certificate)
    (tmp_path / "connector.toml").write_text(
        "[broker.embedded]\nenabled = true\ntcp_port = 0\nwebsocket_port = 0\n"
        f'[broker.embedded.tls]\ncert_file = "{tmp_path / "server.pem"}"\nminimum_version = "{minimum}"\n'
    )
    broker = EmbeddedBroker(to_embedded(load(tmp_path / "connector.toml", {})))
    await broker.start()
    yield broker
    await broker.stop()


async def meet(port: int | None, trusted: Certificate, newest: ssl.TLSVersion, host: str = HERE) -> str:
    """Shake hands as a client does; give the version agreed upon, or why there is none, "" where it is not told."""
    context = trusted.client_context()
    context.maximum_version = newest
    try:
        _, writer = await asyncio.open_connection(HERE, port, ssl=context, server_hostname=host)
    except ssl.SSLError as error:
        return error.reason
    except ConnectionError:
        return ""
    version = str(writer.get_extra_info("ssl_object").version())
    writer.transport.abort()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    return version


PORTS = ["tcp_port", "websocket_port"]


@pytest.mark.parametrize("port", PORTS)
@pytest.mark.parametrize(("minimum", "old"), [("1.2", "TLSv1.2"), ("1.3", "")])
async def test_clients_that_are_too_old(ours: Certificate, tmp_path: Path, port: str, minimum: str, old: str) -> None:
    async with a_broker(tmp_path, ours, minimum) as broker:
        told = [await meet(getattr(broker, port), ours, newest) for newest in (OLD, NEW)]
        assert told == [old, "TLSv1.3"]


@pytest.mark.parametrize("port", PORTS)
async def test_clients_find_out_who_it_is(ours: Certificate, tmp_path: Path, port: str) -> None:
    async with a_broker(tmp_path, ours, "1.2") as broker:
        assert await meet(getattr(broker, port), self_signed(HERE), NEW) == "CERTIFICATE_VERIFY_FAILED"
        assert await meet(getattr(broker, port), ours, NEW, ELSEWHERE) == "CERTIFICATE_VERIFY_FAILED"


@pytest.mark.parametrize("port", PORTS)
async def test_clients_without_tls_get_nothing(ours: Certificate, tmp_path: Path, port: str) -> None:
    async with a_broker(tmp_path, ours, "1.2") as broker:
        reader, writer = await asyncio.open_connection(HERE, getattr(broker, port))
        writer.write(b"CONNECT\naccept-version:1.2\n\n\0")
        with contextlib.suppress(ConnectionError):
            assert b"CONNECTED" not in await reader.read()
        writer.transport.abort()
