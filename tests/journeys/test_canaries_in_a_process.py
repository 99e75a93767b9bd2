"""No planted secret in anything that a real process says, to its very end."""

from __future__ import annotations

import asyncio
import contextlib
import os
import signal
import socket
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path

import pytest

from finesse_simulator.simulator import Simulator, certificate_for
from finesse_simulator.xmpp.server import XmppServer
from generic_connector.broker.embedded import EmbeddedBroker, EmbeddedSettings, hash_password
from generic_connector.broker.stomp.errors import StompError
from generic_connector.broker.urls import BrokerUrl
from generic_connector.client import Target, connected
from generic_connector.config.document import toml
from generic_connector.conformance.broker import StompBroker, stomp_broker
from generic_connector.conformance.cases import all_cases
from generic_connector.conformance.cast import PEOPLE
from generic_connector.conformance.control import Control
from generic_connector.conformance.play import Outcome, play_all
from generic_connector.conformance.run import a_scene
from generic_connector.conformance.site import a_scenario
from generic_connector.protocol.formats import Format
from generic_connector.store.sealing import new_key
from journeys.canaries import assert_nowhere, planted
from journeys.planting import MISPLACED, agents, password_of

CRASHING = """
import asyncio, sys
from generic_connector import app, cli
from generic_connector.agents.agent import Agent
from generic_connector.agents.turn import Turn

class Last:
    def __init__(self, *shown):
        self.shown = shown
    def __del__(self):
        raise RuntimeError(f"while going away: {self.shown}")

async def burst(agent):
    Last(agent, agent.credentials, agent.surroundings.settings, agent.unfinished())
    asyncio.get_running_loop().call_soon(burst, agent, agent.credentials)  # a call that fails in the loop's own hands
    raise BaseException(f"the agent's task: {agent} {agent.credentials} {agent.unfinished()}")

async def wait_for_trouble(self):
    raise RuntimeError(f"bubbles up: {self.__dict__} {vars(self.hub)} {[vars(door) for door in self.doors]}")

if "agent" in sys.argv[1]:
    Agent.read_back = Agent.tell = Agent.run = burst
else:
    app.Connector.start = wait_for_trouble
sys.argv = ["generic-connector", "run", "--config", sys.argv[2]]
cli.main()
"""
"""A connector whose parts go wrong in ways that no code of its own catches."""


class Running:
    """A connector in a process of its own, with all that Python itself says when told to say most."""

    def __init__(self, process: asyncio.subprocess.Process, folder: Path) -> None:
        self.process = process
        self._folder = folder

    @property
    def said(self) -> str:
        """All that it wrote to standard output and standard error."""
        return "".join((self._folder / name).read_text() for name in ("stdout", "stderr"))

    async def until_said(self, words: str) -> None:
        """Wait for words in what it writes."""
        async with asyncio.timeout(30):
            while words not in self.said:
                assert self.process.returncode is None, self.said[-2000:]
                await asyncio.sleep(0.02)

    async def end(self, number: signal.Signals = signal.SIGTERM) -> int:
        """End it by a signal, and give its exit code."""
        with contextlib.suppress(ProcessLookupError):
            self.process.send_signal(number)
        async with asyncio.timeout(20):
            return await self.process.wait()


@asynccontextmanager
async def running(folder: Path, configuration: str, *program: str) -> AsyncIterator[Running]:
    """Start a connector; program: what to run instead of the product's own command line."""
    file = folder / "connector.toml"
    file.write_text(configuration)
    with (folder / "stdout").open("wb") as out, (folder / "stderr").open("wb") as err:
        process = await asyncio.create_subprocess_exec(
            *(sys.executable, "-X", "dev", "-X", "faulthandler"),
            *(program or ("-m", "generic_connector", "run", "--config")),
            str(file),
            stdout=out,
            stderr=err,
            env={
                **os.environ,
                "PYTHONASYNCIODEBUG": "1",
                "GC_BROKER__ACTIVEMQ__PASSWORD": planted()["broker password"],
            },
        )
    one = Running(process, folder)
    try:
        yield one
    finally:
        if process.returncode is None:
            await one.end(signal.SIGKILL)


def configuration(
    simulator: Simulator, notifications: XmppServer, folder: Path, *, tcp_port: int, broker_port: int
) -> str:
    """Give a file with every kind of secret, at debug level; folder: where sessions are kept."""
    secrets = {name: toml(value) for name, value in planted().items()}
    authorization = toml(f"Bearer {planted()['recorder authorization']}")
    return f"""
[broker.activemq]
urls = ["stomp://127.0.0.1:{broker_port}"]
username = "connector"
queues = ["Other"]
[broker.embedded]
enabled = true
tcp_port = {tcp_port}
users = {{ crm = "{hash_password(planted()["client password"])}" }}
[finesse]
nodes = ["{simulator.rest_url}"]
request_timeout_seconds = 0.4
retry_delay_seconds = 0.02
health_interval_seconds = 1
administrator = {{ username = "admin", password = {secrets["administrator password"]} }}
[finesse.tls]
verify = false
[finesse.notifications]
port = {notifications.tls_port}
[statistics]
url = "postgresql+psycopg://127.0.0.1:1/db"
username = "gc"
password = {secrets["database password"]}
[configuration_database]
url = "postgresql+psycopg://127.0.0.1:1/db"
username = "gc"
password = {secrets["database password"]}
[recording]
pause_url = "http://127.0.0.1:1/pause"
resume_url = "http://127.0.0.1:1/resume"
headers = {{ Authorization = {authorization} }}
[store]
kind = "file"
path = "{folder / "sessions.db"}"
encryption_key = "{new_key()}"
[license]
max_agents = {len(PEOPLE)}
[log]
level = "debug"
libraries = "debug"
"""


