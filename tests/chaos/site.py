"""A whole site of real processes: a pretend Finesse, ActiveMQ, redis where it is needed, and connectors.

Between each connector and its broker or redis lies a proxy, a network that can be cut.
"""

from __future__ import annotations

import contextlib
import subprocess
import sys
import urllib.request
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Literal

from cryptography.fernet import Fernet

from chaos.processes import Broker, Process, is_open
from generic_connector.config.sections import Settings
from live.activemq import free_port
from network.proxy import Proxy

HOSTS = ("localhost", "127.0.0.2")
"""The hosts of the Finesse nodes. As at real sites they differ, and the ports do not."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Topology:
    """What a site consists of. connectors: two of them need the store of redis.

    late_logout: a node that misses agents signs them out although they are at the other one.
    """

    brokers: int = 1
    nodes: int = 1
    connectors: int = 1
    store: Literal["none", "file", "redis"] = "none"
    late_logout: bool = False

    def __str__(self) -> str:
        parts = {"brokers": self.brokers, "Finesse nodes": self.nodes, "connectors": self.connectors}
        return ", ".join(f"{count} {name}" for name, count in parts.items()) + f", store {self.store}"


def lacking(topology: Topology) -> str:
    """Say what the product or its simulator does not have for a topology, "" when all is there."""
    if topology.store != "none" and "store" not in Settings.model_fields:
        return "the connector has no session store"
    if topology.nodes > 1 and "--second-server" not in _simulator_help():
        return "the pretend Finesse has no second node"
    return ""


def _simulator_help() -> str:
    command = [sys.executable, "-m", "finesse_simulator", "run", "--help"]
    return subprocess.run(command, capture_output=True, text=True, check=False).stdout  # noqa: S603  a fixed program


@dataclass(slots=True)
class Site:
    """A running site; `start` brings it up. Its parts are public: faults work on them."""

    topology: Topology
    directory: Path
    agents: int
    brokers: list[Broker] = field(default_factory=list)
    connectors: list[Process] = field(default_factory=list)
    broker_networks: list[list[Proxy]] = field(default_factory=list)
    redis_networks: list[Proxy] = field(default_factory=list)
    finesse: Process = field(init=False)
    redis: Process | None = None
    control_port: int = 0
    rest_port: int = 0
    _networks: contextlib.AsyncExitStack = field(default_factory=contextlib.AsyncExitStack)
    _key: str = field(default_factory=lambda: Fernet.generate_key().decode(), repr=False)

    @property
    def control_url(self) -> str:
        """The door of the pretend Finesse."""
        return f"http://127.0.0.1:{self.control_port}"

    @property
    def broker_urls(self) -> list[str]:
        """Where clients connect: no proxy is between."""
        return [broker.stomp_url for broker in self.brokers]

    async def start(self) -> None:
        """Bring everything up."""
        self.directory.mkdir(parents=True, exist_ok=True)
        await self._start_finesse()
        await self._start_brokers()
        if self.topology.store == "redis":
            await self._start_redis()
        for number in range(self.topology.connectors):
            await self._start_connector(number)

    async def stop(self) -> None:
        """Kill everything."""
        for process in (*self.connectors, self.finesse, self.redis):
            if process is not None:
                process.kill()
        for broker in self.brokers:
            broker.kill()
        await self._networks.aclose()

    # -- Finesse

    async def _start_finesse(self) -> None:
        self.control_port = free_port()
        scenario = self.directory / "scenario.toml"
        scenario.write_text(self._scenario())
        arguments = ["run", "-c", str(scenario), "--certificate", str(self.directory / "finesse.pem")]
        ready = partial(_answers, f"{self.control_url}/state")
        self.finesse = Process.of_module("finesse", "finesse_simulator", arguments, self.directory, ready)
        await self.finesse.start()

    def _scenario(self) -> str:
        self.rest_port, plain, secure = free_port(), free_port(), free_port()
        ids = [str(1001 + number) for number in range(self.agents)]
        agents = "".join(
            f'[[agents]]\nid = "{one}"\npassword = "agent-secret-{one}"\nteam = "5000"\n'
            'wrap_up_on_incoming = "REQUIRED"\nwrap_up_seconds = 600.0\n'
            for one in ids
        )
        devices = "".join(f'[[devices]]\nextension = "{int(one) + 3000}"\n' for one in ids)
        return (
            'profile = "12.6"\nunlisted_numbers = "answer"\n'
            f"[rest]\nhttps_port = {self.rest_port}\n"
            f"[xmpp]\nplain_port = {plain}\ntls_port = {secure}\n"
            f"[control]\nport = {self.control_port}\n"
            + ('[fidelity]\nlate_forced_logout = "logout"\n' if self.topology.late_logout else "")
            + self._second_node(plain, secure)
            + '[[teams]]\nid = "5000"\nname = "Team"\n'
            + '[[queues]]\nnumber = "8800"\nid = "5033"\nname = "Sales"\nring_seconds = 30.0\n'
            + '[[reason_codes]]\nid = 31\ncode = 27\nlabel = "Lunch"\ncategory = "NOT_READY"\n'
            + '[[reason_codes]]\nid = 32\ncode = 28\nlabel = "Coffee"\ncategory = "NOT_READY"\n'
            + agents
            + devices
        )

    def _second_node(self, plain: int, secure: int) -> str:
        if self.topology.nodes == 1:
            return ""
        return (
            f'[second_server]\nhost = "{HOSTS[1]}"\n'
            f'address = "{HOSTS[1]}"\nhttps_port = {self.rest_port}\n'
            f"plain_port = {plain}\ntls_port = {secure}\n"
        )

    # -- brokers and redis

    async def _start_brokers(self) -> None:
        store = self.directory / "kahadb"
        for number in range(self.topology.brokers):
            broker = Broker(self.directory / f"broker-{number + 1}", store)
            self.brokers.append(broker)
            if number == 0:
                await broker.come()
            else:
                broker.stand_by()

    async def _start_redis(self) -> None:
        port = free_port()
        folder = self.directory / "redis"
        folder.mkdir()
        durable = ["--appendonly", "yes", "--appendfsync", "always", "--save", ""]
        command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--dir", str(folder), *durable]
        self.redis = Process("redis", command, self.directory, partial(is_open, port))
        await self.redis.start()
        for _ in range(self.topology.connectors):
            self.redis_networks.append(await self._networks.enter_async_context(Proxy(port)))

    # -- connectors

    async def _start_connector(self, number: int) -> None:
        between = [Proxy(broker.stomp_port) for broker in self.brokers]
        self.broker_networks.append([await self._networks.enter_async_context(one) for one in between])
        name = f"connector-{number + 1}"
        file = self.directory / f"{name}.toml"
        file.write_text(self._settings(number))
        marker = '"door changed"' if number == 0 else '"standing by"'
        log = self.directory / f"{name}.log"
        count = _Count(log, marker)
        process = Process.of_module(name, "generic_connector", ["run", "-c", str(file)], self.directory, count.grew)
        self.connectors.append(process)
        await process.start()

    def _settings(self, number: int) -> str:
        urls = ", ".join(f'"stomp://127.0.0.1:{proxy.port}"' for proxy in self.broker_networks[number])
        nodes = ", ".join(f'"https://{host}:{self.rest_port}"' for host in HOSTS[: self.topology.nodes])
        return (
            f"[broker.activemq]\nurls = [{urls}]\nconsumer_priority = {127 if number == 0 else 100}\n"
            f"[finesse]\nnodes = [{nodes}]\nhealth_interval_seconds = 2\n"
            f'[finesse.tls]\nca_file = "{self.directory / "finesse.pem"}"\n'
            f'[events]\ntime_zone = "UTC"\n[log]\nformat = "json"\n' + self._store(number)
        )

    def _store(self, number: int) -> str:
        if self.topology.store == "none":
            return ""
        common = f'[store]\nkind = "{self.topology.store}"\nencryption_key = "{self._key}"\n'
        if self.topology.store == "file":
            return common + f'path = "{self.directory / "sessions"}"\n'
        url = f"redis://127.0.0.1:{self.redis_networks[number].port}/0"
        return common + f'url = "{url}"\nname = "site"\nlease_seconds = 3\n'


@dataclass(slots=True)
class _Count:
    """Says whether a word stands in a log more often than when it was asked last with success."""

    log: Path
    word: str
    seen: int = 0

    def grew(self) -> bool:
        """Look."""
        found = self.log.read_text(errors="replace").count(self.word) if self.log.exists() else 0
        if found > self.seen:
            self.seen = found
            return True
        return False


def _answers(url: str) -> bool:
    with contextlib.suppress(OSError), urllib.request.urlopen(url, timeout=2) as answer:  # noqa: S310  our own door
        return bool(answer.status == 200)
    return False
