"""The REST interface over a socket: finesse-rest.md sections 1, 2 and 4.2."""

import asyncio
from xml.etree import ElementTree as ET

import aiohttp
import msgspec
import pytest
from aiohttp import ClientSession, encode_basic_auth

from finesse_simulator.recording import RecordingServer
from finesse_simulator.rest.failures import Failure
from finesse_simulator.scenario import Rest, Scenario
from finesse_simulator.simulator import Simulator
from finesse_simulator.vocabulary import Deployment

API = "finesse/api"
LOGIN = "<User><state>LOGIN</state><extension>4001</extension></User>"
ANN_BY_ID = encode_basic_auth("1001", "agent-secret-1001")
ANN = encode_basic_auth("ann", "agent-secret-1001")
SUPERVISOR = encode_basic_auth("1003", "agent-secret-1003")
ADMINISTRATOR = encode_basic_auth("administrator", "administrator-secret")
WRONG = encode_basic_auth("1001", "no")


def recorded(finesse: Simulator) -> RecordingServer:
    assert isinstance(finesse.notification_server, RecordingServer)
    return finesse.notification_server


async def sign_in(finesse: Simulator, http: ClientSession) -> None:
    async with http.put(f"{API}/User/1001", data=LOGIN) as answer:
        assert answer.status == 202
    await finesse.wait_for_agent("1001", "NOT_READY")


async def test_system_info_needs_no_credentials(finesse: Simulator) -> None:
    async with aiohttp.request("GET", f"{finesse.http_url}/{API}/SystemInfo") as answer:
        assert answer.status == 200
        assert answer.headers["Content-Type"] == "application/xml;charset=UTF-8"
        assert ET.XML(await answer.text()).findtext("status") == "IN_SERVICE"


async def test_https_shows_the_certificate_given(finesse: Simulator) -> None:
    trusting = finesse.certificate.client_context()
    async with aiohttp.request("GET", f"{finesse.rest_url}/{API}/SystemInfo", ssl=trusting) as answer:
        assert answer.status == 200
    with pytest.raises(aiohttp.ClientConnectorCertificateError):
        async with aiohttp.request("GET", f"{finesse.rest_url}/{API}/SystemInfo"):
            pass


async def test_a_request_is_accepted_empty_and_takes_effect_as_a_notification(
    finesse: Simulator, http: ClientSession
) -> None:
    async with http.put(f"{API}/User/1001", data=LOGIN, headers={"requestId": "r-7"}) as answer:
        assert (answer.status, await answer.read()) == (202, b"")
    await finesse.wait_for_agent("1001", "NOT_READY")
    published = recorded(finesse).published[0]
    assert (published.node, published.user_ids) == ("/finesse/api/User/1001", ("1001",))
    assert "<requestId>r-7</requestId>" in published.payload


@pytest.mark.parametrize(
    ("method", "path", "auth", "body", "status", "root"),
    [
        ("GET", "User/1001", ANN_BY_ID, "", 200, "User"),
        ("GET", "User/ann", ANN, "", 200, "User"),
        ("GET", "User/1001", SUPERVISOR, "", 200, "User"),
        ("GET", "User/1001", ADMINISTRATOR, "", 200, "User"),
        ("GET", "User/1001?bypassServerCache=true&nocache=1", ANN_BY_ID, "", 200, "User"),
        ("GET", "Users", ADMINISTRATOR, "", 200, "Users"),
        ("GET", "User/1001/Dialogs", ANN_BY_ID, "", 200, "Dialogs"),
        ("GET", "User/1001/ReasonCodes?category=NOT_READY", ANN_BY_ID, "", 200, "ReasonCodes"),
        ("GET", "User/1001/ReasonCode/31", ANN_BY_ID, "", 200, "ReasonCode"),
        ("GET", "ReasonCode/31", ADMINISTRATOR, "", 200, "ReasonCode"),
        ("GET", "User/1001/WrapUpReasons", ANN_BY_ID, "", 200, "WrapUpReasons"),
        ("GET", "User/1001/WrapUpReason/9", ANN_BY_ID, "", 200, "WrapUpReason"),
    ],
)
async def test_answers(
    http: ClientSession, *, method: str, path: str, auth: str, body: str, status: int, root: str
) -> None:
    async with http.request(method, f"{API}/{path}", headers={"Authorization": auth}, data=body) as answer:
        assert answer.status == status
        assert ET.XML(await answer.text()).tag == root


