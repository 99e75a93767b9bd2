"""Single sign-on: finesse-rest.md sections 1 and 1.1."""

import asyncio
from collections.abc import AsyncIterator
from xml.etree import ElementTree as ET

import aiohttp
import msgspec
import pytest
from aiohttp import ClientSession, encode_basic_auth

from finesse_simulator.recording import RecordingServer
from finesse_simulator.scenario import Scenario, Sso
from finesse_simulator.simulator import Simulator

USER = "finesse/api/User/1001"
TOKEN = "desktop/sso/token"
ANN = encode_basic_auth("ann", "agent-secret-1001")


def bearer(token: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {token}"}


@pytest.fixture
def scene(scene: Scenario) -> Scenario:
    return msgspec.structs.replace(scene, system_auth_mode="SSO", sso=Sso(token_seconds=1000.0))


@pytest.fixture
async def http(finesse: Simulator) -> AsyncIterator[ClientSession]:
    """Give a client that keeps cookies and has no credentials."""
    jar = aiohttp.CookieJar(unsafe=True)
    async with ClientSession(f"{finesse.http_url}/", cookie_jar=jar) as session:
        yield session


async def test_system_info_says_so(http: ClientSession) -> None:
    async with http.get("finesse/api/SystemInfo") as answer:
        assert ET.XML(await answer.text()).findtext("systemAuthMode") == "SSO"


async def test_a_token_opens_the_doors_until_it_runs_out(finesse: Simulator, http: ClientSession) -> None:
    token = finesse.issue_token("1001")["token"]
    async with http.get(USER, headers=bearer(token)) as answer:
        assert answer.status == 200
        assert "JSESSIONID" not in answer.cookies
    assert finesse.check_password("1001", token)
    assert not finesse.check_password("1002", token)
    assert not finesse.check_password("1001", "agent-secret-1001")
    assert [request.user for request in finesse.requests()] == ["1001"]
    finesse.expire_tokens()
    async with http.get(USER, headers=bearer(token)) as answer:
        document = ET.XML(await answer.text())
        assert (answer.status, answer.headers["WWW-Authenticate"]) == (401, 'Bearer realm="Cisco Finesse"')
    assert (document.findtext("ApiError/ErrorType"), document.findtext("ApiError/ErrorData")) == (
        "Authorization Failure",
        "1001",
    )
    assert not finesse.check_password("1001", token)


async def test_tokens_run_out_at_the_pace(finesse: Simulator, http: ClientSession) -> None:
    token = finesse.issue_token("1001")["token"]
    finesse.set_pace(100_000)
    await asyncio.sleep(0.02)  # two thousand simulated seconds
    async with http.get(USER, headers=bearer(token)) as answer:
        assert answer.status == 401


@pytest.mark.parametrize("authorization", [ANN, "Bearer made-up", "Bearer ", ""])
async def test_other_credentials_are_refused(http: ClientSession, authorization: str) -> None:
    async with http.get(USER, headers={"Authorization": authorization}) as answer:
        assert answer.status == 401


async def test_the_administrator_still_has_a_password(http: ClientSession) -> None:
    headers = {"Authorization": encode_basic_auth("administrator", "administrator-secret")}
    async with http.get("finesse/api/Users", headers=headers) as answer:
        assert answer.status == 200


async def test_a_token_is_handed_out_and_renewed(http: ClientSession) -> None:
    query = {"cc_username": "ann", "return_refresh_token": "true"}
    async with http.get(TOKEN, params=query, headers={"Authorization": ANN}) as answer:
        grant = await answer.json()
    assert answer.status == 200
    assert (grant["user_id"], grant["user_principal"]) == ("ann", "ann@finesse.example")
    assert grant["expires_in"] == 100  # real seconds, at ten times the pace
    form = {"cc_username": "ann", "token": grant["token"], "refresh-token": grant["refresh_token"]}
    async with http.post(TOKEN, data=form) as answer:
        renewed = await answer.json()
        assert (answer.status, sorted(renewed)) == (200, ["expires_in", "token", "user_id", "user_principal"])
    assert renewed["token"] != grant["token"]
    for token in (grant["token"], renewed["token"]):
        async with http.get(USER, headers=bearer(token)) as answer:
            assert answer.status == 200
    async with http.post(TOKEN, data=form) as answer:
        assert answer.status == 401  # a refresh token is good for once


async def test_tokens_are_not_written_down(finesse: Simulator, http: ClientSession) -> None:
    form = {"cc_username": "ann", "token": "secret-1", "refresh-token": "secret-2"}
    async with http.post(TOKEN, data=form) as answer:
        assert answer.status == 401
    assert finesse.requests()[0].body == "cc_username=ann&token=***&refresh-token=***"


@pytest.mark.parametrize(
    ("query", "authorization", "status"),
    [
        ({"cc_username": "ann"}, "", 302),
        ({"cc_username": "ann"}, encode_basic_auth("ann", "wrong"), 401),
        ({"cc_username": "bob"}, ANN, 401),
        ({"cc_username": "9"}, ANN, 400),
        ({}, ANN, 400),
    ],
)
async def test_how_a_token_is_refused(
    http: ClientSession, query: dict[str, str], authorization: str, status: int
) -> None:
    headers = {"Authorization": authorization} if authorization else {}
    async with http.get(TOKEN, params=query, headers=headers, allow_redirects=False) as answer:
        assert answer.status == status


async def test_renewing_needs_a_refresh_token(finesse: Simulator, http: ClientSession) -> None:
    async with http.post(TOKEN, data={"cc_username": "ann"}) as answer:
        assert answer.status == 400
    form = {"cc_username": "bob", "refresh-token": finesse.issue_token("1001")["refresh_token"]}
    async with http.post(TOKEN, data=form) as answer:
        assert answer.status == 401
    async with http.get("desktop/sso/test") as answer:
        assert answer.status == 200


async def test_hybrid_lets_each_user_have_one_way(scene: Scenario) -> None:
    ann = msgspec.structs.replace(scene.agents[0], sso=True)
    hybrid = msgspec.structs.replace(scene, system_auth_mode="HYBRID", agents=(ann, *scene.agents[1:]))
    bob = encode_basic_auth("bob", "agent-secret-1002")
    async with Simulator(hybrid, RecordingServer()) as finesse:
        tokens = {user: f"Bearer {finesse.issue_token(user)['token']}" for user in ("1001", "1002")}
        statuses = []
        for user, authorization in (("1001", tokens["1001"]), ("1001", ANN), ("1002", tokens["1002"]), ("1002", bob)):
            url = f"{finesse.http_url}/finesse/api/User/{user}"
            async with aiohttp.request("GET", url, headers={"Authorization": authorization}) as answer:
                statuses.append(answer.status)
        assert statuses == [200, 401, 401, 200]
        assert finesse.check_password("1002", "agent-secret-1002")


async def test_without_single_sign_on_there_are_no_tokens(scene: Scenario) -> None:
    plain = msgspec.structs.replace(scene, system_auth_mode="NON_SSO")
    async with Simulator(plain, RecordingServer()) as finesse:
        url = f"{finesse.http_url}/{TOKEN}?cc_username=ann"
        async with aiohttp.request("GET", url, headers={"Authorization": ANN}) as answer:
            assert answer.status == 400
