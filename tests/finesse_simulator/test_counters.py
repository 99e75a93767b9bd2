"""What is counted, for tests with many agents."""

from __future__ import annotations

import asyncio
from contextlib import AsyncExitStack

import pytest

from finesse_simulator.counters import SessionCounts
from finesse_simulator.servers import Server
from notification_clients.raw import RawClient
from notification_clients.two_servers import agent_at, ask, two_servers
from notification_clients.waiting import until

CALL = (
    "<Dialog><requestedAction>MAKE_CALL</requestedAction><fromAddress>{}</fromAddress>"
    "<toAddress>{}</toAddress></Dialog>"
)


@pytest.mark.parametrize(
    ("times", "peak"),
    [([], 0), ([0.0], 1), ([0.0, 0.5, 0.9], 3), ([0.0, 1.0, 2.0], 1), ([0.0, 0.2, 0.9, 1.1, 1.15, 5.0], 4)],
)
def test_the_peak_is_the_most_of_any_second(times: list[float], peak: int) -> None:
    counts = SessionCounts()
    for time in times:
        counts.came(time)
    assert (counts.peak, counts.opened, counts.now) == (peak, len(times), len(times))


async def test_everything_is_counted_where_it_happens() -> None:
    async with two_servers() as finesse:
        first, second = finesse.server("A"), finesse.server("B")
        async with agent_at(first), agent_at(second), agent_at(second, "1002"):
            login = "<User><state>LOGIN</state><extension>{}</extension></User>"
            assert (await ask(first, "User/1001", method="PUT", body=login.format("4001")))[0] == 202
            assert (await ask(second, "User/1002", user="1002", method="PUT", body=login.format("4002")))[0] == 202
            for user in ("1001", "1002"):
                await finesse.wait_for_agent(user, "NOT_READY")
            assert (await ask(second, "User/1001"))[0] == 200
            assert (await ask(first, "User/1001/Dialogs", method="POST", body=CALL.format(4001, 4002)))[0] == 202
            assert (await ask(first, "User/1001/Dialogs", method="POST", body=CALL.format(4001, 4001)))[0] == 400
            await finesse.wait_until(lambda: bool(finesse.calls()))
            call = finesse.calls()[0]["id"]
            assert (await ask(first, f"Dialog/{call}"))[0] == 200
            assert (await ask(first, "User/1001/Dialogs"))[0] == 200
            assert (await ask(first, "Nothing"))[0] == 404
            during = finesse.counters()
            finesse.clear_counters()
            left = {name: count for name, count in finesse.counters().items() if count not in (0, {})}
        await finesse.wait_until(lambda: finesse.counters()["sessions_now"] == {"A": 0, "B": 0})
        assert during == {
            "forced_logouts": 0,
            "late_forced_logouts": 0,
            "sign_ins": 2,
            "sign_outs": 0,
            "calls_dialled": {"1001": 1},
            "sessions_opened": 3,
            "sessions_opened_by_server": {"A": 1, "B": 2},
            "sessions_now": {"A": 1, "B": 2},
            "sessions_peak_per_second": during["sessions_peak_per_second"],
            "user_reads": 1,
            "dialog_reads": 2,
            "requests": {
                "A": {
                    "GET /Dialog/{dialog}": 1,
                    "GET /User/{user}/Dialogs": 1,
                    "POST /User/{user}/Dialogs": 2,
                    "PUT /User/{user}": 1,
                    "other": 1,
                },
                "B": {"GET /User/{user}": 1, "PUT /User/{user}": 1},
            },
        }
        assert during["sessions_peak_per_second"]["A"] == 1
        assert left == {
            "sessions_opened_by_server": {"A": 0, "B": 0},
            "sessions_now": {"A": 1, "B": 2},
            "sessions_peak_per_second": {"A": 0, "B": 0},
            "requests": {"A": {}, "B": {}},
        }


async def test_two_hundred_agents_lose_their_server_and_none_is_signed_out() -> None:
    """They all come to the other server, fifty at a time."""
    users = [str(number) for number in range(1001, 1201)]
    async with two_servers(len(users), pace=1.0) as finesse, AsyncExitStack() as stack:
        first, second = finesse.server("A"), finesse.server("B")
        for user in users:
            finesse.set_agent_state(user, "LOGIN", extension=str(int(user) + 3000))
        await finesse.wait_until(lambda: finesse.counters()["sign_ins"] == len(users))
        few = asyncio.Semaphore(50)

        async def attached(server: Server, user: str) -> RawClient:
            async with few:
                client = await stack.enter_async_context(RawClient(server.xmpp_port, domain=server.domain))
                await client.sign_in(user, password=f"agent-secret-{user}")
                return client

        clients = await asyncio.gather(*(attached(first, user) for user in users))
        assert finesse.counters()["sessions_now"] == {"A": 200, "B": 0}
        await finesse.set_server_state("A", "killed")
        assert {await client.rest() for client in clients} == {""}
        moved = await asyncio.gather(*(attached(second, user) for user in users))
        finesse.set_agent_state("1200", "READY")
        assert "READY" in await moved[-1].read("</message>")
        finesse.set_pace(1000.0)
        agents = finesse.engine.world.agents.values()
        await until(lambda: not any(agent.farewells for agent in agents))
        counters = finesse.counters()
        assert (counters["sessions_now"], counters["forced_logouts"]) == ({"A": 0, "B": 200}, 0)
