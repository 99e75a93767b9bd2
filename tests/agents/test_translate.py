"""Finesse's nouns in the words of client-protocol.md sections 2 and 5."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from agents.people import (
    ANN,
    ANNS_VIEW,
    CALL,
    COLLEAGUE,
    CONSULTATION,
    CUSTOMER,
    EXTENSION,
    LUNCH,
    NOBODYS_VIEW,
    PERIPHERAL,
    ROUTE_POINT,
    ann,
    at,
    consultation,
    incoming,
    outgoing,
    party,
    sue,
    told_at,
)
from generic_connector.agents import translate
from generic_connector.agents.translate import Viewer
from generic_connector.finesse.model import Dialog, ReasonCode, User
from generic_connector.protocol import events
from generic_connector.protocol.text import TextSettings, render

BOBS_VIEW = replace(ANNS_VIEW, agent_id="1002", extension=COLLEAGUE)

# --- the agent

REASONS: list[tuple[User, str]] = [
    (ann("LOGOUT"), "-1"),
    (ann("LOGOUT", reason_code_id="-1"), "-1"),
    (ann("LOGOUT", reason_code=LUNCH, reason_code_id="49"), "-1"),
    (ann("NOT_READY"), "-1"),
    (ann("NOT_READY", reason_code_id="-1"), "-1"),
    (ann("NOT_READY", reason_code=LUNCH, reason_code_id="49"), "27"),
    (ann("NOT_READY", reason_code_id="49"), "49"),
    (ann("NOT_READY", reason_code=ReasonCode(id="49"), reason_code_id="49"), "49"),
    (ann("READY"), ""),
    (ann("READY", reason_code=LUNCH, reason_code_id="49"), ""),
    (ann("TALKING", reason_code_id="49"), ""),
    (ann("WORK_READY"), ""),
    (ann(""), ""),
]


@pytest.mark.parametrize(("user", "code"), REASONS)
def test_the_reason_code_of_a_state(user: User, code: str) -> None:
    """-1 at LOGOUT and at the first NOT_READY, the code while one applies, else empty."""
    assert translate.state_event(user, ANNS_VIEW).reason_code == code


def test_a_state_with_everything() -> None:
    user = ann("NOT_READY", 7, pending_state="LOGOUT", reason_code=LUNCH, reason_code_id="49")
    assert translate.state_event(user, ANNS_VIEW) == events.State(
        agent_id=ANN,
        state="NOT_READY",
        reason_code="27",
        pending_state="LOGOUT",
        state_change_time=told_at(7),
        full_name="Ann Lee",
        extension=EXTENSION,
        label="Lunch",
        login_name="ann",
    )


def test_a_reason_that_does_not_apply_shows_no_label() -> None:
    """A GET while TALKING may still show the last reason."""
    assert translate.state_event(ann("TALKING", reason_code=LUNCH), ANNS_VIEW).label == ""


def test_an_unknown_user_is_told_in_full() -> None:
    """Nothing known is UNKNOWN, and the extension is the one signed in with."""
    assert translate.state_event(User(), ANNS_VIEW) == events.State(agent_id=ANN, state="UNKNOWN", extension=EXTENSION)


def test_re_login_has_thirteen_fields() -> None:
    """Fields 0 and 8 are the id, the rest is empty."""
    line = render(translate.relogin_event(ANN), TextSettings())
    assert line.split("#") == [ANN, "State", "RE_LOGIN", "", "", "", "", "", ANN, "", "", "", ""]


def test_who_an_agent_is() -> None:
    """Teams are a supervisor's, even where Finesse lists some for an agent."""
    user = ann("READY", teams=sue().teams)
    assert render(translate.agent_info_event(user, ANN), TextSettings()) == (
        "1001#AgentInfo#Ann#Lee#false#REQUIRED#5000#Ann Lee#ann"
    )


def test_who_a_supervisor_is() -> None:
    assert render(translate.agent_info_event(sue("READY"), "2001"), TextSettings()) == (
        "2001#AgentInfo#Sue#Ray#true#REQUIRED#TotalNumberOfTeams:2#5000,T1|5001,T2#5000#Sue Ray#sue"
    )


