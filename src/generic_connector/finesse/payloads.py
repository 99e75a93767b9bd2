"""Finesse's XML to the objects of finesse.model, and nothing else: one walk over the children, by name.

The order of elements never matters, their case hardly ever, and unknown ones are skipped, so that a newer Finesse
does not break us. A document with a DOCTYPE, too large or too deep is refused. Everything that is wrong with a
document raises PayloadError; the only exception is parse_api_errors, for which anything unreadable means "no errors".
Sources: finesse-rest.md sections 2, 3, 4, 6, 12; finesse-notifications.md sections 7 and 8.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar
from xml.etree import ElementTree as ET

from generic_connector.finesse.failures import PayloadError
from generic_connector.finesse.model import (
    ApiError,
    Dialog,
    DialogChanged,
    DialogsAdded,
    DialogsRemoved,
    Notification,
    NotificationContent,
    Participant,
    ReasonCode,
    RequestRefused,
    SystemInfo,
    SystemInfoChanged,
    Team,
    User,
    UserChanged,
    UserRemoved,
    WrapUpReason,
)

NOTIFICATION_LIMIT = 256 * 1024
"""Characters in an Update document, if not set otherwise; the largest seen in captures has about 12,000."""

ANSWER_LIMIT = 8 * 1024 * 1024
"""Characters in the body of an answer; a list of 2,000 users has about 3,000,000."""

_DEEPEST = 24  # levels of elements; Finesse's deepest document has 9

_Thing = TypeVar("_Thing")


def parse_update(text: str, limit: int = NOTIFICATION_LIMIT) -> Notification | None:
    """Read an Update document; None when it is about something we do not follow (teams, queues, media, ...).

    limit: the most characters that are accepted.
    """
    root = _root(text, ("update",), limit)
    fields = {child.tag.lower(): child for child in root}
    event = _text(fields.get("event")).strip().upper()
    source = _text(fields.get("source")).strip()
    data = fields.get("data")
    content = _content(next(iter(data), None) if data is not None else None, event, source)
    if content is None:
        return None
    return Notification(source=source, request_id=_text(fields.get("requestid")).strip(), content=content)


def _content(child: ET.Element | None, event: str, source: str) -> NotificationContent | None:
    """Tell what happened. The event word, not a dialog's state, says that a dialog is gone."""
    if child is None:  # the deletion of a user comes without data
        is_user = source.startswith("/finesse/api/User/") and source.count("/") == 4  # noqa: PLR2004 - parts of the uri
        return UserRemoved() if event == "DELETE" and is_user else None
    if "/Media/" in source:  # tasks of other media than voice
        return None
    reader = _CONTENTS.get(child.tag.lower())
    return reader(child, event) if reader else None


def _user_content(element: ET.Element, event: str) -> NotificationContent:
    return UserRemoved() if event == "DELETE" else UserChanged(user=_user(element))


def _dialogs_content(element: ET.Element, event: str) -> NotificationContent:
    dialogs = _each(element, "dialog", _dialog)
    return DialogsRemoved(dialogs=dialogs) if event == "DELETE" else DialogsAdded(dialogs=dialogs)


def _dialog_content(element: ET.Element, event: str) -> NotificationContent:
    dialog = _dialog(element)
    if event == "DELETE":
        return DialogsRemoved(dialogs=(dialog,))
    return DialogsAdded(dialogs=(dialog,)) if event == "POST" else DialogChanged(dialog=dialog)


_CONTENTS: dict[str, Callable[[ET.Element, str], NotificationContent]] = {
    "user": _user_content,
    "dialogs": _dialogs_content,
    "dialog": _dialog_content,
    "apierrors": lambda element, _: RequestRefused(errors=_each(element, "apierror", _api_error)),
    "systeminfo": lambda element, _: SystemInfoChanged(system_info=_system_info(element)),
}


def parse_user(text: str) -> User:
    """Read a User document."""
    return _user(_root(text, ("user",)))


def parse_users(text: str) -> tuple[User, ...]:
    """Read a Users document."""
    return _each(_root(text, ("users",)), "user", _user)


def parse_dialog(text: str) -> Dialog:
    """Read a Dialog document."""
    return _dialog(_root(text, ("dialog",)))


def parse_dialogs(text: str) -> tuple[Dialog, ...]:
    """Read a Dialogs document; it has no children when there are no dialogs."""
    return _each(_root(text, ("dialogs",)), "dialog", _dialog)


