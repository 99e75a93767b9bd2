"""The XML of teams, queues, phone books and messages to teams, in the order of the vendor's pages.

Sources: finesse-rest.md sections 10 to 12; finesse-notifications.md section 8.3. No capture of any of these is known.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from finesse_simulator.engine.model import Reason
from finesse_simulator.engine.summaries import (
    MemberView,
    MessageView,
    QueueStatistics,
    QueuesView,
    QueueView,
    Summary,
)
from finesse_simulator.markup import Element, pretty, timestamp
from finesse_simulator.scenario import Contact, PhoneBook, Team

_API = "/finesse/api"


def summary_element(body: Summary, reason_name: str) -> Element:
    """Build what a notification about a team, a queue or a message carries. reason_name: see member_element."""
    match body:
        case MemberView():
            return member_element(body, "user", reason_name)
        case QueueView():
            return queue_element(body, "queue")
        case QueuesView():
            return ("queues", [queue_element(queue, "Queue") for queue in body.queues])
        case MessageView():
            return message_element(body)


# ---- teams


def member_element(view: MemberView, root: str, reason_name: str) -> Element:
    """Build the summary of a member that a team notification carries. reason_name: reasonCode, or ReasonCode."""
    user = view.user
    fields: list[Element] = [
        ("uri", f"{_API}/User/{user.id}"),
        ("loginId", user.id),
        ("firstName", user.first_name),
        ("lastName", user.last_name),
        ("state", user.state),
        ("stateChangeTime", timestamp(user.state_changed)),
    ]
    if user.reason is not None:
        fields.append(_reason_element(user.reason, reason_name))
    if view.media_state is not None:
        fields.append(("mediaState", view.media_state))
    return (root, fields)


def team_answer(team: Team, members: Sequence[MemberView]) -> str:
    """Write the answer to GET Team."""
    users: list[Element] = [("User", _member_fields(view)) for view in members]
    return pretty(("Team", [*_team_fields(team), ("users", users)]))


def teams_answer(teams: Sequence[Team]) -> str:
    """Write the answer to GET Teams."""
    return pretty(("Teams", [("Team", _team_fields(team)) for team in teams])) if teams else "<Teams/>"


def _team_fields(team: Team) -> list[Element]:
    return [("uri", f"{_API}/Team/{team.id}"), ("id", team.id), ("name", team.name)]


def _member_fields(view: MemberView) -> list[Element]:
    user = view.user
    fields: list[Element] = [
        ("uri", f"{_API}/User/{user.id}"),
        ("loginId", user.id),
        ("firstName", user.first_name),
        ("lastName", user.last_name),
        ("dialogs", f"{_API}/User/{user.id}/Dialogs"),
        ("extension", user.extension),
        ("pendingState", user.pending_state),
        ("state", user.state),
    ]
    if user.reason is not None:
        fields.append(_reason_element(user.reason, "reasonCode"))
    if view.media_state is not None:
        fields.append(("mediaState", view.media_state))
    return [*fields, ("stateChangeTime", timestamp(user.state_changed))]


def _reason_element(reason: Reason, name: str) -> Element:
    fields: list[Element] = [
        ("category", reason.category),
        ("code", str(reason.code)),
        ("id", str(reason.id)),
        ("label", reason.label),
        ("uri", f"{_API}/ReasonCode/{reason.id}"),
    ]
    return (name, fields)


# ---- queues


def queue_element(view: QueueView, root: str) -> Element:
    """Build a queue; one that is gone has its address only."""
    uri: Element = ("uri", f"{_API}/Queue/{view.id}")
    if view.statistics is None:
        return (root, [uri])
    return (root, [uri, ("name", view.name), ("statistics", _statistics(view.statistics))])


def _statistics(statistics: QueueStatistics) -> list[Element]:
    return [
        ("callsInQueue", str(statistics.calls_in_queue)),
        ("startTimeOfLongestCallInQueue", _seconds(statistics.start_of_longest)),
        ("agentsReady", str(statistics.ready)),
        ("agentsNotReady", str(statistics.not_ready)),
        ("agentsBusyOther", str(statistics.busy_other)),
        ("agentsLoggedOn", str(statistics.logged_on)),
        ("agentsTalkingInbound", str(statistics.talking_inbound)),
        ("agentsTalkingOutbound", str(statistics.talking_outbound)),
        ("agentsTalkingInternal", str(statistics.talking_internal)),
        ("agentsWrapUpNotReady", str(statistics.wrap_up_not_ready)),
        ("agentsWrapUpReady", str(statistics.wrap_up_ready)),
    ]


def _seconds(moment: datetime | None) -> str:
    """Write a time without milliseconds, as queues do."""
    return f"{moment:%Y-%m-%dT%H:%M:%S}Z" if moment else ""


def queue_answer(view: QueueView) -> str:
    """Write the answer to GET Queue."""
    return pretty(queue_element(view, "Queue"))


def queues_answer(views: Sequence[QueueView]) -> str:
    """Write the answer to GET User/Queues."""
    return pretty(("Queues", [queue_element(view, "Queue") for view in views])) if views else "<Queues/>"


# ---- phone books


def phone_books_answer(books: Sequence[tuple[PhoneBook, Sequence[Contact]]]) -> str:
    """Write the answer to GET PhoneBooks: each book with those of its contacts that are asked for."""
    if not books:
        return "<PhoneBooks/>"
    return pretty(("PhoneBooks", [_phone_book(book, contacts) for book, contacts in books]))


def _phone_book(book: PhoneBook, contacts: Sequence[Contact]) -> Element:
    entries: list[Element] = [("Contact", _contact_fields(contact)) for contact in contacts]
    return ("PhoneBook", [("name", book.name), ("type", book.type), ("Contacts", entries)])


def _contact_fields(contact: Contact) -> list[Element]:
    return [
        ("firstName", contact.first_name),
        ("lastName", contact.last_name),
        ("phoneNumber", contact.phone_number),
        ("description", contact.description),
    ]


def phone_book_answer(book: PhoneBook) -> str:
    """Write the answer to the administrator's GET PhoneBook."""
    uri = f"{_API}/PhoneBook/{book.id}"
    fields = [("uri", uri), ("name", book.name), ("type", book.type), ("contacts", f"{uri}/Contacts")]
    return pretty(("PhoneBook", fields))


