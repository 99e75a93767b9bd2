"""A pretend Finesse with two servers on free ports, and what tests do with it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any
from xml.etree import ElementTree as ET

import aiohttp
import msgspec
from aiohttp import DummyCookieJar, encode_basic_auth

from finesse_simulator.notification_servers import make_simulator
from finesse_simulator.scenario import SecondServer, many_agents
from finesse_simulator.servers import Server
from finesse_simulator.simulator import Simulator
from notification_clients.agent import Agent

FREE = SecondServer(
    domain="b.example.test", https_port=0, http_port=0, plain_port=0, tls_port=0, websocket_port=0
)  # no port by WebSocket and TLS


@asynccontextmanager
async def two_servers(agents: int = 3, **changes: Any) -> AsyncIterator[Simulator]:
    """Run many agents behind two servers, ten times as fast. changes: of the scenario, by its names."""
    base = many_agents(agents)
    xmpp = msgspec.structs.replace(base.xmpp, domain="a.example.test", websocket_port=0)
    changes = {"xmpp": xmpp, "second_server": FREE, "pace": 10.0, **changes}
    async with make_simulator(msgspec.structs.replace(base, **changes)) as finesse:
        yield finesse


def agent_at(server: Server, user: str = "1001", resource: str = "one") -> Agent:
    """Make an agent's client for notifications."""
    return Agent(server.xmpp_port, f"{user}/{resource}", f"agent-secret-{user}", domain=server.domain)


async def ask(server: Server, path: str, *, user: str = "1001", method: str = "GET", body: str = "") -> tuple[int, str]:
    """Ask the REST interface, with a connection of its own; give status and text."""
    headers = {"Authorization": encode_basic_auth(user, f"agent-secret-{user}")}
    async with (
        aiohttp.ClientSession(headers=headers, cookie_jar=DummyCookieJar()) as session,
        session.request(method, f"{server.http_url}/finesse/api/{path}", data=body) as answer,
    ):
        return answer.status, await answer.text()


async def status(server: Server) -> tuple[str | None, str | None]:
    """Give status and reason of SystemInfo."""
    _, text = await ask(server, "SystemInfo")
    document = ET.XML(text)
    return document.findtext("status"), document.findtext("statusReason")


async def sign_in(finesse: Simulator, *users: str) -> None:
    for user in users:
        finesse.set_agent_state(user, "LOGIN", extension=str(int(user) + 3000))
        await finesse.wait_for_agent(user, "NOT_READY")
        finesse.set_agent_state(user, "READY")
        await finesse.wait_for_agent(user, "READY")


def heard(agent: Agent) -> list[str]:
    """Give what an agent was told, one line each, and forget it."""
    lines = [_line(ET.XML(text)) for _, text in agent.notifications]
    agent.notifications.clear()
    return lines


def _line(update: ET.Element) -> str:
    event, user = update.findtext("event"), update.find("data/user")
    if (info := update.find("data/systemInfo")) is not None:
        return f"SystemInfo {info.findtext('status')}"
    if user is not None:
        return f"User {event} {user.findtext('state')}"
    dialog = next(each for each in update.iter() if each.tag in {"dialog", "Dialog"})
    return f"Dialog {event} {dialog.findtext('id')} {dialog.findtext('state')}"
