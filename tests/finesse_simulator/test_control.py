"""The control door: every operation has a case here."""

from typing import Any

import aiohttp
import pytest

from finesse_simulator.control import OPERATIONS
from finesse_simulator.server_states import ServerState
from finesse_simulator.simulator import Simulator


async def ask(finesse: Simulator, method: str, path: str, body: object = None) -> tuple[int, Any]:
    async with aiohttp.request(method, finesse.control_url + path, json=body) as answer:
        return answer.status, await answer.json()


async def test_the_menu_lists_every_operation(finesse: Simulator) -> None:
    status, menu = await ask(finesse, "GET", "/")
    assert status == 200
    assert set(menu) == {f"{operation.method} {operation.path}" for operation in OPERATIONS}


async def test_looking(finesse: Simulator) -> None:
    _, state = await ask(finesse, "GET", "/state")
    assert (state["deployment"], state["inService"], state["pace"]) == ("UCCE", True, 10.0)
    assert [agent["id"] for agent in state["agents"]] == ["1001", "1002", "1003"]
    assert (await ask(finesse, "GET", "/agents/1001"))[1]["state"] == "LOGOUT"
    assert (await ask(finesse, "GET", "/calls"))[1] == []


async def test_customers_and_phones(finesse: Simulator) -> None:
    body = {"from": "5550188", "to": "4002", "variables": {"callVariable1": "VIP"}}
    status, answer = await ask(finesse, "POST", "/calls", body)
    assert status == 200
    call = f"/calls/{answer['id']}"
    assert (await ask(finesse, "GET", call))[1]["variables"]["callVariable1"] == "VIP"
    assert (await ask(finesse, "POST", f"{call}/answer"))[0] == 400
    assert await ask(finesse, "POST", "/phones/4002/answer") == (200, {})
    assert (await ask(finesse, "GET", call))[1]["state"] == "ACTIVE"
    assert await ask(finesse, "POST", "/phones/4002/hang-up") == (200, {})
    assert await ask(finesse, "GET", call) == (404, {"error": f"there is no {answer['id']}"})
    _, answer = await ask(finesse, "POST", "/calls", {"to": "8800"})
    assert await ask(finesse, "POST", f"/calls/{answer['id']}/hang-up") == (200, {})


async def test_many_customers(finesse: Simulator) -> None:
    """They come at their planned times and go again; what was told names when it was due and when it left."""
    finesse.set_agent_state("1001", "LOGIN", extension="4001")
    await finesse.wait_for_agent("1001", "NOT_READY")
    finesse.set_agent_state("1001", "READY")
    await finesse.wait_for_agent("1001", "READY")
    load = {"callsPerSecond": 10, "seconds": 0.3, "talkSeconds": 2, "variables": {"callVariable1": "VIP"}}
    assert await ask(finesse, "POST", "/load", load) == (200, {"calls": 3})
    await finesse.wait_until(lambda: len(finesse.calls()) == 3)
    assert {call["variables"]["callVariable1"] for call in finesse.calls()} == {"VIP"}
    await finesse.wait_until(lambda: not finesse.calls())
    _, told = await ask(finesse, "GET", "/notices/0")
    assert all(one["due"] <= one["left"] for one in told)
    assert (await ask(finesse, "POST", "/load", load | {"to": "4001"}))[0] == 400
    assert (await ask(finesse, "POST", "/load", load | {"seconds": 0}))[0] == 400


