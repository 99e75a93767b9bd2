"""Finesse goes away: every kind of damage done for real, and all that each client hears of it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

import pytest

from finesse_simulator.rest.failures import Failure
from generic_connector.agents.settings import AgentSettings
from journeys.two_nodes import brief, node_in_use, patient, two_node_scenario, two_nodes
from journeys.world import World

LOGGED_IN = ["AgentInfo", "State NOT_READY", "DialogStatus"]
NOTICED_SOON: dict[str, Any] = {
    "ping_interval": 0.3,
    "ping_deadline": 1.5,
    "sign_in_deadline": 1.5,
    "request_timeout": 3.0,
}
"""For a node that says nothing any more."""


class Gap:
    """Three agents, and what befalls them while the connector hears nothing.

    Before: agent 1 talks on the first call, the second one rings at agent 2, agent 3 has nothing to do. Meanwhile: the
    first call ends, the third one rings at agent 1, agent 2 answers.
    """

    def __init__(self, world: World) -> None:
        self.world = world
        self.calls: list[str] = []

    async def begin(self) -> None:
        """Sign in and bring the first two calls."""
        world = self.world
        for number in "123":
            heard = await world.sign_in(f"100{number}", f"CRM{number}")
            assert [one.removeprefix(f"100{number}#") for one in brief(heard)] == LOGGED_IN
        world.send("MakeReady#1001")
        assert brief(await world.hears("CRM1", 1)) == ["State READY"]
        first, second = (world.finesse.customer_call(f"555000{n}", f"400{n}") for n in (1, 2))
        assert brief(await world.hears("CRM1", 1)) == [f"NewInboundCall {first}"]
        assert brief(await world.hears("CRM2", 1)) == [f"NewInboundCall {second}"]
        world.send("AnswerCall#1001", first)
        assert brief(await world.hears("CRM1", 2)) == ["State TALKING", f"InboundCall ACTIVE {first}"]
        self.calls = [first, second]

    async def pass_by(self) -> None:
        """Let happen what happens meanwhile."""
        finesse, (first, second) = self.world.finesse, self.calls
        finesse.customer_hang_up(first)
        await finesse.wait_for_call(first, "DROPPED")
        third = finesse.customer_call("5550003", "4001")
        finesse.phone_answer("4002")
        await finesse.wait_for_call(second, "ACTIVE")
        await finesse.wait_for_call(third, "ALERTING")
        self.calls.append(third)

    async def is_told(self, *, around: Sequence[Sequence[str]] = ((), ())) -> None:
        """Hear every difference once, then where everybody stands, and nothing more. around: what stands before."""
        first, second, third = self.calls
        expected = {
            "CRM1": ["State READY", f"InboundCall DROPPED {first}", f"NewInboundCall {third}"],
            "CRM2": ["State TALKING", f"InboundCall ACTIVE {second}"],
            "CRM3": [],
        }
        status = {
            "CRM1": f"DialogStatus {third} ALERTING",
            "CRM2": f"DialogStatus {second} ACTIVE",
            "CRM3": "DialogStatus",
        }
        for destination, differences in expected.items():
            heard = await self.world.hears_up_to(destination, "#DialogStatus")
            assert brief(heard) == [*around[0], *differences, status[destination]]
        await self.goes_on()

    async def goes_on(self) -> None:
        """Work as before: each command and each call has its effect once."""
        world, (_, second, third) = self.world, self.calls
        world.send("AnswerCall#1001", third)
        assert brief(await world.hears("CRM1", 2)) == ["State TALKING", f"InboundCall ACTIVE {third}"]
        world.send("ReleaseCall#1002", second)
        heard = brief(await world.hears_up_to("CRM2", "InboundCall#DROPPED", "State#NOT_READY"))
        assert heard[-2:] == [f"InboundCall DROPPED {second}", "State NOT_READY"]
        world.send("MakeReady#1003")
        assert brief(await world.hears("CRM3", 1)) == ["State READY"]
        assert [world.unheard(one) for one in ("CRM1", "CRM2", "CRM3")] == [[], [], []]
        dialled = [one for one in world.finesse.requests() if one.method in {"PUT", "POST"} and one.status != 202]
        assert dialled == []


# --- the other node


@pytest.mark.parametrize("state", ["killed", "rest_down", "notifications_down", "web_application_down", "frozen"])
async def test_one_node_goes_away(state: str) -> None:
    """Each of REST, notifications and the web application's presence is enough: the other node is used.

    Nobody is told that Finesse is out of service, for it is not.
    """
    settings: dict[str, Any] = NOTICED_SOON if state == "frozen" else {}
    async with two_nodes(**settings) as world:
        gap = Gap(world)
        await gap.begin()
        world.finesse.set_sessions_available(available=False)  # until it is over, nothing is heard anywhere
        await world.finesse.set_server_state("A", state)
        await world.finesse.wait_until(lambda: node_in_use(world) == "B")
        await gap.pass_by()
        world.finesse.set_sessions_available(available=True)
        await gap.is_told()
        assert world.finesse.counters()["sessions_now"]["B"] == 3


async def test_a_node_that_says_it_is_out_of_service_is_left() -> None:
    """The other one was there all the time; commands that meet the first one's 503 are not lost either."""
    async with two_nodes() as world:
        await world.sign_in("1001", "CRM1")
        await world.finesse.set_server_state("A", "out_of_service")
        await world.finesse.wait_until(lambda: node_in_use(world) == "B")
        assert brief(await world.hears("CRM1", 1)) == ["DialogStatus"]
        world.send("MakeReady#1001")
        assert brief(await world.hears("CRM1", 1)) == ["State READY"]
        assert world.unheard("CRM1") == []


