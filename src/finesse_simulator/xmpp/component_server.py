"""A real XMPP server, run by us, with the simulator as its component pubsub.<domain>.

What every such server has in common: its process, its ports, and the component's side of pub/sub. What such servers do
otherwise than our own: a user's notification goes to those of its available sessions that share the highest priority,
and a silent client is never dropped. Source: xmpp-and-http.md section 1.
"""

from __future__ import annotations

import asyncio
import logging
import os
import random
import secrets
import signal
import socket
from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from pathlib import Path
from xml.etree.ElementTree import Element

from finesse_simulator.notifying import Directory
from finesse_simulator.xmpp.addresses import Address
from finesse_simulator.xmpp.component import Component, ComponentError
from finesse_simulator.xmpp.envelope import Envelope, MessageIdStyle
from finesse_simulator.xmpp.markup import local_name
from finesse_simulator.xmpp.password_hook import PasswordHook
from finesse_simulator.xmpp.pubsub import PubSub
from finesse_simulator.xmpp.stanzas import StanzaError, iq_error, iq_result
from finesse_simulator.xmpp.subscriptions import Subscriptions
from finesse_simulator.xmpp.web_application import WebApplication

_log = logging.getLogger(__name__)

_START_TIMEOUT = 30.0  # seconds; it takes less than one
_STOP_TIMEOUT = 5.0  # seconds
_LASTING_PORTS = (10_000, 15_000)
_ATTEMPTS = 3  # somebody may take a port between our choosing it and the server's opening it


class ServerMissingError(Exception):
    """There is no such server on this machine."""

    def __init__(self, program: str, packages: str) -> None:
        super().__init__(
            f"{program} was not found. On Debian, as root: apt-get install --no-install-recommends {packages}"
        )


class ServerError(Exception):
    """The server did not start; the text has what it said."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The ports of one server. Those of doors that are shut are None. internal: as many as it needs for itself."""

    plain: int | None
    tls: int | None
    component: int
    websocket: int | None
    secure_websocket: int | None
    internal: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class Launch:
    """How a server is started: the command, and what its environment has beside ours."""

    command: Sequence[str]
    environment: Mapping[str, str] | None = None


