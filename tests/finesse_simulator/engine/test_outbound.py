"""Calls of campaigns: finesse-notifications.md section 11.9, finesse-rest.md sections 7.4, 8.11 to 8.13 and 9.12."""

import msgspec
import pytest

from call_scenes.office import CALL, OUTSIDE
from finesse_simulator.api_errors import ApiFaultError
from finesse_simulator.engine.dialing import NotReachableError
from finesse_simulator.rehearsal import Rehearsal
from finesse_simulator.scenario import Campaign, many_agents
from finesse_simulator.vocabulary import Deployment, Profile

UCCE, UCCX = Deployment.UCCE, Deployment.UCCX
P, X = CALL, CALL + 1
CAMPAIGNS = (
    Campaign(name="Renewals", agents=("1001",)),
    Campaign(name="Surveys", mode="progressive", number="9002"),
    Campaign(name="Direct", mode="direct_preview"),
)
SIX = ["TRANSFER_SST", "CONSULT_CALL", "HOLD", "UPDATE_CALL_DATA", "SEND_DTMF", "DROP"]


def office(deployment: Deployment = UCCE, profile: Profile = Profile.V12_5) -> Rehearsal:
    scene = many_agents(2, deployment=deployment)
    stage = Rehearsal(
        msgspec.structs.replace(scene, profile=profile, campaigns=CAMPAIGNS, outside_numbers=OUTSIDE),
    )
    stage.sign_in("1001", ready=True)
    return stage


def offered(stage: Rehearsal, who: str = "1001", customer: str = "5550188") -> str:
    call = stage.engine.outbound_preview(who, customer, {"BAAccountNumber": "7788"})
    stage.wait()
    return str(call.id)


def dialled(stage: Rehearsal, customer: str = "5550188") -> str:
    reservation = offered(stage, customer=customer)
    stage.act("1001", reservation, "ACCEPT")
    stage.wait(4)
    stage.told()
    return stage.engine.dialogs_of(stage.agent("1001"))[0].id


def actions(stage: Rehearsal, dialog: str) -> list[str]:
    parties = stage.engine.dialog(dialog, None).participants
    return [str(action) for party in parties if party.address == "4001" for action in party.actions]


def test_a_preview_on_ucce() -> None:
    stage = office()
    reservation = offered(stage, "Renewals")
    assert stage.told() == [
        f"D(1001) POST {P} ALERTING 4001:ALERTING 9001:INITIATED",
        "U(1001) PUT RESERVED_OUTBOUND_PREVIEW",
        f"D(1001) PUT {P} ACTIVE 4001:ACTIVE 9001:INITIATED",
        f"D(1001) PUT {P} ACTIVE 4001:ACTIVE 9001:ACTIVE",
    ]
    view = stage.engine.dialog(reservation, None)
    assert (view.type, view.from_address, view.to_address) == ("OUTBOUND_PREVIEW", "9001", "4001")
    assert actions(stage, reservation) == ["ACCEPT", "CLOSE", "REJECT"]
    assert [(name, value) for name, value in view.variables if name.startswith("BA")] == [
        ("BACampaign", "Renewals"),
        ("BAAccountNumber", "7788"),
        ("BAResponse", ""),
        ("BAStatus", "PREVIEW_OUTBOUND_RESERVATION"),
        ("BADialedListID", ""),
        ("BATimeZone", ""),
        ("BABuddyName", ""),
    ]


def test_it_is_accepted_on_ucce() -> None:
    stage = office()
    reservation = offered(stage)
    stage.told()
    stage.act("1001", reservation, "ACCEPT", request_id="a")
    stage.wait(4)
    assert stage.told() == [
        f"D(1001) PUT {P} ACCEPTED 4001:ACCEPTED 9001:ACTIVE [a]",
        "U(1001) PUT TALKING",
        f"D(1001) POST {X} INITIATING 4001:INITIATING",
        f"D(1001) DELETE {P} DROPPED 4001:DROPPED 9001:DROPPED",
        f"D(1001) PUT {X} INITIATING 4001:INITIATING",
        f"D(1001) PUT {X} INITIATED 4001:INITIATED",
        f"D(1001) PUT {X} ALERTING 4001:INITIATED 5550188:ALERTING",
        f"D(1001) PUT {X} ACTIVE 4001:ACTIVE 5550188:ACTIVE",
    ]
    view = stage.engine.dialog(str(X), None)
    assert (view.type, view.from_address, view.to_address) == ("OUTBOUND", "4001", "5550188")
    assert dict(view.variables)["BAStatus"] == "PREVIEW_OUTBOUND"
    assert actions(stage, str(X)) == [*SIX, "UPDATE_SCHEDULED_CALLBACK"]
    stage.act("1001", str(X), "DROP")
    assert stage.told()[-1] == "U(1001) PUT READY"


