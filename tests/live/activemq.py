"""Debian's ActiveMQ and a Java JMS client for live tests: each test has its own broker, directory and ports.

A test module that uses the fixtures says `pytest_plugins = ("live.activemq",)`. It may import names from here as well,
hence PYTEST_DONT_REWRITE: the module is loaded before pytest hears of it.
"""

from __future__ import annotations

import asyncio
import base64
import contextlib
import os
import random
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from xml.sax.saxutils import quoteattr

import pytest

ACTIVEMQ = Path("/usr/share/activemq")
JARS = Path("/usr/share/java")
JAVA_SOURCE = Path(__file__).parent / "java" / "JmsClient.java"
CLIENT_JARS = (
    *("activemq-client", "geronimo-jms_1.1_spec", "geronimo-j2ee-management-1.1-spec", "hawtbuf"),
    *("slf4j-api", "slf4j-nop"),
)

_CONFIG = """\
<beans xmlns="http://www.springframework.org/schema/beans" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance"
       xsi:schemaLocation="http://www.springframework.org/schema/beans
                           http://www.springframework.org/schema/beans/spring-beans.xsd
                           http://activemq.apache.org/schema/core
                           http://activemq.apache.org/schema/core/activemq-core.xsd">
  <broker xmlns="http://activemq.apache.org/schema/core" brokerName="b1" dataDirectory="{data}"
          persistent="{persistent}" useJmx="false" schedulerSupport="false" populateJMSXUserID="true"
          useAuthenticatedPrincipalForJMSXUserID="true">
    <destinationPolicy><policyMap><policyEntries>
      <policyEntry topic="&gt;" topicPrefetch="100">
        <pendingMessageLimitStrategy><constantPendingMessageLimitStrategy limit="1000"/></pendingMessageLimitStrategy>
      </policyEntry>
    </policyEntries></policyMap></destinationPolicy>
    {store}
    {tls}
    <plugins>{plugins}</plugins>
    <systemUsage><systemUsage>
      <memoryUsage><memoryUsage limit="128 mb"/></memoryUsage>
      <tempUsage><tempUsage limit="256 mb"/></tempUsage>
      <storeUsage><storeUsage limit="256 mb"/></storeUsage>
    </systemUsage></systemUsage>
    <transportConnectors>
      <transportConnector name="openwire" uri="tcp://127.0.0.1:{openwire}"/>
      <transportConnector name="stomp" uri="{stomp_scheme}://127.0.0.1:{stomp}{stomp_options}"/>
    </transportConnectors>
  </broker>
</beans>
"""
_SHARED_STORE = """\
<persistenceAdapter>
      <kahaDB directory="{store}"><locker><shared-file-locker lockAcquireSleepInterval="500"/></locker></kahaDB>
    </persistenceAdapter>"""
_RIGHTS = """\
<authorizationPlugin><map><authorizationMap><authorizationEntries>
      <authorizationEntry queue="&gt;" read="users" write="users" admin="users"/>
      <authorizationEntry topic="EV.&gt;" read="users" write="users" admin="users"/>
      <authorizationEntry topic="ActiveMQ.Advisory.&gt;" read="{readers}" write="users" admin="users"/>
    </authorizationEntries></authorizationMap></map></authorizationPlugin>"""
_TLS = """\
<sslContext><sslContext keyStore="file:{keys}" keyStorePassword="{word}" trustStore="file:{trusted}"
        trustStorePassword="{word}"/></sslContext>"""
_LOG_CONFIG = """\
log4j.rootLogger=INFO, out
log4j.appender.out=org.apache.log4j.ConsoleAppender
log4j.appender.out.layout=org.apache.log4j.PatternLayout
log4j.appender.out.layout.ConversionPattern=%d %p %c %m%n
"""


def free_port() -> int:
    """Give a TCP port on 127.0.0.1 that nothing listens on now.

    It lies below those that outgoing connections take by themselves: one of them would have it before a broker that is
    started, or started again, opens it.
    """
    while True:
        port = random.randrange(15_000, 30_000)  # noqa: S311 - no secret
        with socket.socket() as sock, contextlib.suppress(OSError):
            sock.bind(("127.0.0.1", port))
            return port


