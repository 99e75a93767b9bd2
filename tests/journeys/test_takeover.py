"""An instance is started again, or another one takes its place: the clients notice nothing but a delay.

Source: client-protocol.md section 3, rules 4, 5 and 8; broker.md section 5.
"""

from __future__ import annotations

import asyncio
from dataclasses import replace
from pathlib import Path

import pytest

from finesse_simulator.rest.failures import Failure
from generic_connector.broker.door import DoorState
from generic_connector.instance import Role
from generic_connector.store.door import Key
from generic_connector.store.file import FileStore
from generic_connector.store.records import AgentRecord, Kind
from generic_connector.store.sealing import new_key
from generic_connector.store.settings import FileStoreSettings
from journeys.pair import Crm, Stage, a_stage
from journeys.world import a_scenario, party, variables
from network.proxy import Proxy

RESERVED = "1001#State#RESERVED####<time>#Ann Lee#1001#4001##Ann Lee#ann"
TALKING = "1001#State#TALKING####<time>#Ann Lee#1001#4001##Ann Lee#ann"
READY = "1001#State#READY####<time>#Ann Lee#1001#4001##Ann Lee#ann"
NO_CALL = "1001#DialogStatus###"
DIALOG = "16777217"
RINGS = f"1001#NewInboundCall#5550188#{variables('5550188')}#DialogID:{DIALOG}#CallType:PREROUTE_ACD_IN#<time>"


def call(state: str, own: str = "", customer: str = "ACTIVE") -> str:
    """Write the event of the customer's call."""
    parties = f"{party('4001', own or state)}|{party('5550188', customer, kind='')}"
    return (
        f"1001#InboundCall#{state}#DialogID:{DIALOG}#5550188#{variables('5550188')}#<time>"
        f"#CallType:PREROUTE_ACD_IN#ParticipantsCount:2#participants:{parties}"
    )


async def ready(stage: Stage, crm: Crm) -> None:
    """Let agent 1001 sign in and be ready, and wait until that is kept."""
    heard = await crm.sign_in("1001", "CRM1")
    assert [event.split("#")[1] for event in heard] == ["AgentInfo", "State", "DialogStatus"]
    await crm.say("MakeReady#1001")
    assert await crm.hears(1) == [READY]
    await stage.until(lambda: stage.running[0].is_kept)


async def has_a_call(stage: Stage, crm: Crm) -> None:
    """Let agent 1001 talk with a customer, and wait until that is kept."""
    await ready(stage, crm)
    stage.finesse.customer_call("5550188", "8800")
    assert await crm.hears(2) == [RESERVED, RINGS]
    await crm.say("AnswerCall#1001", DIALOG)
    assert await crm.hears(2) == [TALKING, call("ACTIVE")]
    await stage.until(lambda: stage.running[0].is_kept)


async def test_nothing_changed_meanwhile() -> None:
    """The standby takes the agent over and tells no more than which calls there are; commands go on as before."""
    async with a_stage() as stage:
        first, second = stage.member(), stage.member()
        await first.becomes(Role.ACTIVE)
        async with stage.a_client("CRM1") as crm:
            await ready(stage, crm)
            await first.die()
            await second.becomes(Role.ACTIVE)
            assert await crm.hears(1) == [NO_CALL]
            await crm.say("GetState#1001")
            assert await crm.hears(1) == [READY]
            await crm.say("Beat#CRM1")
            assert await crm.hears(1) == ["System#IN_SERVICE"]
        assert max(stage.serving) == 1


async def test_a_call_that_came_meanwhile_is_told_as_new() -> None:
    """And it can be answered."""
    async with a_stage() as stage:
        first, second = stage.member(), stage.member()
        await first.becomes(Role.ACTIVE)
        async with stage.a_client("CRM1") as crm:
            await ready(stage, crm)
            await first.die()
            stage.finesse.customer_call("5550188", "8800")
            await second.becomes(Role.ACTIVE)
            status = f"1001#DialogStatus#{DIALOG}#ALERTING#5550188#{variables('5550188')}####"
            assert await crm.hears(3) == [RESERVED, RINGS, status]
            await crm.say("AnswerCall#1001", DIALOG)
            assert await crm.hears(2) == [TALKING, call("ACTIVE")]