def test_a_direct_preview_on_uccx_until_the_customer_answers() -> None:
    stage = office(UCCX)
    reservation = offered(stage)
    assert stage.engine.dialog(reservation, None).type == "OUTBOUND_PREVIEW"
    stage.act("1001", reservation, "ACCEPT", request_id="a")
    stage.wait(4)
    types = [getattr(notice.body, "type", "") for notice in stage.notices]
    assert types[:3] == ["", "OUT", "OUTBOUND_PREVIEW"]
    assert stage.told() == [
        "U(1001) PUT RESERVED_OUTBOUND_PREVIEW",
        f"D(1001) POST {P} INITIATING 4001:INITIATING",
        f"D(1001) PUT {P} ACTIVE 4001:ACTIVE",
        f"D(1001) PUT {P} ACCEPTED 4001:ACCEPTED [a]",
        f"D(1001) DELETE {P} DROPPED 4001:DROPPED",
        "U(1001) PUT TALKING",
        f"D(1001) POST {X} INITIATING 4001:INITIATING",
        f"D(1001) PUT {X} INITIATING 4001:INITIATING",
        f"D(1001) PUT {X} INITIATED 4001:INITIATED",
        f"D(1001) PUT {X} ALERTING 4001:INITIATED 5550188:ALERTING",
        f"D(1001) PUT {X} ACTIVE 4001:ACTIVE 5550188:ACTIVE",
    ]
    variables = dict(stage.engine.dialog(str(X), None).variables)
    assert (variables["BAStatus"], variables["BACustomerNumber"]) == ("DIRECT_PREVIEW_OUTBOUND", "5550188")


@pytest.mark.parametrize("deployment", [UCCE, UCCX])
@pytest.mark.parametrize("decision", ["REJECT", "CLOSE"])
def test_the_record_is_declined(deployment: Deployment, decision: str) -> None:
    stage = office(deployment)
    reservation = offered(stage)
    port = " 9001:ACTIVE" if deployment is UCCE else ""
    stage.told()
    stage.act("1001", reservation, decision, request_id="d")
    assert dict(stage.notices[0].body.variables)["BAResponse"] == decision  # type: ignore[union-attr]
    assert stage.told() == [
        f"D(1001) PUT {P} ACTIVE 4001:ACTIVE{port} [d]",
        f"D(1001) DELETE {P} DROPPED 4001:DROPPED{port.replace('ACTIVE', 'DROPPED')}",
        "U(1001) PUT READY",
    ]


def test_other_actions_on_a_reservation_are_refused_and_decisions_on_other_calls() -> None:
    stage = office()
    reservation = offered(stage)
    stage.told()
    stage.act("1001", reservation, "RETRIEVE", request_id="1")
    assert stage.told() == ["E(1001) put Generic Error|4001|INVALID_ACTION RETRIEVE on extension 4001 [1]"]
    customer = dialled(office())
    other = office()
    dialled(other)
    other.act("1001", customer, "ACCEPT", request_id="2")
    assert other.told() == ["E(1001) put Generic Error|4001|INVALID_ACTION ACCEPT on extension 4001 [2]"]


def test_not_ready_is_asked_for_while_reserved_and_comes_afterwards() -> None:
    stage = office()
    reservation = offered(stage)
    stage.told()
    stage.state("1001", "NOT_READY")
    assert stage.told() == ["U(1001) PUT RESERVED_OUTBOUND_PREVIEW then NOT_READY"]
    stage.act("1001", reservation, "CLOSE")
    assert stage.told()[-1] == "U(1001) PUT NOT_READY"