class ActiveMqBroker:
    """One ActiveMQ process; it keeps its ports and directory when it is killed and started again.

    users: names and passwords; without any, everybody may come in. persistent: keep persistent messages on disk.
    store: a directory that it shares with another broker, of which one at a time is active. tls: for STOMP. config: an
    activemq.xml to use instead, of which only the ports and the memory limit are changed. advisory_readers: the one
    user who may read advisories; None: everybody may do everything.
    """

    def __init__(
        self,
        directory: Path,
        users: Mapping[str, str] | None = None,
        *,
        persistent: bool = False,
        store: Path | None = None,
        tls: BrokerTls | None = None,
        config: Path | None = None,
        advisory_readers: str | None = None,
    ) -> None:
        self.directory = directory
        self.openwire_port = free_port()
        self.stomp_port = free_port()
        self._users = users or {}
        self._persistent = persistent or store is not None
        self._store = store
        self._tls = tls
        self._own_config = config
        self._advisory_readers = advisory_readers
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def stomp_url(self) -> str:
        """What the connector is given."""
        return f"{'stomp+ssl' if self._tls else 'stomp'}://127.0.0.1:{self.stomp_port}"

    @property
    def openwire_url(self) -> str:
        """What a JMS client is given; it reconnects by itself."""
        return failover_url(self)

    @property
    def log(self) -> str:
        """Give all that the broker printed."""
        return (self.directory / "broker.log").read_text(errors="replace")

    @property
    def pid(self) -> int:
        """The number of the process, which runs."""
        assert self._process is not None, "the broker does not run"
        return self._process.pid

    def start(self, deadline: float = 30.0) -> None:
        """Start it and wait until both ports are open. Raises AssertionError with the broker's log."""
        self.start_standby()
        self.wait_open(deadline)

    def start_standby(self) -> None:
        """Start it without waiting: it opens its ports when it gets the lock of its store."""
        self._write_config()
        with (self.directory / "broker.log").open("ab") as out:
            self._process = subprocess.Popen(  # noqa: S603  # a fixed program
                self._command_line(), cwd=self.directory, stdin=subprocess.DEVNULL, stdout=out, stderr=out
            )

    def wait_open(self, deadline: float = 30.0) -> None:
        """Wait until both ports are open. Raises AssertionError with the broker's log."""
        assert self._process is not None, "the broker does not run"
        began = time.monotonic()
        for port in (self.openwire_port, self.stomp_port):
            while not _is_open(port):
                if self._process.poll() is not None or time.monotonic() - began > deadline:
                    self.kill()
                    raise AssertionError(f"ActiveMQ did not start:\n{self.log[-4000:]}")
                time.sleep(0.02)  # polls a port of another process: there is nothing to wait on

    def kill(self) -> None:
        """Kill it as kill -9 does, wait until it is gone. Nothing happens when it does not run."""
        if self._process is not None:
            self._process.kill()
            self._process.wait()
            self._process = None

    def freeze(self) -> None:
        """Stop it as SIGSTOP does: sockets stay open, nobody answers."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen one go on."""
        self._signal(signal.SIGCONT)

    def _signal(self, number: signal.Signals) -> None:
        assert self._process is not None, "the broker does not run"
        self._process.send_signal(number)

    def _write_config(self) -> None:
        (self.directory / "tmp").mkdir(parents=True, exist_ok=True)
        (self.directory / "activemq.xml").write_text(self._config())
        (self.directory / "log4j.properties").write_text(_LOG_CONFIG)

    def _config(self) -> str:
        if self._own_config is not None:
            config = self._own_config.read_text()
            ports = {"0.0.0.0:61616": self.openwire_port, "0.0.0.0:61613": self.stomp_port}  # replaced
            for listening, port in ports.items():
                config = config.replace(listening, f"127.0.0.1:{port}")
            return config.replace('<memoryUsage limit="128 mb"/>', '<memoryUsage limit="16 mb"/>')
        config = _CONFIG.format(
            data=self.directory / "data",
            persistent=str(self._persistent).lower(),
            plugins=self._plugins(),
            store=_SHARED_STORE.format(store=self._store) if self._store else "",
            tls=self._tls_context(),
            openwire=self.openwire_port,
            stomp=self.stomp_port,
            stomp_scheme="stomp+ssl" if self._tls else "stomp",
            stomp_options="?needClientAuth=true" if self._tls and self._tls.client_certificate else "",
        )
        return config.replace("<plugins></plugins>", "")

    def _plugins(self) -> str:
        if not self._users:
            return ""
        users = "".join(
            f"<authenticationUser username={quoteattr(name)} password={quoteattr(word)} "
            f"groups={quoteattr(f'users,{name}')}/>"
            for name, word in self._users.items()
        )
        known = f"<simpleAuthenticationPlugin><users>{users}</users></simpleAuthenticationPlugin>"
        return known + (_RIGHTS.format(readers=self._advisory_readers) if self._advisory_readers else "")

    def _tls_context(self) -> str:
        tls = self._tls
        return _TLS.format(keys=tls.keys, trusted=tls.trusted, word=tls.password) if tls else ""

    def _command_line(self) -> list[str]:
        base = self.directory
        return [
            *("java", "-Xms32m", "-Xmx256m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"),
            *(f"-Dactivemq.home={ACTIVEMQ}", f"-Dactivemq.base={base}", f"-Dactivemq.conf={base}"),
            *(f"-Dactivemq.data={base}/data", f"-Dlog4j.configuration=file:{base}/log4j.properties"),
            *(f"-Djava.io.tmpdir={base / 'tmp'}", "-cp", f"{base}:{ACTIVEMQ}/lib/*:{ACTIVEMQ}/lib/optional/*"),
            *("org.apache.activemq.console.Main", "start", f"xbean:file:{base}/activemq.xml"),
        ]


