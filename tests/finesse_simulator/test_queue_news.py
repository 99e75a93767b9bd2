"""When and what is told of queues: finesse-rest.md section 11.1, finesse-notifications.md section 8.3."""

import re
from xml.etree import ElementTree as ET

import aiohttp
import msgspec
import pytest
from aiohttp import ClientSession, encode_basic_auth

from finesse_simulator import updates
from finesse_simulator.queue_news import QueueNews
from finesse_simulator.recording import RecordingServer
from finesse_simulator.rehearsal import Rehearsal
from finesse_simulator.scenario import Queue, Scenario, many_agents
from finesse_simulator.simulator import Simulator
from finesse_simulator.vocabulary import Deployment

SUE = encode_basic_auth("1003", "agent-secret-1003")
QUIET = "Q() PUT 5033 waiting 0 on 2 ready 0 not 2 other 0 talking 0/0/0 work 0/0"

UPDATE = """\
<Update>
  <data>
    <queue>
      <uri>/finesse/api/Queue/5033</uri>
      <name>Sales</name>
      <statistics>
        <callsInQueue>1</callsInQueue>
        <startTimeOfLongestCallInQueue>2026-01-02T03:04:06Z</startTimeOfLongestCallInQueue>
        <agentsReady>0</agentsReady>
        <agentsNotReady>2</agentsNotReady>
        <agentsBusyOther>0</agentsBusyOther>
        <agentsLoggedOn>2</agentsLoggedOn>
        <agentsTalkingInbound>0</agentsTalkingInbound>
        <agentsTalkingOutbound>0</agentsTalkingOutbound>
        <agentsTalkingInternal>0</agentsTalkingInternal>
        <agentsWrapUpNotReady>0</agentsWrapUpNotReady>
        <agentsWrapUpReady>0</agentsWrapUpReady>
      </statistics>
    </queue>
  </data>
  <event>PUT</event>
  <requestId></requestId>
  <source>/finesse/api/Queue/5033</source>
</Update>"""


def stage_for(deployment: Deployment = Deployment.UCCE) -> tuple[Rehearsal, QueueNews]:
    queue = Queue(number="8800", id="5033", name="Sales", agents=("1001", "1002"))
    stage = Rehearsal(msgspec.structs.replace(many_agents(3, deployment=deployment), queues=(queue,)))
    news = QueueNews(stage.engine.world, stage._keep)
    stage.sign_in("1001")
    stage.sign_in("1002")
    return stage, news


def test_changes_are_told_at_every_tenth_second_and_nothing_when_nothing_changed() -> None:
    stage, news = stage_for()
    news.touch()
    stage.wait(8)
    assert stage.told() == []
    stage.wait(1)
    assert stage.times == [10.0]
    assert stage.told() == [QUIET]
    news.touch()
    stage.wait(30)
    assert stage.told() == []
    stage.customer_hang_up(stage.customer_call("8800"))
    stage.customer_call("8800")
    stage.wait(40)
    assert stage.times == [50.0]
    assert stage.told() == [QUIET.replace("waiting 0", "waiting 1")]
    assert stage.engine.next_due() is None  # nothing ticks while nothing happens


def test_the_document() -> None:
    stage, _ = stage_for()
    stage.customer_call("8800")
    stage.wait(10)
    assert updates.update(stage.notices[0]) == UPDATE


def test_out_of_service_nobody_is_told() -> None:
    stage, _ = stage_for()
    stage.engine.leave_service()
    stage.customer_call("8800")
    stage.wait(20)
    assert stage.told() == []


