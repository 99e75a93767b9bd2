"""Section 6 of client-protocol.md, row by row: what Finesse says of a dialog, and what the agent's client gets."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

import pytest

from agents.office import brief
from agents.people import (
    ANNS_VIEW,
    CALL,
    COLLEAGUE,
    CONSULTATION,
    CUSTOMER,
    EXTENSION,
    OWN_CALL,
    consultation,
    incoming,
    outgoing,
    party,
)
from generic_connector.agents import translate
from generic_connector.agents.calls import Calls, voice_calls
from generic_connector.agents.translate import Viewer
from generic_connector.finesse.model import Dialog
from generic_connector.protocol import events
from generic_connector.protocol.text import TextSettings, render

BOBS_VIEW = Viewer("1001", COLLEAGUE, "Bob May", ANNS_VIEW.zone)  # his id is left out of transcripts, like Ann's

Step = Callable[[Calls, Viewer], list[events.Event]]


@dataclass(frozen=True)
class Says:
    """One thing that Finesse says."""

    name: str
    take: Step


def post(dialog: Dialog) -> Says:
    return Says("POST", lambda calls, viewer: calls.changed(dialog, viewer))


def put(dialog: Dialog) -> Says:
    return Says("PUT", lambda calls, viewer: calls.changed(dialog, viewer))


def delete(dialog: Dialog) -> Says:
    return Says("DELETE", lambda calls, viewer: calls.removed(dialog, viewer))


def asking() -> Says:
    def take(calls: Calls, _: Viewer) -> list[events.Event]:
        calls.begin_read_back()
        return []

    return Says("begin", take)


def listed(*dialogs: Dialog) -> Says:
    return Says("read back", lambda calls, viewer: calls.read_back(dialogs, viewer))


def told(*said: Says, viewer: Viewer = ANNS_VIEW, calls: Calls | None = None) -> list[str]:
    calls = Calls() if calls is None else calls
    told = [event for says in said for event in says.take(calls, viewer)]
    return [brief(render(event, TextSettings())) for event in told]


RINGING = incoming("ALERTING", other="INITIATED")
TALKING = incoming("ACTIVE", 2)
HELD = incoming("HELD", 3, state="ACTIVE")
PREVIEW = incoming("ALERTING", call_type="OUTBOUND_PREVIEW", from_address="dialer")


def with_data(dialog: Dialog) -> Dialog:
    return replace(dialog, call_variables=(("callVariable1", "7"),))


ROWS: list[tuple[str, Sequence[Says], list[str]]] = [
    ("it rings", [post(RINGING)], [f"NewInboundCall {CALL}"]),
    (
        "then nothing more until it changes",
        [post(RINGING), put(RINGING), put(replace(RINGING, state="ACTIVE", dnis="4001"))],
        [f"NewInboundCall {CALL}"],
    ),
    (
        "a mere data change while it rings",
        [post(RINGING), put(with_data(RINGING)), put(with_data(RINGING))],
        [f"NewInboundCall {CALL}", f"InboundCall ALERTING {CALL}"],
    ),
    (
        "answered, held, retrieved, over",
        [post(RINGING), put(TALKING), put(HELD), put(incoming("ACTIVE", 4)), delete(incoming("DROPPED", 5))],
        [
            f"NewInboundCall {CALL}",
            f"InboundCall ACTIVE {CALL}",
            f"InboundCall HELD {CALL}",
            f"InboundCall ACTIVE {CALL}",
            f"InboundCall DROPPED {CALL}",
        ],
    ),
    (
        "wrap-up, while the dialog is still ACTIVE",
        [
            put(TALKING),
            put(incoming("WRAP_UP", 3, state="ACTIVE")),
            put(incoming("WRAP_UP", 3, state="ACTIVE", other="DROPPED")),
            delete(incoming("DROPPED", 9, state="ACTIVE")),
        ],
        [
            f"InboundCall ACTIVE {CALL}",
            f"InboundCall WRAP_UP {CALL}",
            f"InboundCall WRAP_UP {CALL}",
            f"InboundCall DROPPED {CALL}",
        ],
    ),
    (
        "a call of the agent's own",
        [
            post(outgoing("INITIATING", to_address="")),
            put(outgoing("INITIATED")),
            put(outgoing("INITIATED", other="ALERTING", state="ALERTING")),
            put(outgoing("ACTIVE", 5, other="ACTIVE")),
        ],
        [f"InboundCall {state} {OWN_CALL}" for state in ("INITIATING", "INITIATED", "ALERTING", "ACTIVE")],
    ),
    (
        "the own participant failed",
        [post(outgoing("INITIATING")), put(outgoing("FAILED", 2, state="ACTIVE"))],
        [f"InboundCall INITIATING {OWN_CALL}", "InboundCall FAILED " + OWN_CALL],
    ),
    (
        "the dialog failed, told once",
        [post(outgoing("INITIATED", state="FAILED")), put(outgoing("FAILED", 2)), put(outgoing("FAILED", 3))],
        ["InboundCall FAILED " + OWN_CALL],
    ),
    (
        "DELETE whatever the states say, once",
        [post(RINGING), delete(RINGING), delete(RINGING)],
        [f"NewInboundCall {CALL}", f"InboundCall DROPPED {CALL}"],
    ),
    (
        "the near end is not told, DELETE tells it",
        [put(TALKING), put(incoming("DROPPED", 3, state="ACTIVE")), delete(incoming("DROPPED", 3))],
        [f"InboundCall ACTIVE {CALL}", f"InboundCall DROPPED {CALL}"],
    ),
    ("a PUT for an unknown dialog", [put(TALKING)], [f"InboundCall ACTIVE {CALL}"]),
    ("a PUT for an unknown dialog that rings", [put(RINGING)], [f"NewInboundCall {CALL}"]),
    ("a POST of a call that is ACTIVE already", [post(TALKING)], [f"InboundCall ACTIVE {CALL}"]),
    ("a DELETE for an unknown dialog", [delete(TALKING)], []),
    ("a PUT of an unknown dialog that is over", [put(incoming("DROPPED")), delete(incoming("DROPPED"))], []),
    (
        "a PUT that changes nothing that the event carries",
        [put(TALKING), put(TALKING), put(replace(TALKING, dnis="1", dialed_number="2", wrap_up_reason="3"))],
        [f"InboundCall ACTIVE {CALL}"],
    ),
    (
        "call data are something that the event carries",
        [put(TALKING), put(with_data(TALKING))],
        [f"InboundCall ACTIVE {CALL}", f"InboundCall ACTIVE {CALL}"],
    ),
    (
        "a preview, accepted",
        [post(PREVIEW), put(replace(PREVIEW, participants=(party(EXTENSION, "ACCEPTED", 2),))), delete(PREVIEW)],
        [f"NewOutboundPreviewCall {CALL}", f"InboundCall ACCEPTED {CALL}", f"InboundCall DROPPED {CALL}"],
    ),
    (
        "a preview, rejected",
        [post(PREVIEW), put(PREVIEW), put(with_data(PREVIEW)), delete(PREVIEW)],
        [f"NewOutboundPreviewCall {CALL}", f"InboundCall ALERTING {CALL}", f"InboundCall DROPPED {CALL}"],
    ),
    (
        "a preview whose leg is up already",
        [post(incoming("ACTIVE", call_type="OUTBOUND_DIRECT_PREVIEW")), put(incoming("ACCEPTED", 2, call_type="X"))],
        [f"NewOutboundPreviewCall {CALL}", f"InboundCall ACCEPTED {CALL}"],
    ),
    (
        "a consultation of the agent's own, then transferred",
        [
            post(TALKING),
            put(HELD),
            post(consultation("INITIATING", to_address="", participants=(party(EXTENSION, "INITIATING"),))),
            put(consultation("INITIATED", other="")),
            put(consultation("INITIATED", state="ALERTING")),
            put(consultation("ACTIVE", 4, other="ACTIVE")),
            delete(incoming("DROPPED", 5)),
            delete(consultation("DROPPED", 5, call_type="TRANSFER")),
        ],
        [
            f"InboundCall ACTIVE {CALL}",
            f"InboundCall HELD {CALL}",
            *[f"ConsultCall {state} {CONSULTATION}" for state in ("INITIATING", "INITIATED", "ALERTING", "ACTIVE")],
            f"InboundCall DROPPED {CALL}",
            f"ConsultCall DROPPED {CONSULTATION}",
        ],
    ),
    (
        "a consultation that only its association marks",
        [post(consultation("INITIATED", call_type="OUT")), delete(consultation("DROPPED", call_type=""))],
        [f"ConsultCall INITIATED {CONSULTATION}", f"ConsultCall DROPPED {CONSULTATION}"],
    ),
    (
        "a consultation that loses its mark on the way",
        [
            post(consultation("INITIATED")),
            put(consultation("ACTIVE", 3, call_type="OUT", associated_dialog_id="")),
            delete(consultation("DROPPED", 4, call_type="OUT", associated_dialog_id="")),
        ],
        [
            f"ConsultCall INITIATED {CONSULTATION}",
            f"ConsultCall ACTIVE {CONSULTATION}",
            f"ConsultCall DROPPED {CONSULTATION}",
        ],
    ),
    (
        "a consultation that fails",
        [post(consultation("INITIATED")), put(consultation("FAILED", 3))],
        [f"ConsultCall INITIATED {CONSULTATION}", f"ConsultCall FAILED {CONSULTATION}"],
    ),
    (
        "a consultation that survives as the call",
        [
            post(consultation("ACTIVE")),
            put(consultation("ACTIVE", 3, call_type="CONFERENCE")),
            delete(consultation("DROPPED", 4, call_type="CONFERENCE")),
        ],
        [
            f"ConsultCall ACTIVE {CONSULTATION}",
            f"InboundCall ACTIVE {CONSULTATION}",
            f"InboundCall DROPPED {CONSULTATION}",
        ],
    ),
    (
        "two calls at a transfer's target, the temporary one gone again",
        [
            post(replace(RINGING, id="16777399")),
            post(incoming("ALERTING", call_type="TRANSFER", state="ACTIVE")),
            delete(replace(RINGING, id="16777399", call_type="TRANSFER", state="DROPPED")),
            put(incoming("ACTIVE", 3, call_type="TRANSFER")),
        ],
        [
            "NewInboundCall 16777399",
            f"NewInboundCall {CALL}",
            "InboundCall DROPPED 16777399",
            f"InboundCall ACTIVE {CALL}",
        ],
    ),
]


@pytest.mark.parametrize(("said", "heard"), [row[1:] for row in ROWS], ids=[row[0] for row in ROWS])
def test_what_the_client_gets(said: Sequence[Says], heard: list[str]) -> None:
    assert told(*said) == heard


@pytest.mark.parametrize(
    "call_type",
    [
        "OUTBOUND_PREVIEW",
        "OUTBOUND_DIRECT_PREVIEW",
        "OUTBOUND_CALLBACK_PREVIEW",
        "OUTBOUND_PERSONAL_CALLBACK_PREVIEW",
    ],
)
def test_every_reservation_is_a_preview(call_type: str) -> None:
    assert told(post(replace(PREVIEW, call_type=call_type))) == [f"NewOutboundPreviewCall {CALL}"]


def test_the_customers_leg_of_a_preview_is_no_preview() -> None:
    assert told(post(outgoing("INITIATED", call_type="OUTBOUND"))) == [f"InboundCall INITIATED {OWN_CALL}"]


def test_the_consulted_sees_an_inbound_call() -> None:
    """With CallType CONSULT_IN and the call that it is about."""
    calls = Calls()
    ringing = consultation("INITIATED", other="ALERTING", state="ALERTING")
    heard = told(
        post(ringing),
        put(consultation("ACTIVE", 2, other="ACTIVE")),
        delete(consultation("DROPPED", 3, other="DROPPED", call_type="TRANSFER")),
        viewer=BOBS_VIEW,
        calls=calls,
    )
    assert heard == [
        f"NewInboundCall {CONSULTATION}",
        f"InboundCall ACTIVE {CONSULTATION}",
        f"InboundCall DROPPED {CONSULTATION}",
    ]
    [new] = Calls().changed(ringing, BOBS_VIEW)
    assert isinstance(new, events.NewInboundCall)
    assert (new.call_type, new.call_data.associated_dialog_id) == ("CONSULT_IN", CALL)


def test_what_is_asked_for_is_told_in_any_case() -> None:
    """An answer tells a call that did not change; as a refresh, not as a new call."""
    calls = Calls()
    told(put(TALKING), calls=calls)
    assert calls.changed(TALKING, ANNS_VIEW, answer=True) == [translate.inbound_call(TALKING, ANNS_VIEW, "ACTIVE")]
    assert calls.changed(replace(TALKING, wrap_up_reason="Sold"), ANNS_VIEW) == []


def test_an_answer_while_it_rings_is_a_refresh() -> None:
    calls = Calls()
    told(post(RINGING), calls=calls)
    assert calls.changed(RINGING, ANNS_VIEW, answer=True) == [translate.inbound_call(RINGING, ANNS_VIEW, "ALERTING")]


def test_the_end_is_told_with_what_the_delete_says() -> None:
    calls = Calls()
    told(put(TALKING), calls=calls)
    last = with_data(incoming("DROPPED", 9))
    assert calls.removed(last, ANNS_VIEW) == [translate.inbound_call(last, ANNS_VIEW, "DROPPED")]
    assert len(calls) == 0


# --- reading back

READ_BACK: list[tuple[str, Sequence[Says], list[str]]] = [
    ("nothing happened", [put(TALKING), listed(TALKING)], [f"InboundCall ACTIVE {CALL}"]),
    ("a call appeared", [listed(TALKING)], [f"InboundCall ACTIVE {CALL}"]),
    ("a call began to ring", [listed(RINGING)], [f"NewInboundCall {CALL}"]),
    ("a preview was offered", [listed(PREVIEW)], [f"NewOutboundPreviewCall {CALL}"]),
    ("a call moved on", [post(RINGING), listed(HELD)], [f"NewInboundCall {CALL}", f"InboundCall HELD {CALL}"]),
    ("a call ended", [put(TALKING), listed()], [f"InboundCall ACTIVE {CALL}", f"InboundCall DROPPED {CALL}"]),
    (
        "a consultation ended",
        [post(consultation("ACTIVE")), listed()],
        [f"ConsultCall ACTIVE {CONSULTATION}", f"ConsultCall DROPPED {CONSULTATION}"],
    ),
    (
        "what ended is told before what began",
        [put(TALKING), listed(outgoing("ACTIVE"))],
        [f"InboundCall ACTIVE {CALL}", f"InboundCall DROPPED {CALL}", f"InboundCall ACTIVE {OWN_CALL}"],
    ),
    (
        "what was said before is not heard after",
        [listed(HELD), put(RINGING), put(TALKING), put(HELD)],
        [f"InboundCall HELD {CALL}"],
    ),
    (
        "what was said after is heard",
        [listed(HELD), put(TALKING), put(incoming("ACTIVE", 4))],
        [f"InboundCall HELD {CALL}", f"InboundCall ACTIVE {CALL}"],
    ),
    (
        "once one was newer, so are all",
        [listed(HELD), put(incoming("ACTIVE", 4)), put(TALKING)],
        [f"InboundCall HELD {CALL}", f"InboundCall ACTIVE {CALL}", f"InboundCall ACTIVE {CALL}"],
    ),
    (
        "a party that nobody knew of does not make it older",
        [listed(HELD), put(replace(HELD, participants=(*HELD.participants, party("4003", "ACTIVE", 0))))],
        [f"InboundCall HELD {CALL}", f"InboundCall HELD {CALL}"],
    ),
    (
        "a call that came after the list",
        [listed(), post(RINGING), put(TALKING)],
        [f"NewInboundCall {CALL}", f"InboundCall ACTIVE {CALL}"],
    ),
    (
        "a DELETE is never stale",
        [listed(HELD), delete(incoming("DROPPED", 0))],
        [f"InboundCall HELD {CALL}", f"InboundCall DROPPED {CALL}"],
    ),
    (
        "what is heard while it is asked counts for more than the answer",
        [asking(), post(RINGING), put(TALKING), listed(RINGING)],
        [f"NewInboundCall {CALL}", f"InboundCall ACTIVE {CALL}"],
    ),
    (
        "a call that came while it was asked is not over",
        [asking(), post(RINGING), listed()],
        [f"NewInboundCall {CALL}"],
    ),
    (
        "a call that ended while it was asked does not come back",
        [put(TALKING), asking(), put(HELD), delete(HELD), listed(TALKING)],
        [f"InboundCall ACTIVE {CALL}", f"InboundCall HELD {CALL}", f"InboundCall DROPPED {CALL}"],
    ),
    (
        "what was heard before it was asked does not count",
        [put(TALKING), asking(), asking(), listed(HELD), listed()],
        [f"InboundCall ACTIVE {CALL}", f"InboundCall HELD {CALL}", f"InboundCall DROPPED {CALL}"],
    ),
    (
        "and again",
        [listed(TALKING), listed(TALKING), listed(), listed()],
        [f"InboundCall ACTIVE {CALL}", f"InboundCall DROPPED {CALL}"],
    ),
]


@pytest.mark.parametrize(("said", "heard"), [row[1:] for row in READ_BACK], ids=[row[0] for row in READ_BACK])
def test_what_a_read_back_tells(said: Sequence[Says], heard: list[str]) -> None:
    """The differences that arose meanwhile, and nothing twice."""
    assert told(*said) == heard


# --- DialogStatus

SECOND = replace(TALKING, id="16777310")
SECOND_CONSULTATION = consultation("ACTIVE", id="16777311")
STATUS: list[tuple[Sequence[Dialog], str]] = [
    ([], "DialogStatus -"),
    ([TALKING], f"DialogStatus {CALL}"),
    ([TALKING, consultation("ACTIVE")], f"DialogStatus {CALL} {CONSULTATION}"),
    ([consultation("ACTIVE"), TALKING], f"DialogStatus {CALL} {CONSULTATION}"),
    ([consultation("ACTIVE")], f"DialogStatus {CONSULTATION}"),
    ([TALKING, SECOND], f"DialogStatus {CALL} 16777310"),
    ([TALKING, SECOND, consultation("ACTIVE")], f"DialogStatus {CALL} {CONSULTATION}"),
    ([consultation("ACTIVE"), SECOND_CONSULTATION], f"DialogStatus {CONSULTATION} 16777311"),
]


@pytest.mark.parametrize(("dialogs", "line"), STATUS)
def test_the_status_of_the_calls(dialogs: Sequence[Dialog], line: str) -> None:
    """None, one or two, a consultation stands second."""
    calls = Calls()
    told(listed(*dialogs), calls=calls)
    assert brief(render(calls.status(ANNS_VIEW), TextSettings())) == line


def test_no_call_is_five_fields() -> None:
    assert render(Calls().status(ANNS_VIEW), TextSettings()) == "1001#DialogStatus###"


def test_the_status_shows_the_own_state() -> None:
    calls = Calls()
    told(listed(HELD), calls=calls)
    status = calls.status(ANNS_VIEW)
    assert status.dialog == translate.dialog_summary(HELD, ANNS_VIEW)
    assert (status.dialog.state, status.dialog.from_address, status.associated) == ("HELD", CUSTOMER, None)


# --- the rest


def test_the_last_word_on_a_call_is_kept() -> None:
    calls = Calls()
    told(put(TALKING), put(incoming("DROPPED", 3)), calls=calls)
    assert calls.dialog(CALL) == incoming("DROPPED", 3)
    assert (calls.dialog("1"), CALL in calls, "1" in calls, len(calls)) == (None, True, False, 1)


def test_clearing_tells_nobody() -> None:
    calls = Calls()
    told(put(TALKING), calls=calls)
    calls.clear()
    assert told(delete(TALKING), put(TALKING), calls=calls) == [f"InboundCall ACTIVE {CALL}"]


def test_tasks_of_other_media_are_no_calls() -> None:
    chat = incoming("ACTIVE", media_type="Chat", id="1_2")
    unnamed = incoming("ACTIVE", media_type="")
    assert voice_calls([chat, TALKING, unnamed]) == (TALKING, unnamed)