def parse_reason_codes(text: str) -> tuple[ReasonCode, ...]:
    """Read a ReasonCodes document. The database id is the last part of each uri."""
    return _each(_root(text, ("reasoncodes",)), "reasoncode", _reason_code)


def parse_wrap_up_reasons(text: str) -> tuple[WrapUpReason, ...]:
    """Read a WrapUpReasons document."""
    return _each(_root(text, ("wrapupreasons",)), "wrapupreason", _wrap_up_reason)


def parse_system_info(text: str) -> SystemInfo:
    """Read a SystemInfo document."""
    return _system_info(_root(text, ("systeminfo",)))


def parse_api_errors(text: str) -> tuple[ApiError, ...]:
    """Read an ApiErrors document; anything else, such as the servlet container's HTML page, has no errors."""
    try:
        return _each(_root(text, ("apierrors",)), "apierror", _api_error)
    except PayloadError:
        return ()


# --- elements ----------------------------------------------------------------------------------------------------


def _root(text: str, names: tuple[str, ...], limit: int = ANSWER_LIMIT) -> ET.Element:
    if len(text) > limit:
        raise PayloadError(f"the document has {len(text)} characters, more than {limit}")
    if "<!DOCTYPE" in text:
        raise PayloadError("the document has a DOCTYPE")
    try:
        root = ET.fromstring(text)  # noqa: S314 - without a DOCTYPE there are no entities to expand
    except (ET.ParseError, ValueError, LookupError) as error:
        raise PayloadError(f"the document is not well-formed: {error}") from None
    if root.tag.lower() not in names:
        raise PayloadError(f"the document is a {root.tag[:40]}, not a {names[0]}")
    _refuse_depth(root)
    return root


def _refuse_depth(root: ET.Element) -> None:
    level = list(root)
    for _ in range(_DEEPEST):
        if not level:
            return
        level = [child for element in level for child in element]
    raise PayloadError(f"the document has more than {_DEEPEST} levels")


def _text(element: ET.Element | None) -> str:
    return (element.text or "") if element is not None else ""


def _each(parent: ET.Element, name: str, read: Callable[[ET.Element], _Thing]) -> tuple[_Thing, ...]:
    return tuple(read(child) for child in parent if child.tag.lower() == name)


def _texts(parent: ET.Element, name: str) -> tuple[str, ...]:
    return _each(parent, name, _text)


def _last_part(uri: str) -> str:
    return uri.rstrip("/").rpartition("/")[2]


_USER = {
    "loginid": "login_id",
    "loginname": "login_name",
    "firstname": "first_name",
    "lastname": "last_name",
    "state": "state",
    "pendingstate": "pending_state",
    "statechangetime": "state_change_time",
    "reasoncodeid": "reason_code_id",
    "extension": "extension",
    "teamid": "team_id",
    "teamname": "team_name",
    "mediatype": "media_type",
}


def _user(element: ET.Element) -> User:
    texts: dict[str, str] = {}
    reason_code: ReasonCode | None = None
    roles: tuple[str, ...] = ()
    teams: tuple[Team, ...] = ()
    for child in element:
        name = child.tag.lower()
        if name in _USER:
            texts[_USER[name]] = child.text or ""
        elif name == "reasoncode":
            reason_code = _reason_code(child)
        elif name == "roles":
            roles = _texts(child, "role")
        elif name == "teams":
            teams = _each(child, "team", _team)
        elif name == "settings":
            texts["wrap_up_on_incoming"] = "".join(_texts(child, "wrapuponincoming"))
    return User(**texts, reason_code=reason_code, roles=roles, teams=teams)


def _named(element: ET.Element) -> dict[str, str]:
    """Give the texts of an element's children by name, in lower case."""
    return {child.tag.lower(): child.text or "" for child in element}


def _team(element: ET.Element) -> Team:
    texts = _named(element)
    return Team(id=texts.get("id") or _last_part(texts.get("uri", "")), name=texts.get("name", ""))


def _reason_code(element: ET.Element) -> ReasonCode:
    texts = _named(element)
    return ReasonCode(
        id=texts.get("id") or _last_part(texts.get("uri", "")),
        code=texts.get("code", ""),
        label=texts.get("label", ""),
        category=texts.get("category", ""),
    )


def _wrap_up_reason(element: ET.Element) -> WrapUpReason:
    texts = _named(element)
    return WrapUpReason(id=texts.get("id") or _last_part(texts.get("uri", "")), label=texts.get("label", ""))