async def test_no_node_is_left() -> None:
    """Then everybody is told, and told again when one is back; what happened meanwhile is not lost."""
    async with two_nodes() as world:
        gap = Gap(world)
        await gap.begin()
        await world.finesse.set_server_state("B", "killed")
        await world.finesse.set_server_state("A", "killed")
        for destination in ("CRM1", "CRM2", "CRM3"):
            assert await world.hears(destination, 1) == ["System#OUT_OF_SERVICE"]
        world.send("MakeReady#1003")
        assert await world.hears("CRM3", 1) == ["System#OUT_OF_SERVICE"]
        await gap.pass_by()
        await world.finesse.set_server_state("B", "up")
        await in_service_then(world, gap)


async def in_service_then(world: World, gap: Gap) -> None:
    """Hear that Finesse is back, and the differences once; DialogStatus may come for each reason to look again."""
    first, second, third = gap.calls
    expected = {
        "CRM1": ["State READY", f"InboundCall DROPPED {first}", f"NewInboundCall {third}"],
        "CRM2": ["State TALKING", f"InboundCall ACTIVE {second}"],
        "CRM3": [],
    }
    await world.finesse.wait_until(lambda: sum(world.finesse.counters()["sessions_now"].values()) == 3)
    for destination, differences in expected.items():
        heard = brief(await world.hears_up_to(destination, "IN_SERVICE", "#DialogStatus"))
        told = [one for one in heard if not one.startswith("DialogStatus")]
        # in any order: the last states that Finesse sends, and what is read back, come at the same time
        assert sorted(told) == sorted(["System#IN_SERVICE", *differences])


async def test_the_first_node_is_used_again_where_that_is_wanted() -> None:
    """Once it has been healthy for long enough, and without a word of being out of service."""
    async with two_nodes(return_to_first=0.5) as world:
        await world.sign_in("1001", "CRM1")
        await world.finesse.set_server_state("A", "killed")
        assert brief(await world.hears("CRM1", 1)) == ["DialogStatus"]
        await world.finesse.set_server_state("A", "up")
        assert brief(await world.hears("CRM1", 1)) == ["DialogStatus"]
        assert node_in_use(world) == "A"
        world.send("MakeReady#1001")
        assert brief(await world.hears("CRM1", 1)) == ["State READY"]


async def test_else_the_second_one_is_kept() -> None:
    async with two_nodes(health_interval=0.05) as world:
        await world.sign_in("1001", "CRM1")
        await world.finesse.set_server_state("A", "killed")
        assert brief(await world.hears("CRM1", 1)) == ["DialogStatus"]
        await world.finesse.set_server_state("A", "up")
        looks = infos_of_b(world)
        await world.finesse.wait_until(lambda: infos_of_b(world) >= looks + 10)
        assert (node_in_use(world), world.unheard("CRM1")) == ("B", [])


def infos_of_b(world: World) -> int:
    count: int = world.finesse.counters()["requests"]["B"].get("GET /SystemInfo", 0)
    return count


async def test_commands_while_the_node_is_gone() -> None:
    """Each ends in one answer that says so, and the next one after the change is carried out."""
    async with two_nodes(retry_delay=0.5) as world:
        await world.sign_in("1001", "CRM1")
        await world.finesse.set_server_state("A", "rest_down")
        world.send("MakeReady#1001")
        assert brief(await world.hears("CRM1", 1)) == ["Error DOWN"]
        assert brief(await world.hears("CRM1", 1)) == ["DialogStatus"]
        world.send("MakeReady#1001")
        assert brief(await world.hears("CRM1", 1)) == ["State READY"]
        assert world.unheard("CRM1") == []