async def test_campaigns(finesse: Simulator) -> None:
    finesse.set_agent_state("1001", "LOGIN", extension="4001")
    await finesse.wait_for_agent("1001", "NOT_READY")
    finesse.set_agent_state("1001", "READY")
    await finesse.wait_for_agent("1001", "READY")
    body = {"for": "Renewals", "customer": "5550188", "variables": {"BAAccountNumber": "7788"}}
    status, answer = await ask(finesse, "POST", "/outbound/preview", body)
    assert status == 200
    assert finesse.call(answer["id"])["variables"]["BAAccountNumber"] == "7788"
    assert (await ask(finesse, "POST", "/outbound/progressive", {"for": "1001", "customer": "5550188"}))[0] == 400
    await finesse.wait_for_agent("1001", "RESERVED_OUTBOUND_PREVIEW")
    await finesse.wait_for_call(answer["id"], "ACTIVE")
    assert await ask(finesse, "POST", f"/calls/{answer['id']}/hang-up") == (200, {})
    await finesse.wait_for_agent("1001", "READY")
    status, _ = await ask(finesse, "POST", "/outbound/progressive", {"for": "1001", "customer": "5550188"})
    assert status == 200
    await finesse.wait_for_agent("1001", "RESERVED_OUTBOUND")


async def test_an_agent_at_another_desktop(finesse: Simulator) -> None:
    assert await ask(finesse, "PUT", "/agents/1001/state", {"state": "LOGIN", "extension": "4001"}) == (200, {})
    await finesse.wait_for_agent("1001", "NOT_READY")
    body = {"state": "NOT_READY", "reasonCodeId": "31"}
    assert await ask(finesse, "PUT", "/agents/1001/state", body) == (200, {})
    await finesse.wait_until(lambda: finesse.agent("1001")["reasonCode"] == 27)


async def test_tokens(finesse: Simulator) -> None:
    status, grant = await ask(finesse, "POST", "/tokens", {"user": "1001"})
    assert (status, sorted(grant)) == (200, ["refresh_token", "token"])
    assert await ask(finesse, "POST", "/tokens/expire", {"user": "1001"}) == (200, {})
    assert (await ask(finesse, "POST", "/tokens", {"user": "9"}))[0] == 404


async def test_queues(finesse: Simulator) -> None:
    assert await ask(finesse, "PUT", "/queues/5033", {"agents": ["1001"]}) == (200, {})
    assert await ask(finesse, "DELETE", "/queues/5033") == (200, {})
    assert await ask(finesse, "DELETE", "/queues/5033") == (404, {"error": "there is no 5033"})


async def test_pace_service_and_sessions(finesse: Simulator) -> None:
    assert await ask(finesse, "PUT", "/pace", {"pace": 20}) == (200, {})
    assert finesse.pace == 20
    assert await ask(finesse, "POST", "/out-of-service", {"reason": "test"}) == (200, {})
    assert finesse.state()["inService"] is False
    assert await ask(finesse, "POST", "/in-service") == (200, {})
    assert finesse.state()["inService"] is True
    assert await ask(finesse, "POST", "/disconnect", {"user": "1001"}) == (200, {})
    assert await ask(finesse, "PUT", "/web-application", {"available": False}) == (200, {})
    assert await ask(finesse, "PUT", "/sessions", {"available": False}) == (200, {})


async def test_servers_forced_sign_outs_and_counters(finesse: Simulator) -> None:
    for state in ServerState:
        assert await ask(finesse, "PUT", "/servers/A", {"state": state}) == (200, {})
        assert [(one["name"], one["state"]) for one in finesse.state()["servers"]] == [("A", state)]
    assert await ask(finesse, "PUT", "/servers/A", {"state": "up"}) == (200, {})
    finesse.set_agent_state("1001", "LOGIN", extension="4001")
    await finesse.wait_for_agent("1001", "NOT_READY")
    assert await ask(finesse, "POST", "/forced-logout", {"user": "1001", "server": "A"}) == (200, {"users": ["1001"]})
    assert await ask(finesse, "POST", "/forced-logout", {"user": "1002"}) == (200, {"users": []})
    assert await ask(finesse, "POST", "/forced-logout", {"user": None, "server": "A"}) == (200, {"users": ["1001"]})
    status, counters = await ask(finesse, "GET", "/counters")
    assert (status, counters) == (200, finesse.counters())
    assert (counters["forced_logouts"], counters["sign_ins"]) == (2, 1)
    assert await ask(finesse, "DELETE", "/counters") == (200, {})
    assert (await ask(finesse, "GET", "/counters"))[1]["forced_logouts"] == 0


