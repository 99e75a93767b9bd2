"""The demonstration itself: everything in one process, on ports of this machine only."""

from __future__ import annotations

import asyncio
import signal
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

import msgspec
from rich.console import Console
from rich.text import Text

from finesse_simulator import scenario as scenarios
from finesse_simulator.scenario import Scenario
from finesse_simulator.simulator import Simulator, certificate_for
from finesse_simulator.xmpp.server import XmppServer
from generic_connector.app import Connector
from generic_connector.broker.embedded import EmbeddedDoor, EmbeddedSettings
from generic_connector.broker.urls import BrokerUrl
from generic_connector.client import Client, Target, connected
from generic_connector.demo.play import Difference, Player
from generic_connector.demo.story import Cast, Step, story
from generic_connector.errors import UserError
from generic_connector.finesse.settings import FinesseSettings
from generic_connector.operations import logs

QUEUE = "Connector1"


@dataclass(frozen=True, slots=True, kw_only=True)
class Ports:
    """Where a demonstration that stays up listens, on this machine only; 0 takes a free port."""

    stomp: int = 61613
    websocket: int = 61614
    control: int = 8446


@dataclass(frozen=True, slots=True)
class Stage:
    """What is up while the demonstration runs."""

    finesse: Simulator
    door: EmbeddedDoor

    @property
    def stomp_url(self) -> str:
        """Where STOMP clients connect."""
        return f"stomp://127.0.0.1:{self.door.broker.tcp_port}"


async def run(*, once: bool, ports: Ports | None = None) -> int:
    """Play the story and stop, or stay up until told to stop. Gives the exit code: 1 when the story went wrong."""
    logs.configure(level="error")  # what there is to see is printed
    console = Console(soft_wrap=True, highlight=False)
    ports = Ports(stomp=0) if once else ports or Ports()
    told_to_stop = asyncio.Event() if once else _stop_signal()  # a story that is played once is simply interrupted
    async with a_stage(_scenario(ports, once=once), _broker(ports, once=once)) as stage:
        differences = await _play(stage, console)
        _sum_up(console, differences)
        if differences:
            return 1
        if not once:
            _explain(stage, console)
            await told_to_stop.wait()
    return 0


@asynccontextmanager
async def a_stage(scenario: Scenario, broker: EmbeddedSettings) -> AsyncIterator[Stage]:
    """Put up the pretend Finesse, the embedded broker and the connector; take everything down at the end."""
    certificate = certificate_for(scenario)
    notifications = XmppServer(
        domain=scenario.xmpp.domain,
        plain_port=None,
        ssl_context=certificate.server_context(),
    )
    door = EmbeddedDoor(broker)
    async with AsyncExitStack() as stack:
        try:
            finesse = await stack.enter_async_context(Simulator(scenario, notifications, certificate))
            settings = FinesseSettings(
                nodes=(finesse.rest_url,),
                xmpp_port=notifications.tls_port or 0,
                tls_verify=False,  # the pretend Finesse signs its certificate itself
            )
            await stack.enter_async_context(Connector(doors=[door], finesse=settings))
        except OSError as error:
            raise UserError(f"a port is in use: {error}") from error
        yield Stage(finesse, door)


def _scenario(ports: Ports, *, once: bool) -> Scenario:
    scenario = scenarios.default()
    return msgspec.structs.replace(
        scenario,
        rest=msgspec.structs.replace(scenario.rest, https_port=0),
        control=msgspec.structs.replace(scenario.control, port=-1 if once else ports.control),
    )


def _broker(ports: Ports, *, once: bool) -> EmbeddedSettings:
    return EmbeddedSettings(tcp_port=ports.stomp, websocket_port=None if once else ports.websocket)


# --- the story -------------------------------------------------------------------------------------------------------


class _OnTheWire:
    """The client's end of the embedded broker; what it sends is printed, passwords are not."""

    def __init__(self, client: Client, console: Console, secret: str) -> None:
        self._client = client
        self._console = console
        self._secret = secret

    async def send(self, command_type: str, body: str) -> None:
        shown = body.replace(self._secret, "********")
        self._console.print(Text.assemble(("  → ", "bold cyan"), f"{command_type}  {shown}".rstrip()))
        await self._client.send(command_type, body, queue=QUEUE)

    async def receive(self) -> str:
        return await self._client.event()


async def _play(stage: Stage, console: Console) -> list[Difference]:
    cast = Cast()

    async def customer_calls() -> None:
        console.print(Text.assemble(("  ☎ ", "bold magenta"), f"{cast.customer} calls {cast.queue}"))
        stage.finesse.customer_call(cast.customer, cast.queue, {"callVariable1": "gold customer"})

    async with connected(Target(url=BrokerUrl.parse(stage.stomp_url))) as client:
        await client.subscribe(cast.destination)
        player = Player(
            _OnTheWire(client, console, cast.password),
            customer_calls,
            step_begins=lambda step: _print_step(console, step),
            heard=lambda body: console.print(Text.assemble(("  ← ", "bold green"), body)),
        )
        return await player.play(story(cast))


def _print_step(console: Console, step: Step) -> None:
    console.print(Text(step.title, style="bold"))


def _sum_up(console: Console, differences: Sequence[Difference]) -> None:
    for difference in differences:
        console.print(Text.assemble(("✘ ", "bold red"), str(difference)))
    if not differences:
        console.print(Text("✔ Every event came, in order.", style="bold green"))


# --- staying up ------------------------------------------------------------------------------------------------------


def _explain(stage: Stage, console: Console) -> None:
    url = stage.stomp_url
    console.print(
        f"""
It stays up until you press Ctrl-C.
  STOMP       {url}, commands to the queue {QUEUE}
  WebSocket   ws://127.0.0.1:{stage.door.broker.websocket_port}/stomp
  Agents      1001, 1002, 1003 (supervisor); passwords agent-secret-1001 and so on; extensions 4001, 4002, 4003
  Finesse     {stage.finesse.rest_url} (pretended), its control door {stage.finesse.control_url}

In another terminal, as a CRM would:
  generic-connector listen CRM7 --url {url} &
  generic-connector send Hello#CRM7 --url {url}
  generic-connector send Connect#1002 CRM7,agent-secret-1002 --url {url}
  generic-connector send Login#1002 agent-secret-1002,4002 --url {url}
  generic-connector send MakeReady#1002 --url {url}
Let a customer call:
  curl -X POST {stage.finesse.control_url}/calls -d '{{"from": "5550188", "to": "8800"}}'
""",
        markup=False,
    )


def _stop_signal() -> asyncio.Event:
    told = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, told.set)
    return told
