"""No planted password and no token comes to light: not in the log, not in metrics, not in a crash, not in a repr."""

from __future__ import annotations

import asyncio
import io
import traceback
from base64 import b64encode
from collections.abc import Callable
from typing import Any, cast
from urllib.parse import quote
from xml.sax.saxutils import escape

import pytest
from aiohttp import web
from msgspec.structs import replace as replaced
from prometheus_client import generate_latest

from finesse_simulator.rest.failures import Failure
from generic_connector.agents.handlers import HANDLERS, Handler
from generic_connector.agents.hearing import Hearing
from generic_connector.agents.hub import Hub
from generic_connector.agents.inbox import Inbox
from generic_connector.conformance.broker import MemoryBroker
from generic_connector.conformance.cases import all_cases
from generic_connector.conformance.control import Control
from generic_connector.conformance.play import Outcome, play_all
from generic_connector.conformance.run import a_scene
from generic_connector.conformance.site import a_site
from generic_connector.protocol.formats import Format
from generic_connector.recording.door import RecordedCall, RecorderUnavailable
from generic_connector.recording.http import HttpRecorder, RecorderSettings
from journeys.canaries import assert_not_shown, assert_nowhere, planted
from journeys.planting import MISPLACED, agents, password_of
from journeys.world import World, a_world
from journeys.world import a_scenario as a_journey

AGENT = planted()["agent password"]


HIDDEN = {
    "as it is": AGENT,
    "SASL": f"<auth>{b64encode(f'x{AGENT}y'.encode()).decode()}</auth>",
    **{f"Base64 after {n}": b64encode(bytes(n) + AGENT.encode() + b"tail").decode() for n in range(7)},
    "URL": f"?password={quote(AGENT)}",
    "XML": escape(AGENT),
    "repr": repr({"password": AGENT}),
    "ASCII": ascii(AGENT),
    "UTF-16": AGENT.encode("utf-16-le").decode("latin-1"),
    "hexadecimal": AGENT.encode().hex(),
    "its beginning": AGENT[:16],
}


@pytest.mark.parametrize("hidden", HIDDEN.values(), ids=HIDDEN)
def test_the_search_finds_every_guise(hidden: str) -> None:
    """In text and in bytes, wherever it lies."""
    for content in (f"before {hidden} behind", f"before{hidden}behind".encode("latin-1", "replace")):
        with pytest.raises(AssertionError, match="agent password") as caught:
            assert_nowhere(content, where="the log")
        assert AGENT not in str(caught.value)
    assert_nowhere("nothing of the kind", "further secret")
    with pytest.raises(AssertionError, match="a further secret"):
        assert_nowhere(b"\0further secret\0", "further secret")


@pytest.mark.conformance
@pytest.mark.usefixtures("people")
@pytest.mark.parametrize("uccx", [False, True], ids=["UCCE", "UCCX"])
async def test_the_whole_suite(log: io.StringIO, *, uccx: bool) -> None:
    """Every command, event and error of the protocol, all that the libraries say as well."""
    broker, failed = MemoryBroker(), []
    async with a_site(broker, uccx=uccx, agents=agents(uccx=uccx)) as site, Control(site.control_url) as control:
        scene = a_scene(broker, control, Format.JSON, uccx=uccx, patience=5.0)
        played = 0
        async for result in play_all(scene, all_cases(uccx=uccx)):
            failed += [f"{result.case.name}: {result.reason}"] if result.outcome is Outcome.FAILED else []
            played += 1
            if played % 40 == 0:
                assert_not_shown()
    assert len(failed) < played / 10, failed  # what is looked for is secrets; a busy machine may be late here and there
    assert '"level": "debug"' in log.getvalue()
    assert_nowhere(log.getvalue(), where="the log")
    assert_nowhere(generate_latest(), where="/metrics")


# --- trouble, in one process


class Fault(Exception):  # noqa: N818  not an error of anybody's
    """A mistake of ours that shows all that it has at hand."""


def failing(secret: str) -> Callable[..., Any]:
    """Give what stands for a method that goes wrong, and says so with all that it has at hand."""

    def fail(*given: object) -> None:
        raise Fault(f"{given} {secret!r} {secret}")

    return fail


