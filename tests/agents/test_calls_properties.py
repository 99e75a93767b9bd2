"""What holds of the calls of an agent whatever Finesse says, in whatever order."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from hypothesis import given
from hypothesis import strategies as st

from agents.people import ANNS_VIEW, COLLEAGUE, CUSTOMER, EXTENSION, incoming, party
from generic_connector.agents.calls import PREVIEW_CALL_TYPES, Calls
from generic_connector.finesse.model import Dialog, Participant
from generic_connector.protocol import events

STATES = ["", "INITIATING", "INITIATED", "ALERTING", "ACTIVE", "HELD", "WRAP_UP", "FAILED", "DROPPED", "ACCEPTED"]
TYPES = [
    "PREROUTE_ACD_IN",
    "OUT",
    "CONSULT",
    "TRANSFER",
    "CONFERENCE",
    "SUPERVISOR_MONITOR",
    *sorted(PREVIEW_CALL_TYPES),
]
IDS = ["16777300", "16777301", "16777302"]

states = st.sampled_from(STATES)
seconds = st.integers(0, 9)


@st.composite
def parties(draw: st.DrawFn, *, rings: bool) -> tuple[Participant, ...]:
    """Ann and others, in any order, or without her."""
    addresses = draw(st.permutations([EXTENSION, CUSTOMER, COLLEAGUE]))[: draw(st.integers(0, 3))]
    own = states if rings else states.filter(lambda state: state != "ALERTING")
    return tuple(party(one, draw(own if one == EXTENSION else states), draw(seconds)) for one in addresses)


@st.composite
def dialogs(draw: st.DrawFn) -> Dialog:
    """Any dialog, but Finesse lets nobody's own phone ring in a call that is the agent's own, or is just reserved."""
    caller = draw(st.sampled_from([CUSTOMER, EXTENSION]))
    call_type = draw(st.sampled_from(TYPES))
    return Dialog(
        id=draw(st.sampled_from(IDS)),
        from_address=caller,
        to_address=CUSTOMER if caller == EXTENSION else EXTENSION,
        state=draw(states),
        call_type=call_type,
        associated_dialog_id=draw(st.sampled_from(["", IDS[0]])),
        secondary_id=draw(st.sampled_from(["", "1"])),
        call_variables=draw(st.sampled_from([(), (("callVariable1", "7"),), (("user.a", "7"),)])),
        participants=draw(parties(rings=caller != EXTENSION and call_type not in PREVIEW_CALL_TYPES)),
    )


@dataclass(frozen=True)
class Step:
    """One thing that Finesse says, or that was read."""

    what: str
    dialogs: tuple[Dialog, ...]


routed = st.builds(
    incoming,
    states.filter(bool),
    seconds,
    id=st.sampled_from(IDS),
    other=states,
    call_variables=st.sampled_from([(), (("callVariable1", "7"),)]),
)
"""A queue's calls."""


def steps_of(dialog: st.SearchStrategy[Dialog]) -> st.SearchStrategy[list[Step]]:
    one = dialog.map(lambda only: (only,))
    several = st.lists(dialog, max_size=3, unique_by=lambda each: each.id).map(tuple)
    said = st.builds(Step, st.sampled_from(["POST", "PUT", "asked for", "DELETE"]), one)
    read = st.builds(Step, st.sampled_from(["begin", "read back"]), several)
    return st.lists(said | read, max_size=25)


def take(calls: Calls, step: Step) -> list[events.Event]:
    match step.what:
        case "begin":
            calls.begin_read_back()
            return []
        case "read back":
            return calls.read_back(step.dialogs, ANNS_VIEW)
        case "DELETE":
            return calls.removed(step.dialogs[0], ANNS_VIEW)
    return calls.changed(step.dialogs[0], ANNS_VIEW, answer=step.what == "asked for")


@dataclass
class Client:
    """What a client may rely on, checked event by event."""

    alive: set[str] = field(default_factory=set)
    last: dict[str, events.Event] = field(default_factory=dict)

    def hear(self, event: events.Event, *, asked_for: bool) -> None:
        dialog_id: str = getattr(event, "dialog_id")  # noqa: B009 - every event of a call has one, the type does not say
        if getattr(event, "state", "") == "DROPPED":
            assert dialog_id in self.alive, "DROPPED of a call that was not told, or twice"
            self.alive.discard(dialog_id)
        else:
            self.alive.add(dialog_id)
        assert asked_for or self.last.get(dialog_id) != event, "the same event twice in a row"
        self.last[dialog_id] = event


@given(steps_of(dialogs()))
def test_what_a_client_may_rely_on(steps: list[Step]) -> None:
    """A call that was told ends at most once and only then begins anew; nothing is told twice in a row unasked."""
    calls, client = Calls(), Client()
    for step in steps:
        for event in take(calls, step):
            client.hear(event, asked_for=step.what == "asked for")
        assert client.alive == {one for one in IDS if one in calls}


@given(steps_of(routed))
def test_a_call_that_begins_to_ring_is_told_as_new_first(steps: list[Step]) -> None:
    """And not again before it ended."""
    calls = Calls()
    rings: set[str] = set()
    for step in steps:
        for event in take(calls, step):
            match event:
                case events.NewInboundCall(dialog_id=dialog_id):
                    assert dialog_id not in rings
                    rings.add(dialog_id)
                case events.InboundCall(dialog_id=dialog_id, state="ALERTING"):
                    assert dialog_id in rings
                case events.InboundCall(dialog_id=dialog_id, state="DROPPED"):
                    rings.discard(dialog_id)


@given(st.lists(dialogs(), max_size=3), st.lists(dialogs(), max_size=3))
def test_a_read_back_leaves_exactly_what_was_read(before: list[Dialog], now: list[Dialog]) -> None:
    """And the same list again tells nothing."""
    calls = Calls()
    calls.read_back(before, ANNS_VIEW)
    calls.read_back(now, ANNS_VIEW)
    assert {one for one in IDS if one in calls} <= {dialog.id for dialog in now}
    assert calls.read_back(now, ANNS_VIEW) == []


@given(dialogs())
def test_a_status_can_be_told_of_anything(dialog: Dialog) -> None:
    calls = Calls()
    calls.read_back([dialog, replace(dialog, id="16777399")], ANNS_VIEW)
    status = calls.status(ANNS_VIEW)
    assert (status.dialog is None) == (len(calls) == 0)
