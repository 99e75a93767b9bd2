"""Messages to teams: finesse-rest.md section 10.2."""

import re
from xml.etree import ElementTree as ET

import aiohttp
import msgspec
import pytest
from aiohttp import ClientSession, encode_basic_auth

from finesse_simulator.engine.messages import LIMIT
from finesse_simulator.recording import RecordingServer
from finesse_simulator.scenario import Scenario
from finesse_simulator.simulator import Simulator
from finesse_simulator.vocabulary import Profile

API = "finesse/api"
SUE = {"Authorization": encode_basic_auth("1003", "agent-secret-1003")}
ADMINISTRATOR = {"Authorization": encode_basic_auth("administrator", "administrator-secret")}


def body(content: str = "Queue is long", duration: str = "100", *teams: str) -> str:
    listed = "".join(f"<team>{team}</team>" for team in teams or ("5001",))
    return (
        f"<TeamMessage><duration>{duration}</duration><content>{content}</content><teams>{listed}</teams></TeamMessage>"
    )


UPDATE = """\
<Update>
  <data>
    <TeamMessage>
      <uri>/finesse/api/TeamMessage/ID</uri>
      <id>ID</id>
      <createdBy>
        <id>1003</id>
        <firstName>Sue</firstName>
        <lastName>Kim</lastName>
      </createdBy>
      <createdAt>SECONDS</createdAt>
      <duration>100</duration>
      <content>Queue is long</content>
      <teams>
        <team>5001</team>
      </teams>
    </TeamMessage>
  </data>
  <event>POST</event>
  <requestId>r-1</requestId>
  <source>/finesse/api/TeamMessage/ID</source>
</Update>"""


def published(finesse: Simulator) -> list[tuple[str, str]]:
    server = finesse.notification_server
    assert isinstance(server, RecordingServer)
    events = [(one.node, ET.XML(one.payload).findtext("event") or "") for one in server.published]
    assert all(one.user_ids == () for one in server.published)
    return events


async def test_a_message_is_sent_listed_and_taken_back(finesse: Simulator, http: ClientSession) -> None:
    async with http.post(f"{API}/TeamMessage", data=body(), headers={**SUE, "requestId": "r-1"}) as answer:
        assert answer.status == 200
        message = ET.XML(await answer.text()).findtext("id")
    server = finesse.notification_server
    assert isinstance(server, RecordingServer)
    text = server.published[0].payload.replace(str(message), "ID")
    assert re.sub(r"<createdAt>\d+", "<createdAt>SECONDS", text) == UPDATE
    for path, headers in (("Team/5001", {}), ("Team/5001", SUE), ("Team/5001", ADMINISTRATOR), ("User/1003", SUE)):
        async with http.get(f"{API}/{path}/TeamMessages", headers=headers) as answer:
            assert ET.XML(await answer.text()).findtext("TeamMessage/id") == message
    async with http.delete(f"{API}/TeamMessage/{message}") as answer:
        assert answer.status == 401
    async with http.delete(f"{API}/TeamMessage/{message}", headers=SUE) as answer:
        assert (answer.status, await answer.text()) == (200, "")
    async with http.get(f"{API}/Team/5001/TeamMessages") as answer:
        assert await answer.text() == "<TeamMessages/>"
    node = "/finesse/api/Team/5001/TeamMessages"
    assert published(finesse) == [(node, "POST"), (node, "DELETE")]


async def test_a_message_goes_when_its_time_is_over(finesse: Simulator, http: ClientSession) -> None:
    finesse.set_pace(10_000)
    async with http.post(f"{API}/TeamMessages", data=body(), headers=ADMINISTRATOR) as answer:
        assert answer.status == 200
    await finesse.wait_until(lambda: len(published(finesse)) == 2)
    assert [event for _, event in published(finesse)] == ["POST", "DELETE"]


async def test_some_teams_fail(http: ClientSession) -> None:
    async with http.post(f"{API}/TeamMessage", data=body("x", "1", "5001", "5002"), headers=SUE) as answer:
        assert answer.status == 207
        assert [team.text for team in ET.XML(await answer.text()).findall("teams/team")] == ["5001"]


@pytest.mark.parametrize(
    ("headers", "text", "status", "type_"),
    [
        ({}, body(), 401, "Authorization Failure"),
        (SUE, body("x", "1", "5002"), 401, "Invalid Supervisor"),
        (SUE, body("x", "0"), 400, "Invalid Input"),
        (SUE, body("x", "1e3"), 400, "Invalid Input"),
        (SUE, body("x" * 256), 400, "Invalid Input"),
        (SUE, body(""), 400, "Parameter Missing"),
        (SUE, "<TeamMessage/>", 400, "Parameter Missing"),
        (SUE, "<x/>", 400, "Bad Request"),
    ],
)
async def test_refusals(http: ClientSession, headers: dict[str, str], text: str, status: int, type_: str) -> None:
    async with http.post(f"{API}/TeamMessage", data=text, headers=headers) as answer:
        assert (answer.status, ET.XML(await answer.text()).findtext("ApiError/ErrorType")) == (status, type_)


async def test_there_is_a_limit(finesse: Simulator, http: ClientSession) -> None:
    statuses, text = [], ""
    for _ in range(LIMIT + 1):
        async with http.post(f"{API}/TeamMessage", data=body("x", "999"), headers=SUE) as answer:
            statuses.append(answer.status)
            text = await answer.text()
    assert statuses == [200] * LIMIT + [400]
    assert ET.XML(text).findtext("ApiError/ErrorMessage") == "MAX_ACTIVE_MESSAGE_LIMIT_EXCEEDED"
    assert len(published(finesse)) == LIMIT


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "Team/9/TeamMessages", 404),
        ("GET", "Team/5002/TeamMessages", 401),
        ("GET", "User/1003/TeamMessages", 401),
        ("DELETE", "TeamMessage/9", 404),
    ],
)
async def test_what_an_agent_does_not_get(http: ClientSession, method: str, path: str, status: int) -> None:
    async with http.request(method, f"{API}/{path}") as answer:
        assert answer.status == status


async def test_release_11_has_no_messages(scene: Scenario) -> None:
    old = msgspec.structs.replace(scene, profile=Profile.V11_6)
    async with Simulator(old, RecordingServer()) as finesse:
        url = f"{finesse.http_url}/{API}/TeamMessage"
        async with aiohttp.request("POST", url, data=body(), headers=SUE) as answer:
            assert answer.status == 404
