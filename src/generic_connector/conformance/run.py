"""The suite as a command: on a site of its own in this process, or against a connector anywhere."""

from __future__ import annotations

import logging
import uuid
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from rich.console import Console

from generic_connector.broker.embedded import EmbeddedDoor, EmbeddedSettings
from generic_connector.broker.urls import BrokerUrl
from generic_connector.client import Target
from generic_connector.conformance.broker import Broker, stomp_broker
from generic_connector.conformance.cases import all_cases
from generic_connector.conformance.cast import PEOPLE
from generic_connector.conformance.control import Control
from generic_connector.conformance.play import Outcome, Result, play_all
from generic_connector.conformance.scene import Scene
from generic_connector.conformance.show import show
from generic_connector.conformance.site import PACE, a_site, scenario_text
from generic_connector.errors import UserError
from generic_connector.operations import logs
from generic_connector.protocol.formats import Format

__all__ = ["Address", "a_scene", "run", "scenario_text"]

QUEUE = "Connector1"
UCCE, UCCX = "UCCE", "UCCX"


@dataclass(frozen=True, slots=True, kw_only=True)
class Address:
    """Where a connector and the pretend Finesse behind it are.

    without: what the site does not have; the cases that need it are not tried. patience: seconds within which what
    must come has to come.
    """

    broker: Target
    queue: str = QUEUE
    control_url: str
    without: Collection[str] = ()
    patience: float = 15.0


async def run(
    formats: Sequence[Format],
    deployments: Sequence[str],
    address: Address | None = None,
    *,
    only: str = "",
    every_case: bool = False,
) -> int:
    """Play every case and print how it went; give the exit code, 1 when one failed.

    address: None puts a site of its own up for each deployment. only: a part of the names of the cases to play.
    Raises UserError, StompError, ControlError.
    """
    logs.configure(level="error")  # what there is to see is printed
    logging.getLogger("slixmpp.features").setLevel(logging.CRITICAL)  # refused sign-ins are provoked
    console = Console(soft_wrap=True, highlight=False)
    results: list[Result] = []
    with console.status("…") as status:
        async for result in _play(formats, deployments, address, only):
            results.append(result)
            status.update(f"{len(results)}: {result.deployment} {result.format} {result.case.name}")
    show(results, console, every_case=every_case)
    return 1 if any(result.outcome is Outcome.FAILED for result in results) or not results else 0


async def _play(
    formats: Sequence[Format], deployments: Sequence[str], address: Address | None, only: str
) -> AsyncIterator[Result]:
    if address is not None:
        async for result in _at(address, formats, deployments, only):
            yield result
        return
    for deployment in deployments:
        async with _own_site(deployment) as own:
            async for result in _at(own, formats, [deployment], only):
                yield result


@asynccontextmanager
async def _own_site(deployment: str) -> AsyncIterator[Address]:
    door = EmbeddedDoor(EmbeddedSettings(tcp_port=0, websocket_port=None))
    async with a_site(door, uccx=deployment == UCCX) as site:
        url = BrokerUrl.parse(f"stomp://127.0.0.1:{door.broker.tcp_port}")
        yield Address(broker=Target(url=url), control_url=site.control_url, patience=5.0)


async def _at(
    address: Address, formats: Sequence[Format], deployments: Sequence[str], only: str
) -> AsyncIterator[Result]:
    async with AsyncExitStack() as stack:
        control = await stack.enter_async_context(Control(address.control_url))
        state = await control.state()
        deployment = state["deployment"]
        _check(deployment, deployments, [agent["id"] for agent in state["agents"]])
        await control.set_pace(PACE)
        stack.push_async_callback(control.set_pace, state["pace"])
        broker = await stack.enter_async_context(stomp_broker(address.broker, address.queue))
        for event_format in formats:
            scene = a_scene(broker, control, event_format, uccx=deployment == UCCX, patience=address.patience)
            cases = [case for case in all_cases(uccx=deployment == UCCX) if only in case.name]
            async for result in play_all(scene, cases, address.without):
                yield result


def a_scene(broker: Broker, control: Control, event_format: Format, *, uccx: bool, patience: float) -> Scene:
    """Make a scene with destinations that nobody else uses."""
    prefix = f"conformance-{uuid.uuid4().hex[:8]}"
    return Scene(broker, control, event_format, uccx=uccx, prefix=prefix, patience=patience)


def _check(deployment: str, wanted: Sequence[str], agents: Collection[str]) -> None:
    if deployment not in wanted:
        raise UserError(f"the pretend Finesse there is {deployment}, not {' or '.join(wanted)}")
    if not {person.id for person in PEOPLE.values()} <= set(agents):
        raise UserError(
            "the pretend Finesse there has other agents: start it with what `generic-connector conformance --scenario` "
            "prints"
        )
