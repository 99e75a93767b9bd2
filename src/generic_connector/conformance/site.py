"""A whole site in one process: the pretend Finesse, databases, a recorder, and the connector with any door."""

from __future__ import annotations

import asyncio
import tempfile
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from importlib import resources
from pathlib import Path
from typing import Any

import msgspec
from aiohttp import web

from finesse_simulator import scenario as scenarios
from finesse_simulator.databases import (
    AgentEntry,
    ConfigurationTables,
    QueueFigures,
    RealTimeTables,
    SkillGroupEntry,
    TeamEntry,
)
from finesse_simulator.scenario import Scenario
from finesse_simulator.simulator import Simulator, certificate_for
from finesse_simulator.vocabulary import Deployment
from finesse_simulator.xmpp.server import XmppServer
from generic_connector.agents.settings import AgentSettings, ClientSettings
from generic_connector.app import Connector
from generic_connector.broker.door import BrokerDoor
from generic_connector.conformance.cast import PEOPLE
from generic_connector.finesse.settings import FinesseSettings
from generic_connector.recording.http import RecorderSettings
from generic_connector.statistics.settings import DatabaseSettings, StatisticsSettings

PACE = 100.0


@dataclass(frozen=True, slots=True)
class Site:
    """What is up. control_url: the control door of the pretend Finesse."""

    control_url: str
    connector: Connector


def scenario_text() -> str:
    """Give the contact centre of the suite as TOML, to start a pretend Finesse elsewhere with."""
    return resources.files("generic_connector.conformance").joinpath("scenario.toml").read_text(encoding="utf-8")


def a_scenario(*, uccx: bool, **changes: Any) -> Scenario:
    """Give the contact centre of the suite, on free ports and in a hurry. changes: of the scenario, by its names."""
    scenario = scenarios.parse(scenario_text(), "scenario.toml")
    return msgspec.structs.replace(
        scenario,
        deployment=Deployment.UCCX if uccx else Deployment.UCCE,
        pace=PACE,
        rest=msgspec.structs.replace(scenario.rest, https_port=0),
        control=msgspec.structs.replace(scenario.control, port=0),
        **changes,
    )


@asynccontextmanager
async def a_site(
    door: BrokerDoor, *, uccx: bool, clients: ClientSettings | None = None, **changes: Any
) -> AsyncIterator[Site]:
    """Put the site up behind a door, and take it down again. changes: as in a_scenario."""
    scenario = a_scenario(uccx=uccx, **changes)
    certificate = certificate_for(scenario)
    notifications = XmppServer(domain=scenario.xmpp.domain, plain_port=None, ssl_context=certificate.server_context())
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="conformance-")))
        statistics = await asyncio.to_thread(_databases, folder, scenario)
        recorder = await stack.enter_async_context(_a_recorder())
        finesse = await stack.enter_async_context(Simulator(scenario, notifications, certificate))
        connector = Connector(
            doors=[door],
            finesse=FinesseSettings(
                nodes=(finesse.rest_url,),
                xmpp_port=notifications.tls_port or 0,
                tls_verify=False,  # the pretend Finesse signs its certificate itself
                request_timeout=0.4,
                retry_delay=0.02,
                health_interval=1.0,
            ),
            agents=AgentSettings(max_agents=len(PEOPLE)),
            clients=clients,
            statistics=statistics,
            recorder=recorder,
        )
        await stack.enter_async_context(connector)
        yield Site(finesse.control_url, connector)


def _databases(folder: Path, scenario: Scenario) -> StatisticsSettings:
    """Fill the databases of the deployment. It blocks."""
    url = f"sqlite:///{folder / 'site.db'}"
    database = DatabaseSettings(url=url)
    if scenario.uccx:
        real_time = RealTimeTables(url)
        real_time.create()
        real_time.update([QueueFigures(name=queue.name) for queue in scenario.queues])
        real_time.close()
        return StatisticsSettings(real_time=database)
    configuration = ConfigurationTables(url)
    configuration.create()
    configuration.fill(
        skill_groups=[SkillGroupEntry(id=int(queue.id), name=queue.name) for queue in scenario.queues],
        teams=[TeamEntry(id=int(team.id), name=team.name) for team in scenario.teams],
        agents=[
            AgentEntry(
                id=agent.id,
                login_name=agent.name,
                first_name=agent.first_name,
                last_name=agent.last_name,
                team=int(agent.team),
                supervises=tuple(int(team) for team in agent.supervises),
            )
            for agent in scenario.agents
        ],
    )
    configuration.close()
    return StatisticsSettings(configuration=database)


@asynccontextmanager
async def _a_recorder() -> AsyncIterator[RecorderSettings]:
    """Put up a recorder that says yes to everything."""

    async def agree(_: web.Request) -> web.Response:
        return web.Response()

    application = web.Application()
    application.router.add_route("*", "/{what}", agree)
    runner = web.AppRunner(application, access_log=None)
    await runner.setup()
    try:
        tcp = web.TCPSite(runner, "127.0.0.1", 0)
        await tcp.start()
        host, port = runner.addresses[0][:2]
        yield RecorderSettings(pause_url=f"http://{host}:{port}/pause", resume_url=f"http://{host}:{port}/resume")
    finally:
        await runner.cleanup()