async def test_a_call_that_ended_meanwhile_is_told_dropped_once() -> None:
    """One that goes on is not told again."""
    async with a_stage() as stage:
        first, second = stage.member(), stage.member()
        await first.becomes(Role.ACTIVE)
        async with stage.a_client("CRM1") as crm:
            await has_a_call(stage, crm)
            await first.die()
            await second.becomes(Role.ACTIVE)
            status = f"1001#DialogStatus#{DIALOG}#ACTIVE#5550188#{variables('5550188')}####"
            assert await crm.hears(1) == [status]
            third = stage.member()
            await second.die()
            stage.finesse.customer_hang_up(DIALOG)
            stage.finesse.set_agent_state("1001", "READY")  # which ends the wrap-up
            await third.becomes(Role.ACTIVE)
            heard = await crm.hears_up_to("DialogStatus")
            kinds = [event.split("#")[1:3] for event in heard]
            assert ["InboundCall", "DROPPED"] in kinds
            assert kinds.count(["InboundCall", "DROPPED"]) == 1
            assert heard[-1] == NO_CALL
            await crm.say("GetState#1001")
            assert await crm.hears(1) == [READY]


async def test_there_is_never_a_moment_with_two() -> None:
    """Instances die and return, again and again; each time the next one serves, and one only."""
    async with a_stage() as stage:
        serving = stage.member()
        await serving.becomes(Role.ACTIVE)
        async with stage.a_client("CRM1") as crm:
            await ready(stage, crm)
            for _ in range(4):
                standby = stage.member()
                await serving.die()
                await standby.becomes(Role.ACTIVE)
                assert await crm.hears(1) == [NO_CALL]
                serving = standby
        assert max(stage.serving) == 1
        assert stage.finesse.agent("1001")["state"] == "READY"


async def test_who_is_told_to_stop_hands_over_at_once() -> None:
    """The lease is given up at the end, not left to run out, and the agent stays signed in."""
    async with a_stage() as stage:
        first, second = stage.member(), stage.member()
        await first.becomes(Role.ACTIVE)
        async with stage.a_client("CRM1") as crm:
            await ready(stage, crm)
            await first.stop()
            assert stage.memory.holder is not first.store
            await second.becomes(Role.ACTIVE)
            assert await crm.hears(1) == [NO_CALL]
            assert stage.finesse.agent("1001")["state"] == "READY"


async def test_an_instance_that_is_cut_off_from_the_broker_makes_room() -> None:
    """Without a word from the network: the other one can reach the broker, so it serves."""
    async with a_stage() as stage:
        async with Proxy(stage.broker.tcp_port or 0) as network:
            first = stage.member(url=f"stomp://127.0.0.1:{network.port}")
            await first.becomes(Role.ACTIVE)
            second = stage.member()
            async with stage.a_client("CRM1") as crm:
                await ready(stage, crm)
                network.freeze()
                await second.becomes(Role.ACTIVE)
                assert await crm.hears(1) == [NO_CALL]
                await first.becomes(Role.STANDBY)
                network.thaw()
                await crm.say("GetState#1001")
                assert await crm.hears(1) == [READY]
        assert max(stage.serving) == 1


async def test_an_instance_that_is_cut_off_from_the_store_serves_on() -> None:
    """The broker gives it the commands, and the other one, which gets the lease, waits for them."""
    async with a_stage() as stage:
        first, second = stage.member(), stage.member()
        await first.becomes(Role.ACTIVE)
        async with stage.a_client("CRM1") as crm:
            await ready(stage, crm)
            first.store.cut_off = True  # type: ignore[union-attr]
            await stage.until(lambda: second.instance.connector is not None)
            await stage.until(lambda: second.connector.doors[0].state is DoorState.STANDBY)
            await crm.say("MakeNotReadyWithReason#1001", "27")
            assert (await crm.hears(1))[0].startswith("1001#State#NOT_READY#")
            assert (first.instance.role, second.instance.role) == (Role.ACTIVE, Role.STANDBY)
            await first.die()
            await second.becomes(Role.ACTIVE)
            heard = await crm.hears_up_to("DialogStatus")
            assert all(event.startswith(("1001#State#NOT_READY#", NO_CALL)) for event in heard)
        assert max(stage.serving) == 1