@pytest.mark.parametrize(
    ("method", "path", "auth", "body", "status", "type_", "message", "data"),
    [
        ("GET", "User/1001", WRONG, "", 401, "Authorization Failure", "UNAUTHORIZED", "1001"),
        (
            "GET",
            "User/1002",
            ANN_BY_ID,
            "",
            401,
            "Invalid Authorization User Specified",
            "The user specified in the authentication credentials and the uri don't match",
            "1002",
        ),
        ("GET", "User/9", ADMINISTRATOR, "", 404, "User Not Found", "UNKNOWN_USER", "9"),
        (
            "GET",
            "Users",
            ANN_BY_ID,
            "",
            401,
            "Unauthorized",
            "The user is not authorized to perform this operation",
            None,
        ),
        ("PUT", "User/1001", ANN_BY_ID, "<User", 400, "Bad Request", "The request is not well formed", ""),
        ("PUT", "User/1001", ANN_BY_ID, "<User/>", 400, "Parameter Missing", "State Parameter missing", "state"),
        ("PUT", "User/1001", ADMINISTRATOR, LOGIN, 401, "Invalid Authorization User Specified", None, "1001"),
        ("PUT", "User/1001", SUPERVISOR, LOGIN, 400, "Invalid State", None, "state"),
        ("POST", "User/1001/Dialogs", ANN_BY_ID, "<Dialog/>", 400, "Parameter Missing", None, "requestedAction"),
        (
            "POST",
            "User/1001/Dialogs",
            ADMINISTRATOR,
            "<Dialog/>",
            401,
            "Invalid Authorization User Specified",
            "User (administrator) is not an authorizied supervisor.",
            "The user is not authorized to perform this operation",
        ),
        (
            "GET",
            "Dialog/5",
            ANN_BY_ID,
            "",
            404,
            "Dialog Not Found",
            "Invalid dialogId specified for dialog",
            "5",
        ),
        ("PUT", "Dialog/5", ANN_BY_ID, "<Dialog/>", 404, "Dialog Not Found", None, "5"),
        ("PUT", "Dialog/5", ADMINISTRATOR, "<Dialog/>", 401, "Invalid Authorization User Specified", None, None),
        ("GET", "User/1001/ReasonCodes", ANN_BY_ID, "", 400, "Bad Request", "Invalid category", "category"),
        ("GET", "User/1001/ReasonCode/99", ANN_BY_ID, "", 404, "Not Found", None, ""),
        ("GET", "User/1001/WrapUpReason/99", ANN_BY_ID, "", 404, "Not Found", None, ""),
        ("GET", "User/1001/Workflows", ANN_BY_ID, "", 501, "Not Implemented", None, None),
    ],
)
async def test_refusals(
    http: ClientSession,
    *,
    method: str,
    path: str,
    auth: str,
    body: str,
    status: int,
    type_: str,
    message: str | None,
    data: str | None,
) -> None:
    async with http.request(method, f"{API}/{path}", headers={"Authorization": auth}, data=body) as answer:
        assert answer.status == status
        document = ET.XML(await answer.text())
    assert document.tag == "ApiErrors"
    assert document.findtext("ApiError/ErrorType") == type_
    if message is not None:
        assert document.findtext("ApiError/ErrorMessage") == message
    if data is not None:
        assert document.findtext("ApiError/ErrorData") == data


@pytest.mark.parametrize(
    ("method", "path", "status"), [("GET", "Dialog/", 405), ("GET", "Else", 404), ("POST", "Users", 405)]
)
async def test_unknown_addresses_get_the_containers_page(
    http: ClientSession, method: str, path: str, status: int
) -> None:
    async with http.request(method, f"{API}/{path}") as answer:
        assert (answer.status, answer.content_type) == (status, "text/html")


async def test_a_challenge_comes_with_bad_credentials(http: ClientSession) -> None:
    async with http.get(f"{API}/User/1001", headers={"Authorization": WRONG}) as answer:
        assert answer.headers["WWW-Authenticate"] == 'Basic realm="Cisco Finesse"'