def test_what_a_notification_leaves_out_is_kept() -> None:
    """A stored RESERVED sample lacks names, roles, settings and team; state, reason and extension are never kept."""
    known = sue("NOT_READY", reason_code=LUNCH, reason_code_id="49", pending_state="READY")
    told = User(login_id="2001", state="RESERVED", state_change_time=at(9))
    expected = replace(
        known,
        state="RESERVED",
        state_change_time=at(9),
        pending_state="",
        reason_code=None,
        reason_code_id="",
        extension="",
    )
    assert translate.completed(told, known) == expected


# --- the call: who, in what state, since when

CALL_TYPES = [
    (incoming("ACTIVE"), ANNS_VIEW, "PREROUTE_ACD_IN"),
    (incoming("ACTIVE", call_type="SUPERVISOR_MONITOR"), ANNS_VIEW, "SM"),
    (incoming("ACTIVE", call_type="CONFERENCE"), ANNS_VIEW, "CONFERENCE"),
    (incoming("ACTIVE", call_type=""), ANNS_VIEW, ""),
    (consultation("ACTIVE"), ANNS_VIEW, "CONSULT"),
    (consultation("ACTIVE"), BOBS_VIEW, "CONSULT_IN"),
    (consultation("ACTIVE", call_type="AGENT_INSIDE"), BOBS_VIEW, "CONSULT_IN"),
    (consultation("ACTIVE", call_type="OUT"), BOBS_VIEW, "CONSULT_IN"),
    (consultation("ACTIVE", call_type="AGENT_INSIDE"), ANNS_VIEW, "AGENT_INSIDE"),
    (consultation("ACTIVE", call_type="AGENT_INSIDE", associated_dialog_id=""), BOBS_VIEW, "AGENT_INSIDE"),
    (consultation("ACTIVE", call_type="TRANSFER"), BOBS_VIEW, "TRANSFER"),
]


@pytest.mark.parametrize(("dialog", "viewer", "call_type"), CALL_TYPES)
def test_the_call_type(dialog: Dialog, viewer: Viewer, call_type: str) -> None:
    """The callType with two short names: SM, and CONSULT_IN for the consulted party's view."""
    assert translate.call_type(dialog, viewer) == call_type


OWN_CONSULTATIONS = [
    (consultation("ACTIVE"), ANNS_VIEW, True),
    (consultation("ACTIVE", associated_dialog_id=""), ANNS_VIEW, True),
    (consultation("ACTIVE", call_type="OUT"), ANNS_VIEW, True),
    (consultation("ACTIVE"), BOBS_VIEW, False),
    (consultation("ACTIVE"), NOBODYS_VIEW, False),
    (consultation("ACTIVE", call_type="TRANSFER"), ANNS_VIEW, False),
    (consultation("ACTIVE", call_type="CONFERENCE"), ANNS_VIEW, False),
    (outgoing("ACTIVE"), ANNS_VIEW, False),
    (incoming("ACTIVE", associated_dialog_id="1"), ANNS_VIEW, False),
]


@pytest.mark.parametrize(("dialog", "viewer", "own"), OWN_CONSULTATIONS)
def test_whether_the_viewer_consults(dialog: Dialog, viewer: Viewer, own: bool) -> None:  # noqa: FBT001 - a table
    assert translate.is_own_consultation(dialog, viewer) is own


STATES = [
    (incoming("ALERTING", state="ACTIVE"), "ALERTING"),
    (incoming("WRAP_UP", state="ACTIVE"), "WRAP_UP"),
    (incoming("HELD", state="ACTIVE"), "HELD"),
    (incoming("DROPPED", state="ALERTING"), "DROPPED"),
    (outgoing("INITIATED", state="ALERTING"), "ALERTING"),
    (outgoing("INITIATED"), "INITIATED"),
    (outgoing("INITIATING", state="ALERTING"), "INITIATING"),
    (outgoing("FAILED", state="ACTIVE"), "FAILED"),
    (outgoing("INITIATED", state="FAILED"), "FAILED"),
    (incoming("", state="ACTIVE"), "ACTIVE"),
    (incoming("ACTIVE", state="HELD", participants=()), "HELD"),
]