async def test_who_served_on_without_the_store_takes_the_lease_back() -> None:
    """The other one waited for the commands with what was kept before: it must not tell everything since then again."""
    async with a_stage() as stage:
        first, second = stage.member(), stage.member()
        await first.becomes(Role.ACTIVE)
        async with stage.a_client("CRM1") as crm:
            await has_a_call(stage, crm)
            served_with = first.connector
            assert first.store is not None
            first.store.cut_off = True  # type: ignore[attr-defined]
            await stage.until(lambda: second.instance.connector is not None)
            await stage.until(lambda: second.connector.doors[0].state is DoorState.STANDBY)
            await crm.say("HoldCall#1001", DIALOG)
            assert (await crm.hears_up_to("#InboundCall#HELD#"))[-1] == call("HELD")
            first.store.cut_off = False  # type: ignore[attr-defined]
            await stage.until(lambda: stage.memory.holder is first.store and first.is_kept)
            await stage.until(lambda: second.instance.connector is None)
            await crm.say("Beat#CRM1")
            assert await crm.hears(1) == ["System#IN_SERVICE"]  # and nothing stood between
            assert first.instance.connector is served_with
            await first.die()
            await second.becomes(Role.ACTIVE)
            status = f"1001#DialogStatus#{DIALOG}#ACTIVE#5550188#{variables('5550188')}####"
            assert await crm.hears(1) == [status.replace("#ACTIVE#", "#HELD#")]
        assert max(stage.serving) == 1


async def test_a_store_that_is_away_stops_nobody() -> None:
    """What happened meanwhile is kept when it is back; nothing of it is missing or told again after a takeover."""
    async with a_stage() as stage:
        first = stage.member()
        await first.becomes(Role.ACTIVE)
        async with stage.a_client("CRM1") as crm:
            await ready(stage, crm)
            stage.memory.away = True
            stage.finesse.customer_call("5550188", "8800")
            assert await crm.hears(2) == [RESERVED, RINGS]
            stage.memory.away = False
            stage.memory.records.clear()  # and it lost everything
            stage.memory.holder = None
            await stage.until(lambda: len(stage.memory.records) == 2 and first.is_kept)
            second = stage.member()
            await first.die()
            await second.becomes(Role.ACTIVE)
            assert await crm.hears(1) == [f"1001#DialogStatus#{DIALOG}#ALERTING#5550188#{variables('5550188')}####"]
            await crm.say("AnswerCall#1001", DIALOG)
            assert await crm.hears(2) == [TALKING, call("ACTIVE")]


async def test_without_a_store_the_clients_connect_anew() -> None:
    """The protocol's own means: RE_LOGIN for the agent, RECONNECT for the destination."""
    async with a_stage() as stage:
        first = stage.begin(priority=127)
        await first.becomes(Role.ACTIVE)
        async with stage.a_client("CRM1") as crm:
            await crm.sign_in("1001", "CRM1")
            second = stage.begin(priority=100)
            await first.die()
            await stage.until(lambda: second.connector.doors[0].state is DoorState.OPEN)
            await crm.say("Beat#CRM1")
            assert await crm.hears(1) == ["DESTINATION#CRM1#RECONNECT"]
            heard = await crm.sign_in("1001", "CRM1")
            assert [event.split("#")[1] for event in heard] == ["AgentInfo", "State", "DialogStatus"]