class ComponentServer(ABC):
    """The notification service on a real server.

    domain: the XMPP domain; the pub/sub service is pubsub.<domain>. folder: an empty folder for its configuration,
    data and log; kept after stop(). plain_port, tls_port, websocket_port, secure_websocket_port: where clients come in
    (the last two by BOSH at /http-bind and WebSocket at /ws); 0 takes a free port, None leaves that door shut. After
    start() the attributes of these names hold the real ports, which a later start() takes again. certificate, key: PEM
    files; without them there are no doors with TLS.
    """

    name: str
    """What the server is called in messages, and its log file."""
    internal_ports = 0
    """How many ports it needs for itself."""
    error: type[ServerError] = ServerError

    def __init__(
        self,
        *,
        domain: str,
        folder: Path,
        host: str = "127.0.0.1",
        plain_port: int | None = 0,
        tls_port: int | None = 0,
        websocket_port: int | None = None,
        secure_websocket_port: int | None = None,
        certificate: Path | None = None,
        key: Path | None = None,
        message_id_style: MessageIdStyle = "node",
    ) -> None:
        secure = certificate is not None and key is not None
        self.domain_name = domain.lower()
        self.pubsub_name = f"pubsub.{self.domain_name}"
        self.folder = folder
        self.host = host
        self.plain_port = plain_port
        self.tls_port = tls_port if secure else None
        self.websocket_port = websocket_port
        self.secure_websocket_port = secure_websocket_port if secure else None
        self.subscriptions = Subscriptions()
        self._certificate = certificate
        self._key = key
        self._envelope = Envelope(self.pubsub_name, message_id_style)
        self._web_application = WebApplication(self.domain_name)
        self._directory: Directory | None = None
        self._pubsub: PubSub | None = None
        self._hook: PasswordHook | None = None
        self._process: asyncio.subprocess.Process | None = None
        self._component: Component | None = None
        self._available: dict[str, dict[str, Address]] = {}  # bare address -> resource -> address

    @property
    def message_id_style(self) -> MessageIdStyle:
        """How a message's id is made."""
        return self._envelope.message_id_style

    @message_id_style.setter
    def message_id_style(self, value: MessageIdStyle) -> None:
        self._envelope.message_id_style = value

    @property
    def pid(self) -> int | None:
        """The process id of the server while it runs."""
        return self._process.pid if self._process is not None and self._process.returncode is None else None

    def sessions(self) -> list[str]:
        """Give the full addresses of the sessions that are available, in no order of meaning."""
        return [str(each) for resources in self._available.values() for each in resources.values()]

    @abstractmethod
    def _check(self) -> None:
        """Raise ServerMissingError when it is not installed."""

    @abstractmethod
    def _prepare(self, ports: Ports, secret: str, password_url: str) -> Launch:
        """Write what the server reads, into the folder; say how it is started. Called in a thread."""

    @abstractmethod
    def _complaint(self, said: str) -> bool:
        """Say whether what the server said means that it runs without one of its ports."""

    @abstractmethod
    def disconnect(self, user_id: str | None = None) -> None:
        """Cut the sessions of one user (in any case of letters), or every connection."""

    async def _ready(self, ports: Ports) -> None:  # noqa: B027 - most have nothing left to do
        """Do what is left to do once the component is connected."""

    async def start(self, directory: Directory) -> None:
        """Start the server and connect to it; return when the ports accept connections.

        ServerMissingError when it is not installed, ServerError when it does not come up.
        """
        self._check()
        self._directory = directory
        self._pubsub = PubSub(directory, self.subscriptions)
        self._hook = self._make_hook(directory)
        try:
            await self._hook.start()
            for attempt in range(1, _ATTEMPTS + 1):
                try:
                    await self._launch(self._hook.url)
                    break
                except ServerError as error:
                    await self._terminate()
                    if attempt == _ATTEMPTS or "port" not in str(error).lower():
                        raise
        except BaseException:
            await self.stop()
            raise

    def _make_hook(self, directory: Directory) -> PasswordHook:
        return PasswordHook(directory)

    async def stop(self) -> None:
        """End the server, which tells every client that the system shuts down."""
        await self._terminate()
        if self._hook is not None:
            await self._hook.stop()
            self._hook = None

    def publish(self, node: str, user_ids: tuple[str, ...], payload: str) -> None:
        """Send one Update document; see NotificationServer."""
        event = self._envelope.event(node, payload)
        for user_id in user_ids:
            self._send_to_user(f"{user_id.lower()}@{self.domain_name}", node, event)
        for subscription in self.subscriptions.of_node(node):
            address = subscription.address
            if not address.resource:
                self._send_to_user(address.bare, node, event)
            elif address.resource in self._available.get(address.bare, {}):
                # Only then: the server would hand it to the user's other sessions.
                self._send(self._envelope.message(node, str(address), event))

    def set_web_application_available(self, *, available: bool) -> None:
        """Announce the presence of finesse@domain to those who subscribed to it."""
        if self._web_application.available == available:
            return
        self._web_application.available = available
        for bare in self._web_application.watchers():
            self._send(self._web_application.announcement(bare))

    def freeze(self) -> None:
        """Stop the process: all connections stay up, and nothing is heard from it."""
        self._signal(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let the process go on."""
        self._signal(signal.SIGCONT)

    def kill(self) -> None:
        """End the process at once, without a farewell. stop() is still to be called."""
        self._signal(signal.SIGKILL)

    async def crash(self) -> None:
        """End the process at once; start() brings it back on the same ports."""
        self.kill()
        await self.stop()

    async def suspend(self) -> None:
        """See freeze()."""
        self.freeze()

    async def resume(self) -> None:
        """See thaw()."""
        self.thaw()

    # -- the process ---------------------------------------------------------------------------------------------

    async def _launch(self, password_url: str) -> None:
        ports = self._choose_ports()
        secret = secrets.token_hex(16)
        await asyncio.to_thread((self.folder / "data").mkdir, parents=True, exist_ok=True)
        launch = await asyncio.to_thread(self._prepare, ports, secret, password_url)
        with await asyncio.to_thread(self._log_file.open, "wb") as log:
            self._process = await asyncio.create_subprocess_exec(
                *launch.command,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=log,
                stderr=asyncio.subprocess.STDOUT,
                env=None if launch.environment is None else {**os.environ, **launch.environment},
            )
        try:
            async with asyncio.timeout(_START_TIMEOUT):
                self._component = await self._join(self._process, ports.component, secret)
                await self._ready(ports)
        except TimeoutError:
            raise self.error(f"{self.name} did not come up: {await self._said()}") from None
        said = await self._said()
        if self._complaint(said):  # it would go on without that port
            raise self.error(said)
        self.plain_port, self.tls_port = ports.plain, ports.tls
        self.websocket_port, self.secure_websocket_port = ports.websocket, ports.secure_websocket

    @property
    def _log_file(self) -> Path:
        return self.folder / f"{self.name}.log"

    async def _join(self, process: asyncio.subprocess.Process, port: int, secret: str) -> Component:
        """Connect as the component, as soon as it listens."""
        while True:
            if process.returncode is not None:
                raise self.error(f"{self.name} ended with status {process.returncode}: {await self._said()}")
            try:
                return await Component.connect(
                    "127.0.0.1", port, self.pubsub_name, secret, on_stanza=self._hear, on_lost=self._lost
                )
            except OSError:
                await asyncio.sleep(0.01)
            except ComponentError as error:
                raise self.error(f"{error}: {await self._said()}") from error

    async def _said(self) -> str:
        """Read the server's log."""
        return await asyncio.to_thread(self._log_file.read_text, encoding="utf-8", errors="replace")

    def _choose_ports(self) -> Ports:
        """Replace 0 by ports that are free now; all are held at once, so that no two are the same."""
        with ExitStack() as held:

            def choose(port: int | None, host: str = self.host) -> int | None:
                return held.enter_context(_free_port(host)).getsockname()[1] if port == 0 else port

            component = choose(0, "127.0.0.1")
            return Ports(
                plain=choose(self.plain_port),
                tls=choose(self.tls_port),
                component=component or 0,
                websocket=choose(self.websocket_port),
                secure_websocket=choose(self.secure_websocket_port),
                internal=tuple(choose(0, "127.0.0.1") or 0 for _ in range(self.internal_ports)),
            )

    async def _terminate(self) -> None:
        component, self._component = self._component, None
        process, self._process = self._process, None
        if process is not None and process.returncode is None:
            for number in (signal.SIGCONT, signal.SIGTERM):  # a frozen process does not hear SIGTERM
                with suppress(ProcessLookupError):
                    process.send_signal(number)
            try:
                await asyncio.wait_for(process.wait(), _STOP_TIMEOUT)
            except TimeoutError:
                _log.warning("%s does not stop, killing it", self.name)
                process.kill()
                await process.wait()
        if component is not None:
            await component.close()
        self._lost()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is not None and self._process.returncode is None:
            with suppress(ProcessLookupError):
                self._process.send_signal(number)

    # -- the component -------------------------------------------------------------------------------------------

    def _send(self, stanza: str) -> None:
        if self._component is not None:
            self._component.send(stanza)

    def _send_to_user(self, bare: str, node: str, event: str) -> None:
        # Also to those of whom no presence is known: it may be on its way to us, while the server knows it already.
        # What it cannot deliver comes back as an error, and nothing is kept.
        self._send(self._envelope.message(node, bare, event))

    def _hear(self, stanza: Element) -> None:
        try:
            sender = Address.parse(stanza.get("from", ""))
        except ValueError:
            return
        match local_name(stanza):
            case "iq":
                self._hear_request(sender, stanza)
            case "presence":
                self._hear_presence(sender, stanza)
            case _:
                pass  # messages that came back: their reader has just left

    def _hear_request(self, sender: Address, stanza: Element) -> None:
        kind = stanza.get("type", "")
        if self._pubsub is None or kind not in ("get", "set"):
            return
        envelope = {"sender": stanza.get("to"), "recipient": str(sender)}
        request = next(iter(stanza), None)
        try:
            if request is None:
                raise StanzaError("bad-request")  # noqa: TRY301 - one way out for every refusal
            payload = self._pubsub.answer(sender, kind, request)
        except StanzaError as error:
            self._send(iq_error(stanza.get("id"), error, **envelope))
        else:
            self._send(iq_result(stanza.get("id"), payload, **envelope))

    def _hear_presence(self, sender: Address, stanza: Element) -> None:
        kind = stanza.get("type")
        if kind in ("subscribe", "unsubscribe", "probe"):  # meant for finesse@domain
            for answer in self._web_application.hear(kind, sender):
                self._send(answer)
        elif kind in (None, "unavailable") and sender.resource:
            self._set_available(sender, available=kind is None and _priority(stanza) >= 0)

    def _set_available(self, address: Address, *, available: bool) -> None:
        resources = self._available.get(address.bare, {})
        if available == (address.resource in resources):
            return
        if available:
            self._available.setdefault(address.bare, {})[address.resource] = address
        else:
            del resources[address.resource]
            if not resources:
                del self._available[address.bare]
        if self._directory is not None:
            self._directory.presence_changed(address.local, address.resource, available=available)

    def _lost(self) -> None:
        """Hear that the server is gone, and with it everybody's session."""
        for resources in list(self._available.values()):
            for address in list(resources.values()):
                self._set_available(address, available=False)


def _free_port(host: str) -> socket.socket:
    """Hold a free port, below those that outgoing connections take: it is to be had again after a stop."""
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    holder = socket.socket(family, socket.SOCK_STREAM)
    for port in random.sample(range(*_LASTING_PORTS), 100):
        with suppress(OSError):
            holder.bind((host, port))
            return holder
    holder.close()
    raise OSError(f"no free port on {host}")


def _priority(stanza: Element) -> int:
    text = next((each.text for each in stanza if local_name(each) == "priority"), None)
    try:
        return int(text or "0")
    except ValueError:
        return 0
