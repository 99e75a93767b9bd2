"""Who may command whom: the rules by themselves, and the hub that asks them."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agents.fake_finesse import OPEN_SESSION, until
from agents.office import RE_LOGIN, SIGNED_IN, Office, counted, is_idle, open_office
from agents.people import ANN, BOB, SUE, sue
from generic_connector.agents.access import MOST_ON_TRIAL, RULES, Request, refusal
from generic_connector.agents.settings import Access, ClientSettings
from generic_connector.broker.door import BodyFault, CommandMessage
from generic_connector.broker.senders import Senders
from generic_connector.finesse.model import Team
from generic_connector.protocol.command_table import COMMANDS

BOUND = ClientSettings(access=Access.BOUND)
FOREIGN = "Error#PLEASE_RETRY#" + RULES[-1].text
"""What a sender hears of an agent who is not its own."""


def at(request: Request) -> str:
    """Give the name of the rule that refuses, "" for none."""
    rule = refusal(request, Senders({"server": ("SIEBEL.*", "WEB?"), "nobody": ()}))
    return rule.name if rule else ""


ROWS = [
    # who, what it names, whose agent, and what comes of it
    (Request(sender=""), "unproven sender"),
    (Request(sender="", destinations=("",)), "unproven sender"),
    (Request(sender="crm", destinations=("crm",)), ""),
    (Request(sender="crm", destinations=("crm.desk.1",)), ""),
    (Request(sender="crm", destinations=("crm2",)), "foreign destination"),
    (Request(sender="crm", destinations=("CRM",)), "foreign destination"),
    (Request(sender="crm", destinations=("crm", "other")), "foreign destination"),
    (Request(sender="crm", destinations=("/remote-temp-topic/ID:1",)), "foreign destination"),
    (Request(sender="server", destinations=("SIEBEL.1", "WEB7")), ""),
    (Request(sender="server", destinations=("server",)), "foreign destination"),
    (Request(sender="nobody", destinations=("nobody",)), "foreign destination"),
    (Request(sender="c*", destinations=("crm",)), "foreign destination"),
    (Request(sender="crm", about_agent=True, owner="crm"), ""),
    (Request(sender="crm", about_agent=True, owner="crm.1", destinations=("crm.2",)), ""),
    (Request(sender="crm", about_agent=True, owner="other"), "foreign agent"),
    (Request(sender="crm", about_agent=True), "foreign agent"),
    (Request(sender="crm", about_agent=True, owner="other", supervises=True), ""),
    (Request(sender="crm", about_agent=True, owner="other", claims=("crm",)), ""),
    (Request(sender="crm", about_agent=True, owner="other", claims=("third",)), "foreign agent"),
    (Request(sender="crm", about_agent=True, owner="other", destinations=("other",)), "foreign destination"),
    (Request(sender="crm", owner="other", destinations=("crm",)), ""),  # Connect: its password decides
    (Request(sender="crm", owner="other", on_trial=MOST_ON_TRIAL), "too many on trial"),
    (Request(sender="crm", owner="crm", on_trial=MOST_ON_TRIAL), ""),
    (Request(sender="", about_agent=True, owner="", supervises=True), "unproven sender"),
]


@pytest.mark.parametrize(("request_", "name"), ROWS)
def test_the_rules(request_: Request, name: str) -> None:
    assert at(request_) == name


def test_every_rule_is_shown_by_a_row() -> None:
    assert {rule.name for rule in RULES} == {name for _, name in ROWS} - {""}


names = st.sampled_from(["", "crm", "crm.1", "crm2", "desk", "CRM", "*"])


@given(
    st.builds(
        Request,
        sender=names,
        destinations=st.lists(names, max_size=2).map(tuple),
        about_agent=st.booleans(),
        owner=names,
        claims=st.lists(names, max_size=2).map(tuple),
        on_trial=st.integers(0, 2 * MOST_ON_TRIAL),
        supervises=st.booleans(),
    )
)
def test_who_owns_nothing_of_it_is_refused(request: Request) -> None:
    """What is carried out is by a proven sender, names its destinations alone, and is about what it may act on."""
    senders = Senders()
    if refusal(request, senders) is not None:
        return
    assert request.sender
    assert all(senders.may_use(request.sender, place) for place in request.destinations)
    own = any(senders.may_use(request.sender, place) for place in (request.owner, *request.claims))
    assert own or request.supervises or not request.about_agent


# --- in the hub


@pytest.fixture
async def bound() -> AsyncIterator[Office]:
    """Ann is signed in from crm, Sue, who supervises her, from desk; each destination is its user's."""
    async with open_office(clients=BOUND) as office:
        await sign_in(office)
        yield office


