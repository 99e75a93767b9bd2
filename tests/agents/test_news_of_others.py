"""What happens to a call for other reasons while a result is waited for: it is not taken for the result."""

from __future__ import annotations

from agents.fake_finesse import ACCEPTED, until
from agents.office import Office, open_office
from agents.people import ANN, CALL, incoming
from generic_connector.agents.pending import Pending, PendingRequests, dialog_moves, never
from generic_connector.finesse.model import DialogChanged, Notification, NotificationContent

TALKING = f"InboundCall ACTIVE {CALL}"
WHEN = "2030-01-02T10:30"


def with_callback(value: str) -> DialogChanged:
    return DialogChanged(dialog=incoming("ACTIVE", call_variables=(("BAResponse", value),)))


async def test_a_notification_that_says_nothing_new_is_not_the_first_half_of_a_callback(anns: Office) -> None:
    """Time and number are two requests; the client hears the call after each of them, and in this order."""
    anns.finesse.call_comes(ANN, incoming("ACTIVE"))
    anns.finesse.script("update_scheduled_callback", ACCEPTED, ACCEPTED)
    anns.send("UPDATECALLBACK", f",{CALL},{WHEN},5550199")
    await until(lambda: anns.finesse.operations().count("update_scheduled_callback") == 1)
    first = anns.finesse.last("update_scheduled_callback").request_id
    anns.finesse.call_changes(ANN, incoming("ACTIVE"))
    anns.finesse.call_changes(ANN, with_callback(WHEN).dialog, first)
    await until(lambda: anns.finesse.operations().count("update_scheduled_callback") == 2)
    second = anns.finesse.last("update_scheduled_callback").request_id
    anns.finesse.call_changes(ANN, with_callback(WHEN).dialog, second)
    await anns.idle()
    order = ["InboundCall", "Control", "InboundCall", "CallBack", "Control", "InboundCall"]
    assert [told.split()[0] for told in anns.told()] == order


async def test_a_request_about_a_call_that_moved_is_not_said_to_have_failed() -> None:
    """Finesse may lose our id, and the result may be what the client knows already."""
    async with open_office(result_timeout=0.05) as anns:
        await anns.sign_in()
        anns.finesse.call_comes(ANN, incoming("ACTIVE"))
        anns.finesse.script("update_call_data", ACCEPTED)
        anns.send("wrapup", f"Sold,{CALL}")
        await until(lambda: "update_call_data" in anns.finesse.operations())
        anns.finesse.call_changes(ANN, incoming("ACTIVE"))
        anns.send("GetState")
        await anns.hears(TALKING, "State NOT_READY")


def test_what_says_nothing_new_counts_only_with_its_id() -> None:
    requests: PendingRequests[str] = PendingRequests()
    requests.add(Pending("one", "take_action", "", dialog_moves(CALL), "owner"))
    moved = DialogChanged(dialog=incoming("ACTIVE"))
    unnamed, named = (Notification(source="", request_id=request_id, content=moved) for request_id in ("", "one"))
    assert requests.resolve(unnamed, news=never) is None
    assert requests.resolve(named, news=never) is not None
    assert not requests.discard("one")


def test_news_is_not_looked_for_where_nobody_waits_for_it() -> None:
    """Every notification of every call comes by here, and to know whether it is news its event has to be rendered."""
    looked: list[NotificationContent] = []

    def news(content: NotificationContent) -> bool:
        looked.append(content)
        return True

    requests: PendingRequests[str] = PendingRequests()
    unnamed = Notification(source="", request_id="", content=DialogChanged(dialog=incoming("ACTIVE")))
    assert requests.resolve(unnamed, news=news) is None
    assert looked == []
    requests.add(Pending("one", "take_action", "", dialog_moves(CALL), "owner"))
    assert requests.resolve(unnamed, news=news) is not None
    assert looked == [unnamed.content]
