"""Teams, what is set up for them, and phone books: finesse-rest.md sections 10 and 12."""

import re
from collections.abc import AsyncIterator, Awaitable, Callable
from xml.etree import ElementTree as ET

import aiohttp
import msgspec
import pytest
from aiohttp import ClientSession, encode_basic_auth

from finesse_simulator import scenario
from finesse_simulator.recording import RecordingServer
from finesse_simulator.scenario import Contact, Control, PhoneBook, ReasonCode, Rest, Scenario, WrapUpReason
from finesse_simulator.simulator import Simulator
from finesse_simulator.vocabulary import Deployment, Profile

ANN = encode_basic_auth("1001", "agent-secret-1001")
SUE = encode_basic_auth("1003", "agent-secret-1003")
ADMINISTRATOR = encode_basic_auth("administrator", "administrator-secret")
EVERYTHING = {"Range": "objects=1-1500"}

TEAM = """\
<Team>
  <uri>/finesse/api/Team/5001</uri>
  <id>5001</id>
  <name>East</name>
  <users>
    <User>
      <uri>/finesse/api/User/1001</uri>
      <loginId>1001</loginId>
      <firstName>Ann</firstName>
      <lastName>Lee</lastName>
      <dialogs>/finesse/api/User/1001/Dialogs</dialogs>
      <extension>4001</extension>
      <pendingState></pendingState>
      <state>NOT_READY</state>
      <reasonCode>
        <category>NOT_READY</category>
        <code>27</code>
        <id>31</id>
        <label>Lunch</label>
        <uri>/finesse/api/ReasonCode/31</uri>
      </reasonCode>
      <stateChangeTime>TIME</stateChangeTime>
    </User>"""

Get = Callable[..., Awaitable[tuple[int, str]]]


def contacts(count: int, name: str) -> tuple[Contact, ...]:
    return tuple(Contact(last_name=f"{name}{number}", phone_number=str(number)) for number in range(1, count + 1))


@pytest.fixture
def scene() -> Scenario:
    base = scenario.default()
    return msgspec.structs.replace(
        base,
        rest=Rest(https_port=-1, http_port=0),
        control=Control(port=-1),
        reason_codes=(
            *base.reason_codes,
            ReasonCode(id=51, code=51, label="West", category="NOT_READY", for_all=False, teams=("5002",)),
        ),
        wrap_up_reasons=(*base.wrap_up_reasons, WrapUpReason(id=11, label="West", for_all=False, teams=("5002",))),
        phone_books=(
            PhoneBook(id=1, name="All", contacts=contacts(2, "A")),
            PhoneBook(id=2, name="East", type="TEAM", teams=("5001",), contacts=contacts(2, "E")),
            PhoneBook(id=3, name="West", type="TEAM", teams=("5002",), contacts=contacts(2, "W")),
        ),
    )


@pytest.fixture
async def get(finesse: Simulator) -> AsyncIterator[Get]:
    async with ClientSession(f"{finesse.http_url}/", cookie_jar=aiohttp.DummyCookieJar()) as session:

        async def ask(path: str, auth: str, **headers: str) -> tuple[int, str]:
            answer = await session.get(f"finesse/api/{path}", headers={"Authorization": auth, **headers})
            return answer.status, await answer.text()

        yield ask


# ---- teams


async def test_a_team_with_its_members(finesse: Simulator, get: Get) -> None:
    finesse.set_agent_state("1001", "LOGIN", extension="4001")
    await finesse.wait_for_agent("1001", "NOT_READY")
    finesse.set_agent_state("1001", "NOT_READY", reason_code_id="31")
    await finesse.wait_until(lambda: finesse.agent("1001")["reasonCode"] == 27)
    status, text = await get("Team/5001", SUE)
    assert status == 200
    timeless = re.sub(r"(<stateChangeTime>)[^<]+", r"\1TIME", text)
    assert timeless.startswith(TEAM)
    assert [user.text for user in ET.XML(text).findall("users/User/loginId")] == ["1001", "1002", "1003"]


