"""The event table: every event in every shape, its text fields and its JSON members in the order of the wire.

The codecs only walk along these rows, forwards to write and backwards to read. A row is chosen by the event's class
and, where a class has several shapes, by `applies`; the first that fits counts.
Source: client-protocol.md sections 2 and 5.
"""

from __future__ import annotations

from generic_connector.protocol.events import Event
from generic_connector.protocol.layout import Layout
from generic_connector.protocol.layouts_agents import AGENTS, ANSWERS, SYSTEM
from generic_connector.protocol.layouts_calls import CALL_ANSWERS, CALLS, DIALOG_STATUS
from generic_connector.protocol.layouts_lists import LISTS

LAYOUTS = (*SYSTEM, *AGENTS, *DIALOG_STATUS, *CALLS, *CALL_ANSWERS, *ANSWERS, *LISTS)
"""All shapes of all events, in the order in which a reader tries them."""

_BY_EVENT = {row.event: tuple(other for other in LAYOUTS if other.event is row.event) for row in LAYOUTS}


def layout_of(event: Event) -> Layout:
    """Give the row for an event. Raises KeyError for a class without a row, which a test rules out."""
    return next(row for row in _BY_EVENT[type(event)] if row.applies(event))
