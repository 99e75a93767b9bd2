"""The story against a Finesse that behaves as oddly as real ones do: the client hears the same of state and calls."""

from __future__ import annotations

from itertools import groupby

import pytest

from finesse_simulator.scenario import Fidelity
from finesse_simulator.vocabulary import Profile
from journeys.world import World, a_scenario, a_world

SWITCHES = {
    "participants in any order": Fidelity(shuffle_participants=True),
    "every PUT twice": Fidelity(duplicates=1.0),
    "data-only PUTs": Fidelity(data_only=1.0),
    "LOGOUT twice": Fidelity(double_logout=True),
    "nodes overtake each other": Fidelity(reorder_seconds=0.02),
    "events in lower case": Fidelity(lower_case_events=True),
    "roots in capitals": Fidelity(capital_roots=True),
    "notifications before answers": Fidelity(notify_before_answer=True),
    "all at once": Fidelity(
        shuffle_participants=True,
        duplicates=0.5,
        data_only=0.5,
        double_logout=True,
        reorder_seconds=0.01,
        lower_case_events=True,
        notify_before_answer=True,
    ),
}

STATES = ["NOT_READY", "READY", "RESERVED", "TALKING", "HOLD", "TALKING", "WORK_READY", "NOT_READY", "LOGOUT"]
CALL = ["NewInboundCall", "ACTIVE", "HELD", "ACTIVE", "WRAP_UP", "DROPPED"]


async def play(world: World) -> None:
    """Play the story, waiting at each step for what the client needs to go on."""
    world.send("Hello#CRM1")
    world.send("Connect#1001", "CRM1,agent-secret-1001")
    world.send("Login#1001", "agent-secret-1001,4001")
    await world.hears_up_to("CRM1", "#DialogStatus#")
    world.send("MakeReady#1001")
    await world.hears_up_to("CRM1", "#State#READY#")
    call = world.finesse.customer_call("5550188", "8800", {"callVariable1": "VIP"})
    await world.hears_up_to("CRM1", "#NewInboundCall#")
    for command, body, words in (
        ("AnswerCall", call, ("#State#TALKING#", "#InboundCall#ACTIVE#")),
        ("HoldCall", call, ("#State#HOLD#", "#InboundCall#HELD#")),
        ("RetrieveCall", call, ("#State#TALKING#", "#InboundCall#ACTIVE#")),
        ("wrapup", f"Billing,{call}", ("#InboundCall#ACTIVE#",)),
        ("ReleaseCall", call, ("#InboundCall#WRAP_UP#", "#State#WORK_READY#")),
        ("MakeNotReadyWithReason", "27", ("#InboundCall#DROPPED#", "#State#NOT_READY#")),
        ("LogoutWithReason", "12", ("#State#LOGOUT#",)),
    ):
        world.send(f"{command}#1001", body)
        await world.hears_up_to("CRM1", *words)


def states(bodies: list[str]) -> list[str]:
    return [body.split("#")[2] for body in bodies if "#State#" in body]


def call_states(bodies: list[str]) -> list[str]:
    """Give the states of the call, each as long as it lasts: what changes in between is told, too."""
    told = [body.split("#")[1:3] for body in bodies if "InboundCall#" in body]
    return [state for state, _ in groupby(name if name == "NewInboundCall" else state for name, state in told)]


@pytest.mark.parametrize("fidelity", SWITCHES.values(), ids=SWITCHES)
async def test_odd_ways_of_telling(fidelity: Fidelity) -> None:
    """No state and no call is told twice, missed, or told in another order than it happened."""
    async with a_world(a_scenario(fidelity=fidelity, pace=4.0)) as world:
        await play(world)
        bodies = world.door.bodies("CRM1")
        assert states(bodies) == STATES
        assert [state for state in call_states(bodies) if state != "ALERTING"] == CALL
        assert [body for body in bodies if "#Error#" in body] == []


@pytest.mark.parametrize("profile", list(Profile))
async def test_every_release(profile: Profile) -> None:
    """What a release shows more or less of makes no difference to the story."""
    async with a_world(a_scenario(profile=profile)) as world:
        await play(world)
        bodies = world.door.bodies("CRM1")
        assert states(bodies) == STATES
        assert call_states(bodies) == CALL


async def test_error_pages_in_html() -> None:
    """A servlet container's page instead of ApiErrors: the status says enough, and no HTML reaches a client."""
    scenario = a_scenario()
    rest = type(scenario.rest)(https_port=0, html_errors=True)
    async with a_world(a_scenario(rest=rest)) as world:
        await world.sign_in("1001", "CRM1")
        world.send("Login#1001", "wrong,4001")
        (error,) = await world.hears("CRM1", 1)
        assert error.split("#")[:3] == ["1001", "Error", "SUBSCRIPTION_FAILED"]
        assert "<" not in error
