"""Calls that go out, are not answered, or fail."""

from __future__ import annotations

import msgspec
import pytest

from journeys.world import World, a_scenario, a_world, party, variables

CUSTOMER = "5550188"
BUSY = "5550199"
BAD = "999"
FIRST = 16777217


def state(state: str, reason: str = "", label: str = "") -> str:
    return f"1001#State#{state}#{reason}###<time>#Ann Lee#1001#4001#{label}#Ann Lee#ann"


def outgoing(state: str, number: str, *parties: str, call_type: str = "OUT", dialog: int = FIRST) -> str:
    return (
        f"1001#InboundCall#{state}#DialogID:{dialog}#4001#{variables(number)}#<time>#CallType:{call_type}"
        f"#ParticipantsCount:{len(parties)}#participants:{'|'.join(parties)}"
    )


def agent(state: str, cause: str = "") -> str:
    return party("4001", state, cause=cause)


def outside(number: str, state: str) -> str:
    return party(number, state, "")


def dialling(number: str) -> list[str]:
    return [
        state("TALKING"),
        outgoing("INITIATING", "", agent("INITIATING"), call_type="AGENT_INSIDE"),
        outgoing("INITIATED", number, agent("INITIATED")),
    ]


async def signed_in(world: World) -> None:
    world.send("Hello#CRM1")
    await world.hears("CRM1", 1)
    await world.sign_in("1001", "CRM1")


async def test_an_outgoing_call() -> None:
    """The agent dials, the customer rings, answers and hangs up."""
    async with a_world() as world:
        await signed_in(world)
        world.send("MakeCall#1001", CUSTOMER)
        assert await world.hears("CRM1", 5) == [
            *dialling(CUSTOMER),
            outgoing("ALERTING", CUSTOMER, agent("INITIATED"), outside(CUSTOMER, "ALERTING")),
            outgoing("ACTIVE", CUSTOMER, agent("ACTIVE"), outside(CUSTOMER, "ACTIVE")),
        ]
        world.finesse.customer_hang_up(str(FIRST))
        assert await world.hears("CRM1", 3) == [
            outgoing("ACTIVE", CUSTOMER, agent("ACTIVE"), outside(CUSTOMER, "DROPPED")),
            outgoing("DROPPED", CUSTOMER, agent("DROPPED"), outside(CUSTOMER, "DROPPED")),
            state("NOT_READY", "-1"),
        ]
        assert world.unheard("CRM1") == []


async def test_an_outgoing_call_on_uccx() -> None:
    """On UCCX a call that is not from a queue leaves the agent's state alone, so the client hears only the call."""
    async with a_world(a_scenario(uccx=True)) as world:
        await signed_in(world)
        world.send("MakeCall#1001", CUSTOMER)
        events = await world.hears_up_to("CRM1", "#ACTIVE#")
        assert [event.split("#")[1:3] for event in events] == [
            ["InboundCall", "INITIATING"],
            ["InboundCall", "INITIATED"],
            ["InboundCall", "ALERTING"],
            ["InboundCall", "ACTIVE"],
        ]
        world.send("ReleaseCall#1001", str(FIRST))
        events = await world.hears_up_to("CRM1", "#DROPPED#")
        assert [event.split("#")[1] for event in events] == ["InboundCall"] * len(events)


@pytest.mark.parametrize(
    ("number", "cause", "errors"),
    [(BUSY, "BUSY", []), (BAD, "BAD_DESTINATION", ["1001#Error#BAD_DESTINATION#The number cannot be called"])],
    ids=["busy", "bad number"],
)
async def test_a_call_that_cannot_be_made(number: str, cause: str, errors: list[str]) -> None:
    """A busy number fails the call; a bad one ends the command in its error as well. The agent then hangs up."""
    async with a_world() as world:
        await signed_in(world)
        world.send("MakeCall#1001", number)
        assert await world.hears("CRM1", 4 + len(errors)) == [
            *dialling(number),
            f"1001#InboundCall#FAILED#DialogID:{FIRST}#{cause}#Ann Lee",
            *errors,
        ]
        world.send("ReleaseCall#1001", str(FIRST))
        assert await world.hears("CRM1", 2) == [
            outgoing("DROPPED", number, agent("DROPPED", cause)),
            state("NOT_READY", "-1"),
        ]
        assert world.unheard("CRM1") == []


def incoming(agent_state: str, customer_state: str, dialog: int = FIRST) -> str:
    return (
        f"1001#InboundCall#DROPPED#DialogID:{dialog}#{CUSTOMER}#{variables(CUSTOMER)}#<time>#CallType:PREROUTE_ACD_IN"
        f"#ParticipantsCount:2#participants:{agent(agent_state)}|{outside(CUSTOMER, customer_state)}"
    )


def ringing(dialog: int = FIRST) -> str:
    return f"1001#NewInboundCall#{CUSTOMER}#{variables(CUSTOMER)}#DialogID:{dialog}#CallType:PREROUTE_ACD_IN#<time>"


