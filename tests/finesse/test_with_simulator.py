"""The whole door against the whole simulator, by HTTPS and direct TLS: they share no parser."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import msgspec
import pytest

from finesse.test_cluster import Verdicts
from finesse.test_xmpp import Owner
from finesse_simulator import scenario
from finesse_simulator.notification_servers import make_simulator
from finesse_simulator.simulator import Simulator
from finesse_simulator.xmpp.server import XmppServer
from generic_connector.finesse import payloads
from generic_connector.finesse.cluster import FinesseCluster
from generic_connector.finesse.failures import NotAuthorised, OutOfService, Refused, command_error
from generic_connector.finesse.model import (
    Credentials,
    DialogsAdded,
    NotificationContent,
    RequestRefused,
    SystemInfoChanged,
    UserChanged,
)
from generic_connector.finesse.requests import build
from generic_connector.finesse.settings import FinesseSettings


@pytest.fixture
def verdicts() -> Verdicts:
    return Verdicts()


@pytest.fixture
async def simulator() -> AsyncIterator[Simulator]:
    chosen = scenario.default()
    chosen = msgspec.structs.replace(
        chosen,
        rest=msgspec.structs.replace(chosen.rest, https_port=0),
        xmpp=msgspec.structs.replace(chosen.xmpp, plain_port=-1, tls_port=0),
        control=msgspec.structs.replace(chosen.control, port=0),
    )
    async with make_simulator(chosen) as simulator:
        yield simulator


@pytest.fixture
async def cluster(simulator: Simulator, verdicts: Verdicts, tmp_path: Path) -> AsyncIterator[FinesseCluster]:
    ca_file = tmp_path / "finesse.pem"
    ca_file.write_text(simulator.certificate.certificate, encoding="ascii")
    assert isinstance(simulator.notification_server, XmppServer)
    port = simulator.notification_server.tls_port or 0
    cluster = FinesseCluster(FinesseSettings(nodes=(simulator.rest_url,), tls_ca_file=ca_file, xmpp_port=port))
    await cluster.start(verdicts)
    yield cluster
    await cluster.stop()


@pytest.fixture
def ann() -> Credentials:
    agent = scenario.default().agents[0]
    return Credentials(user_id=agent.id, secret=agent.password)


def contents(owner: Owner, kind: type[NotificationContent]) -> list[NotificationContent]:
    return [heard.content for heard in owner.heard if isinstance(heard.content, kind)]


async def heard_of(owner: Owner, kind: type[NotificationContent], count: int = 1) -> list[NotificationContent]:
    async with asyncio.timeout(5):
        while len(found := contents(owner, kind)) < count:
            owner.news.clear()
            await owner.news.wait()
    return found


async def test_an_agent_signs_in_and_is_rung(simulator: Simulator, cluster: FinesseCluster, ann: Credentials) -> None:
    owner = Owner()
    extension = scenario.default().devices[0].extension
    session = await cluster.open_session(ann, owner.on_notification, owner.on_closed)
    answer = await cluster.request(build("sign_in", user_id=ann.user_id, extension=extension), ann, "r-1")
    assert (answer.status, answer.body) == (202, "")
    await heard_of(owner, UserChanged)
    assert owner.heard[0].request_id == "r-1"
    user = payloads.parse_user((await cluster.request(build("user", user_id=ann.user_id), ann)).body)
    assert (user.login_id, user.state, user.extension) == (ann.user_id, "NOT_READY", extension)

    await cluster.request(build("change_state", user_id=ann.user_id, state="READY"), ann, "r-2")
    await heard_of(owner, UserChanged, 2)
    simulator.customer_call("5550188", extension, {"callVariable1": "a & b"})
    [added] = await heard_of(owner, DialogsAdded)
    assert isinstance(added, DialogsAdded)
    assert added.dialogs[0].from_address == "5550188"
    assert ("callVariable1", "a & b") in added.dialogs[0].call_variables

    listed = payloads.parse_dialogs((await cluster.request(build("dialogs", user_id=ann.user_id), ann)).body)
    assert [dialog.id for dialog in listed] == [added.dialogs[0].id]
    hold = build("take_action", dialog_id=listed[0].id, action="HOLD", target_media_address=extension)
    await cluster.request(hold, ann, "r-3")
    [refusal] = await heard_of(owner, RequestRefused)
    assert isinstance(refusal, RequestRefused)
    assert command_error(refusal.errors, "take_action").code == "CF_GENERIC_UNSPECIFIED"
    await session.close()
    await cluster.stop()
    await nothing_of_ours_is_left()


async def nothing_of_ours_is_left() -> None:
    assert not [task for task in asyncio.all_tasks() if "slixmpp" in repr(task)]


async def test_lists_are_read(cluster: FinesseCluster, ann: Credentials) -> None:
    codes = await cluster.request(build("reason_codes", user_id=ann.user_id, category="NOT_READY"), ann)
    expected = [code.label for code in scenario.default().reason_codes if code.category == "NOT_READY"]
    assert [code.label for code in payloads.parse_reason_codes(codes.body)] == expected
    reasons = await cluster.request(build("wrap_up_reasons", user_id=ann.user_id), ann)
    assert len(payloads.parse_wrap_up_reasons(reasons.body)) == len(scenario.default().wrap_up_reasons)


async def test_refusals_are_told_apart(cluster: FinesseCluster, ann: Credentials) -> None:
    wrong = Credentials(user_id=ann.user_id, secret="wrong")
    with pytest.raises(NotAuthorised):
        await cluster.request(build("user", user_id=ann.user_id), wrong)
    with pytest.raises(NotAuthorised):
        await cluster.open_session(wrong, lambda _: None, lambda _: None)
    with pytest.raises(Refused) as caught:
        await cluster.request(build("dialog", dialog_id="1"), ann)
    assert command_error(caught.value, "dialog").code == "NO_DIALOG_ID"


async def test_an_outage_is_heard_from_a_notification(
    simulator: Simulator, cluster: FinesseCluster, ann: Credentials, verdicts: Verdicts
) -> None:
    owner = Owner()
    session = await cluster.open_session(ann, owner.on_notification, owner.on_closed)
    asked = len(simulator.requests())
    simulator.go_out_of_service()
    await verdicts.until(2)
    assert len(simulator.requests()) == asked  # nobody had to look
    assert cluster.system_info.status == "OUT_OF_SERVICE"
    with pytest.raises(OutOfService):
        await cluster.request(build("user", user_id=ann.user_id), ann)
    simulator.go_into_service()
    await verdicts.until(3)
    assert verdicts.said == [True, False, True]
    assert contents(owner, SystemInfoChanged) == []  # it is the cluster's business
    await session.close()


async def test_the_web_application_goes_and_comes_back(
    simulator: Simulator, cluster: FinesseCluster, ann: Credentials, verdicts: Verdicts
) -> None:
    """REST still answers; it is the presence of finesse@domain that tells."""
    session = await cluster.open_session(ann, lambda _: None, lambda _: None)
    simulator.notification_server.set_web_application_available(available=False)
    await verdicts.until(2)
    assert (cluster.in_service, cluster.system_info.status) == (False, "IN_SERVICE")
    await cluster._look()
    assert not cluster.in_service
    simulator.notification_server.set_web_application_available(available=True)
    await verdicts.until(3)
    assert verdicts.said == [True, False, True]
    await session.close()


async def test_check_finds_both_doors_open(cluster: FinesseCluster) -> None:
    [report] = await cluster.check()
    assert (report.reachable, report.status, report.reasons) == (True, "IN_SERVICE", ())