@asynccontextmanager
async def a_finesse() -> AsyncIterator[tuple[Simulator, XmppServer]]:
    """Put the suite's pretend Finesse up, with planted passwords."""
    scenario = a_scenario(uccx=False, agents=agents(uccx=False))
    certificate = certificate_for(scenario)
    notifications = XmppServer(domain=scenario.xmpp.domain, plain_port=None, ssl_context=certificate.server_context())
    async with Simulator(scenario, notifications, certificate) as simulator:
        yield simulator, notifications


def free_port() -> int:
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        return int(listening.getsockname()[1])


@pytest.mark.conformance
@pytest.mark.timeout(180)
@pytest.mark.usefixtures("people")
async def test_the_whole_suite_with_a_process(tmp_path: Path) -> None:
    """All that a real process says, to its end by SIGABRT, which dumps the stacks of all threads."""
    port = free_port()
    target = Target(
        url=BrokerUrl.parse(f"stomp://127.0.0.1:{port}"), username="crm", password=planted()["client password"]
    )
    broker = EmbeddedBroker(EmbeddedSettings(tcp_port=0, users={"connector": hash_password("another")}))
    await broker.start()  # which refuses our password
    async with a_finesse() as (simulator, notifications):
        text = configuration(simulator, notifications, tmp_path, tcp_port=port, broker_port=broker.tcp_port or 0)
        async with running(tmp_path, text) as process, Control(simulator.control_url) as control:
            await process.until_said("ready")
            async with stomp_broker(target, "Connector1") as client:
                scene = a_scene(client, control, Format.TEXT, uccx=False, patience=10.0)
                without = {"databases", "recorder"}
                results = [one async for one in play_all(scene, all_cases(uccx=False), without)]
                await make_trouble(client, control)
            with pytest.raises(StompError):
                async with connected(replace(target, password=planted()["wrong password"])):
                    pass
            await process.until_said("invalid")
            assert await process.end(signal.SIGABRT) == -signal.SIGABRT
            said = process.said
    await broker.stop()
    failed = [one.case.name for one in results if one.outcome is Outcome.FAILED]
    assert len(failed) < len(results) / 10, failed  # GetAllAgents: Finesse does not know the administrator
    assert "Current thread" in said
    assert_nowhere(said, where="what the process says")
    kept = everything_kept(tmp_path)
    assert b"trouble" in kept  # a destination's name, which is none of the secrets: so that we know we looked
    assert_nowhere(kept, where="the session store")


def everything_kept(folder: Path) -> bytes:
    """Read the session store's files."""
    return b"".join(path.read_bytes() for path in folder.glob("sessions.db*"))


async def make_trouble(client: StompBroker, control: Control) -> None:
    """Let everything fail that the suite does not try here."""
    heard: asyncio.Queue[str] = asyncio.Queue()
    await client.listen("trouble", heard.put_nowait)
    secret = password_of("1001")
    await client.send("Hello#trouble", "TEXT")
    await client.send("Connect#1001", f"trouble,{secret}")
    await client.send("Login#1001", f"{secret},4001")
    for command, body in MISPLACED:
        await client.send(command, body.format(password=secret), "trouble")
    for command in ("GETSKILLGROPU", "GETSUPERVISOR", "GetAllAgents", "ZOOMPauseRecording"):
        await client.send(f"{command}#1001", "", "trouble")
    await client.send("Beat#trouble", "")
    async with asyncio.timeout(20):
        while not (await heard.get()).startswith("System#") or heard.qsize() < 10:
            await control.clear_failures()


@pytest.mark.parametrize("where", ["start", "agent"])
@pytest.mark.usefixtures("people")
async def test_a_process_that_crashes(tmp_path: Path, where: str) -> None:
    """Tracebacks of what nobody catches, and of what goes wrong while objects go away, show no secret either."""
    port = free_port()
    target = Target(
        url=BrokerUrl.parse(f"stomp://127.0.0.1:{port}"), username="crm", password=planted()["client password"]
    )
    async with a_finesse() as (simulator, notifications):
        text = configuration(simulator, notifications, tmp_path, tcp_port=port, broker_port=1)
        async with running(tmp_path, text, "-c", CRASHING, where) as process:
            if where == "agent":
                await process.until_said("ready")
                async with connected(target) as client:
                    await client.send("Connect#1001", f"CRM1,{password_of('1001')}", queue="Connector1")
                    await process.until_said("while going away")
                await process.end()
            async with asyncio.timeout(20):
                await process.process.wait()
            said = process.said
    assert {"start": "bubbles up", "agent": "the agent's task"}[where] in said
    assert_nowhere(said, where="what the process says")