async def sign_in(office: Office) -> None:
    for agent, sender in ((ANN, "crm"), (SUE, "desk")):
        office.send("Connect", f"{sender},{office.finesse.passwords[agent]}", agent, sender=sender)
        office.login(agent, sender=sender)
        await office.door.wait_for(sender, lambda bodies: any("DialogStatus" in body for body in bodies))
        await office.idle(agent)
        office.forget(sender)


def touched(office: Office) -> list[str]:
    """Give what was asked of Finesse about Ann since she signed in, opening sessions aside."""
    asked = [one for one in office.finesse.asked if one.user_id == ANN]
    first = next(position for position, one in enumerate(asked) if one.operation == "dialogs")
    return [one.operation for one in asked[first + 1 :] if one.operation != "open_session"]


async def test_the_own_client_commands(bound: Office) -> None:
    """With reply-to and without."""
    bound.send("MakeReady", sender="crm")
    await bound.hears("State READY")
    bound.send("MakeNotReady", sender="crm", reply_to="crm.also")
    await until(lambda: bound.told("crm.also"))
    assert (bound.told("crm.also"), bound.told()) == (["State NOT_READY"], ["State READY", "State NOT_READY"])


@pytest.mark.parametrize("command", ["MakeReady", "Logout", "GetState", "force_logout", "MakeCall", "refresh"])
async def test_a_stranger_does_not_command(bound: Office, command: str) -> None:
    """One Error at the stranger's own reply-to; the victim hears nothing and Finesse is not asked."""
    before = counted("commands_refused", reason="forbidden")
    bound.send(command, "5551" if command == "MakeCall" else "", sender="mallory", reply_to="mallory")
    assert bound.bodies("mallory") == [f"{ANN}#{FOREIGN}"]
    assert (bound.told(), touched(bound)) == ([], [])
    assert counted("commands_refused", reason="forbidden") == before + 1


@pytest.mark.parametrize("reply_to", ["", "crm", "/remote-temp-topic/ID:1"])
async def test_a_stranger_has_nobody_told(bound: Office, reply_to: str) -> None:
    """Where no reply-to of its own is given, nobody is answered: neither the victim nor anybody else."""
    bound.send("MakeReady", sender="mallory", reply_to=reply_to)
    bound.send("MakeReady", "too,many", sender="mallory", reply_to=reply_to)
    bound.send("MakeReady", sender="mallory", reply_to=reply_to, fault=BodyFault.NOT_TEXT)
    bound.send("MakeReady", sender="", reply_to=reply_to)
    assert (bound.told(), touched(bound)) == ([], [])
    assert {place for place, events in bound.door.events.items() if events} == {"crm", "desk"}


@pytest.mark.parametrize("command", ["Hello", "Beat"])
async def test_the_destination_of_somebody_else(bound: Office, command: str) -> None:
    """Nobody makes another one's destination hear anything, or changes its format."""
    bound.send(command, "JSON" if command == "Hello" else "", agent="crm", sender="mallory", reply_to="mallory")
    assert bound.told("mallory") == ["crm Error PLEASE_RETRY"]
    bound.send("GetState", sender="crm")
    await bound.hears("State NOT_READY")


async def test_connect_to_the_destination_of_somebody_else(bound: Office) -> None:
    """An agent's events are not sent to somebody else, even by who knows the password."""
    bound.send("Connect", f"crm,{bound.finesse.passwords[BOB]}", BOB, sender="mallory", reply_to="mallory")
    assert bound.told("mallory") == [f"{BOB} Error PLEASE_RETRY"]
    assert BOB not in bound.hub.agents


