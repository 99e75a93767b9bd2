"""The elements of Finesse's documents, read by one walk over their children, by name and without regard to case.

Used by finesse.payloads, which knows the documents. Source: finesse-rest.md sections 2 to 6 and 10 to 12.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import TypeVar
from xml.etree import ElementTree as ET

from generic_connector.finesse.failures import PayloadError
from generic_connector.finesse.model import (
    ApiError,
    Contact,
    Dialog,
    Participant,
    PhoneBook,
    Queue,
    ReasonCode,
    SystemInfo,
    Team,
    User,
    WrapUpReason,
)

ANSWER_LIMIT = 8 * 1024 * 1024
"""Characters in the body of an answer; a list of 2,000 users has about 3,000,000."""

_MOST_TAGS = 400_000
"""In one document; 2,000 users have about 130,000. Reading takes time by the tag, and everybody waits meanwhile."""

_DEEPEST = 24  # levels of elements; Finesse's deepest document has 9

_Thing = TypeVar("_Thing")


def read_root(text: str, names: tuple[str, ...], limit: int = ANSWER_LIMIT) -> ET.Element:
    """Parse a document of one of these names (in lower case). limit: the most characters. Raises PayloadError."""
    if len(text) > limit:
        raise PayloadError(f"the document has {len(text)} characters, more than {limit}")
    if "<!DOCTYPE" in text:
        raise PayloadError("the document has a DOCTYPE")
    if text.count("<") > _MOST_TAGS:
        raise PayloadError(f"the document has more than {_MOST_TAGS} tags")
    try:
        root = ET.fromstring(text)  # noqa: S314 - without a DOCTYPE there are no entities to expand
    except (ET.ParseError, ValueError, LookupError) as error:
        raise PayloadError(f"the document is not well-formed: {error}") from None
    if root.tag.lower() not in names:
        raise PayloadError(f"the document is a {root.tag[:40]}, not a {names[0]}")
    refuse_depth(root)
    return root


def refuse_depth(root: ET.Element) -> None:
    """Raise PayloadError where elements lie deeper in each other than in anything that Finesse writes."""
    level = list(root)
    for _ in range(_DEEPEST):
        if not level:
            return
        level = [child for element in level if len(element) for child in element]  # most have none: quicker so
    raise PayloadError(f"the document has more than {_DEEPEST} levels")


def text_of(element: ET.Element | None) -> str:
    """Give the text of an element, "" when it is empty or missing."""
    return (element.text or "") if element is not None else ""


def each(parent: ET.Element, name: str, read: Callable[[ET.Element], _Thing]) -> tuple[_Thing, ...]:
    """Read every child of that name, in order."""
    return tuple(read(child) for child in parent if child.tag.lower() == name)


def _texts(parent: ET.Element, name: str) -> tuple[str, ...]:
    return each(parent, name, text_of)


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


def read_user(element: ET.Element) -> User:
    """Read a User element: whole, or the summary that teams have."""
    texts: dict[str, str] = {}
    reason_code: ReasonCode | None = None
    roles: tuple[str, ...] = ()
    teams: tuple[Team, ...] = ()
    uri = ""
    for child in element:
        name = child.tag.lower()
        if name in _USER:
            texts[_USER[name]] = child.text or ""
        elif name == "reasoncode":
            reason_code = read_reason_code(child)
        elif name == "roles":
            roles = _texts(child, "role")
        elif name == "teams":
            teams = each(child, "team", read_team)
        elif name == "uri":
            uri = child.text or ""
        elif name == "settings":
            texts["wrap_up_on_incoming"] = "".join(_texts(child, "wrapuponincoming"))
    texts["login_id"] = texts.get("login_id") or _last_part(uri)
    return User(**texts, reason_code=reason_code, roles=roles, teams=teams)


def _named(element: ET.Element) -> dict[str, str]:
    """Give the texts of an element's children by name, in lower case."""
    return {child.tag.lower(): child.text or "" for child in element}


def _id_of(texts: dict[str, str]) -> str:
    return texts.get("id") or _last_part(texts.get("uri", ""))


def read_team(element: ET.Element) -> Team:
    """Read a Team element: whole, or the reference that users have."""
    texts = _named(element)
    users = tuple(user for child in element if child.tag.lower() == "users" for user in each(child, "user", read_user))
    return Team(id=_id_of(texts), name=texts.get("name", ""), users=users)


def read_queue(element: ET.Element) -> Queue:
    """Read a Queue element; the names of the statistics stay as they are written."""
    texts = _named(element)
    statistics = {
        row.tag: (row.text or "").strip() for child in element if child.tag.lower() == "statistics" for row in child
    }
    return Queue(id=_id_of(texts), name=texts.get("name", ""), statistics=statistics)


def read_phone_book(element: ET.Element) -> PhoneBook:
    """Read a PhoneBook element."""
    texts = _named(element)
    contacts = tuple(
        contact for child in element if child.tag.lower() == "contacts" for contact in each(child, "contact", _contact)
    )
    return PhoneBook(id=_id_of(texts), name=texts.get("name", ""), type=texts.get("type", ""), contacts=contacts)


def _contact(element: ET.Element) -> Contact:
    texts = _named(element)
    return Contact(
        id=_id_of(texts),
        first_name=texts.get("firstname", ""),
        last_name=texts.get("lastname", ""),
        phone_number=texts.get("phonenumber", ""),
        description=texts.get("description", ""),
    )


def read_reason_code(element: ET.Element) -> ReasonCode:
    """Read a ReasonCode element; in lists its id is only in its uri."""
    texts = _named(element)
    return ReasonCode(
        id=_id_of(texts),
        code=texts.get("code", ""),
        label=texts.get("label", ""),
        category=texts.get("category", ""),
    )


def read_wrap_up_reason(element: ET.Element) -> WrapUpReason:
    """Read a WrapUpReason element."""
    texts = _named(element)
    return WrapUpReason(id=_id_of(texts), label=texts.get("label", ""))


def read_api_error(element: ET.Element) -> ApiError:
    """Read an ApiError element."""
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
    "outboundclassification": "outbound_classification",
}
_SCHEDULED_CALLBACK = {"callbacktime": "callback_time", "callbacknumber": "callback_number"}


def read_dialog(element: ET.Element) -> Dialog:
    """Read a Dialog element. Raises PayloadError when it has no id."""
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
            participants = each(child, "participant", _participant)
        elif name == "scheduledcallbackinfo":
            texts |= {
                _SCHEDULED_CALLBACK[tag]: text for tag, text in _named(child).items() if tag in _SCHEDULED_CALLBACK
            }
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
            variables = each(child, "callvariable", _call_variable)
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


def read_system_info(element: ET.Element) -> SystemInfo:
    """Read a SystemInfo element."""
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
        https_port=_port(ports.get("httpsport", "")),
    )


def _own_node(nodes: Iterable[dict[str, str]], domain: str) -> dict[str, str]:
    """Pick the node that answers: its host is the XMPP domain. The first one when neither is."""
    first, *others = nodes
    return next((node for node in others if node.get("host", "").lower() == domain.lower() != ""), first)


def _port(text: str) -> int:
    text = text.strip()
    port = int(text) if text.isascii() and text.isdecimal() and len(text) <= len("65535") else 0
    return port if port <= 65535 else 0  # noqa: PLR2004 - the highest port
