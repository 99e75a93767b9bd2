"""A directory of agents for the tests of the notification servers."""

from __future__ import annotations

from dataclasses import dataclass, field

DOMAIN = "finesse1.example.test"
TEAM = "/finesse/api/Team/5000/Users"
PASSWORD = "ciscocisco"


@dataclass
class Agents:
    """Knows 1001 to 1009 and Agent001, one password, and a few nodes; writes down the presence it is told of."""

    presence: list[tuple[str, str, bool]] = field(default_factory=list)
    forbidden: set[str] = field(default_factory=set)

    def check_password(self, user_id: str, password: str) -> bool:
        known = {*(f"{number}" for number in range(1001, 1010)), "agent001"}
        return user_id.lower() in known and password == PASSWORD

    def node_exists(self, node: str) -> bool:
        return node == TEAM or node.startswith("/finesse/api/User/100")

    def may_subscribe(self, user_id: str, node: str) -> bool:
        del node
        return user_id not in self.forbidden

    def presence_changed(self, user_id: str, resource: str, *, available: bool) -> None:
        self.presence.append((user_id, resource, available))
