"""Finesse's XML documents to the objects of finesse.model, and nothing else.

The order of elements never matters, their case hardly ever, and unknown ones are skipped, so that a newer Finesse
does not break us. A document with a DOCTYPE, too large or too deep is refused. Everything that is wrong with a
document raises PayloadError; the only exception is parse_api_errors, for which anything unreadable means "no errors".
Sources: finesse-rest.md sections 2, 3, 4, 6, 10 to 12; finesse-notifications.md sections 6 to 8.
"""

from __future__ import annotations

import re
from collections.abc import Callable
from xml.etree import ElementTree as ET

from generic_connector.finesse.elements import (
    each,
    read_api_error,
    read_dialog,
    read_phone_book,
    read_queue,
    read_reason_code,
    read_root,
    read_system_info,
    read_team,
    read_user,
    read_wrap_up_reason,
    text_of,
)
from generic_connector.finesse.failures import PayloadError
from generic_connector.finesse.model import (
    ApiError,
    Dialog,
    DialogChanged,
    DialogsAdded,
    DialogsRemoved,
    Notification,
    NotificationContent,
    PhoneBook,
    Queue,
    QueueChanged,
    QueuesAdded,
    QueuesRemoved,
    ReasonCode,
    RequestRefused,
    SystemInfo,
    SystemInfoChanged,
    Team,
    TeamMemberChanged,
    User,
    UserChanged,
    UserRemoved,
    WrapUpReason,
)

NOTIFICATION_LIMIT = 256 * 1024
"""Characters in an Update document, if not set otherwise; the largest seen in captures has about 12,000."""


_TEAM_NODE = re.compile("/finesse/api/Team/[^/]+/Users/?", re.IGNORECASE)


def parse_updates(text: str, limit: int = NOTIFICATION_LIMIT, node: str = "") -> tuple[Notification, ...]:
    """Read an Update document; empty when it is about something we do not follow (media, client logs, ...).

    limit: the most characters that are accepted. node: the pub/sub node that brought it. It decides what a user is:
    by a team's node a member, in either of the documented shapes, and then there is a notification for each member.
    """
    root = read_root(text, ("update",), limit)
    fields = {child.tag.lower(): child for child in root}
    event = text_of(fields.get("event")).strip().upper()
    source = text_of(fields.get("source")).strip()
    data = fields.get("data")
    child = next(iter(data), None) if data is not None else None
    request_id = text_of(fields.get("requestid")).strip()
    return tuple(
        Notification(source=source, request_id=request_id, content=content, node=node)
        for content in _contents(child, event, source, node)
    )


def parse_update(text: str, limit: int = NOTIFICATION_LIMIT, node: str = "") -> Notification | None:
    """Read an Update document that says one thing; None when that is nothing we follow. See parse_updates."""
    return next(iter(parse_updates(text, limit, node)), None)


def _contents(child: ET.Element | None, event: str, source: str, node: str) -> tuple[NotificationContent, ...]:
    """Tell what happened. The event word, not a dialog's state, says that a dialog is gone."""
    if _TEAM_NODE.fullmatch(node) and (child is None or child.tag.lower() in _MEMBERS):
        return _team_contents(child, event)
    if child is None:  # the deletion of a user comes without data
        is_user = source.startswith("/finesse/api/User/") and source.count("/") == 4  # noqa: PLR2004 - parts of the uri
        return (UserRemoved(),) if event == "DELETE" and is_user else ()
    if "/Media/" in source:  # tasks of other media than voice
        return ()
    if child.tag.lower() == "team":
        return _team_contents(child, event)
    reader = _CONTENTS.get(child.tag.lower())
    return (reader(child, event),) if reader else ()


_MEMBERS = ("user", "team")


def _team_contents(child: ET.Element | None, event: str) -> tuple[NotificationContent, ...]:
    """Tell which members changed. That one left the team is not told in any documented way."""
    if child is None or event == "DELETE":
        return ()
    users = (read_user(child),) if child.tag.lower() == "user" else read_team(child).users
    return tuple(TeamMemberChanged(user=user) for user in users)


