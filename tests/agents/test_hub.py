"""Where commands come in: whom each belongs to, who is answered, and what cannot be read (sections 1 and 3)."""

from __future__ import annotations

import asyncio
import uuid
from functools import partial

import pytest
import structlog
from structlog.typing import EventDict

from agents.fake_finesse import ACCEPTED, OPEN_SESSION, until
from agents.office import CRM, RE_LOGIN, SIGNED_IN, Office, counted, open_office
from agents.people import ANN, BOB, CALL, SUE, ann, bob, incoming
from generic_connector.agents.settings import ClientSettings
from generic_connector.broker.door import BodyFault, CommandMessage
from generic_connector.broker.memory import MemoryDoor
from generic_connector.finesse.failures import Down
from generic_connector.protocol.formats import Format

IN, OUT = "System#IN_SERVICE", "System#OUT_OF_SERVICE"

# --- destinations


async def test_hello_is_answered_by_the_state_of_finesse(office: Office) -> None:
    office.door.deliver(f"Hello#{CRM}")
    office.finesse.in_service = False
    office.door.deliver(f"Hello#{CRM}")
    assert office.bodies() == [IN, OUT]


async def test_beat_of_a_destination_that_nobody_knows(office: Office) -> None:
    office.door.deliver(f"Beat#{CRM}")
    office.door.deliver(f"Hello#{CRM}")
    office.door.deliver(f"Beat#{CRM}")
    assert office.bodies() == [f"DESTINATION#{CRM}#RECONNECT", IN, IN]


async def test_connect_makes_a_destination_known(anns: Office) -> None:
    anns.door.deliver(f"Beat#{CRM}")
    assert anns.bodies() == [IN]


FORMATS = [
    ("", {}, Format.TEXT),
    ("JSON", {}, Format.JSON),
    (" json ", {}, Format.JSON),
    ("", {"format": "json"}, Format.JSON),
    ("", {"format": "JSON"}, Format.JSON),
    ("TEXT", {"format": "json"}, Format.TEXT),
    ("", {"format": "yaml"}, Format.TEXT),
    ("", {"Format": "json"}, Format.TEXT),
]


@pytest.mark.parametrize(("body", "properties", "chosen"), FORMATS)
async def test_hello_may_ask_for_a_format(
    office: Office, body: str, properties: dict[str, str], chosen: Format
) -> None:
    office.door.deliver(f"Hello#{CRM}", body, properties=properties)
    assert office.bodies() == [IN if chosen is Format.TEXT else '{"type":"System","status":"IN_SERVICE"}']


async def test_a_format_once_asked_for_stays(office: Office) -> None:
    office.door.deliver(f"Hello#{CRM}", "JSON")
    office.door.deliver(f"Beat#{CRM}")
    office.connect()
    office.send("GetState")
    await until(lambda: len(office.bodies()) == 3)
    assert all(body.startswith("{") for body in office.bodies())


async def test_connect_may_ask_for_a_format_by_a_property(office: Office) -> None:
    office.send("Connect", f"{CRM},pw{ANN}", properties={"format": "json"})
    office.send("GetState")
    await until(office.bodies)
    assert office.bodies()[0].startswith('{"type":"State","agentId":"1001"')


async def test_the_configuration_gives_the_format() -> None:
    settings = ClientSettings(formats=(("crm*", Format.JSON),))
    async with open_office(clients=settings) as office:
        office.door.deliver(f"Beat#{CRM}")
        assert office.bodies() == ['{"type":"Destination","destination":"crm","status":"RECONNECT"}']


async def test_everybody_known_hears_of_a_change_of_service(anns: Office) -> None:
    anns.door.deliver("Hello#desk", "JSON")
    anns.forget("desk")
    anns.finesse.in_service = False
    anns.hub.status_changed(in_service=False)
    assert (anns.bodies(), anns.bodies("desk")) == ([OUT], ['{"type":"System","status":"OUT_OF_SERVICE"}'])