# --- the same node, or none at all


async def test_the_sockets_are_cut() -> None:
    """One node alone: the sessions come back to it."""
    async with two_nodes(two_node_scenario()) as world:
        await world.finesse.set_server_state("B", "killed")
        gap = Gap(world)
        await gap.begin()
        world.finesse.set_sessions_available(available=False)
        world.finesse.disconnect()
        await gap.pass_by()
        world.finesse.set_sessions_available(available=True)
        await gap.is_told()
        assert node_in_use(world) == "A"


async def test_the_only_node_freezes_and_thaws() -> None:
    """It is noticed, told, and nothing that happened meanwhile is lost or told twice."""
    async with two_nodes(**NOTICED_SOON) as world:
        await world.finesse.set_server_state("B", "killed")
        gap = Gap(world)
        await gap.begin()
        await world.finesse.set_server_state("A", "frozen")
        for destination in ("CRM1", "CRM2", "CRM3"):
            assert await world.hears(destination, 1) == ["System#OUT_OF_SERVICE"]
        await gap.pass_by()
        await world.finesse.set_server_state("A", "up")
        await in_service_then(world, gap)


@pytest.mark.parametrize("nodes", ["both", "one"])
async def test_the_cti_server_is_away(nodes: str) -> None:
    """503 to all, no notifications; then the last states of everybody come in a burst, and are told as differences."""
    async with two_nodes() as world:
        if nodes == "one":
            await world.finesse.set_server_state("B", "killed")
        gap = Gap(world)
        await gap.begin()
        world.finesse.go_out_of_service()
        for destination in ("CRM1", "CRM2", "CRM3"):
            assert await world.hears(destination, 1) == ["System#OUT_OF_SERVICE"]
        for _ in range(3):
            world.send("MakeReady#1003")
        assert await world.hears("CRM3", 3) == ["System#OUT_OF_SERVICE"] * 3
        await gap.pass_by()
        world.finesse.go_into_service()
        await in_service_then(world, gap)
        await gap.goes_on()


# --- what the old node does later


@pytest.mark.parametrize("uccx", [False, True])
async def test_the_old_node_signs_everybody_out_who_is_at_the_new_one(uccx: bool) -> None:  # noqa: FBT001  a table
    """They are signed in again by themselves; clients hear of no LOGOUT."""
    scenario = two_node_scenario(uccx=uccx, presence_loss=10.0, late="logout")
    async with two_nodes(scenario, agents=patient(ready_again_after_failover=True)) as world:
        for number in "123":
            await world.sign_in(f"100{number}", f"CRM{number}")
        world.send("MakeReady#1001")
        await world.hears("CRM1", 1)
        await world.finesse.set_server_state("A", "killed")
        await world.finesse.wait_until(lambda: world.finesse.counters()["late_forced_logouts"] == 3)
        expected = {
            "CRM1": ["State NOT_READY", "State READY"],
            "CRM2": ["State NOT_READY"],
            "CRM3": ["State NOT_READY"],
        }
        for destination, states in expected.items():
            heard = await world.hears(destination, len(states) + 1)
            assert brief(heard) == ["DialogStatus", *states]
        counters = world.finesse.counters()
        assert (counters["late_forced_logouts"], counters["sign_ins"], counters["sign_outs"]) == (3, 6, 3)
        assert [world.finesse.agent(f"100{n}")["extension"] for n in "123"] == ["4001", "4002", "4003"]
        assert [world.unheard(f"CRM{n}") for n in "123"] == [[], [], []]


async def test_the_old_node_makes_the_ready_not_ready() -> None:
    scenario = two_node_scenario(presence_loss=10.0, late="not_ready")
    async with two_nodes(scenario, agents=patient(ready_again_after_failover=True)) as world:
        await world.sign_in("1001", "CRM1")
        await world.sign_in("1002", "CRM2")
        world.send("MakeReady#1001")
        await world.hears("CRM1", 1)
        await world.finesse.set_server_state("A", "killed")
        assert brief(await world.hears("CRM1", 3)) == ["DialogStatus", "State NOT_READY", "State READY"]
        assert brief(await world.hears("CRM2", 2)) == ["DialogStatus", "State NOT_READY"]
        assert world.finesse.agent("1002")["state"] == "NOT_READY"


