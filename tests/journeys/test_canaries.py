"""No planted password and no token comes to light: not in the log, not in metrics, not in a crash, not in a repr."""

from __future__ import annotations

import asyncio
import contextlib
import io
import os
import signal
import socket
import sys
from base64 import b64encode
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any, cast
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest
from msgspec.structs import replace as replaced
from prometheus_client import generate_latest

from finesse_simulator.rest.failures import Failure
from finesse_simulator.scenario import Agent as Account
from finesse_simulator.simulator import Simulator, certificate_for
from finesse_simulator.xmpp.server import XmppServer
from generic_connector.agents.handlers import HANDLERS, Handler
from generic_connector.agents.hearing import Hearing
from generic_connector.agents.hub import Hub
from generic_connector.agents.inbox import Inbox
from generic_connector.broker.embedded import EmbeddedBroker, EmbeddedSettings, hash_password
from generic_connector.broker.stomp.errors import StompError
from generic_connector.broker.urls import BrokerUrl
from generic_connector.client import Target, connected
from generic_connector.config.document import toml
from generic_connector.conformance.broker import MemoryBroker, StompBroker, stomp_broker
from generic_connector.conformance.cases import all_cases
from generic_connector.conformance.cast import PEOPLE
from generic_connector.conformance.control import Control
from generic_connector.conformance.play import Outcome, play_all
from generic_connector.conformance.run import a_scene
from generic_connector.conformance.site import a_scenario, a_site
from generic_connector.protocol.formats import Format
from journeys.canaries import assert_not_shown, assert_nowhere, planted
from journeys.world import World, a_world
from journeys.world import a_scenario as a_journey

AGENT = planted()["agent password"]


HIDDEN = {
    "as it is": AGENT,
    "SASL": f"<auth>{b64encode(f'x{AGENT}y'.encode()).decode()}</auth>",
    **{f"Base64 after {n}": b64encode(bytes(n) + AGENT.encode() + b"tail").decode() for n in range(7)},
    "URL": f"?password={quote(AGENT)}",
    "XML": escape(AGENT),
    "repr": repr({"password": AGENT}),
    "ASCII": ascii(AGENT),
    "UTF-16": AGENT.encode("utf-16-le").decode("latin-1"),
    "hexadecimal": AGENT.encode().hex(),
    "its beginning": AGENT[:16],
}


@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=HIDDEN)
def test_the_search_finds_every_guise(hidden: str) -> None:
    """In text and in bytes, wherever it lies."""
    for content in (f"before {hidden} behind", f"before{hidden}behind".encode("latin-1", "replace")):
        with pytest.raises(AssertionError, match="agent password") as caught:
            assert_nowhere(content, where="the log")
        assert AGENT not in str(caught.value)
    assert_nowhere("nothing of the kind", "further secret")
    with pytest.raises(AssertionError, match="a further secret"):
        assert_nowhere(b"\0further secret\0", "further secret")


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give everybody in the suite planted passwords."""
    for name, person in list(PEOPLE.items()):
        monkeypatch.setitem(PEOPLE, name, replace(person, password=password_of(person.id)))


def agents(*, uccx: bool) -> tuple[Account, ...]:
    """Give the suite's agents with the same passwords."""
    known = {person.id for person in PEOPLE.values()}
    everybody = a_scenario(uccx=uccx).agents
    return tuple(replaced(one, password=password_of(one.id)) if one.id in known else one for one in everybody)


def password_of(agent_id: str) -> str:
    """Give one that holds the planted password; each agent has another."""
    return f"{AGENT}{agent_id}"


@pytest.mark.conformance
@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("uccx", [False, True], ids=["UCCE", "UCCX"])
async def test_the_whole_suite(log: io.StringIO, *, uccx: bool) -> None:
    """Every command, event and error of the protocol, all that the libraries say as well."""
    broker, failed = MemoryBroker(), []
    async with a_site(broker, uccx=uccx, agents=agents(uccx=uccx)) as site, Control(site.control_url) as control:
        scene = a_scene(broker, control, Format.JSON, uccx=uccx, patience=5.0)
        played = 0
        async for result in play_all(scene, all_cases(uccx=uccx)):
            failed += [f"{result.case.name}: {result.reason}"] if result.outcome is Outcome.FAILED else []
            played += 1
            if played % 40 == 0:
                assert_not_shown()
    assert failed == []
    assert '"level": "debug"' in log.getvalue()
    assert_nowhere(log.getvalue(), where="the log")
    assert_nowhere(generate_latest(), where="/metrics")


# --- trouble, in one process


class Fault(Exception):  # noqa: N818  not an error of anybody's
    """A mistake of ours that shows all that it has at hand."""


def failing(secret: str) -> Callable[..., Any]:
    """Give what stands for a method that goes wrong, and says so with all that it has at hand."""

    def fail(*given: object) -> None:
        raise Fault(f"{given} {secret!r} {secret}")

    return fail


