"""Who asks: Basic credentials, tokens, the session cookie, and the lock after bad passwords.

Source: finesse-rest.md section 1. Like the servlet container that Finesse runs in, a valid session cookie is believed
whatever a Basic Authorization header says: a client that mixes up cookies acts as somebody else. A token is looked at
with every request, and there is no session for it.
"""

from __future__ import annotations

import base64
import binascii
import hmac
import secrets
from dataclasses import dataclass

from finesse_simulator import api_errors
from finesse_simulator.engine.engine import Engine
from finesse_simulator.engine.model import Agent
from finesse_simulator.tokens import Tokens

_ATTEMPTS = 5
_SESSIONS = 10_000  # kept; a client that throws its cookies away gets a new one with every answer


@dataclass(frozen=True, slots=True)
class Principal:
    """An authenticated user; agent is None for the administrator. bearer: it came with a token."""

    name: str
    agent: Agent | None
    bearer: bool = False

    @property
    def administrator(self) -> bool:
        """Whether this is the account for configuration."""
        return self.agent is None


def user_of(authorization: str) -> tuple[str, str]:
    """Read user and password out of a Basic header; both are empty when it cannot be read."""
    scheme, _, encoded = authorization.partition(" ")
    if scheme.lower() != "basic":
        return "", ""
    try:
        user, _, password = base64.b64decode(encoded, validate=True).decode("utf-8").partition(":")
    except (binascii.Error, ValueError):
        return "", ""
    return user, password


def token_of(authorization: str) -> str:
    """Read the token out of a Bearer header; empty when it is another one."""
    scheme, _, token = authorization.partition(" ")
    return token.strip() if scheme.lower() == "bearer" else ""


def same(one: str, other: str) -> bool:
    """Compare secrets in constant time."""
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


class Access:
    """The accounts of a scenario."""

    def __init__(self, engine: Engine, tokens: Tokens) -> None:
        self._engine = engine
        self._tokens = tokens
        self._bad: dict[str, int] = {}
        self._locked_until: dict[str, float] = {}
        self._sessions: dict[str, str] = {}

    def authenticate(self, authorization: str, cookie: str) -> Principal:
        """Find out who asks, or raise ApiFaultError 401."""
        token = token_of(authorization)
        if token:
            return self._by_token(token)
        if cookie in self._sessions:
            name = self._sessions[cookie]
            return Principal(name, self._engine.agent_named(name))
        user, password = user_of(authorization)
        account = self._account(user)
        if account is None or self._locked(account):
            raise api_errors.unauthorized(user)
        if not same(password, self._password_of(account)):
            self._count_bad(account)
            raise api_errors.unauthorized(user)
        self._bad.pop(account, None)
        agent = self._engine.agent_named(user)
        if agent is not None and self._tokens.needed_by(agent.profile):
            raise api_errors.unauthorized(user)
        return Principal(user, agent)

    def claimed(self, authorization: str) -> str:
        """Say who the header claims to be, right or wrong."""
        return user_of(authorization)[0] or self._tokens.claimed(token_of(authorization))

    def _by_token(self, token: str) -> Principal:
        agent = self._engine.agent(self._tokens.owner(token))
        if agent is None or not self._tokens.needed_by(agent.profile):
            raise api_errors.unauthorized(self._tokens.claimed(token))
        return Principal(agent.profile.name, agent, bearer=True)

    def open_session(self, principal: Principal) -> str:
        """Give the value of a new session cookie."""
        cookie = secrets.token_hex(16).upper()
        self._sessions[cookie] = principal.name
        if len(self._sessions) > _SESSIONS:
            del self._sessions[next(iter(self._sessions))]
        return cookie

    def _account(self, user: str) -> str | None:
        """Name the account behind a user name: an agent's id, or the administrator's name."""
        agent = self._engine.agent_named(user)
        if agent is not None:
            return agent.id
        return user if user == self._engine.scenario.administrator.name else None

    def _password_of(self, account: str) -> str:
        agent = self._engine.agent(account)
        return agent.profile.password if agent else self._engine.scenario.administrator.password

    def _locked(self, account: str) -> bool:
        return self._locked_until.get(account, -1.0) > self._engine.now

    def _count_bad(self, account: str) -> None:
        self._bad[account] = self._bad.get(account, 0) + 1
        if self._bad[account] >= _ATTEMPTS:
            del self._bad[account]
            self._locked_until[account] = self._engine.now + self._engine.scenario.timings.account_lock