async def test_each_client_is_answered_by_its_own_door(office: Office) -> None:
    other = MemoryDoor("other")
    await other.start(partial(office.hub.receive, other))
    other.deliver("Hello#desk")
    office.door.deliver(f"Hello#{CRM}")
    office.hub.status_changed(in_service=True)
    assert (other.bodies("desk"), other.bodies(CRM)) == ([IN, IN], [])
    assert (office.door.bodies(CRM), office.door.bodies("desk")) == ([IN, IN], [])


async def test_a_client_that_moves_to_another_door_is_followed(anns: Office) -> None:
    other = MemoryDoor("other")
    await other.start(partial(anns.hub.receive, other))
    other.deliver(f"Beat#{CRM}")
    anns.finesse.becomes(ann("READY", 3))
    await other.wait_for(CRM, 2)
    assert (other.bodies(CRM)[0], anns.told()) == (IN, [])


@pytest.mark.parametrize("name", ["a,b", "a>", "*", "queue://x", "a?b", "ActiveMQ.Advisory", "a b", "ä"])
@pytest.mark.parametrize("command", ["Hello", "Beat"])
async def test_a_name_that_events_cannot_be_sent_to(office: Office, command: str, name: str) -> None:
    """Brokers read more into addresses than a name; such a client cannot be answered but by reply-to."""
    before = counted("unanswerable")
    office.door.deliver(f"{command}#{name}")
    assert counted("unanswerable") == before + 1
    office.door.deliver(f"{command}#{name}", reply_to=CRM)
    assert office.bodies() == ["#Error#PLEASE_RETRY#The destination is not a name that events can be sent to"]
    assert list(office.hub.clients) == []


async def test_connect_to_such_a_name(office: Office) -> None:
    office.send("Connect", "a>,secret", reply_to=CRM)
    assert office.told() == ["Error PLEASE_RETRY"]
    assert office.hub.agents == {}


# --- out of service

ANY_COMMAND = [("Login", "secret,4001"), ("GetState", ""), ("MakeReady", ""), ("HoldCall", "1"), ("force_logout", "")]


@pytest.mark.parametrize(("command", "body"), ANY_COMMAND)
async def test_out_of_service_nothing_is_carried_out(anns: Office, command: str, body: str) -> None:
    """Any command but Hello and Beat is answered with System at the destination it belongs to."""
    asked = len(anns.finesse.asked)
    anns.finesse.in_service = False
    anns.send(command, body)
    anns.send(command, body, reply_to="desk")
    await anns.idle()
    assert (anns.bodies(), anns.bodies("desk"), len(anns.finesse.asked)) == ([OUT], [OUT], asked)


async def test_out_of_service_nobody_connects(office: Office) -> None:
    office.finesse.in_service = False
    office.connect()
    assert (office.bodies(), office.hub.agents, office.finesse.asked) == ([OUT], {}, [])


async def test_out_of_service_nobody_may_be_there_to_answer(office: Office) -> None:
    before = counted("unanswerable")
    office.finesse.in_service = False
    office.send("MakeReady")
    assert counted("unanswerable") == before + 1


# --- an agent that is not here


async def test_re_login_goes_to_reply_to(office: Office) -> None:
    office.send("MakeReady", reply_to=CRM)
    assert office.bodies() == [RE_LOGIN]


async def test_re_login_goes_to_whoever_had_the_agent_last(anns: Office) -> None:
    anns.send("force_logout")
    await until(lambda: ANN not in anns.hub.agents)
    anns.forget()
    anns.send("Logout")
    assert anns.bodies() == [RE_LOGIN]


async def test_re_login_may_have_nobody_to_go_to(office: Office) -> None:
    """Logged and counted, never an exception."""
    before = counted("unanswerable")
    with structlog.testing.capture_logs() as logs:
        office.send("MakeReady")
    assert counted("unanswerable") == before + 1
    assert [one["answer"] for one in logs if one["log_level"] == "warning"] == ["State"]