def test_the_dialler_withdraws_the_offer() -> None:
    stage = office()
    reservation = offered(stage)
    stage.told()
    stage.customer_hang_up(reservation)
    assert stage.told()[-2:] == [f"D(1001) DELETE {P} DROPPED 4001:DROPPED 9001:DROPPED", "U(1001) PUT READY"]


def test_the_customer_is_busy() -> None:
    stage = office()
    customer = dialled(stage, "5550199")
    assert stage.engine.dialog(customer, None).state == "FAILED"
    stage.act("1001", customer, "DROP")
    assert stage.told()[-1] == "U(1001) PUT READY"


@pytest.mark.parametrize("deployment", [UCCE, UCCX])
def test_a_progressive_call(deployment: Deployment) -> None:
    stage = office(deployment)
    call = str(stage.engine.progressive_call("Surveys", "5550188", {}).id)
    stage.wait()
    stage.act("1001", call, "ANSWER", request_id="a")
    assert stage.told() == [
        "U(1001) PUT RESERVED_OUTBOUND",
        f"D(1001) POST {P} ALERTING 4001:ALERTING 5550188:ACTIVE",
        "U(1001) PUT TALKING",
        f"D(1001) PUT {P} ACTIVE 4001:ACTIVE 5550188:ACTIVE [a]",
    ]
    view = stage.engine.dialog(call, None)
    assert (view.type, view.from_address, view.to_address) == ("OUTBOUND", "4001", "5550188")
    assert dict(view.variables)["BAStatus"] == "PROGRESSIVE_OUTBOUND"


@pytest.mark.parametrize(("deployment", "code"), [(UCCE, 32767), (UCCX, 32763)])
def test_a_progressive_call_is_not_answered(deployment: Deployment, code: int) -> None:
    stage = office(deployment)
    stage.engine.progressive_call("1001", "5550188", {})
    stage.wait(20)
    assert stage.told()[-2:] == [
        f"D(1001) DELETE {P} ALERTING 4001:DROPPED 5550188:ACTIVE",
        f"U(1001) PUT NOT_READY reason {code}",
    ]
    assert not stage.engine.world.calls


def test_on_uccx_no_request_gets_an_agent_away_from_the_dialler() -> None:
    stage = office(UCCX)
    stage.engine.progressive_call("1001", "5550188", {})
    stage.wait()
    stage.told()
    for state in ("READY", "NOT_READY"):
        stage.state("1001", state, request_id="s")
        assert stage.told() == ["E(1001) put Internal Server Error|0|CF_GENERIC_UNSPECIFIED [s]"]


def test_on_uccx_the_status_names_what_became_of_a_progressive_call() -> None:
    stage = office(UCCX)
    call = str(stage.engine.progressive_call("1001", "5550188", {}).id)
    stage.wait()
    stage.act("1001", call, "ANSWER")
    stage.sign_in("1002")
    consultation = stage.consult("1001", call, "4002")
    stage.act("1002", consultation, "ANSWER")
    stage.act("1001", call, "CONFERENCE")
    assert dict(stage.engine.dialog(call, None).variables)["BAStatus"] == "CONFERENCED"


@pytest.mark.parametrize(
    ("deployment", "profile", "kind"),
    [(UCCE, Profile.V12_6, "OUTBOUND_DIRECT_PREVIEW"), (UCCX, Profile.V12_6, "OUTBOUND_DIRECT_PREVIEW")],
)
def test_direct_preview_by_release(deployment: Deployment, profile: Profile, kind: str) -> None:
    stage = office(deployment, profile)
    view = stage.engine.dialog(offered(stage, "Direct"), None)
    assert view.type == kind
    assert view.callback_number == ("5550188" if deployment is UCCE else "")
    with pytest.raises(NotReachableError, match=r"12\.6"):
        offered(office(), "Direct")


def test_the_outcome_is_corrected() -> None:
    stage = office(UCCX)
    call = dialled(stage)
    assert actions(stage, call) == [*SIX, "START_RECORDING", "UPDATE_SCHEDULED_CALLBACK", "RECLASSIFY"]
    stage.act("1001", call, "RECLASSIFY", outboundClassification="ANS_MACHINE", request_id="r")
    assert stage.told() == [f"D(1001) PUT {X} ACTIVE 4001:ACTIVE 5550188:ACTIVE [r]"]
    view = stage.engine.dialog(call, None)
    assert (view.classification, dict(view.variables)["BAResponse"]) == ("ANS_MACHINE", "ANS_MACHINE")