async def test_without_a_store_the_preferred_instance_takes_the_commands_back() -> None:
    """Who is passed over lets its agents go: nothing is told twice."""
    async with a_stage() as stage:
        standby = stage.begin(priority=100)
        await standby.becomes(Role.ACTIVE)
        async with stage.a_client("CRM1") as crm:
            await crm.sign_in("1001", "CRM1")
            served_with = standby.connector
            preferred = stage.begin(priority=127)
            await stage.until(lambda: preferred.instance.connector is not None)
            await stage.until(lambda: preferred.connector.doors[0].state is DoorState.OPEN)
            await crm.say("Beat#CRM1")
            assert await crm.hears(1) == ["DESTINATION#CRM1#RECONNECT"]
            await crm.sign_in("1001", "CRM1")
            await stage.until(lambda: standby.instance.connector not in (None, served_with))
            await crm.say("MakeReady#1001")
            assert await crm.hears(1) == [READY]
            await crm.say("Beat#CRM1")
            assert await crm.hears(1) == ["System#IN_SERVICE"]  # and nothing stood between


@pytest.mark.parametrize("begun", [True, False])
async def test_a_command_that_was_under_way_is_not_carried_out_twice(*, begun: bool) -> None:
    """A call is never dialled twice; a command that waited behind another one is carried out by who comes next."""
    async with a_stage() as stage:
        first = stage.member()
        await first.becomes(Role.ACTIVE)
        async with stage.a_client("CRM1") as crm:
            await crm.sign_in("1001", "CRM1")
            if not begun:  # keep the agent busy, so that the call waits in the inbox
                stage.finesse.fail(Failure(kind="hang", method="GET", path="/User/1001$"))
                await crm.say("GetState#1001")
                await stage.until(lambda: not first.connector.hub.agents["1001"].is_idle)
            else:
                stage.finesse.fail(Failure(kind="delay", method="POST", path="/User/1001/Dialogs", seconds=10))
            await crm.say("MakeCall#1001", "00431234567")
            if begun:
                await stage.until(lambda: bool(stage.memory.begun))
            else:
                await stage.until(lambda: first.connector.hub.agents["1001"]._inbox.has_work)
            await stage.until(lambda: first.is_kept)
            second = stage.member()
            await first.die()
            stage.finesse.clear_failures()
            await second.becomes(Role.ACTIVE)
            if begun:
                heard = await crm.hears_up_to("Error")
                assert [event[:26] for event in heard if "#Error#" in event] == ["1001#Error#PLEASE_RETRY#Th"]
            else:
                heard = await crm.hears_up_to("InboundCall")
            dialled = [one for one in stage.finesse.requests() if one.method == "POST"]
            assert len(dialled) == 1
            assert len(stage.finesse.calls()) <= 1


async def test_commands_under_way_end_before_the_instance_does() -> None:
    """SIGTERM drains: the answer comes, and what came too late is left to whoever serves next."""
    async with a_stage() as stage:
        first = stage.member()
        await first.becomes(Role.ACTIVE)
        async with stage.a_client("CRM1") as crm:
            await crm.sign_in("1001", "CRM1")
            stage.finesse.fail(Failure(kind="delay", method="PUT", path="/User/1001$", seconds=3))
            await crm.say("MakeReady#1001")
            await stage.until(lambda: not first.connector.hub.agents["1001"].is_idle)
            first.told_to_stop.set()
            await first.becomes(Role.STOPPING)
            await crm.say("GetState#1001")
            assert await crm.hears(1) == [READY]
            await first.stop()
            second = stage.member()
            await second.becomes(Role.ACTIVE)
            assert sorted(await crm.hears(2)) == sorted([READY, NO_CALL])


async def test_a_password_that_holds_no_more_is_told() -> None:
    """Whoever changed it meanwhile has to connect again."""
    async with a_stage() as stage:
        first = stage.member()
        await first.becomes(Role.ACTIVE)
        async with stage.a_client("CRM1") as crm:
            await ready(stage, crm)
            await first.die()
            key = Key(Kind.AGENT, "1001")
            record = stage.memory.records[key]
            assert isinstance(record, AgentRecord)
            former = replace(record.credentials, secret="no-more")
            stage.memory.records[key] = replace(record, credentials=former)
            second = stage.member()
            await second.becomes(Role.ACTIVE)
            assert (await crm.hears(1))[0].startswith("1001#Error#SUBSCRIPTION_FAILED#")
            await crm.say("GetState#1001")
            assert (await crm.hears(1))[0].startswith("1001#State#RE_LOGIN#")