async def test_bad_credentials_may_get_a_page(scene: Scenario) -> None:
    html = msgspec.structs.replace(scene, rest=Rest(https_port=-1, http_port=0, html_errors=True))
    async with (
        Simulator(html, RecordingServer()) as finesse,
        aiohttp.request("GET", f"{finesse.http_url}/{API}/User/1001") as answer,
    ):
        assert (answer.status, answer.content_type) == (401, "text/html")
        assert finesse.rest_url == ""


async def test_the_session_cookie_stands_for_the_credentials(finesse: Simulator) -> None:
    jar = aiohttp.CookieJar(unsafe=True)
    async with ClientSession(f"{finesse.http_url}/", cookie_jar=jar) as session:
        async with session.get(f"{API}/User/1001", headers={"Authorization": ANN}) as answer:
            assert "JSESSIONID" in answer.cookies
        async with session.get(f"{API}/User/1001") as answer:
            assert answer.status == 200
            assert "JSESSIONID" not in answer.cookies


async def test_a_body_that_is_too_long_is_refused(http: ClientSession) -> None:
    async with http.put(f"{API}/User/1001", data=b"x" * 70_000) as answer:
        assert answer.status == 413


async def test_requests_are_written_down_without_passwords(finesse: Simulator, http: ClientSession) -> None:
    body = "<User><password>secret</password></User>"
    async with http.put(f"{API}/User/1001?x=1", data=body, headers={"requestId": "i"}):
        pass
    (request,) = finesse.requests()
    assert (request.method, request.path, request.query) == ("PUT", "/finesse/api/User/1001", "x=1")
    assert (request.user, request.request_id, request.status) == ("1001", "i", 400)
    assert request.body == "<User><password>***</password></User>"
    assert "agent-secret" not in repr(request)
    finesse.clear_requests()
    assert finesse.requests() == []


async def test_waiting_for_a_request(finesse: Simulator, http: ClientSession) -> None:
    waiting = asyncio.ensure_future(finesse.wait_for_request("PUT", "/User/", user="1001"))
    async with http.get(f"{API}/User/1001"), http.put(f"{API}/User/1001", data=LOGIN):
        request = await waiting
    assert (request.number, request.status, request.path) == (2, 202, "/finesse/api/User/1001")
    with pytest.raises(TimeoutError):
        await finesse.wait_for_request("PUT", "/User/", after=2, deadline=0.01)


# ---- calls


async def test_a_call_by_requests(finesse: Simulator, http: ClientSession) -> None:
    await sign_in(finesse, http)
    async with http.put(f"{API}/User/1001", data="<User><state>READY</state></User>") as answer:
        assert answer.status == 202
    await finesse.wait_for_agent("1001", "READY")
    call = finesse.customer_call("5550188", "8800", {"callVariable1": "VIP"})
    await finesse.wait_for_call(call, "ALERTING")
    action = "<Dialog><targetMediaAddress>4001</targetMediaAddress><requestedAction>ANSWER</requestedAction></Dialog>"
    async with http.put(f"{API}/Dialog/{call}", data=action) as answer:
        assert answer.status == 202
    await finesse.wait_for_call(call, "ACTIVE")
    async with http.get(f"{API}/User/1001/Dialogs") as answer:
        dialogs = ET.XML(await answer.text())
    assert [dialog.findtext("id") for dialog in dialogs] == [call]
    assert dialogs.findtext("Dialog/mediaProperties/callvariables/CallVariable/value") == "VIP"
    async with http.get(f"{API}/Dialog/{call}") as answer:
        assert ET.XML(await answer.text()).findtext("state") == "ACTIVE"
    finesse.customer_hang_up(call)
    await finesse.wait_for_agent("1001", "WORK_READY")
    finesse.set_pace(500)
    await finesse.wait_for_agent("1001", "READY")
    await finesse.wait_for_call(call, "DROPPED")


async def test_making_a_call_by_request(finesse: Simulator, http: ClientSession) -> None:
    await sign_in(finesse, http)
    body = (
        "<Dialog><requestedAction>MAKE_CALL</requestedAction><fromAddress>4001</fromAddress>"
        "<toAddress>5550199</toAddress></Dialog>"
    )
    async with http.post(f"{API}/User/1001/Dialogs", data=body, headers={"requestId": "m"}) as answer:
        assert answer.status == 202
    await finesse.wait_until(lambda: any(call["state"] == "FAILED" for call in finesse.calls()))
    assert finesse.calls()[0]["parties"][0]["cause"] == "BUSY"