def _user_content(element: ET.Element, event: str) -> NotificationContent:
    return UserRemoved() if event == "DELETE" else UserChanged(user=read_user(element))


def _dialogs_content(element: ET.Element, event: str) -> NotificationContent:
    dialogs = each(element, "dialog", read_dialog)
    return DialogsRemoved(dialogs=dialogs) if event == "DELETE" else DialogsAdded(dialogs=dialogs)


def _dialog_content(element: ET.Element, event: str) -> NotificationContent:
    dialog = read_dialog(element)
    if event == "DELETE":
        return DialogsRemoved(dialogs=(dialog,))
    return DialogsAdded(dialogs=(dialog,)) if event == "POST" else DialogChanged(dialog=dialog)


def _queue_content(element: ET.Element, event: str) -> NotificationContent:
    queue = read_queue(element)
    return QueuesRemoved(queues=(queue,)) if event == "DELETE" else QueueChanged(queue=queue)


def _queues_content(element: ET.Element, event: str) -> NotificationContent:
    queues = each(element, "queue", read_queue)
    return QueuesRemoved(queues=queues) if event == "DELETE" else QueuesAdded(queues=queues)


_CONTENTS: dict[str, Callable[[ET.Element, str], NotificationContent]] = {
    "user": _user_content,
    "dialogs": _dialogs_content,
    "dialog": _dialog_content,
    "apierrors": lambda element, _: RequestRefused(errors=each(element, "apierror", read_api_error)),
    "queue": _queue_content,
    "queues": _queues_content,
    "systeminfo": lambda element, _: SystemInfoChanged(system_info=read_system_info(element)),
}


def parse_user(text: str) -> User:
    """Read a User document."""
    return read_user(read_root(text, ("user",)))


def parse_users(text: str) -> tuple[User, ...]:
    """Read a Users document."""
    return each(read_root(text, ("users",)), "user", read_user)


def parse_dialog(text: str) -> Dialog:
    """Read a Dialog document."""
    return read_dialog(read_root(text, ("dialog",)))


def parse_dialogs(text: str) -> tuple[Dialog, ...]:
    """Read a Dialogs document; it has no children when there are no dialogs."""
    return each(read_root(text, ("dialogs",)), "dialog", read_dialog)


def parse_reason_codes(text: str) -> tuple[ReasonCode, ...]:
    """Read a ReasonCodes document. The database id is the last part of each uri."""
    return each(read_root(text, ("reasoncodes",)), "reasoncode", read_reason_code)


def parse_wrap_up_reasons(text: str) -> tuple[WrapUpReason, ...]:
    """Read a WrapUpReasons document."""
    return each(read_root(text, ("wrapupreasons",)), "wrapupreason", read_wrap_up_reason)


def parse_team(text: str) -> Team:
    """Read a Team document, members and all."""
    return read_team(read_root(text, ("team",)))


def parse_queues(text: str) -> tuple[Queue, ...]:
    """Read a Queues document, or the Queue document of a single one."""
    root = read_root(text, ("queues", "queue"))
    return (read_queue(root),) if root.tag.lower() == "queue" else each(root, "queue", read_queue)


def parse_phone_books(text: str) -> tuple[PhoneBook, ...]:
    """Read a PhoneBooks document."""
    return each(read_root(text, ("phonebooks",)), "phonebook", read_phone_book)


def parse_system_info(text: str) -> SystemInfo:
    """Read a SystemInfo document."""
    return read_system_info(read_root(text, ("systeminfo",)))


def parse_api_errors(text: str) -> tuple[ApiError, ...]:
    """Read an ApiErrors document; anything else, such as the servlet container's HTML page, has no errors."""
    try:
        return each(read_root(text, ("apierrors",)), "apierror", read_api_error)
    except PayloadError:
        return ()
