"""What real servers do to a clean sequence: finesse-notifications.md sections 10 and 12."""

import asyncio
from xml.etree import ElementTree as ET

import msgspec
import pytest
from aiohttp import ClientSession, encode_basic_auth

from finesse_simulator import system_info, updates
from finesse_simulator.certificate import self_signed
from finesse_simulator.engine.views import DialogView, UserView
from finesse_simulator.fidelity import TRACE, Distorter, Planned, style_of
from finesse_simulator.notification_servers import notification_server
from finesse_simulator.recording import RecordingServer
from finesse_simulator.rehearsal import Rehearsal
from finesse_simulator.scenario import Fidelity, Scenario, many_agents
from finesse_simulator.simulator import Simulator
from finesse_simulator.system_info import Ports, ServiceState
from finesse_simulator.xmpp.server import XmppServer


def a_call() -> Rehearsal:
    """Play a call that the agent answers and holds, and sign out after it."""
    stage = Rehearsal(many_agents(1))
    stage.state("1001", "LOGIN", extension="4001", request_id="r-1")
    stage.state("1001", "READY")
    call = stage.customer_call("8800")
    stage.act("1001", call, "ANSWER")
    stage.act("1001", call, "HOLD")
    stage.customer_hang_up(call)
    stage.state("1001", "NOT_READY")
    stage.state("1001", "LOGOUT", request_id="r-2")
    return stage


def sent(stage: Rehearsal, switches: Fidelity) -> list[Planned]:
    distorter = Distorter(switches)
    return [
        planned
        for notice, now in zip(stage.notices, stage.times, strict=True)
        for planned in distorter.distort(notice, now)
    ]


def test_by_default_nothing_is_changed() -> None:
    stage = a_call()
    planned = sent(stage, Fidelity())
    assert [(one.when, one.notice) for one in planned] == list(zip(stage.times, stage.notices, strict=True))


def test_every_put_comes_twice() -> None:
    lines = [str(one.notice) for one in sent(a_call(), Fidelity(duplicates=1.0))]
    puts = [line for line in lines if " PUT " in line]
    assert puts[::2] == puts[1::2]
    assert lines[:2] == ["U(1001) PUT NOT_READY [r-1]"] * 2
    assert len([line for line in lines if " POST " in line or " DELETE " in line]) == 2


def test_a_sign_out_is_told_twice_and_answers_the_request_once() -> None:
    lines = [str(one.notice) for one in sent(a_call(), Fidelity(double_logout=True))]
    assert lines[-2:] == ["U(1001) PUT LOGOUT [r-2]", "U(1001) PUT LOGOUT"]


def test_data_only_puts_differ_in_one_variable_that_stays() -> None:
    dialogs = [one.notice for one in sent(a_call(), Fidelity(data_only=1.0)) if isinstance(one.notice.body, DialogView)]
    traces = [
        (str(notice.event), dict(notice.body.variables).get(TRACE))
        for notice in dialogs
        if isinstance(notice.body, DialogView)
    ]
    assert traces == [
        ("POST", None),
        ("PUT", None),
        ("PUT", "1"),
        ("PUT", "1"),
        ("PUT", "2"),
        ("PUT", "2"),
        ("PUT", "3"),
        ("PUT", "3"),
        ("DELETE", "3"),
    ]


def test_participants_come_in_any_order_by_the_seed() -> None:
    stage = a_call()

    def first_addresses(seed: int) -> list[str]:
        planned = sent(stage, Fidelity(shuffle_participants=True, seed=seed))
        bodies = (one.notice.body for one in planned)
        return [body.participants[0].address for body in bodies if isinstance(body, DialogView)]

    assert first_addresses(1) == first_addresses(1)
    assert {*first_addresses(1), *first_addresses(2)} == {"4001", "5550188"}


def test_nodes_overtake_each_other_but_keep_their_own_order() -> None:
    stage = a_call()
    planned = sorted(sent(stage, Fidelity(reorder_seconds=5.0)), key=lambda one: one.when)
    notices = [one.notice for one in planned]
    assert notices != stage.notices
    for kind in (UserView, DialogView):
        of_kind = [notice for notice in notices if isinstance(notice.body, kind)]
        assert of_kind == [notice for notice in stage.notices if isinstance(notice.body, kind)]


@pytest.mark.parametrize(
    ("switches", "root", "event"),
    [
        (Fidelity(), "user", "PUT"),
        (Fidelity(lower_case_events=True), "user", "put"),
        (Fidelity(capital_roots=True), "User", "PUT"),
    ],
)
def test_documents_as_the_pages_print_them(switches: Fidelity, root: str, event: str) -> None:
    stage, style = a_call(), style_of(switches)
    document = ET.XML(updates.update(stage.notices[0], style))
    assert (document[0][0].tag, document.findtext("event")) == (root, event)
    now = stage.engine.world.clock.moment()
    document = ET.XML(system_info.update(stage.engine.scenario, ServiceState(), Ports(), now, style))
    assert (document[0][0].tag.lower(), document.findtext("event")) == ("systeminfo", event)


def test_message_ids_of_the_notification_server(scene: Scenario) -> None:
    certificate = self_signed("localhost")
    styles = []
    for fidelity in (Fidelity(), Fidelity(message_ids="random")):
        server = notification_server(msgspec.structs.replace(scene, fidelity=fidelity), certificate)
        assert isinstance(server, XmppServer)
        styles.append(server.message_id_style)
    assert styles == ["node", "random"]


async def test_all_of_it_at_once(scene: Scenario) -> None:
    """The effect comes before the answer, twice, late, and written otherwise."""
    fidelity = Fidelity(
        duplicates=1.0, reorder_seconds=0.3, lower_case_events=True, capital_roots=True, notify_before_answer=True
    )
    server = RecordingServer()
    async with Simulator(msgspec.structs.replace(scene, fidelity=fidelity), server) as finesse:
        headers = {"Authorization": encode_basic_auth("1001", "agent-secret-1001"), "requestId": "r"}
        async with ClientSession(f"{finesse.http_url}/", headers=headers) as http:
            body = "<User><state>LOGIN</state><extension>4001</extension></User>"
            async with http.put("finesse/api/User/1001", data=body) as answer:
                assert answer.status == 202
        before = [published for published in server.published if published.user_ids]
        assert [ET.XML(one.payload).findtext("requestId") for one in before] == ["r", "r"]
        finesse.set_agent_state("1001", "READY")
        await finesse.wait_for_agent("1001", "READY")
        finesse.go_out_of_service()
        count = len(server.published)
        await asyncio.sleep(0.05)  # half a simulated second
        assert len(server.published) == count