async def test_who_knows_the_password_takes_the_agent_over(bound: Office) -> None:
    """As in mode open (rule 6); what follows at once is the new destination's, the former one commands no more."""
    bound.send("Connect", f"other,{bound.finesse.passwords[ANN]}", sender="other")
    bound.login(sender="other")
    bound.send("GetState", sender="crm", reply_to="crm")  # before the takeover came about
    await until(lambda: len(bound.told("other")) == 3)
    await bound.hears("State LOGOUT", "Error SESSION_INVALIDATED", "Error PLEASE_RETRY")
    assert bound.told("other") == SIGNED_IN
    bound.send("GetState", sender="crm", reply_to="crm")
    assert bound.bodies()[-1] == f"{ANN}#{FOREIGN}"


async def test_a_wrong_password_takes_nothing_over(bound: Office) -> None:
    """What follows the Connect ends as it does; the victim notices nothing."""
    bound.send("Connect", "mallory,wrong", sender="mallory")
    bound.send("MakeReady", sender="mallory")
    bound.send("GetState", sender="crm")
    await bound.hears("State NOT_READY")
    assert bound.told("mallory") == ["Error SUBSCRIPTION_FAILED"] * 2
    assert touched(bound) == ["user"]


async def test_a_stranger_does_not_fill_the_inbox(bound: Office) -> None:
    """Only so many commands that rest on a Connect wait; the agent's own still find room."""
    for _ in range(200):
        bound.send("Connect", "mallory,wrong", sender="mallory")
    bound.send("GetState", sender="crm")
    await bound.hears("State NOT_READY")
    assert bound.told("mallory") == [
        *["Error PLEASE_RETRY"] * (200 - MOST_ON_TRIAL),
        *["Error SUBSCRIPTION_FAILED"] * MOST_ON_TRIAL,
    ]


async def test_a_supervisor_of_the_team_acts(bound: Office) -> None:
    """Also from a client of its own; nothing else of the member's may be commanded."""
    bound.send("MakeReady", sender="desk", reply_to="desk")
    await bound.hears("State READY")
    bound.send("GetState", sender="desk", reply_to="desk")
    assert bound.bodies("desk")[-1] == f"{ANN}#{FOREIGN}"


@pytest.mark.parametrize("reply_to", ["", "desk"])
async def test_nobody_borrows_a_supervisor(bound: Office, reply_to: str) -> None:
    bound.send("MakeReady", sender="mallory", reply_to=reply_to)
    assert (bound.told(), bound.told("desk"), touched(bound)) == ([], [], [])


@pytest.mark.parametrize("why", ["another team", "not signed in", "team not known"])
async def test_who_does_not_supervise_the_agent_is_a_stranger(bound: Office, why: str) -> None:
    if why == "another team":
        bound.hub.agents[SUE].mirror.user = replace(sue("READY"), teams=(Team(id="7", name="T7"),))
    elif why == "not signed in":
        bound.hub.agents[SUE].watched = False
    else:
        ann = bound.hub.agents[ANN]
        ann.mirror.user = replace(ann.user, team_id="")
    bound.send("MakeReady", sender="desk", reply_to="desk")
    assert bound.bodies("desk") == [f"{ANN}#{FOREIGN}"]


async def test_the_client_that_had_the_agent_is_told_to_sign_in_again(bound: Office) -> None:
    """A stranger is not, and cannot make itself the one that had the agent."""
    bound.send("force_logout", sender="crm")
    await until(lambda: ANN not in bound.hub.agents)
    bound.forget()
    bound.send("Connect", "mallory,wrong", sender="mallory")
    await until(lambda: bound.told("mallory"))
    bound.send("GetState", sender="mallory", reply_to="mallory")
    bound.send("GetState", sender="crm")
    assert bound.told("mallory") == ["Error SUBSCRIPTION_FAILED", "Error PLEASE_RETRY"]
    assert bound.bodies() == [RE_LOGIN]


async def test_commands_behind_a_connect_that_is_under_way(bound: Office) -> None:
    """They wait for what comes of it, whether it has been begun or not."""
    gate = bound.finesse.hold(OPEN_SESSION)
    bound.send("Connect", f"other,{bound.finesse.passwords[BOB]}", BOB, sender="other")
    await until(lambda: gate.arrived)
    bound.send("GetState", agent=BOB, sender="other")
    gate.open()
    await until(lambda: bound.told("other"))
    assert bound.told("other") == [f"{BOB} State LOGOUT"]