# ---- failures on purpose


async def test_a_refusal_on_purpose(finesse: Simulator, http: ClientSession) -> None:
    finesse.fail(Failure(kind="refuse", path="Dialogs", status=500, error_message="DB_RUNTIME_EXCEPTION"))
    async with http.get(f"{API}/User/1001/Dialogs") as answer:
        assert answer.status == 500
        assert ET.XML(await answer.text()).findtext("ApiError/ErrorMessage") == "DB_RUNTIME_EXCEPTION"
    async with http.get(f"{API}/User/1001/Dialogs") as answer:
        assert answer.status == 200


@pytest.mark.parametrize(
    ("path", "method", "node"),
    [("User/1001", "PUT", "/finesse/api/User/1001"), ("Dialog/5", "PUT", "/finesse/api/User/1001/Dialogs")],
)
async def test_a_control_failure_on_purpose(
    finesse: Simulator, http: ClientSession, path: str, method: str, node: str
) -> None:
    finesse.fail(Failure(kind="control_failure", code=34))
    async with http.request(method, f"{API}/{path}", data="<x/>", headers={"requestId": "c"}) as answer:
        assert answer.status == 202
    server = recorded(finesse)
    await finesse.wait_until(lambda: bool(server.published))
    assert server.published[0].node == node
    assert "CF_RESOURCE_OUT_OF_SERVICE" in server.published[0].payload
    assert f"<source>/finesse/api/{path}</source>" in server.published[0].payload


async def test_a_delay_on_purpose(finesse: Simulator, http: ClientSession) -> None:
    finesse.fail(Failure(kind="delay", seconds=1))
    begin = asyncio.get_running_loop().time()
    async with http.get(f"{API}/User/1001") as answer:
        assert answer.status == 200
    assert asyncio.get_running_loop().time() - begin >= 0.09  # a simulated second at ten times the pace


async def test_a_closed_connection_on_purpose(finesse: Simulator, http: ClientSession) -> None:
    finesse.fail(Failure(kind="close", times=0))
    with pytest.raises(aiohttp.ClientConnectionError):
        await http.put(f"{API}/User/1001", data=LOGIN)
    assert finesse.failures()
    finesse.clear_failures()


async def test_a_request_that_hangs_is_cut_by_the_stop(scene: Scenario) -> None:
    async with Simulator(scene, RecordingServer()) as finesse:
        finesse.fail(Failure(kind="hang"))
        waiting = asyncio.ensure_future(_fetch(f"{finesse.http_url}/{API}/SystemInfo"))
        await finesse.wait_until(lambda: bool(finesse.requests()))
        assert not waiting.done()
    with pytest.raises(aiohttp.ClientError):
        await waiting


async def _fetch(url: str) -> None:
    async with aiohttp.request("GET", url):
        pass


async def test_out_of_service_refuses_everything_but_system_info(finesse: Simulator, http: ClientSession) -> None:
    finesse.go_out_of_service("CTI lost")
    async with http.get(f"{API}/User/1001") as answer:
        document = ET.XML(await answer.text())
        assert answer.status == 503
    assert document.findtext("ApiError/ErrorType") == "Service Unavailable"
    assert document.findtext("ApiError/ErrorMessage") == "SERVER_OUT_OF_SERVICE"
    async with http.get(f"{API}/SystemInfo") as answer:
        assert ET.XML(await answer.text()).findtext("status") == "OUT_OF_SERVICE"
    finesse.go_into_service()
    async with http.get(f"{API}/User/1001") as answer:
        assert answer.status == 200
    nodes = [published.node for published in recorded(finesse).published]
    assert nodes == ["/finesse/api/SystemInfo"] * 2


async def test_a_login_name_is_no_address_on_uccx(scene: Scenario) -> None:
    uccx = msgspec.structs.replace(scene, deployment=Deployment.UCCX)
    async with (
        Simulator(uccx, RecordingServer()) as finesse,
        aiohttp.request("GET", f"{finesse.http_url}/{API}/User/ann", headers={"Authorization": ANN}) as answer,
    ):
        assert answer.status == 404
