"""The Update document: what a notification carries.

Source: finesse-notifications.md section 8. The order is that of every capture; the child of data has a lower-case
name. The vendor's pages print it otherwise, and a Style can do as they do.
"""

from __future__ import annotations

from dataclasses import dataclass

from finesse_simulator import payloads, team_payloads
from finesse_simulator.api_errors import ApiError
from finesse_simulator.engine.views import DialogView, UserView
from finesse_simulator.engine.world import Notice
from finesse_simulator.markup import Element, on_one_line, pretty
from finesse_simulator.vocabulary import Event


@dataclass(frozen=True, slots=True)
class Style:
    """How documents are written. lower_case_events, capital_roots: as the vendor's pages print them."""

    lower_case_events: bool = False
    capital_roots: bool = False


AS_CAPTURED = Style()


def update(notice: Notice, style: Style = AS_CAPTURED) -> str:
    """Write the Update document of a notice: dialogs on one line, everything else by lines."""
    child = _child(notice, capital=style.capital_roots)
    written = update_element(child, notice.event, notice.source, notice.request_id, style)
    return on_one_line(written) if isinstance(notice.body, DialogView) else pretty(written)


def update_element(
    child: Element, event: str, source: str, request_id: str = "", style: Style = AS_CAPTURED
) -> Element:
    """Wrap what changed."""
    if style.capital_roots:
        child = _capital(child)
    if style.lower_case_events:
        event = event.lower()
    return ("Update", [("data", [child]), ("event", event), ("requestId", request_id), ("source", source)])


def _child(notice: Notice, *, capital: bool) -> Element:
    body = notice.body
    if isinstance(body, UserView):
        return payloads.user_element(body, "user", in_answer=False)
    if isinstance(body, DialogView):
        if notice.event is Event.PUT:
            return payloads.dialog_element(body, "dialog")
        return ("dialogs", [payloads.dialog_element(body, "Dialog")])
    if isinstance(body, ApiError):
        return _errors_element(body)
    return team_payloads.summary_element(body, "ReasonCode" if capital else "reasonCode")


def _errors_element(error: ApiError) -> Element:
    fields = [("errorData", error.data or ""), ("errorMessage", error.message), ("errorType", error.type)]
    return ("apiErrors", [("apiError", fields)])


def _capital(element: Element) -> Element:
    name, content = element
    return (name[:1].upper() + name[1:], content)