MISPLACED = [  # what a client may send that has the password where it does not belong
    ("Connect#1001", "{password},CRM1"),
    ("Connect#1001", "{password}"),
    ("Connect#1001", "CRM 1,{password}"),
    ("Connect#", "CRM1,{password}"),
    ("Conect#1001", "CRM1,{password}"),
    ("Connect#1001#", "CRM1,{password}"),
    ("Login#1001", "4001,{password}"),
    ("Login#1001", "{password}"),
    ("Login#1001", "{password},4001a"),
    ("MobileAgentLogin#1001", "4001,{password},5551,true"),
    ("MobileAgentLogin#1001", "{password},4001,5551,neither"),
    ("MobileAgentLogin#1001", "true,4001,5551,{password}"),
    ("MakeCall#1001", "{password}"),
    ("AnswerCall#1001", "{password}"),
    ("Transfer_sst#1001", "{password},{password}"),
    ("MakeNotReadyWithReason#1001", "{password}"),
    ("GetTeamUsers#1001", "{password}"),
    ("update_call_variable#1001", "1,callVariable1,{password}"),
    ("GetState#1001", "{password}"),
    ("Hello#CRM1", "{password}"),
]


@pytest.mark.parametrize("sso", ["", ",SSO"], ids=["password", "token"])
async def test_trouble(log: io.StringIO, monkeypatch: pytest.MonkeyPatch, sso: str) -> None:
    """Wrong and misplaced secrets, a Finesse that refuses, fails and closes, faults in every place that knows one."""
    secret = password_of("1001")
    site = a_journey(system_auth_mode="SSO" if sso else "NON_SSO")
    everybody = tuple(replaced(one, password=password_of(one.id), sso=bool(sso)) for one in site.agents)
    async with a_world(replaced(site, agents=everybody), retry_delay=0.02) as world:
        if sso:
            secret = world.finesse.issue_token("1001")["token"]
        for bad in (planted()["wrong password"], planted()["old password"]):
            world.send("Connect#1001", f"CRM1,{bad}{sso}")
            await world.hears_up_to("CRM1", "SUBSCRIPTION_FAILED")
        for command, body in MISPLACED:
            world.send(
                command, body.format(password=secret) + (sso if command == "Connect#1001" else ""), reply_to="CRM1"
            )
        world.send("Connect#1001", f"CRM1,{secret}{sso}")
        for command, body in MISPLACED[6:]:
            world.send(command, body.format(password=secret), reply_to="CRM1")
        world.send("Login#1001", f"{secret},4001")
        await world.hears_up_to("CRM1", "#DialogStatus#")
        await in_every_way(world, secret, sso)
        fail = failing(secret)
        with monkeypatch.context() as faulty:
            faulty.setitem(cast("dict[str, Handler]", HANDLERS), "GetState", fail)
            faulty.setattr(Hub, "_connect", fail)
            faulty.setattr(Hearing, "hear", fail)
            world.send("GetState#1001")
            world.send("Connect#1001", f"CRM1,{secret}{sso}")
            await world.hears_up_to("CRM1", "could not carry out")
            await world.finesse.wait_for_session("1001")
            world.finesse.customer_call("5551230001", "4001")
            await told(log, "notification failed")
            faulty.setattr(Inbox, "take_work", fail)
            world.send("Login#1001", f"{secret},4001")
            await told(log, "agent crashed")
        assert_not_shown(secret)
    for event in ("message failed", "command crashed", "notification failed", "agent crashed", "command refused"):
        assert f'"{event}"' in log.getvalue(), event
    assert_nowhere(log.getvalue(), secret, where="the log")
    assert_nowhere(generate_latest(), secret, where="/metrics")


async def in_every_way(world: World, secret: str, sso: str) -> None:
    """Let Finesse fail in every way in which it can, and go away, and the broker with it."""
    failures = [
        Failure(kind="refuse", method="PUT", times=2, error_message=f"bad password {secret}"),
        Failure(kind="refuse", method="PUT", times=2, status=401, error_type=secret),
        Failure(kind="close", method="PUT", times=2),
    ]
    for failure in failures:
        world.finesse.fail(failure)
        world.send("MakeReady#1001")
        world.send("Login#1001", f"{secret},4001")
        await world.hears_up_to("CRM1", "#Error#")
        world.finesse.clear_failures()
        world.send("Connect#1001", f"CRM1,{secret}{sso}")
        world.send("Login#1001", f"{secret},4001")
        await world.hears_up_to("CRM1", "#DialogStatus#")
    world.door.cut()
    world.send("GetState#1001")
    world.door.restore()
    world.finesse.disconnect("1001")
    await world.hears_up_to("CRM1", "#DialogStatus#")
    world.finesse.go_out_of_service()
    await world.hears_up_to("CRM1", "OUT_OF_SERVICE")
    world.finesse.go_into_service()
    await world.hears_up_to("CRM1", "IN_SERVICE")


async def told(log: io.StringIO, event: str) -> None:
    """Wait until something is in the log."""
    async with asyncio.timeout(10):
        while f'"{event}"' not in log.getvalue():  # noqa: ASYNC110  a text tells nobody when it changes
            await asyncio.sleep(0.01)


# --- a process of its own

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


def configuration(simulator: Simulator, notifications: XmppServer, *, tcp_port: int, broker_port: int) -> str:
    """Give a file with every kind of secret, at debug level."""
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
        text = configuration(simulator, notifications, tcp_port=port, broker_port=broker.tcp_port or 0)
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
    failed = [one.case.command for one in results if one.outcome is Outcome.FAILED]
    assert set(failed) <= {"GetAllAgents"}  # Finesse knows nothing of the administrator, who is here to be refused
    assert "Current thread" in said
    assert_nowhere(said, where="what the process says")


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
        text = configuration(simulator, notifications, tcp_port=port, broker_port=1)
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