async def test_the_caller_gives_up() -> None:
    """A caller who hangs up while the phone rings: the call is dropped, the agent is ready again."""
    async with a_world() as world:
        await signed_in(world)
        world.send("MakeReady#1001")
        await world.hears("CRM1", 1)
        call = world.finesse.customer_call(CUSTOMER, "8800")
        assert await world.hears("CRM1", 2) == [state("RESERVED"), ringing()]
        world.finesse.customer_hang_up(call)
        assert await world.hears("CRM1", 2) == [incoming("DROPPED", "INITIATED"), state("READY")]
        assert world.unheard("CRM1") == []


@pytest.mark.parametrize(("uccx", "code"), [(False, "32767"), (True, "32763")], ids=["UCCE", "UCCX"])
async def test_the_agent_does_not_answer(uccx: bool, code: str) -> None:  # noqa: FBT001 - a parameter of the table
    """A call that nobody answers leaves the agent, who becomes not ready with the system's reason (RONA)."""
    quick = [msgspec.structs.replace(queue, ring_seconds=2.0) for queue in a_scenario().queues]
    async with a_world(a_scenario(uccx=uccx, queues=tuple(quick))) as world:
        await signed_in(world)
        world.send("MakeReady#1001")
        await world.hears("CRM1", 1)
        world.finesse.customer_call(CUSTOMER, "8800")
        events = await world.hears("CRM1", 4)
        assert [event.split("#")[1:3] for event in events] == [
            ["State", "RESERVED"],
            ["NewInboundCall", CUSTOMER],
            ["InboundCall", "DROPPED"],
            ["State", "NOT_READY"],
        ]
        assert events[-1].split("#")[3] == code
        assert world.unheard("CRM1") == []


async def test_call_data_are_changed() -> None:
    """Call variables set by the client come back in the call's next event, several at once or one with odd signs."""
    async with a_world() as world:
        await signed_in(world)
        world.send("MakeReady#1001")
        world.finesse.customer_call(CUSTOMER, "8800")
        await world.hears_up_to("CRM1", "NewInboundCall")
        world.send("AnswerCall#1001", str(FIRST))
        await world.hears_up_to("CRM1", "#ACTIVE#")
        world.send("update_call_variable#1001", f"{FIRST},callVariable3=gold|user.note=a<b&c")
        (several,) = await world.hears("CRM1", 1)
        world.send("update_call_variable#1001", f"{FIRST},callVariable4,x=1, y#2")
        (one,) = await world.hears("CRM1", 1)
        expected = variables(CUSTOMER, callVariable3="gold", **{"user.note": "a<b&c"})
        assert several.split("#")[5] == expected
        assert one.split("#")[5] == expected.replace("callVariable4=", "callVariable4=x=1  y001000112")
        world.send("update_call_variable#1001", f"{FIRST}")
        world.send("update_call_variable#1001", "77,callVariable1=x")
        assert [event.split("#")[2] for event in await world.hears("CRM1", 2)] == [
            "INVALID_CALL_DATA",
            "E_CTI_INVALID_CALL_ID",
        ]


async def test_a_refusal_that_comes_later() -> None:
    """An action that Finesse accepts and then refuses ends in one error, and in nothing else."""
    async with a_world() as world:
        await signed_in(world)
        world.send("MakeReady#1001")
        world.finesse.customer_call(CUSTOMER, "8800")
        await world.hears_up_to("CRM1", "NewInboundCall")
        world.send("RetrieveCall#1001", str(FIRST))
        (error,) = await world.hears("CRM1", 1)
        assert error.split("#")[:3] == ["1001", "Error", "CF_GENERIC_UNSPECIFIED"]
        assert "INVALID_ACTION RETRIEVE on extension 4001" in error
        world.send("GetDialogState#1001", str(FIRST))
        world.send("GetDialogState#1001", "77")
        assert await world.hears("CRM1", 2) == [
            f"1001#DialogState#ALERTING#{FIRST}#Ann Lee",
            "1001#DialogState#NOT_FOUND#77#Ann Lee",
        ]
        assert world.unheard("CRM1") == []


async def test_ready_is_asked_for_during_the_call() -> None:
    """READY and NOT_READY during a call are pending, and the agent goes through WORK_READY or WORK (UCCE)."""
    async with a_world() as world:
        await signed_in(world)
        world.send("MakeReady#1001")
        for command, reason, pending, after in (
            ("MakeNotReadyWithReason#1001", "27", "NOT_READY", "WORK"),
            ("MakeWorkReady#1001", "", "READY", "WORK_READY"),
        ):
            call = world.finesse.customer_call(CUSTOMER, "8800")
            await world.hears_up_to("CRM1", "NewInboundCall")
            world.send("AnswerCall#1001", call)
            await world.hears_up_to("CRM1", "#ACTIVE#")
            world.send(command, reason)
            if pending == "NOT_READY":
                (asked,) = await world.hears("CRM1", 1)
                assert asked.split("#")[2:6] == ["TALKING", "", "", "NOT_READY"]
            world.finesse.customer_hang_up(call)
            events = await world.hears_up_to("CRM1", f"#State#{after}#")
            assert events[-1].split("#")[2] == after
            world.send("MakeReady#1001")
            await world.hears_up_to("CRM1", "#State#READY#")
