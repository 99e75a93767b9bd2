"""What a handler of the REST interface gets, and what it gives back."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from finesse_simulator import api_errors
from finesse_simulator.engine.engine import Engine
from finesse_simulator.engine.model import Agent
from finesse_simulator.rest.access import Principal

API = "/finesse/api"


@dataclass(frozen=True, slots=True)
class Incoming:
    """A request of an authenticated user. path: the variable parts of the address; range: the header."""

    engine: Engine
    principal: Principal
    path: Mapping[str, str]
    query: Mapping[str, str]
    body: bytes
    request_id: str
    range: str = ""

    def user(self) -> Agent:
        """Find the user of the address."""
        return self.engine.user_in_path(self.path["user"])

    def own_user(self) -> Agent:
        """Find the user of the address, who must be the asking one; the administrator may read anybody's."""
        user = self.user()
        if self.principal.agent not in {None, user}:
            raise api_errors.other_user(self.path["user"])
        return user

    def visible_user(self) -> Agent:
        """Find the user of the address, whom the asking one is or supervises."""
        user, asker = self.user(), self.principal.agent
        if asker is None or asker is user:
            return user
        if user.profile.team not in asker.profile.supervises:
            raise api_errors.other_user(self.path["user"])
        return user

    def only_administrator(self) -> None:
        """Refuse everybody but the account for configuration."""
        if not self.principal.administrator:
            raise api_errors.NOT_ADMINISTRATOR


@dataclass(frozen=True, slots=True)
class Answer:
    """The status and body of an answer."""

    status: int
    xml: str = ""


ACCEPTED = Answer(202)

Handler = Callable[[Incoming], Answer]

Row = tuple[str, str, Handler]
"""Method, address below /finesse/api, and who answers."""