@pytest.mark.parametrize(
    ("path", "auth", "status", "type_"),
    [
        ("Team/5001", ANN, 401, "Authorization Failure"),
        ("Team/5002", SUE, 401, "Invalid Supervisor"),
        ("Team/9", SUE, 404, "Not Found"),
        ("Teams", SUE, 401, "Unauthorized"),
        ("TeamResource/9/ReasonCodes", ANN, 404, "TeamId Not Found"),
        ("TeamResource/5002/ReasonCodes", ANN, 401, "Invalid Authorization User Specified"),
        ("TeamResource/5001/ReasonCodes", ANN, 400, "Bad Request"),
        ("TeamResource/5001/Workflows", ANN, 501, "Not Implemented"),
        ("PhoneBooks", ANN, 401, "Unauthorized"),
        ("PhoneBook/9", ADMINISTRATOR, 404, "Not Found"),
        ("PhoneBook/1/Contact/3", ADMINISTRATOR, 404, "Not Found"),
    ],
)
async def test_refusals(get: Get, path: str, auth: str, status: int, type_: str) -> None:
    answered, text = await get(path, auth)
    assert (answered, ET.XML(text).findtext("ApiError/ErrorType")) == (status, type_)


async def test_the_administrator_sees_every_team_and_book(get: Get) -> None:
    _, teams = await get("Teams", ADMINISTRATOR)
    assert [team.text for team in ET.XML(teams).findall("Team/name")] == ["East", "West"]
    assert (await get("Team/5002", ADMINISTRATOR))[1].endswith("<users></users>\n</Team>")
    _, books = await get("PhoneBooks", ADMINISTRATOR)
    assert [book.text for book in ET.XML(books).findall("PhoneBook/name")] == ["All", "East", "West"]
    _, book = await get("PhoneBook/2", ADMINISTRATOR)
    assert ET.XML(book).findtext("contacts") == "/finesse/api/PhoneBook/2/Contacts"
    _, listed = await get("PhoneBook/2/Contacts", ADMINISTRATOR)
    uris = [uri.text for uri in ET.XML(listed).findall("Contact/uri")]
    assert uris == ["/finesse/api/PhoneBook/2/Contact/1", "/finesse/api/PhoneBook/2/Contact/2"]
    _, contact = await get("PhoneBook/2/Contact/2", ADMINISTRATOR)
    assert ET.XML(contact).findtext("lastName") == "E2"


async def test_what_is_set_up_for_a_team(get: Get) -> None:
    _, reasons = await get("TeamResource/5001/ReasonCodes?category=NOT_READY", ANN)
    assert [reason.text for reason in ET.XML(reasons).findall("ReasonCode/label")] == ["Lunch", "Coffee break"]
    _, reasons = await get("TeamResource/5002/ReasonCodes?category=NOT_READY", ADMINISTRATOR)
    assert ET.XML(reasons).findtext("ReasonCode[3]/label") == "West"
    _, labels = await get("TeamResource/5001/WrapUpReasons", SUE)
    assert [label.text for label in ET.XML(labels).findall("WrapUpReason/label")] == ["Billing", "Complaint"]
    assert ET.XML(labels).findtext("WrapUpReason/uri") == "/finesse/api/WrapUpReason/9"


async def test_uccx_members_have_a_media_state(scene: Scenario) -> None:
    uccx = msgspec.structs.replace(scene, deployment=Deployment.UCCX)
    async with Simulator(uccx, RecordingServer()) as finesse:
        url = f"{finesse.http_url}/finesse/api/Team/5001"
        async with aiohttp.request("GET", url, headers={"Authorization": SUE}) as answer:
            assert ET.XML(await answer.text()).findtext("users/User/mediaState") == "IDLE"


# ---- phone books