async def test_an_id_is_compared_exactly(anns: Office) -> None:
    anns.door.deliver("GetState#01001", reply_to="desk")
    anns.door.deliver("GetState#Jehanzeb4", reply_to="desk")
    assert anns.told("desk") == ["01001 State RE_LOGIN", "Jehanzeb4 State RE_LOGIN"]


# --- what cannot be read

UNREADABLE = [
    ("Dance#1001", "", "1001#Error#PLEASE_RETRY#There is no command Dance"),
    ("MakeRedy#1001", "", "1001#Error#PLEASE_RETRY#There is no command MakeRedy, is MakeReady meant?"),
    ("MakeReady", "", "#Error#PLEASE_RETRY#"),
    ("", "", "#Error#PLEASE_RETRY#The JMSType is empty"),
    ("#", "", "#Error#PLEASE_RETRY#The JMSType is empty"),
    ("#1001", "", "1001#Error#PLEASE_RETRY#The JMSType is empty"),
    ("MakeReady#", "", "#Error#PLEASE_RETRY#"),
    ("MakeReady#  ", "", "#Error#PLEASE_RETRY#"),
    ("MakeReady#1001#2", "", "#Error#PLEASE_RETRY#"),
    ("MakeReady#1001", "what", "1001#Error#PLEASE_RETRY#"),
    ("MakeCall#1001", "1,2", "1001#Error#PLEASE_RETRY#"),
    ("AnswerCall#1001", "", "1001#Error#MISSING_DIALOG_ID#"),
    ("MakeNotReadyWithReason#1001", "", "1001#Error#MISSING_REASON_CODE#"),
    ("update_call_variable#1001", "1", "1001#Error#INVALID_CALL_DATA#"),
]


@pytest.mark.parametrize(("message_type", "body", "answer"), UNREADABLE)
async def test_what_cannot_be_read_is_answered(anns: Office, message_type: str, body: str, answer: str) -> None:
    """At reply-to; without one where the agent it names belongs, and where none can be named it is counted."""
    asked, before = len(anns.finesse.asked), counted("unanswerable")
    anns.door.deliver(message_type, body, reply_to="desk")
    anns.door.deliver(message_type, body)
    [told] = anns.bodies("desk")
    assert told.startswith(answer)
    named = answer.startswith("1001")
    assert (anns.bodies(), counted("unanswerable") - before) == (([told], 0) if named else ([], 1))
    assert len(anns.finesse.asked) == asked


@pytest.mark.parametrize("fault", BodyFault)
@pytest.mark.parametrize("command", ["MakeCall", "Login", "Dance"])
async def test_a_body_that_cannot_be_read(anns: Office, fault: BodyFault, command: str) -> None:
    """Bytes, half characters and novels are told as such."""
    anns.send(command, fault=fault)
    [told] = anns.bodies()
    assert told == f"1001#Error#PLEASE_RETRY#T{fault.value[1:]}"


@pytest.mark.parametrize("command", ["Hello", "Beat"])
async def test_a_greeting_that_cannot_be_read(office: Office, command: str) -> None:
    office.door.deliver(f"{command}#{CRM}", fault=BodyFault.NOT_TEXT)
    assert office.bodies() == ["crm#Error#PLEASE_RETRY#The message is not a TextMessage"]


async def test_a_connect_that_cannot_be_read_is_answered_where_it_names(office: Office) -> None:
    office.send("Connect", CRM)
    office.send("Connect", f"{CRM},")
    assert office.told() == ["Error MISSING_PASSWORD", "Error MISSING_PASSWORD"]


async def test_names_in_any_case_with_blanks_anywhere(anns: Office) -> None:
    anns.door.deliver(" getSTATE # 1001 ")
    anns.door.deliver("MAKEREADY#1001")
    await anns.hears("State NOT_READY", "State READY")


