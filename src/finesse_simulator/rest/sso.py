"""The addresses where the desktop gets and renews its token.

Source: finesse-rest.md section 1.1. A browser would come here with a session of the identity provider; whoever sends
the agent's own password instead gets a token as well, so that tests need no identity provider.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import msgspec
from aiohttp import web

from finesse_simulator.engine.engine import Engine
from finesse_simulator.engine.model import Agent
from finesse_simulator.rest.access import same, user_of
from finesse_simulator.tokens import Grant, Tokens

_PATH = "/desktop/sso"


class SingleSignOn:
    """The token addresses. real_seconds: converts a simulated duration, since clients count real ones."""

    def __init__(self, engine: Engine, tokens: Tokens, real_seconds: Callable[[float], float]) -> None:
        self._engine = engine
        self._tokens = tokens
        self._real_seconds = real_seconds

    def add_to(self, application: web.Application) -> None:
        """Put the addresses into an application."""
        application.router.add_get(f"{_PATH}/token", self._get)
        application.router.add_post(f"{_PATH}/token", self._renew)
        application.router.add_get(f"{_PATH}/test", self._probe)

    async def _get(self, request: web.Request) -> web.StreamResponse:
        agent = self._wanted(request.query.get("cc_username", ""))
        authorization = request.headers.get("Authorization", "")
        if not authorization:
            domain = self._engine.scenario.xmpp.domain
            raise web.HTTPFound(f"https://ids.{domain}:8553/ids/saml/login")
        user, password = user_of(authorization)
        if self._engine.agent_named(user) is not agent or not same(password, agent.profile.password):
            return _refused(401, "invalid credentials")
        with_refresh = request.query.get("return_refresh_token") == "true"
        return self._granted(agent, self._tokens.issue(agent.id), with_refresh=with_refresh)

    async def _renew(self, request: web.Request) -> web.StreamResponse:
        form = await request.post()
        agent = self._wanted(str(form.get("cc_username", "")))
        refresh_token = str(form.get("refresh-token", ""))
        if not refresh_token:
            return _refused(400, "refresh-token is missing")
        grant = self._tokens.refresh(agent.id, refresh_token)
        if grant is None:
            return _refused(401, "invalid refresh token")
        return self._granted(agent, grant, with_refresh=form.get("return_refresh_token") == "true")

    async def _probe(self, _: web.Request) -> web.StreamResponse:
        return web.Response(text="SSO" if self._tokens.in_use else "NON_SSO")

    def _wanted(self, name: str) -> Agent:
        agent = self._engine.agent_named(name)
        if not self._tokens.in_use or agent is None:
            raise web.HTTPBadRequest(text="cc_username is unknown, or there is no single sign-on")
        return agent

    def _granted(self, agent: Agent, grant: Grant, *, with_refresh: bool) -> web.Response:
        remaining = self._real_seconds(grant.until - self._engine.now)
        content: dict[str, object] = {
            "token": grant.token,
            "expires_in": max(1, math.floor(remaining)),
            "user_id": agent.profile.name,
            "user_principal": f"{agent.profile.name}@{self._engine.scenario.xmpp.domain}",
        }
        if with_refresh:
            content["refresh_token"] = grant.refresh_token
        return _json(200, content)


def _refused(status: int, why: str) -> web.Response:
    return _json(status, {"error": why})


def _json(status: int, content: object) -> web.Response:
    return web.Response(status=status, body=msgspec.json.encode(content), content_type="application/json")