def failover_url(*brokers: ActiveMqBroker, delay_ms: int = 50) -> str:
    """Give what a JMS client is given that reconnects by itself, every so many ms, to whichever broker is there."""
    urls = ",".join(f"tcp://127.0.0.1:{broker.openwire_port}" for broker in brokers)
    return f"failover:({urls})?initialReconnectDelay={delay_ms}&useExponentialBackOff=false"


def _is_open(port: int) -> bool:
    with socket.socket() as sock:
        return sock.connect_ex(("127.0.0.1", port)) == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class BrokerTls:
    """What a broker speaks TLS with: PKCS12 files, their common password, whether clients must show a certificate."""

    keys: Path
    trusted: Path
    password: str
    client_certificate: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class JmsMessage:
    """A message as a Java program sees it. kind: TextMessage, BytesMessage, Message, or why the text is unreadable.

    destination is as ActiveMQ writes it: topic://X. Times are ms since 1970, 0: none.
    """

    destination: str
    kind: str
    type: str | None
    body: str | None
    correlation_id: str | None
    persistent: bool
    expiration: int
    reply_to: str | None
    redelivered: bool


Until = int | Callable[[Sequence[JmsMessage]], bool]


class JmsClient:
    """A Java process with one JMS connection over OpenWire. received holds all messages, in order."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self.received: list[JmsMessage] = []
        self._process = process
        self._answers: asyncio.Queue[list[str]] = asyncio.Queue()
        self._changed = asyncio.Event()
        self._reading = asyncio.create_task(self._read())

    @classmethod
    async def start(cls, classes: Path, url: str, user: str | None = None, password: str | None = None) -> JmsClient:
        """Start the compiled client and wait until it is connected."""
        class_path = os.pathsep.join([str(classes), *(f"{JARS / name}.jar" for name in CLIENT_JARS)])
        process = await asyncio.create_subprocess_exec(
            *("java", "-Xmx128m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-cp", class_path),
            *("JmsClient", url, _field(user), _field(password)),
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            limit=64 * 1024 * 1024,
        )
        client = cls(process)
        await client._answer()
        return client

    async def subscribe(self, destination: str) -> None:
        """Listen to a topic (`X` or `topic://X`) or a queue (`queue://X`)."""
        await self._ask("SUB", destination)

    async def temporary_topic(self) -> str:
        """Make a temporary topic, listen to it, and give its name, which serves as reply_to."""
        return (await self._ask("TEMP"))[0] or ""

    async def send(
        self,
        message_type: str | None,
        body: str | None = None,
        *,
        destination: str = "queue://Connector1",
        reply_to: str | None = None,
        correlation_id: str | None = None,
        persistent: bool = True,
        kind: str = "TEXT",
        properties: Mapping[str, str] | None = None,
    ) -> None:
        """Send a message; kind: TEXT, BYTES, MAP or PLAIN. Raises RuntimeError with the Java exception."""
        more = [text for pair in (properties or {}).items() for text in pair]
        flag = str(persistent).lower()
        await self._ask(kind, destination, message_type, body, reply_to, correlation_id, flag, *more)

    async def wait_for(self, destination: str, until: Until, deadline: float = 10.0) -> list[JmsMessage]:
        """Wait until so many messages came from a topic, or until the predicate likes them; give them all."""
        name = destination if "://" in destination else f"topic://{destination}"
        try:
            async with asyncio.timeout(deadline):
                while not self._satisfied(name, until):
                    self._changed.clear()
                    await self._changed.wait()
        except TimeoutError as error:
            bodies = [message.body for message in self._from(name)]
            raise TimeoutError(f"waited in vain at {name}, which got {bodies}") from error
        return self._from(name)

    async def close(self) -> None:
        """End the process; it closes its connection first."""
        assert self._process.stdin is not None
        self._process.stdin.close()
        try:
            async with asyncio.timeout(5):
                await self._process.wait()
        except TimeoutError:  # a broker that is away: the client would wait for it for ever
            self.kill()
            await self._process.wait()
        await self._reading

    def kill(self) -> None:
        """Kill the process as kill -9 does."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def freeze(self) -> None:
        """Stop it as SIGSTOP does: its sockets stay open, nobody reads them."""
        self._process.send_signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen one go on."""
        self._process.send_signal(signal.SIGCONT)

    def _from(self, destination: str) -> list[JmsMessage]:
        return [message for message in self.received if message.destination == destination]

    def _satisfied(self, destination: str, until: Until) -> bool:
        messages = self._from(destination)
        return until(messages) if callable(until) else len(messages) >= until

    async def _ask(self, *fields: str | None) -> list[str | None]:
        assert self._process.stdin is not None
        line = " ".join([str(fields[0]), *map(_field, fields[1:])])
        self._process.stdin.write(line.encode() + b"\n")
        await self._process.stdin.drain()
        return await self._answer()

    async def _answer(self) -> list[str | None]:
        async with asyncio.timeout(30):
            word, *fields = await self._answers.get()
        texts = [_text(field) for field in fields]
        if word == "FAILED":
            raise RuntimeError(f"the JMS client failed: {texts[0]}")
        return texts

    async def _read(self) -> None:
        assert self._process.stdout is not None
        async for line in self._process.stdout:
            words = line.decode().split()
            if words[0] == "MSG":
                self.received.append(_message([_text(word) for word in words[1:]]))
                self._changed.set()
            else:
                self._answers.put_nowait(words)
        self._answers.put_nowait(["FAILED", _field("the process ended")])


def _message(fields: list[str | None]) -> JmsMessage:
    destination, kind, message_type, body, correlation_id, persistent, expiration, reply_to, redelivered = fields
    return JmsMessage(
        destination=destination or "",
        kind=kind or "",
        type=message_type,
        body=body,
        correlation_id=correlation_id,
        persistent=persistent == "true",
        expiration=int(expiration or 0),
        reply_to=reply_to,
        redelivered=redelivered == "true",
    )


def _field(text: str | None) -> str:
    return "~" if text is None else "." + base64.b64encode(text.encode("utf-16-be", "surrogatepass")).decode()


def _text(field: str) -> str | None:
    return None if field == "~" else base64.b64decode(field[1:]).decode("utf-16-be", "surrogatepass")


# -- fixtures

StartBroker = Callable[..., ActiveMqBroker]
StartJmsClient = Callable[..., Awaitable[JmsClient]]


@pytest.fixture
def start_activemq(tmp_path: Path) -> Iterator[StartBroker]:
    """Give a function that starts brokers as ActiveMqBroker's settings say; they are killed at the end of the test.

    standby: do not wait until it is open.
    """
    if not (ACTIVEMQ / "lib").exists() or shutil.which("java") is None:
        pytest.skip("ActiveMQ or Java is not installed: scripts/install-live-parts gets them")
    brokers: list[ActiveMqBroker] = []

    def start(users: Mapping[str, str] | None = None, *, standby: bool = False, **settings: Any) -> ActiveMqBroker:
        directory = tmp_path / f"activemq-{len(brokers)}"
        directory.mkdir()
        broker = ActiveMqBroker(directory, users, **settings)
        brokers.append(broker)
        broker.start_standby()
        if not standby:
            broker.wait_open()
        return broker

    yield start
    for broker in brokers:
        broker.kill()


@pytest.fixture
def activemq(start_activemq: StartBroker) -> ActiveMqBroker:
    """Give a running broker without users, in memory."""
    return start_activemq()


@pytest.fixture(scope="session")
def jms_classes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Compile the Java client."""
    if shutil.which("javac") is None or not (JARS / "activemq-client.jar").exists():
        pytest.skip("a Java compiler or the JMS jars are not installed: scripts/install-live-parts gets them")
    classes = tmp_path_factory.mktemp("jms-classes")
    class_path = os.pathsep.join(f"{JARS / name}.jar" for name in CLIENT_JARS)
    subprocess.run(  # noqa: S603  # a fixed program
        ["javac", "-Xlint:all", "-Werror", "-d", str(classes), "-cp", class_path, str(JAVA_SOURCE)],  # noqa: S607
        check=True,
    )
    return classes


@pytest.fixture
async def start_jms_client(jms_classes: Path) -> AsyncIterator[StartJmsClient]:
    """Give a function that starts JMS clients of a broker; they are ended at the end of the test."""
    clients: list[JmsClient] = []

    async def start(
        broker: ActiveMqBroker, user: str | None = None, password: str | None = None, *, url: str = ""
    ) -> JmsClient:
        client = await JmsClient.start(jms_classes, url or broker.openwire_url, user, password)
        clients.append(client)
        return client

    yield start
    for client in clients:
        await client.close()


@pytest.fixture
async def jms(activemq: ActiveMqBroker, start_jms_client: StartJmsClient) -> JmsClient:
    """Give a JMS client of the broker `activemq`."""
    return await start_jms_client(activemq)
