"""What was heard, compared with what is expected: names of events in order, others may stand between."""

from __future__ import annotations

from collections.abc import Sequence

from generic_connector.protocol import events, json_codec, text
from generic_connector.protocol.events import Event
from generic_connector.protocol.formats import Format

ENDED = "DROPPED"
RESERVED = "RESERVED"


def read(body: str, event_format: Format) -> Event:
    """Read an event in the format that was asked for. Raises UnreadableEventError for anything else."""
    return json_codec.parse(body) if event_format is Format.JSON else text.parse(body)


def describe(event: Event) -> str:
    """Name an event as the command table does, with its call type: `InboundCall ACTIVE SM`."""
    if isinstance(event, events.InboundCallFailed | events.ConsultCallFailed):
        return f"{event.name} FAILED"
    if isinstance(event, events.State) and event.supervisor_id:
        return f"{event.name} {event.state} of {event.agent_id}"
    words = (getattr(event, member, "") for member in ("state", "status", "code", "category", "call_type"))
    return " ".join([event.name, *(word for word in words if word)])


def fits(expected: str, event: Event) -> bool:
    """Say whether an event is the expected one: its name, and every further word somewhere in its description.

    RESERVED stands for all three states of that name, as in the original's documentation.
    """
    name, *words = expected.split()
    described = describe(event).split()
    if any(word.startswith(f"{RESERVED}_") for word in described):
        described.append(RESERVED)
    return described[0] == name and all(word in described for word in words)


def missing(expected: Sequence[str], heard: Sequence[Event]) -> tuple[str, ...]:
    """Give the expected events that are not found in order, () when all are."""
    left = list(expected)
    for event in heard:
        if left and fits(left[0], event):
            left.pop(0)
    return tuple(left)


def shown(heard: Sequence[Event]) -> str:
    """Write a transcript in one line."""
    return ", ".join(describe(event) for event in heard) or "nothing"


def call_of(event: Event) -> str:
    """Give the id of the call that an event is about and that is not over with it; "" for any other event."""
    kinds = events.NewInboundCall | events.InboundCall | events.ConsultCall
    return event.dialog_id if isinstance(event, kinds) else ""


def open_calls(heard: Sequence[Event]) -> set[str]:
    """Give the ids of the calls that, as the client was told, go on."""
    calls: set[str] = set()
    for event in heard:
        if isinstance(event, events.InboundCall | events.ConsultCall) and event.state == ENDED:
            calls.discard(event.dialog_id)
        elif call_of(event):
            calls.add(call_of(event))
    return calls


def last_state(heard: Sequence[Event], agent_id: str) -> str:
    """Give the state in which the client was last told the agent to be, "" when it was told none."""
    states = (one.state for one in reversed(heard) if isinstance(one, events.State) and one.agent_id == agent_id)
    return next(states, "")


def errors_in(heard: Sequence[Event]) -> list[events.Error]:
    """Give the errors among what was heard."""
    return [event for event in heard if isinstance(event, events.Error)]