async def test_a_supervisors_sign_out_after_a_fail_over_holds() -> None:
    async with two_nodes() as world:
        await world.sign_in("1001", "CRM1")
        await world.finesse.set_server_state("A", "killed")
        assert brief(await world.hears("CRM1", 1)) == ["DialogStatus"]
        world.finesse.set_agent_state("1001", "LOGOUT")  # at another desktop
        assert brief(await world.hears("CRM1", 1)) == ["State LOGOUT"]
        assert world.finesse.counters()["sign_ins"] == 1


# --- how much we ask


async def test_agents_come_back_no_faster_than_set() -> None:
    """And every one of them; nobody is told anything twice."""
    count, rate = 40, 50
    scenario = two_node_scenario(count, pace=1.0)
    settings: AgentSettings = patient(reconnect_delay=0.01)
    async with two_nodes(scenario, agents=settings, sessions_per_second=rate, sessions_at_once=5) as world:
        ids = [str(1001 + number) for number in range(count)]
        for one in ids:
            world.send(f"Connect#{one}", f"SIEBEL,agent-secret-{one}")
            world.send(f"Login#{one}", f"agent-secret-{one},{int(one) + 3000}")
        await world.hears_until("SIEBEL", several("DialogStatus", count))
        await world.finesse.set_server_state("A", "killed")
        told = await world.hears_until("SIEBEL", several("DialogStatus", count))
        assert sorted(brief(told)) == ["DialogStatus"] * count
        counters = world.finesse.counters()
        assert counters["sessions_now"]["B"] == count
        # counted as they arrive, which may bunch up what was sent in time
        assert counters["sessions_peak_per_second"]["B"] <= count


def several(word: str, count: int) -> Callable[[Sequence[str]], bool]:
    return lambda bodies: sum(word in body for body in bodies) >= count


async def test_a_node_that_answers_nothing_is_asked_no_more() -> None:
    """After so many requests without an answer the next fail at once, until a look at SystemInfo gets one."""
    async with two_nodes(request_timeout=0.3, breaker_failures=2, retry_delay=0.2) as world:
        await world.finesse.set_server_state("B", "killed")
        await world.sign_in("1001", "CRM1")
        await world.sign_in("1002", "CRM2")
        for user in ("1001", "1002"):
            world.finesse.fail(Failure(kind="delay", user=user, seconds=60.0))
        world.send("GetState#1001")
        world.send("GetState#1002")
        assert brief(await world.hears("CRM1", 1)) == ["Error PLEASE_RETRY"]
        assert brief(await world.hears("CRM2", 1)) == ["Error PLEASE_RETRY"]
        world.send("GetState#1001")
        heard = brief(await world.hears("CRM1", 1))
        assert heard in (["Error DOWN"], ["State NOT_READY"])  # a look may have been quicker
        await world.finesse.wait_until(lambda: world.connector.finesse.in_service)
        await world.finesse.wait_until(lambda: not world.connector.finesse._node._breaker.is_open)
        world.send("GetState#1001")
        assert brief(await world.hears("CRM1", 1)) == ["State NOT_READY"]


async def test_a_team_asks_for_its_lists_once() -> None:
    """Forty agents of one team ask at the same time: one request for each list."""
    count = 40
    async with two_nodes(two_node_scenario(count)) as world:
        ids = [str(1001 + number) for number in range(count)]
        for one in ids:
            world.send(f"Connect#{one}", f"SIEBEL,agent-secret-{one}")
            world.send(f"Login#{one}", f"agent-secret-{one},{int(one) + 3000}")
        await world.hears_until("SIEBEL", several("DialogStatus", count))
        for path in ("ReasonCodes", "WrapUpReasons", "PhoneBooks"):  # time for all to come
            world.finesse.fail(Failure(kind="delay", path=path, seconds=10.0))
        for command in ("reasoncodenotready", "wrapupreasoncode", "GetPhonebooks"):
            for one in ids:
                world.send(f"{command}#{one}")
        await world.hears_until("SIEBEL", several("#ReasonCodes#", 2 * count))
        await world.hears_until("SIEBEL", lambda _: phone_books(world) >= count)
        asked = world.finesse.counters()["requests"]["A"]
        assert {
            path: asked.get(f"GET /User/{{user}}/{path}") for path in ("ReasonCodes", "WrapUpReasons", "PhoneBooks")
        } == {
            "ReasonCodes": 1,
            "WrapUpReasons": 1,
            "PhoneBooks": 1,
        }


def phone_books(world: World) -> int:
    return sum("#Phonebooks#" in body for body in world.door.bodies("SIEBEL"))