@pytest.mark.parametrize("mobile", [False, True])
async def test_whom_finesse_signed_out_meanwhile_is_signed_in_again(*, mobile: bool) -> None:
    """Nobody served for longer than Finesse waits for a session. Nobody asked for that sign-out, so it is undone."""
    async with a_stage(a_scenario(pace=2.0, logout_on_disconnect=True)) as stage:
        first = stage.member()
        await first.becomes(Role.ACTIVE)
        async with stage.a_client("CRM1") as crm:
            if mobile:
                await crm.say("Connect#1001", "CRM1,agent-secret-1001")
                await crm.say("MobileAgentLogin#1001", "agent-secret-1001,4001,5550199,true")
                await crm.hears(3)
            else:
                await crm.sign_in("1001", "CRM1")
            await stage.until(lambda: first.is_kept)
            await first.die()
            assert stage.finesse.force_logout("1001") == ["1001"]
            assert stage.finesse.agent("1001")["state"] == "LOGOUT"
            second = stage.member()
            await second.becomes(Role.ACTIVE)
            heard = await crm.hears_up_to("DialogStatus")
            assert not any("#LOGOUT#" in event for event in heard)
            await stage.until(lambda: stage.finesse.agent("1001")["state"] == "NOT_READY")
            mode = [one.body for one in stage.finesse.requests() if "<state>LOGIN</state>" in one.body]
            assert [("<mode>CALL_BY_CALL</mode>" in body, "5550199" in body) for body in mode] == [(mobile, mobile)] * 2
            await crm.say("MakeReady#1001")
            await crm.hears_up_to("State#READY")


async def test_a_supervisor_goes_on_hearing_of_the_team() -> None:
    """What was subscribed to is subscribed to again."""
    async with a_stage() as stage:
        first, second = stage.member(), stage.member()
        await first.becomes(Role.ACTIVE)
        async with stage.a_client("CRM1") as crm, stage.a_client("BOSS") as boss:
            await ready(stage, crm)
            await boss.say("Connect#1003", "BOSS,agent-secret-1003")
            await boss.say("Login#1003", "agent-secret-1003,4003")
            await boss.hears_up_to("TeamInfoNames")
            await boss.say("GetTeamUsers#1003", "5001,true")
            await boss.hears_up_to("TeamUsersList")
            await stage.until(lambda: first.is_kept)
            await first.die()
            await second.becomes(Role.ACTIVE)
            await boss.hears_up_to("1003#DialogStatus")
            assert await crm.hears(1) == [NO_CALL]
            await crm.say("MakeNotReadyWithReason#1001", "27")
            assert "1003#State#NOT_READY" in (await boss.hears(1))[0]


def everything_in(folder: Path) -> bytes:
    """Read all files of a folder; nobody else could."""
    assert {path.stat().st_mode & 0o077 for path in folder.iterdir()} == {0}
    return b"".join(path.read_bytes() for path in folder.iterdir())


async def test_one_instance_is_started_again_with_its_file(tmp_path: Path) -> None:
    """The file keeps what a restart needs, sealed, for nobody else to read; a second instance has to wait."""
    settings = FileStoreSettings(path=tmp_path / "sessions.db", keys=(new_key(),))
    async with a_stage() as stage:
        first = stage.begin(FileStore(settings))
        await first.becomes(Role.ACTIVE)
        async with stage.a_client("CRM1") as crm:
            await has_a_call(stage, crm)
            await first.stop()
            stage.finesse.customer_hang_up(DIALOG)
            stage.finesse.set_agent_state("1001", "READY")
            second, third = stage.begin(FileStore(settings)), stage.begin(FileStore(settings))
            await stage.until(lambda: Role.ACTIVE in {second.instance.role, third.instance.role})
            heard = await crm.hears_up_to("DialogStatus")
            assert sum("#InboundCall#DROPPED#" in event for event in heard) == 1
            assert {second.instance.role, third.instance.role} == {Role.ACTIVE, Role.STANDBY}
        kept = everything_in(tmp_path)
        assert b"agent-secret" not in kept
        assert b"5550188" not in kept
        await asyncio.gather(second.stop(), third.stop())