async def test_a_server_that_cannot_come_back_says_why(finesse: Simulator) -> None:
    assert await ask(finesse, "PUT", "/servers/A", {"state": "rest_down"}) == (200, {})
    finesse.server("A").rest.http_port = int(finesse.control_url.rpartition(":")[2])
    status, answer = await ask(finesse, "PUT", "/servers/A", {"state": "up"})
    assert status == 500
    assert "address already in use" in answer["error"]


async def test_failures_and_requests(finesse: Simulator) -> None:
    failure = {"kind": "refuse", "method": "GET", "path": "Users", "status": 503, "errorType": "Service Unavailable"}
    assert await ask(finesse, "POST", "/failures", failure) == (200, {})
    assert (await ask(finesse, "GET", "/failures"))[1][0]["errorType"] == "Service Unavailable"
    async with aiohttp.request("GET", f"{finesse.http_url}/finesse/api/Users") as answer:
        assert answer.status == 503
    _, requests = await ask(finesse, "GET", "/requests")
    assert [(request["path"], request["status"]) for request in requests] == [("/finesse/api/Users", 503)]
    assert await ask(finesse, "DELETE", "/requests") == (200, {})
    assert await ask(finesse, "DELETE", "/failures") == (200, {})


@pytest.mark.parametrize(
    ("method", "path", "body", "status", "why"),
    [
        ("PUT", "/pace", {"pace": 0}, 400, "greater than 0"),
        ("PUT", "/pace", {"speed": 1}, 400, "unknown field `speed`"),
        ("POST", "/calls", {}, 400, "missing required field `to`"),
        ("POST", "/calls", {"to": "777"}, 400, "neither a queue nor an extension"),
        ("POST", "/calls/9/hang-up", None, 404, "there is no 9"),
        ("POST", "/calls/x/hang-up", None, 400, "invalid literal"),
        ("POST", "/failures", {"kind": "explode"}, 400, "Invalid enum value"),
        ("PUT", "/agents/1001/state", {"state": "DANCE"}, 400, "Invalid State specified for user"),
        ("GET", "/agents/9", None, 404, "there is no 9"),
        ("PUT", "/servers/A", {"state": "tired"}, 400, "Invalid enum value 'tired'"),
        ("PUT", "/servers/B", {"state": "up"}, 404, "there is no B"),
        ("POST", "/forced-logout", {"user": "9"}, 404, "there is no 9"),
        ("POST", "/forced-logout", {"server": "C"}, 404, "there is no C"),
    ],
)
async def test_mistakes(finesse: Simulator, *, method: str, path: str, body: object, status: int, why: str) -> None:
    answered, content = await ask(finesse, method, path, body)
    assert answered == status
    assert why in content["error"]


async def test_the_book_of_what_was_told(finesse: Simulator) -> None:
    """A sign-in and a call stand in the book, and one who has read to a number gets the rest."""
    finesse.set_agent_state("1001", "LOGIN", extension="4001")
    await finesse.wait_for_agent("1001", "NOT_READY")
    _, answer = await ask(finesse, "POST", "/calls", {"from": "5550188", "to": "4001"})
    await ask(finesse, "POST", "/phones/4001/answer")
    await finesse.wait_for_agent("1001", "TALKING")
    status, told = await ask(finesse, "GET", "/notices/0")
    assert status == 200
    assert [one["number"] for one in told] == list(range(1, len(told) + 1))
    assert (await ask(finesse, "GET", "/notices/2"))[1] == told[2:]
    states = [one["state"] for one in told if one["subject"] == "user"]
    calls = {(one["event"], one["dialog"], one["state"]) for one in told if one["subject"] == "dialog"}
    assert (states[0], states[-1]) == ("NOT_READY", "TALKING")
    assert ("POST", answer["id"], "ALERTING") in calls
