"""Where the planted passwords are put: the agents of the conformance suite, and commands that misplace them."""

from __future__ import annotations

from msgspec.structs import replace as replaced

from finesse_simulator.scenario import Agent as Account
from generic_connector.conformance.cast import PEOPLE
from generic_connector.conformance.site import a_scenario
from journeys.canaries import planted


def agents(*, uccx: bool) -> tuple[Account, ...]:
    """Give the suite's agents with the same passwords."""
    known = {person.id for person in PEOPLE.values()}
    everybody = a_scenario(uccx=uccx).agents
    return tuple(replaced(one, password=password_of(one.id)) if one.id in known else one for one in everybody)


def password_of(agent_id: str) -> str:
    """Give one that holds the planted password; each agent has another."""
    return f"{planted()['agent password']}{agent_id}"


MISPLACED = [  # what a client may send that has the password where it does not belong
    ("Connect#1001", "{password},CRM1"),
    ("Connect#1001", "{password}"),
    ("Connect#1001", "CRM 1,{password}"),
    ("Connect#", "CRM1,{password}"),
    ("Conect#1001", "CRM1,{password}"),
    ("Connect#1001#", "CRM1,{password}"),
    ("Login#1001", "4001,{password}"),
    ("Login#1001", "{password}"),
    ("Login#1001", "{password},4001a"),
    ("MobileAgentLogin#1001", "4001,{password},5551,true"),
    ("MobileAgentLogin#1001", "{password},4001,5551,neither"),
    ("MobileAgentLogin#1001", "true,4001,5551,{password}"),
    ("MakeCall#1001", "{password}"),
    ("AnswerCall#1001", "{password}"),
    ("Transfer_sst#1001", "{password},{password}"),
    ("MakeNotReadyWithReason#1001", "{password}"),
    ("GetTeamUsers#1001", "{password}"),
    ("update_call_variable#1001", "1,callVariable1,{password}"),
    ("GetState#1001", "{password}"),
    ("Hello#CRM1", "{password}"),
]