BOOKS = """\
<PhoneBooks>
  <PhoneBook>
    <name>All</name>
    <type>GLOBAL</type>
    <Contacts>
      <Contact>
        <firstName></firstName>
        <lastName>A1</lastName>
        <phoneNumber>1</phoneNumber>
        <description></description>
      </Contact>
    </Contacts>
  </PhoneBook>
  <PhoneBook>
    <name>East</name>
    <type>TEAM</type>
    <Contacts></Contacts>
  </PhoneBook>
</PhoneBooks>"""


async def test_phone_books_up_to_a_contact(get: Get) -> None:
    assert await get("User/1001/PhoneBooks", ANN, Range="objects=1-1") == (206, BOOKS)


@pytest.mark.parametrize(
    ("path", "wanted", "status", "names"),
    [
        ("User/1001/PhoneBooks", "objects=1-1500", 200, ["A1", "A2", "E1", "E2"]),
        ("User/1001/PhoneBooks", "objects=1-4", 200, ["A1", "A2", "E1", "E2"]),
        ("User/1001/PhoneBooks", "objects=1-3", 206, ["A1", "A2", "E1"]),
        ("User/1001/PhoneBooks", "objects=2-3", 206, ["A2", "E1"]),
        ("User/1001/PhoneBooks", "objects=4-9", 206, ["E2"]),
        ("User/1001/PhoneBooks", "objects=5-9", 416, []),
        ("User/1001/PhoneBooks", "objects=0-9", 416, []),
        ("User/1001/PhoneBooks", "objects=3-2", 416, []),
        ("User/1001/PhoneBooks", "bytes=1-2", 416, []),
        ("User/1001/PhoneBooks", "", 400, []),
        ("TeamResource/5001/PhoneBooks", "objects=1-6000", 200, ["A1", "A2", "E1", "E2"]),
        ("TeamResource/5001/PhoneBooks", "", 400, []),
    ],
)
async def test_ranges(get: Get, path: str, wanted: str, status: int, names: list[str]) -> None:
    headers = {"Range": wanted} if wanted else {}
    answered, text = await get(path, ANN, **headers)
    assert answered == status
    assert [name.text for name in ET.XML(text).findall("PhoneBook/Contacts/Contact/lastName")] == names


async def test_the_user_address_gives_1500_contacts_and_the_team_address_6000(scene: Scenario) -> None:
    book = PhoneBook(id=1, name="Large", contacts=contacts(1501, "C"))
    large = msgspec.structs.replace(scene, phone_books=(book,), profile=Profile.V12_6)
    statuses = []
    async with Simulator(large, RecordingServer()) as finesse:
        for path, headers in (
            ("User/1001/PhoneBooks", {"Range": "objects=1-9000"}),
            ("TeamResource/5001/PhoneBooks", {"Range": "objects=1-9000"}),
            ("TeamResource/5001/PhoneBooks", {}),
        ):
            url = f"{finesse.http_url}/finesse/api/{path}"
            async with aiohttp.request("GET", url, headers={"Authorization": ANN, **headers}) as answer:
                statuses.append((answer.status, (await answer.text()).count("<Contact>")))
    assert statuses == [(206, 1500), (200, 1501), (200, 1501)]


async def test_no_phone_books_are_no_mistake(scene: Scenario) -> None:
    none = msgspec.structs.replace(scene, phone_books=(), profile=Profile.V11_6)
    async with Simulator(none, RecordingServer()) as finesse:
        for path, expected in (
            ("User/1001/PhoneBooks", (200, "<PhoneBooks/>")),
            ("TeamResource/5001/PhoneBooks", (404, "")),
        ):
            url = f"{finesse.http_url}/finesse/api/{path}"
            async with aiohttp.request("GET", url, headers={"Authorization": ANN, **EVERYTHING}) as answer:
                text = await answer.text()
                assert (answer.status, "" if answer.status == 404 else text) == expected