def _api_error(element: ET.Element) -> ApiError:
    texts = _named(element)
    return ApiError(
        type=texts.get("errortype", ""), message=texts.get("errormessage", ""), data=texts.get("errordata", "")
    )


_DIALOG = {
    "id": "id",
    "secondaryid": "secondary_id",
    "fromaddress": "from_address",
    "toaddress": "to_address",
    "state": "state",
    "mediatype": "media_type",
}
_MEDIA_PROPERTIES = {
    "dnis": "dnis",
    "calltype": "call_type",
    "dialednumber": "dialed_number",
    "wrapupreason": "wrap_up_reason",
}


def _dialog(element: ET.Element) -> Dialog:
    texts: dict[str, str] = {"id": ""}
    variables: tuple[tuple[str, str], ...] = ()
    participants: tuple[Participant, ...] = ()
    uri = ""
    for child in element:
        name = child.tag.lower()
        if name in _DIALOG:
            texts[_DIALOG[name]] = child.text or ""
        elif name == "associateddialoguri":
            texts["associated_dialog_id"] = _last_part(child.text or "")
        elif name == "mediaproperties":
            variables = _media_properties(child, texts)
        elif name == "participants":
            participants = _each(child, "participant", _participant)
        elif name == "uri":
            uri = child.text or ""
    texts["id"] = texts["id"] or _last_part(uri)
    if not texts["id"]:
        raise PayloadError("a dialog without an id")
    return Dialog(**texts, call_variables=variables, participants=participants)


def _media_properties(element: ET.Element, texts: dict[str, str]) -> tuple[tuple[str, str], ...]:
    """Put the media properties among the dialog's texts and give the call variables, in the order received."""
    variables: tuple[tuple[str, str], ...] = ()
    for child in element:
        name = child.tag.lower()
        if name in _MEDIA_PROPERTIES:
            texts[_MEDIA_PROPERTIES[name]] = child.text or ""
        elif name == "callvariables":
            variables = _each(child, "callvariable", _call_variable)
    return variables


def _call_variable(element: ET.Element) -> tuple[str, str]:
    name = value = ""
    for child in element:
        tag = child.tag
        if tag == "name":
            name = child.text or ""
        elif tag == "value":
            value = child.text or ""
    return name, value


_PARTICIPANT = {
    "mediaaddress": "media_address",
    "mediaaddresstype": "media_address_type",
    "state": "state",
    "statecause": "state_cause",
    "starttime": "start_time",
    "statechangetime": "state_change_time",
}


def _participant(element: ET.Element) -> Participant:
    texts: dict[str, str] = {}
    actions: tuple[str, ...] = ()
    for child in element:
        name = child.tag.lower()
        if name in _PARTICIPANT:
            texts[_PARTICIPANT[name]] = child.text or ""
        elif name == "actions":
            actions = _texts(child, "action")
    return Participant(**texts, actions=actions)


_SYSTEM_INFO = {
    "status": "status",
    "statusreason": "status_reason",
    "deploymenttype": "deployment_type",
    "xmppdomain": "xmpp_domain",
    "xmpppubsubdomain": "xmpp_pubsub_domain",
    "systemauthmode": "auth_mode",
}


def _system_info(element: ET.Element) -> SystemInfo:
    texts: dict[str, str] = {}
    nodes: dict[str, dict[str, str]] = {"primarynode": {}, "secondarynode": {}}
    for child in element:
        name = child.tag.lower()
        if name in _SYSTEM_INFO:
            texts[_SYSTEM_INFO[name]] = (child.text or "").strip()
        elif name in nodes:
            nodes[name] = _named(child)
    ports = _own_node(nodes.values(), texts.get("xmpp_domain", ""))
    return SystemInfo(
        **texts,
        primary_host=nodes["primarynode"].get("host", ""),
        secondary_host=nodes["secondarynode"].get("host", ""),
        xmpp_port=_port(ports.get("xmppport", "")),
        xmpp_secure_port=_port(ports.get("xmppsecureport", "")),
    )


def _own_node(nodes: Iterable[dict[str, str]], domain: str) -> dict[str, str]:
    """Pick the node that answers: its host is the XMPP domain. The first one when neither is."""
    first, *others = nodes
    return next((node for node in others if node.get("host", "").lower() == domain.lower() != ""), first)


def _port(text: str) -> int:
    text = text.strip()
    port = int(text) if text.isascii() and text.isdecimal() and len(text) <= len("65535") else 0
    return port if port <= 65535 else 0  # noqa: PLR2004 - the highest port