async def test_an_agent_that_moves_within_a_client(bound: Office) -> None:
    """What follows the Connect is answered at the new place."""
    bound.send("Connect", f"crm.2,{bound.finesse.passwords[ANN]}", sender="crm")
    bound.send("GetState", sender="crm")
    await bound.hears("State LOGOUT", "Error SESSION_INVALIDATED")
    assert bound.told("crm.2") == ["State NOT_READY"]


async def test_a_message_id_of_somebody_else(bound: Office) -> None:
    """Nobody makes another one's command look as if it had come before: over STOMP a client can forge the id."""
    for sender, command in (("mallory", "Beat#mallory"), ("crm", f"GetState#{ANN}")):
        redelivered = sender == "crm"
        message = CommandMessage(type=command, message_id="ID:1", sender=sender, redelivered=redelivered)
        bound.hub.receive(bound.door, message)
    await bound.hears("State NOT_READY")


async def test_a_connect_out_of_service_proves_nothing(bound: Office) -> None:
    bound.finesse.in_service = False
    bound.send("Connect", "mallory,wrong", BOB, sender="mallory")
    bound.finesse.in_service = True
    bound.send("GetState", agent=BOB, sender="mallory", reply_to="mallory")
    assert bound.told("mallory") == ["System#OUT_OF_SERVICE", f"{BOB} Error PLEASE_RETRY"]


async def test_out_of_service_everybody_is_told_just_that(bound: Office) -> None:
    bound.finesse.in_service = False
    for agent in (ANN, BOB):
        bound.send("GetState", agent=agent, sender="mallory", reply_to="mallory")
        bound.send("GetState", agent=agent, sender="mallory")
    assert bound.told("mallory") == ["System#OUT_OF_SERVICE"] * 2
    assert bound.told() == []


async def test_in_mode_open_nobody_is_looked_at() -> None:
    """As the original: whoever may write to the queue may command everybody."""
    async with open_office() as office:
        await office.sign_in()
        office.send("MakeReady", sender="mallory", reply_to="mallory")
        await office.hears("State READY")


# --- whatever a stranger sends

ids = st.sampled_from([ANN, BOB, "crm", "mallory", "1009", ""])
bodies = st.sampled_from(["", "mallory,wrong", "crm,wrong", "wrong,4001", "16777300", "9,1", "1,a=b", "5000"])
anything = st.builds(
    CommandMessage,
    type=st.builds("{}#{}".format, st.sampled_from(sorted(COMMANDS)), ids),
    body=bodies,
    fault=st.none() | st.sampled_from(BodyFault),
    reply_to=st.sampled_from(["", "crm", "desk", "mallory", "mallory.2", "/remote-temp-topic/ID:1"]),
    correlation_id=st.just("x"),
    redelivered=st.booleans(),
    sender=st.sampled_from(["", "mallory"]),
)
well_formed = st.builds(
    CommandMessage,
    type=st.sampled_from([f"{command}#{ANN}" for command in ("GetState", "refresh", "force_logout", "Logout")]),
    reply_to=st.sampled_from(["", "mallory"]),
    correlation_id=st.just("x"),
    sender=st.just("mallory"),
)
claim = st.just(CommandMessage(type=f"Connect#{ANN}", body="mallory,wrong", correlation_id="x", sender="mallory"))
attacks = anything | well_formed | claim


async def attacked(messages: list[CommandMessage], *, connected: bool) -> dict[str, list[str]]:
    """Let a stranger attack, wait until all is over, and give what everybody heard meanwhile."""
    async with open_office(clients=BOUND, result_timeout=0.01) as office:
        if connected:
            await sign_in(office)
        for message in messages:
            office.hub.receive(office.door, message)
        await until(lambda: all(is_idle(office.hub, agent) for agent in list(office.hub.agents)))
        if connected:
            assert touched(office) == []
        told = {place: office.bodies(place) for place in ("crm", "desk", "mallory", "mallory.2")}
        assert all(place in told for place, events in office.door.events.items() if events)
        return told


@settings(deadline=None, max_examples=60)
@given(st.lists(attacks, max_size=6))
def test_a_stranger_touches_nobody_and_learns_nothing(messages: list[CommandMessage]) -> None:
    """Nobody else hears anything; and what the stranger hears is the same whether Ann is connected or not."""
    told = asyncio.run(attacked(messages, connected=True))
    assert (told["crm"], told["desk"]) == ([], [])
    assert told == asyncio.run(attacked(messages, connected=False))