def contacts_answer(book: PhoneBook) -> str:
    """Write the answer to the administrator's GET Contacts."""
    if not book.contacts:
        return "<Contacts/>"
    return pretty(("Contacts", [_listed_contact(book, number) for number in range(1, len(book.contacts) + 1)]))


def contact_answer(book: PhoneBook, number: int) -> str:
    """Write the answer to the administrator's GET Contact; contacts are counted from 1."""
    return pretty(_listed_contact(book, number))


def _listed_contact(book: PhoneBook, number: int) -> Element:
    uri: Element = ("uri", f"{_API}/PhoneBook/{book.id}/Contact/{number}")
    return ("Contact", [*_contact_fields(book.contacts[number - 1]), uri])


# ---- messages to teams


def message_element(view: MessageView) -> Element:
    """Build a message."""
    creator: list[Element] = [
        ("id", view.creator_id),
        ("firstName", view.creator_first_name),
        ("lastName", view.creator_last_name),
    ]
    fields: list[Element] = [
        ("uri", f"{_API}/TeamMessage/{view.id}"),
        ("id", view.id),
        ("createdBy", creator),
        ("createdAt", str(view.created)),
        ("duration", str(view.duration)),
        ("content", view.content),
        ("teams", [("team", team) for team in view.teams]),
    ]
    return ("TeamMessage", fields)


def message_answer(view: MessageView) -> str:
    """Write the answer to POST TeamMessage."""
    return pretty(message_element(view))


def messages_answer(views: Sequence[MessageView]) -> str:
    """Write a list of messages."""
    return pretty(("TeamMessages", [message_element(view) for view in views])) if views else "<TeamMessages/>"