@pytest.mark.parametrize(("dialog", "state"), STATES)
def test_the_state_of_a_call_is_the_viewers_own(dialog: Dialog, state: str) -> None:
    """The own participant decides, the dialog's own state lags (section 6)."""
    assert translate.call_state(dialog, ANNS_VIEW) == state


def test_without_an_extension_nobody_is_the_viewers_own() -> None:
    dialog = incoming("ACTIVE", participants=(party("", "ALERTING"),))
    assert translate.call_state(dialog, NOBODYS_VIEW) == "ACTIVE"


CAUSES = [
    (outgoing("FAILED", participants=(party(CUSTOMER, "", cause="OTHER"), party(EXTENSION, "", cause="BUSY"))), "BUSY"),
    (outgoing("FAILED", participants=(party(EXTENSION, ""), party(CUSTOMER, "", cause="BUSY"))), "BUSY"),
    (outgoing("FAILED", participants=(party(CUSTOMER, "", cause="BAD_DESTINATION"),)), "BAD_DESTINATION"),
    (outgoing("FAILED"), ""),
    (outgoing("FAILED", participants=()), ""),
]


@pytest.mark.parametrize(("dialog", "cause"), CAUSES)
def test_the_cause_of_a_failure(dialog: Dialog, cause: str) -> None:
    assert translate.inbound_call_failed(dialog, ANNS_VIEW) == events.InboundCallFailed(
        agent_id=ANN, dialog_id=dialog.id, cause=cause, full_name="Ann Lee"
    )
    assert translate.consult_call_failed(dialog, ANNS_VIEW) == events.ConsultCallFailed(
        agent_id=ANN, dialog_id=dialog.id, cause=cause, agent_name="Ann Lee"
    )


ANIS = [(incoming("ACTIVE"), CUSTOMER), (outgoing("ACTIVE"), CUSTOMER), (consultation("ACTIVE"), COLLEAGUE)]


@pytest.mark.parametrize(("dialog", "ani"), ANIS)
def test_ani_is_the_other_partys_number(dialog: Dialog, ani: str) -> None:
    """An incoming call's caller, and whom an outgoing one went to."""
    assert translate.call_data(dialog, ANNS_VIEW).ani == ani


def test_ani_of_the_consulted_is_who_asks() -> None:
    assert translate.call_data(consultation("ACTIVE"), BOBS_VIEW).ani == EXTENSION


def test_all_ten_call_variables_come_first() -> None:
    """Whatever the order on the wire; a value that Finesse never sent is empty, ECC variables keep their order."""
    sent = (("user.z", "1"), ("callVariable10", "ten"), ("user.a[1]", ""), ("callVariable2", "two"), ("user.a[0]", "0"))
    data = translate.call_data(incoming("ACTIVE", call_variables=sent), ANNS_VIEW)
    peripheral = tuple(
        (name, {"callVariable2": "two", "callVariable10": "ten"}.get(name, "")) for name, _ in PERIPHERAL
    )
    assert data.variables == (*peripheral, ("user.z", "1"), ("user.a[1]", ""), ("user.a[0]", "0"))


def test_no_variables_are_ten_empty_ones() -> None:
    assert translate.call_data(incoming("ACTIVE"), ANNS_VIEW) == events.CallData(ani=CUSTOMER, variables=PERIPHERAL)


PARTIES: list[tuple[tuple[str, ...], list[str]]] = [
    ((CUSTOMER, EXTENSION), [EXTENSION, CUSTOMER]),
    ((EXTENSION, CUSTOMER), [EXTENSION, CUSTOMER]),
    ((CUSTOMER, COLLEAGUE, EXTENSION), [EXTENSION, CUSTOMER, COLLEAGUE]),
    ((CUSTOMER, COLLEAGUE), [CUSTOMER, COLLEAGUE]),
    ((), []),
]


@pytest.mark.parametrize(("sent", "told"), PARTIES)
def test_the_own_party_comes_first(sent: tuple[str, ...], told: list[str]) -> None:
    """The others keep the order in which Finesse lists them."""
    dialog = incoming("ACTIVE", participants=tuple(party(address, "ACTIVE") for address in sent))
    assert [one.media_address for one in translate.participants(dialog, ANNS_VIEW)] == told


