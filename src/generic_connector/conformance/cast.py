"""Who plays: the agents, the customer and the numbers of the contact centre in scenario.toml."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Person:
    """An agent. not_ready_id, logout_id: Finesse's ids of the reasons that it wants of this agent, "" for none."""

    name: str
    id: str
    extension: str
    not_ready_id: str = "31"
    logout_id: str = "41"
    password: str = field(repr=False)


def _person(name: str, number: int, **reasons: str) -> Person:
    return Person(name=name, id=str(number), extension=str(number + 3000), password=f"agent-secret-{number}", **reasons)


_NO_REASONS = {"not_ready_id": "", "logout_id": ""}
PEOPLE: Mapping[str, Person] = {
    person.name: person
    for person in (
        _person("ann", 1001),
        _person("bob", 1002),
        _person("sue", 1003),
        _person("max", 1004, **_NO_REASONS),
    )
}
"""Ann and Bob are agents of team East, Sue their supervisor; of Max in team West nobody wants reasons."""

ONE_TOO_MANY = _person("eve", 1005, **_NO_REASONS)
"""For whom the licence has no seat."""

NUMBERS: Mapping[str, str] = {
    "customer": "5550188",
    "queue": "8800",
    "west_queue": "8801",
    "bobs_queue": "8802",
    "nowhere": "5550000",
    "no_dialog": "99999999",
    "no_device": "4777",
    "no_user": "9999",
    "team": "5001",
    "campaign": "Renewals",
    "direct_campaign": "Winbacks",
    "not_ready_reason": "27",
    "logout_reason": "12",
    **{person.name: person.extension for person in PEOPLE.values()},
    **{f"{person.name}_id": person.id for person in PEOPLE.values()},
}
"""What the arguments of commands may name in braces, beside what a case learns on its way (scene.py)."""