def test_a_queue_that_is_taken_away() -> None:
    stage, news = stage_for()
    news.remove("5033")
    assert [str(notice) for notice in stage.notices] == [
        "Q() DELETE 5033 gone",
        "QQ() DELETE 5033",
        "QQ() DELETE 5033",
    ]
    assert [notice.node for notice in stage.notices[1:]] == [
        f"/finesse/api/User/{user}/Queues" for user in (1001, 1002)
    ]
    document = ET.XML(updates.update(stage.notices[0]))
    assert [(child.tag, child.text) for child in document.findall("data/queue/*")] == [
        ("uri", "/finesse/api/Queue/5033")
    ]
    with pytest.raises(KeyError):
        news.remove("5033")
    with pytest.raises(ValueError, match="neither a queue"):
        stage.customer_call("8800")


def test_a_queue_changes_hands() -> None:
    stage, news = stage_for()
    stage.sign_in("1003", ready=True)
    stage.customer_call("8800")
    news.assign("5033", ["1002", "1003"])
    stage.wait()
    assert [line for line in stage.told() if line.startswith("QQ") or "1003" in line] == [
        "QQ() DELETE 5033",
        "QQ() POST 5033",
        "U(1003) PUT RESERVED",
        "D(1003) POST 16777217 ALERTING 4003:ALERTING 5550188:INITIATED",
    ]


def test_uccx_knows_no_queues() -> None:
    stage, news = stage_for(Deployment.UCCX)
    stage.customer_call("8800")
    news.touch()
    assert stage.engine.next_due() is None
    with pytest.raises(KeyError):
        news.remove("5033")


# ---- by requests


async def test_queues_by_requests(finesse: Simulator, http: ClientSession) -> None:
    finesse.customer_call("5550188", "8800")
    async with http.get("finesse/api/Queue/5033") as answer:
        text = await answer.text()
    assert answer.status == 200
    queue = UPDATE.partition("    <queue>\n")[2].partition("    </queue>")[0].replace("\n    ", "\n")
    expected = f"<Queue>\n{queue.removeprefix('    ')}</Queue>".replace("2</agents", "0</agents").replace(
        "2026", "TIME"
    )
    timed = re.sub(r"(LongestCallInQueue>)\d[^<]+", r"\1TIME-01-02T03:04:06Z", text)
    assert timed == expected
    async with http.get("finesse/api/User/1001/Queues") as answer:
        assert [name.text for name in ET.XML(await answer.text()).findall("Queue/name")] == ["Sales"]
    async with http.get("finesse/api/User/1001/Queues", headers={"Authorization": SUE}) as answer:
        assert answer.status == 200
    async with http.get("finesse/api/Queue/9") as answer:
        assert answer.status == 404
    async with http.get("finesse/api/User/1003/Queues") as answer:
        assert answer.status == 401
    assert finesse.node_exists("/finesse/api/Queue/5033")
    finesse.remove_queue("5033")
    assert not finesse.node_exists("/finesse/api/Queue/5033")
    async with http.get("finesse/api/User/1001/Queues") as answer:
        assert await answer.text() == "<Queues/>"


async def test_subscribers_hear_at_the_pace(finesse: Simulator) -> None:
    server = finesse.notification_server
    assert isinstance(server, RecordingServer)
    finesse.set_pace(1000)
    finesse.customer_call("5550188", "8800")
    await finesse.wait_until(lambda: bool(server.published))
    assert (server.published[0].node, server.published[0].user_ids) == ("/finesse/api/Queue/5033", ())
    finesse.assign_queue("5033", ["1001"])
    assert server.published[1].node == "/finesse/api/User/1002/Queues"


async def test_uccx_has_no_queues_to_ask_for(scene: Scenario) -> None:
    uccx = msgspec.structs.replace(scene, deployment=Deployment.UCCX)
    async with Simulator(uccx, RecordingServer()) as finesse:
        for path in ("Queue/5033", "User/1003/Queues"):
            url = f"{finesse.http_url}/finesse/api/{path}"
            async with aiohttp.request("GET", url, headers={"Authorization": SUE}) as answer:
                assert answer.status == 501
                assert ET.XML(await answer.text()).findtext("ApiError/ErrorType") == "Not Implemented"