def test_what_cannot_be_corrected() -> None:
    stage = office(UCCX)
    call = dialled(stage)
    for value, type_ in (("", "Parameter Missing"), ("NONSENSE", "Invalid Input")):
        with pytest.raises(ApiFaultError, match=type_):
            stage.act("1001", call, "RECLASSIFY", outboundClassification=value)
    ucce = office()
    with pytest.raises(ApiFaultError, match="501"):
        ucce.act("1001", dialled(ucce), "RECLASSIFY", outboundClassification="VOICE")
    newer = office(profile=Profile.V12_6)
    newer.act("1001", dialled(newer), "RECLASSIFY", outboundClassification="VOICE", request_id="r")
    assert newer.told() == ["E(1001) put Generic Error|4001|INVALID_ACTION RECLASSIFY on extension 4001 [r]"]


def test_a_callback_is_arranged_changed_and_cancelled() -> None:
    stage = office()
    call = dialled(stage)
    one = f"D(1001) PUT {X} ACTIVE 4001:ACTIVE 5550188:ACTIVE"
    time = "2026-01-02T04:30"
    stage.act("1001", call, "UPDATE_SCHEDULED_CALLBACK", callbackTime=time, callbackNumber="5550177", request_id="u")
    assert stage.told() == [f"{one} [u]", one]
    view = stage.engine.dialog(call, None)
    assert (view.callback, dict(view.variables)["BAResponse"]) == ((time, "5550177"), f"Callback {time}")
    assert actions(stage, call)[-1] == "CANCEL_SCHEDULED_CALLBACK"
    stage.act("1001", call, "UPDATE_SCHEDULED_CALLBACK", callbackNumber="5550166")
    assert stage.engine.dialog(call, None).callback == (time, "5550166")
    stage.told()
    stage.act("1001", call, "CANCEL_SCHEDULED_CALLBACK", request_id="c")
    assert stage.told() == [f"{one} [c]"]
    assert stage.engine.dialog(call, None).callback is None
    stage.act("1001", call, "DROP")
    stage.wait(7200)
    assert not [line for line in stage.told() if "RESERVED" in line]


@pytest.mark.parametrize(
    ("parameters", "type_"),
    [
        ({}, "Parameter Missing"),
        ({"callbackTime": "tomorrow"}, "Invalid Input"),
        ({"callbackTime": "2026-02-30T10:00"}, "Invalid Input"),
        ({"callbackNumber": "home"}, "Invalid Input"),
    ],
)
def test_callbacks_that_cannot_be_arranged(parameters: dict[str, str], type_: str) -> None:
    stage = office()
    call = dialled(stage)
    with pytest.raises(ApiFaultError, match=type_):
        stage.act("1001", call, "UPDATE_SCHEDULED_CALLBACK", **parameters)


@pytest.mark.parametrize("deployment", [UCCE, UCCX])
def test_the_callback_comes_at_its_time_as_a_preview(deployment: Deployment) -> None:
    stage = office(deployment)
    call = dialled(stage)
    stage.act("1001", call, "UPDATE_SCHEDULED_CALLBACK", callbackTime="2026-01-02T03:30", callbackNumber="5550101")
    stage.act("1001", call, "DROP")
    stage.state("1001", "NOT_READY")
    stage.wait(3600)
    stage.told()
    stage.state("1001", "READY")
    stage.wait(60)
    reservation = stage.engine.dialogs_of(stage.agent("1001"))[0]
    assert reservation.type == "OUTBOUND_PERSONAL_CALLBACK_PREVIEW"
    stage.act("1001", reservation.id, "ACCEPT")
    stage.wait(4)
    again = stage.engine.dialogs_of(stage.agent("1001"))[0]
    assert (again.type, again.to_address, again.state) == ("OUTBOUND", "5550101", "ACTIVE")


def test_who_cannot_be_called_for() -> None:
    stage = office()
    for who in ("1002", "Nobody", ""):
        with pytest.raises(NotReachableError, match="nobody is ready"):
            stage.engine.outbound_preview(who, "5550188", {})
    offered(stage)
    with pytest.raises(NotReachableError):
        stage.engine.progressive_call("1001", "5550188", {})
