"""Access tokens of single sign-on, as the identity service hands them out.

Source: finesse-rest.md sections 1 and 1.1. They run out by the simulated clock.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable
from dataclasses import dataclass, replace

from finesse_simulator.scenario import Agent, Scenario


@dataclass(frozen=True, slots=True)
class Grant:
    """A pair of tokens. Times are simulated seconds."""

    user_id: str
    token: str
    refresh_token: str
    until: float
    refresh_until: float


class Tokens:
    """The tokens of a scenario. now: gives the simulated time."""

    def __init__(self, scenario: Scenario, now: Callable[[], float]) -> None:
        self._scenario = scenario
        self._now = now
        self._grants: dict[str, Grant] = {}
        self._refreshing: dict[str, str] = {}

    @property
    def in_use(self) -> bool:
        """Whether there is single sign-on at all."""
        return self._scenario.system_auth_mode != "NON_SSO"

    def needed_by(self, agent: Agent) -> bool:
        """Say whether an agent signs in by token and not by password."""
        return self._scenario.system_auth_mode == "SSO" or (self.in_use and agent.sso)

    def issue(self, user_id: str) -> Grant:
        """Hand out a new pair."""
        now, sso = self._now(), self._scenario.sso
        token, refresh = secrets.token_urlsafe(24), secrets.token_urlsafe(24)
        grant = Grant(user_id, token, refresh, now + sso.token_seconds, now + sso.refresh_seconds)
        self._grants[token] = grant
        self._refreshing[refresh] = token
        return grant

    def refresh(self, user_id: str, refresh_token: str) -> Grant | None:
        """Hand out a new pair for a refresh token of that user; it can be used once. None when it is no good."""
        grant = self._grants.get(self._refreshing.get(refresh_token, ""))
        if grant is None or grant.user_id != user_id or grant.refresh_until <= self._now():
            return None
        del self._refreshing[refresh_token]
        return self.issue(user_id)

    def owner(self, token: str) -> str:
        """Say whose valid token this is; empty when nobody's."""
        grant = self._grants.get(token)
        return grant.user_id if grant is not None and grant.until > self._now() else ""

    def claimed(self, token: str) -> str:
        """Say whose token this is or was."""
        grant = self._grants.get(token)
        return grant.user_id if grant is not None else ""

    def expire(self, user_id: str | None = None) -> None:
        """Let the access tokens of one user, or of all, run out now; refresh tokens stay good."""
        for token, grant in self._grants.items():
            if user_id in {None, grant.user_id}:
                self._grants[token] = replace(grant, until=min(grant.until, self._now()))
