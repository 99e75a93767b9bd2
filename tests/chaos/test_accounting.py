"""The accounting notices what is lost, doubled and out of order, and takes what is in order for what it is."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from datetime import UTC, datetime

import pytest

from chaos.accounting import account
from chaos.findings import Kind
from chaos.transcript import Heard, Request, Sent, Told, Transcript, Window

START = 1_700_000_000.0
AGENT, DESTINATION, CALL, NUMBER = "1001", "CRM1", "16777217", "70000001"

Tamper = Callable[[Transcript], Transcript]


def clock(second: float) -> str:
    """Write a time as clients read it."""
    return datetime.fromtimestamp(START + second, UTC).strftime("%Y-%m-%d %H:%M:%S")


def told(second: float, state: str, *, event: str = "PUT", dialog: str = "", to: str = "") -> Told:
    at = START + second
    return Told(at=at, agent=AGENT, event=event, state=state, changed=clock(second), dialog=dialog, to_address=to)


def heard(second: float, name: str, state: str = "", *, dialog: str = "") -> Heard:
    return Heard(
        at=START + second + 0.1,
        destination=DESTINATION,
        agent=AGENT,
        name=name,
        state=state,
        dialog=dialog,
        changed=clock(second) if name in {"State", "InboundCall"} and state != "DROPPED" else "",
        text=f"{name} {state} {dialog} {clock(second) if state != 'DROPPED' else ''}",
    )


def snapshot(second: float, *shown: tuple[str, str]) -> Heard:
    at = START + second
    return Heard(at=at, destination=DESTINATION, agent=AGENT, name="DialogStatus", shown=shown, text="snapshot")


def sent(second: float, name: str, target: str = "") -> Sent:
    return Sent(
        id=f"chaos-{name}",
        at=START + second,
        destination=DESTINATION,
        agent=AGENT,
        name=name,
        target=target,
        confirmed=True,
    )


def a_day() -> Transcript:
    """One call comes, is answered, held, retrieved and released; then the agent dials a number."""
    return Transcript(
        agents={AGENT: DESTINATION},
        sent=[
            sent(2, "AnswerCall", CALL),
            sent(4, "HoldCall", CALL),
            sent(6, "RetrieveCall", CALL),
            sent(8, "ReleaseCall", CALL),
            sent(10, "MakeReady"),
            sent(12, "MakeCall", NUMBER),
        ],
        told=[
            told(0, "RESERVED"),
            told(1, "ALERTING", event="POST", dialog=CALL),
            told(2, "TALKING"),
            told(2, "ACTIVE", dialog=CALL),
            told(4, "HELD", dialog=CALL),
            told(6, "ACTIVE", dialog=CALL),
            told(8, "DROPPED", event="DELETE", dialog=CALL),
            told(8, "WORK"),
            told(10, "READY"),
            told(12, "INITIATING", event="POST", dialog="9", to=NUMBER),
            told(14, "DROPPED", event="DELETE", dialog="9", to=NUMBER),
        ],
        heard=[
            heard(0, "State", "RESERVED"),
            heard(1, "NewInboundCall", "ALERTING", dialog=CALL),
            heard(2, "State", "TALKING"),
            heard(2, "InboundCall", "ACTIVE", dialog=CALL),
            heard(4, "InboundCall", "HELD", dialog=CALL),
            heard(6, "InboundCall", "ACTIVE", dialog=CALL),
            heard(8, "InboundCall", "DROPPED", dialog=CALL),
            heard(8, "State", "WORK"),
            heard(10, "State", "READY"),
            heard(12, "InboundCall", "INITIATING", dialog="9"),
            heard(14, "InboundCall", "DROPPED", dialog="9"),
        ],
        requests=[
            Request(agent=AGENT, action=action, target=target)
            for action, target in (
                ("ANSWER", CALL),
                ("HOLD", CALL),
                ("RETRIEVE", CALL),
                ("DROP", CALL),
                ("MAKE_CALL", NUMBER),
            )
        ],
        windows=[],
        final_states={AGENT: "READY"},
    )


def without(*numbers: int) -> Tamper:
    def tamper(day: Transcript) -> Transcript:
        return replace(day, heard=[one for number, one in enumerate(day.heard) if number not in numbers])

    return tamper


def again(number: int, after: int | None = None) -> Tamper:
    """Let an event be heard once more, directly or after another one."""

    def tamper(day: Transcript) -> Transcript:
        events = list(day.heard)
        events.insert((number if after is None else after) + 1, events[number])
        return replace(day, heard=events)

    return tamper


def swapped(first: int, second: int) -> Tamper:
    def tamper(day: Transcript) -> Transcript:
        events = list(day.heard)
        events[first], events[second] = events[second], events[first]
        return replace(day, heard=events)

    return tamper


def found(day: Transcript) -> list[tuple[Kind, str]]:
    return [(finding.kind, finding.what) for finding in account(day).findings]


def test_a_day_without_faults() -> None:
    """Nine things of two calls, three lasting states and the last one are expected, and all of them were told."""
    result = account(a_day())
    assert (result.findings, result.commands_sent, result.events_expected, result.unknowable) == ((), 6, 13, 0)


@pytest.mark.parametrize(
    ("tamper", "kinds"),
    [
        (without(1), [Kind.EVENT_LOST]),
        (without(4), [Kind.EVENT_LOST, Kind.COMMAND_LOST]),
        (without(6), [Kind.EVENT_LOST, Kind.COMMAND_LOST]),
        (without(7), [Kind.EVENT_LOST]),
        (without(9, 10), [Kind.EVENT_LOST, Kind.EVENT_LOST, Kind.EVENT_LOST, Kind.COMMAND_LOST]),
        (again(1), [Kind.DUPLICATED]),
        (again(5), [Kind.DUPLICATED]),
        (again(6), [Kind.DUPLICATED]),
        (again(8), [Kind.DUPLICATED]),
        (again(6, after=8), [Kind.DUPLICATED]),
        (again(3, after=6), [Kind.OUT_OF_ORDER]),
        (swapped(1, 3), [Kind.OUT_OF_ORDER]),
        (swapped(0, 2), [Kind.OUT_OF_ORDER, Kind.EVENT_LOST]),
    ],
)
def test_what_is_wrong_is_noticed(tamper: Tamper, kinds: list[Kind]) -> None:
    """Take an event away, tell it twice, or tell it at another place."""
    assert sorted(kind for kind, _ in found(tamper(a_day()))) == sorted(kinds)


def test_a_lost_end_is_named() -> None:
    assert found(without(6)(a_day())) == [
        (Kind.COMMAND_LOST, f"ReleaseCall {CALL} chaos-ReleaseCall"),
        (Kind.EVENT_LOST, f"call {CALL} ended"),
    ]


def test_an_error_answers_a_command() -> None:
    """An agent who did not get ready was told why; only silence is a loss."""
    day = a_day()
    events = [one for one in day.heard if one.state != "READY"]
    quiet = replace(day, heard=events, told=[one for one in day.told if one.state != "READY"], final_states={})
    assert found(quiet) == [(Kind.COMMAND_LOST, "MakeReady  chaos-MakeReady")]
    error = replace(heard(11, "Error", "PLEASE_RETRY"), correlation="chaos-MakeReady")
    assert found(replace(quiet, heard=[*events[:8], error, *events[8:]])) == []


def test_a_command_that_the_broker_may_not_have() -> None:
    day = a_day()
    unsure = [*day.sent[:-1], replace(sent(13, "MakeReady"), id="chaos-unsure", confirmed=False), day.sent[-1]]
    result = account(replace(day, sent=unsure))
    assert (result.findings, result.commands_sent, result.unconfirmed) == ((), 6, 1)


def test_a_request_too_many() -> None:
    """The second request for one command counts, and so does a number that became two calls."""
    day = a_day()
    assert found(replace(day, requests=[*day.requests, day.requests[1]])) == [
        (Kind.CARRIED_OUT_TWICE, f"HOLD {CALL} accepted 2 times")
    ]
    second = [
        told(13, "INITIATING", event="POST", dialog="10", to=NUMBER),
        told(13.5, "DROPPED", event="DELETE", dialog="10", to=NUMBER),
    ]
    kinds = [kind for kind, _ in found(replace(day, told=[*day.told, *second]))]
    assert kinds.count(Kind.CARRIED_OUT_TWICE) == 1


def test_a_wrong_last_state() -> None:
    assert found(replace(a_day(), final_states={AGENT: "NOT_READY"})) == [
        (Kind.EVENT_LOST, "is NOT_READY, last told READY")
    ]


def test_a_state_that_was_known_before() -> None:
    """Who heard nothing because nothing changed knows the state."""
    day = Transcript(
        agents={AGENT: DESTINATION},
        sent=[],
        heard=[],
        told=[],
        requests=[],
        windows=[],
        final_states={AGENT: "READY"},
        known_states={AGENT: "READY"},
    )
    assert found(day) == []
    assert found(replace(day, known_states={AGENT: "WORK"})) == [(Kind.EVENT_LOST, "is READY, last told WORK")]


def test_a_forced_sign_out() -> None:
    day = a_day()
    out = replace(day, told=[*day.told, told(20, "LOGOUT")], heard=[*day.heard, heard(20, "State", "LOGOUT")])
    assert found(replace(out, final_states={})) == [(Kind.FORCED_LOGOUT, "signed out at Finesse")]
    assert account(replace(out, final_states={}), count_forced=False).clean
    assert found(replace(day, forced_out=1)) == [(Kind.FORCED_LOGOUT, "Finesse counted a lost presence")]


def broken(start: float, end: float, *, blind: bool) -> Sequence[Window]:
    return [Window(start=START + start, end=START + end, blind=blind)]


def test_what_changed_while_it_was_broken() -> None:
    """States in between need not be told; the beginning and the end of a call must be."""
    day = replace(without(4, 5)(a_day()), windows=broken(3.5, 9, blind=False))
    assert {kind for kind, _ in found(day)} == {Kind.COMMAND_LOST}  # HoldCall and RetrieveCall: nothing shows them
    lost = found(replace(without(6)(a_day()), windows=broken(7.5, 9, blind=True)))
    assert (Kind.EVENT_LOST, f"call {CALL} ended") in lost


def test_a_call_that_nobody_could_know_of() -> None:
    """It came and went in a blind window; in one that is not blind it is lost."""
    day = without(9, 10)(replace(a_day(), sent=a_day().sent[:-1], requests=a_day().requests[:-1]))
    blind = account(replace(day, windows=broken(11, 15, blind=True)))
    assert (blind.findings, blind.unknowable) == ((), 1)
    assert account(replace(day, windows=broken(11, 15, blind=False))).count(Kind.EVENT_LOST) == 2


def test_a_snapshot_tells_what_the_events_did_not() -> None:
    """A call is known by a DialogStatus that shows it, and over by one that does not."""
    day = a_day()
    events = [one for one in day.heard if one.dialog != CALL]
    with_snapshots = [*events[:2], snapshot(2.5, (CALL, "ACTIVE")), snapshot(8.5), *events[2:]]
    assert found(replace(day, heard=with_snapshots, windows=broken(0, 9, blind=True))) == []


def test_a_repetition_that_is_explained() -> None:
    """An answer to a command and a snapshot may say what was said before."""
    day = a_day()
    last = day.heard[8]
    answer = replace(last, correlation="chaos-GetState")
    assert found(replace(day, heard=[*day.heard[:9], answer, *day.heard[9:]])) == []
    assert found(replace(day, heard=[*day.heard[:9], last, snapshot(11), *day.heard[9:]])) == []


def test_a_call_that_rings_again_is_another_one() -> None:
    """The queue took the call back and offered it once more: two beginnings and two ends."""
    day = a_day()
    life = [told(1, "ALERTING", event="POST", dialog="5"), told(1.5, "DROPPED", event="DELETE", dialog="5")]
    events = [heard(1, "NewInboundCall", "ALERTING", dialog="5"), heard(1.5, "InboundCall", "DROPPED", dialog="5")]
    twice = replace(day, told=[*life, *life, *day.told], heard=[*events, *events, *day.heard])
    assert found(twice) == []
    assert [kind for kind, _ in found(replace(twice, told=[*life, *day.told]))] == [Kind.OUT_OF_ORDER, Kind.DUPLICATED]