STARTS = [
    (incoming("HELD", participants=(party(CUSTOMER, "", 1), party(EXTENSION, "HELD", 9, since=5))), told_at(5)),
    (incoming("ACTIVE", participants=(party(CUSTOMER, "", 3),)), told_at(3)),
    (incoming("ACTIVE", participants=()), ""),
]


@pytest.mark.parametrize(("dialog", "start"), STARTS)
def test_a_call_starts_when_it_started_for_the_viewer(dialog: Dialog, start: str) -> None:
    assert translate.start_time(dialog, ANNS_VIEW) == start


PREVIOUS: list[tuple[dict[str, str], str | None]] = [
    ({"call_type": "TRANSFER", "secondary_id": "16777299"}, "16777299"),
    ({"call_type": "TRANSFER"}, None),
    ({"call_type": "CONFERENCE", "secondary_id": "16777299"}, None),
    ({"secondary_id": "16777299"}, None),
]


@pytest.mark.parametrize(("fields", "previous"), PREVIOUS)
def test_the_previous_dialog_is_told_after_a_transfer_only(fields: dict[str, Any], previous: str | None) -> None:
    """Null unless the call was transferred (section 5)."""
    dialog = incoming("ACTIVE", **fields)
    assert translate.inbound_call(dialog, ANNS_VIEW, "ACTIVE").prev_dialog_id == previous
    assert translate.inbound_call_failed(dialog, ANNS_VIEW).prev_dialog_id == previous


# --- the call: whole events


def test_an_inbound_call_with_everything() -> None:
    dialog = incoming("HELD", 9, associated_dialog_id=CONSULTATION, call_variables=(("user.id", "7"),))
    assert translate.inbound_call(dialog, ANNS_VIEW, "HELD") == events.InboundCall(
        agent_id=ANN,
        dialog_id=CALL,
        state="HELD",
        start_time=told_at(9),
        from_address=CUSTOMER,
        call_data=events.CallData(
            ani=CUSTOMER, associated_dialog_id=CONSULTATION, variables=(*PERIPHERAL, ("user.id", "7"))
        ),
        participants=(
            events.Participant(
                media_address=EXTENSION,
                state="HELD",
                address_type="AGENT_DEVICE",
                state_change_time=told_at(9),
            ),
            events.Participant(media_address=CUSTOMER, state="ACTIVE", state_change_time=told_at(1)),
        ),
        call_type="PREROUTE_ACD_IN",
    )


def test_a_consultation_with_everything() -> None:
    event = translate.consult_call(consultation("INITIATED", 4), ANNS_VIEW, "ALERTING")
    assert event == events.ConsultCall(
        agent_id=ANN,
        dialog_id=CONSULTATION,
        state="ALERTING",
        from_address=EXTENSION,
        to_address=COLLEAGUE,
        start_time=told_at(4),
        call_data=events.CallData(ani=COLLEAGUE, associated_dialog_id=CALL, variables=PERIPHERAL),
        participants=translate.participants(consultation("INITIATED", 4), ANNS_VIEW),
        call_type="CONSULT",
        agent_name="Ann Lee",
    )


@pytest.mark.parametrize("kind", [events.NewInboundCall, events.NewOutboundPreviewCall])
def test_a_new_call_with_everything(kind: type[events.NewInboundCall]) -> None:
    assert translate.new_call(kind, incoming("ALERTING", 2), ANNS_VIEW) == kind(
        agent_id=ANN,
        dialog_id=CALL,
        from_address=CUSTOMER,
        call_data=events.CallData(ani=CUSTOMER, variables=PERIPHERAL),
        call_type="PREROUTE_ACD_IN",
        start_time=told_at(2),
    )


def test_a_summary_shows_the_viewers_state() -> None:
    summary = translate.dialog_summary(incoming("HELD", state="ACTIVE", to_address=ROUTE_POINT), ANNS_VIEW)
    assert summary == events.DialogSummary(
        dialog_id=CALL,
        state="HELD",
        from_address=CUSTOMER,
        call_data=events.CallData(ani=CUSTOMER, variables=PERIPHERAL),
    )