@pytest.mark.parametrize("sso", ["", ",SSO"], ids=["password", "token"])
async def test_trouble(log: io.StringIO, monkeypatch: pytest.MonkeyPatch, sso: str) -> None:
    """Wrong and misplaced secrets, a Finesse that refuses, fails and closes, faults in every place that knows one."""
    secret = password_of("1001")
    site = a_journey(system_auth_mode="SSO" if sso else "NON_SSO")
    everybody = tuple(replaced(one, password=password_of(one.id), sso=bool(sso)) for one in site.agents)
    async with a_world(replaced(site, agents=everybody), retry_delay=0.02) as world:
        if sso:
            secret = world.finesse.issue_token("1001")["token"]
        for bad in (planted()["wrong password"], planted()["old password"]):
            world.send("Connect#1001", f"CRM1,{bad}{sso}")
            await world.hears_up_to("CRM1", "SUBSCRIPTION_FAILED")
        for command, body in MISPLACED:
            world.send(
                command, body.format(password=secret) + (sso if command == "Connect#1001" else ""), reply_to="CRM1"
            )
        world.send("Connect#1001", f"CRM1,{secret}{sso}")
        for command, body in MISPLACED[6:]:
            world.send(command, body.format(password=secret), reply_to="CRM1")
        world.send("Login#1001", f"{secret},4001")
        await world.hears_up_to("CRM1", "#DialogStatus#")
        await in_every_way(world, secret, sso)
        fail = failing(secret)
        with monkeypatch.context() as faulty:
            faulty.setitem(cast("dict[str, Handler]", HANDLERS), "GetState", fail)
            faulty.setattr(Hub, "_connect", fail)
            faulty.setattr(Hearing, "hear", fail)
            world.send("GetState#1001")
            world.send("Connect#1001", f"CRM1,{secret}{sso}")
            await world.hears_up_to("CRM1", "could not carry out")
            await world.finesse.wait_for_session("1001")
            world.finesse.customer_call("5551230001", "4001")
            await told(log, "notification failed")
            faulty.setattr(Inbox, "take_work", fail)
            world.send("Login#1001", f"{secret},4001")
            await told(log, "agent crashed")
        assert_not_shown(secret)
    for event in ("message failed", "command crashed", "notification failed", "agent crashed", "command refused"):
        assert f'"{event}"' in log.getvalue(), event
    assert_nowhere(log.getvalue(), secret, where="the log")
    assert_nowhere(generate_latest(), secret, where="/metrics")


async def in_every_way(world: World, secret: str, sso: str) -> None:
    """Let Finesse fail in every way in which it can, and go away, and the broker with it."""
    failures = [
        Failure(kind="refuse", method="PUT", times=2, error_message=f"bad password {secret}"),
        Failure(kind="refuse", method="PUT", times=2, status=401, error_type=secret),
        Failure(kind="close", method="PUT", times=2),
    ]
    for failure in failures:
        world.finesse.fail(failure)
        world.send("MakeReady#1001")
        world.send("Login#1001", f"{secret},4001")
        await world.hears_up_to("CRM1", "#Error#")
        world.finesse.clear_failures()
        world.send("Connect#1001", f"CRM1,{secret}{sso}")
        world.send("Login#1001", f"{secret},4001")
        await world.hears_up_to("CRM1", "#DialogStatus#")
    world.door.cut()
    world.send("GetState#1001")
    world.door.restore()
    world.finesse.disconnect("1001")
    await world.hears_up_to("CRM1", "#DialogStatus#")
    world.finesse.go_out_of_service()
    await world.hears_up_to("CRM1", "OUT_OF_SERVICE")
    world.finesse.go_into_service()
    await world.hears_up_to("CRM1", "IN_SERVICE")


async def told(log: io.StringIO, event: str) -> None:
    """Wait until something is in the log."""
    async with asyncio.timeout(10):
        while f'"{event}"' not in log.getvalue():  # noqa: ASYNC110  a text tells nobody when it changes
            await asyncio.sleep(0.01)


@pytest.mark.parametrize("url", ["http://127.0.0.1:1/pause", "http://127.0.0.1:{port}/pause"], ids=["away", "failing"])
async def test_a_recorder_that_fails(log: io.StringIO, url: str) -> None:
    """What it is asked with shows neither in the log nor in what the command fails with."""
    secret = planted()["recorder authorization"].encode("ascii", "ignore").decode()  # HTTP headers are ASCII
    app = web.Application()  # without any page: it answers 404
    runner = web.AppRunner(app, access_log=None)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    address = url.format(port=runner.addresses[0][1])
    settings = RecorderSettings(pause_url=address, resume_url=address, headers={"Authorization": f"Bearer {secret}"})
    recorder = HttpRecorder(settings)
    with pytest.raises(RecorderUnavailable) as caught:
        await recorder.pause(RecordedCall(agent_id="1001", login_name="ann", extension="4001", dialog_id="1"))
    assert_not_shown(secret)
    await recorder.close()
    await runner.cleanup()
    told = "".join(traceback.format_exception(caught.value, chain=True))
    assert_nowhere(told + repr(settings) + log.getvalue(), secret)