async def test_a_crash_is_counted_and_stops_nothing(anns: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    before = counted("commands_refused", reason="crash")
    with monkeypatch.context() as broken:
        broken.setattr("generic_connector.agents.hub.parse_command", lambda *_: 1 / 0)
        anns.send("GetState")
    assert counted("commands_refused", reason="crash") == before + 1
    anns.send("GetState")
    await anns.hears("State NOT_READY")


async def test_a_crash_of_a_command_is_an_error_of_that_command(anns: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    with monkeypatch.context() as broken:
        broken.setattr("generic_connector.agents.translate.state_event", lambda *_: 1 / 0)
        anns.send("GetState")
        await anns.hears("Error PLEASE_RETRY")
    anns.send("GetState")
    await anns.hears("Error PLEASE_RETRY", "State NOT_READY")


async def test_a_crash_over_a_notification_is_read_back(anns: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    """One notification that cannot be digested must not end the agent."""
    with monkeypatch.context() as broken:
        broken.setattr("generic_connector.agents.calls.Calls.added", lambda *_, **__: 1 / 0)
        anns.finesse.call_comes(ANN, incoming("ALERTING"))
        await anns.hears(f"NewInboundCall {CALL}", f"DialogStatus {CALL}")
    anns.finesse.call_changes(ANN, incoming("ACTIVE", 3))
    await anns.hears(f"NewInboundCall {CALL}", f"DialogStatus {CALL}", f"InboundCall ACTIVE {CALL}")


# --- delivered again


async def test_what_was_taken_is_not_carried_out_again(anns: Office) -> None:
    """The connection was lost between taking a command and acknowledging it."""
    before = counted("commands_refused", reason="repeated")
    message = anns.send("GetState")
    anns.door.redeliver(message)
    anns.door.redeliver(message)
    await anns.hears("State NOT_READY")
    assert counted("commands_refused", reason="repeated") == before + 2


async def test_what_a_restarted_broker_delivers_again_is_not_marked(anns: Office) -> None:
    """It lost the acknowledgement and that it had delivered the command; the id tells."""
    before = counted("commands_refused", reason="repeated")
    message = anns.send("GetState")
    anns.hub.receive(anns.door, message)
    await anns.hears("State NOT_READY")
    assert counted("commands_refused", reason="repeated") == before + 1


@pytest.mark.parametrize(
    ("command", "body"),
    [("MakeCall", "1"), ("AnswerCall", CALL), ("wrapup", f"Sold,{CALL}"), ("update_call_variable", f"{CALL},a=1")],
)
async def test_what_another_process_may_have_carried_out_is_refused(anns: Office, command: str, body: str) -> None:
    """Once would change the call, twice would be another call, or an error for what succeeded."""
    asked = len(anns.finesse.asked)
    anns.send(command, body, redelivered=True)
    await anns.hears("Error PLEASE_RETRY")
    assert "may have been carried out already" in anns.bodies()[0]
    assert len(anns.finesse.asked) == asked


async def test_what_does_no_harm_is_carried_out(office: Office) -> None:
    office.door.deliver(f"Hello#{CRM}", redelivered=True)
    office.send("Connect", f"{CRM},pw{ANN}", redelivered=True)
    office.login(redelivered=True)
    await office.hears(IN, *SIGNED_IN)


async def test_a_message_without_an_id_is_never_the_same(anns: Office) -> None:
    for _ in range(2):
        anns.hub.receive(anns.door, CommandMessage(type=f"GetState#{ANN}", redelivered=True))
    await anns.hears("State NOT_READY", "State NOT_READY")


async def test_only_so_many_ids_are_remembered(anns: Office, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generic_connector.agents.roster.REMEMBERED", 2)
    first, *_ = [anns.send("GetState") for _ in range(3)]
    anns.door.redeliver(first)
    await anns.hears(*["State NOT_READY"] * 4)
    assert len(anns.hub._taken) <= 3


# --- one agent's inbox, and everybody else's


async def test_an_inbox_that_is_full() -> None:
    async with open_office(inbox_limit=2) as office:
        await office.sign_in()
        gate = office.finesse.hold("user")
        office.send("GetState")
        await until(lambda: gate.arrived)
        for correlation in ("1", "2", "3"):
            office.send("MakeReady", correlation_id=correlation)
        assert office.told() == ["Error PLEASE_RETRY"]
        assert office.door.events[CRM][-1].correlation_id == "3"
        gate.open()
        await office.hears("Error PLEASE_RETRY", "State NOT_READY", "State READY", "State READY")


async def test_a_request_that_hangs_holds_up_nobody_else(anns: Office) -> None:
    """Nor the agent's own notifications; only the agent's next command."""
    await anns.sign_in(BOB, "desk")
    gate = anns.finesse.hold("change_state", ACCEPTED)
    anns.send("MakeReady")
    anns.send("GetState")
    await until(lambda: gate.arrived)
    anns.send("MakeReady", agent=BOB)
    await anns.hears("1002 State READY", destination="desk", agent=BOB)
    anns.finesse.call_comes(ANN, incoming("ALERTING"))
    anns.finesse.becomes(ann("RESERVED", 3))
    await until(lambda: anns.told() == [f"NewInboundCall {CALL}", "State RESERVED"])
    gate.open()
    await anns.hears(f"NewInboundCall {CALL}", "State RESERVED", "State RESERVED")


async def test_a_connect_that_hangs_holds_up_nobody_else(office: Office) -> None:
    gate = office.finesse.hold(OPEN_SESSION)
    office.connect()
    office.login()
    await until(lambda: gate.arrived)
    await office.sign_in(BOB)
    gate.open()
    await office.hears(*SIGNED_IN)


async def test_commands_are_carried_out_in_the_order_of_the_queue(anns: Office) -> None:
    """However long each takes."""
    gate = anns.finesse.hold("reason_codes")
    for command in ("reasoncodenotready", "MakeReady", "GetState", "MakeNotReady", "Logout"):
        anns.send(command)
    await until(lambda: gate.arrived)
    assert anns.told() == []
    gate.open()
    await until(lambda: "State LOGOUT" in anns.told())
    asked = [one for one in anns.finesse.operations() if one in {"reason_codes", "change_state", "sign_out", "user"}]
    assert asked[-5:] == ["reason_codes", "change_state", "user", "change_state", "sign_out"]


# --- whom an answer goes to, and what it answers


async def test_an_answer_goes_to_reply_to(anns: Office) -> None:
    """What happens to the agent goes to the agent's own destination all the same."""
    anns.send("GetState", reply_to="elsewhere")
    anns.send("GetDialogState", "1", reply_to="/remote-temp-topic/ID:1-2")
    anns.send("HoldCall", "", reply_to="elsewhere")
    anns.send("GetState")
    await anns.hears("State NOT_READY")
    assert sorted(anns.told("elsewhere")) == ["Error MISSING_DIALOG_ID", "State NOT_READY"]
    assert anns.told("/remote-temp-topic/ID:1-2") == ["DialogState NOT_FOUND"]
    anns.send("MakeReady", reply_to="elsewhere")
    await anns.hears("State NOT_READY", "State READY")


async def test_an_error_goes_to_reply_to(anns: Office) -> None:
    anns.finesse.script("change_state", Down())
    anns.send("MakeReady", reply_to="elsewhere")
    await until(lambda: anns.told("elsewhere"))
    assert (anns.told("elsewhere"), anns.told()) == (["Error DOWN"], [])


async def test_a_reply_to_that_no_event_can_be_sent_to_counts_as_none(anns: Office) -> None:
    anns.send("GetState", reply_to="a,b>")
    await anns.hears("State NOT_READY")


async def test_passing_by_does_not_make_a_destination_known(anns: Office) -> None:
    anns.send("GetState", reply_to="elsewhere")
    await until(lambda: anns.told("elsewhere"))
    anns.door.deliver("Beat#elsewhere")
    assert anns.told("elsewhere")[1:] == ["DESTINATION#elsewhere#RECONNECT"]


CORRELATED = ["GetState", "MakeReady", "refresh", "GetDialogState", "Dance", "MakeCall", "HoldCall", "reasoncodelogout"]


@pytest.mark.parametrize("command", CORRELATED)
async def test_an_answer_carries_the_commands_correlation_id(anns: Office, command: str) -> None:
    """Else its message id; an event that answers nothing carries an id of its own."""
    anns.finesse.script("make_call", Down())
    body = "1" if command in {"GetDialogState", "MakeCall"} else ""
    anns.send(command, body, correlation_id="mine")
    await until(anns.told)
    await anns.idle()
    first = len(anns.door.events[CRM]) - len(anns.told())
    assert {event.correlation_id for event in anns.door.events[CRM][first:]} == {"mine"}


async def test_an_answer_to_a_command_without_correlation_id(anns: Office) -> None:
    message = anns.send("GetState")
    await anns.hears("State NOT_READY")
    anns.hub.receive(anns.door, CommandMessage(type=f"GetState#{ANN}"))
    anns.finesse.becomes(ann("READY", 3))
    await until(lambda: len(anns.told()) == 3)
    one, *others = [event.correlation_id for event in anns.door.events[CRM][-3:]]
    assert one == message.message_id
    assert [str(uuid.UUID(other)) for other in others] == others


async def test_a_login_is_answered_with_its_correlation_id(office: Office) -> None:
    office.connect()
    office.login(correlation_id="mine")
    await office.hears(*SIGNED_IN)
    assert [event.correlation_id for event in office.door.events[CRM]] == ["mine"] * 3


# --- nothing secret, nothing left behind


def words(logs: list[EventDict]) -> str:
    return " ".join(f"{key}={value!r}" for one in logs for key, value in one.items())


async def test_no_password_is_in_any_log(office: Office) -> None:
    """Whatever goes wrong with the commands that carry one."""
    secret = "geheim-canary"
    office.finesse.passwords[ANN] = secret
    with structlog.testing.capture_logs() as logs:
        office.connect()
        office.login(password=f"{secret}2")
        office.finesse.script("sign_in", Down())
        office.login()
        await office.hears("Error SUBSCRIPTION_FAILED", "Error DOWN")
        office.send("Login", secret)
        office.send("Konnect", f"{CRM},{secret}")
        office.send("MakeReady", secret)
        office.send("Connect", f"{CRM},{secret},", fault=BodyFault.NOT_UTF8)
        office.door.deliver("Connect", f"{CRM},{secret}", reply_to=CRM)
        office.connect(password=f"{secret}3")
        await until(lambda: len(office.told()) == 8)
    assert secret not in words(logs)
    assert secret not in " ".join(office.bodies())


async def test_stopping_ends_what_hangs() -> None:
    """And every session; nobody is signed out at Finesse."""
    async with open_office() as office:
        await office.sign_in(ANN)
        await office.sign_in(SUE)
        gates = [office.finesse.hold("user"), office.finesse.hold(OPEN_SESSION)]
        office.send("GetState")
        office.connect(BOB)
        await until(lambda: all(gate.arrived for gate in gates))
        async with asyncio.timeout(2):
            await office.hub.roster.stop()
        assert (office.hub.agents, office.finesse.open_sessions()) == ({}, [])
        assert "sign_out" not in office.finesse.operations()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        assert others == set()


async def test_what_agents_look_like_in_a_log(anns: Office) -> None:
    assert repr(anns.hub.agents[ANN]) == "<Agent 1001 NOT_READY, linked, 0 calls>"
    anns.finesse.users[BOB] = bob()
    anns.finesse.script(OPEN_SESSION, Down())
    anns.finesse.lose_session(ANN)
    assert repr(anns.hub.agents[ANN]) == "<Agent 1001 NOT_READY, not linked, 0 calls>"
