"""Reading the bodies of requests: elements in any order, unknown ones ignored.

Sources: finesse-rest.md sections 4.2 and 8.
"""

from __future__ import annotations

from dataclasses import dataclass
from xml.etree import ElementTree as ET  # document types are refused before parsing

from finesse_simulator import api_errors
from finesse_simulator.engine.action_checks import DialogRequest
from finesse_simulator.engine.state_requests import StateRequest


def _root(body: bytes, name: str) -> ET.Element:
    if b"<!DOCTYPE" in body:
        raise api_errors.BAD_REQUEST
    try:
        root = ET.fromstring(body)  # noqa: S314  no document type, hence no entities; the size is limited
    except ET.ParseError as error:
        raise api_errors.BAD_REQUEST from error
    if root.tag != name:
        raise api_errors.BAD_REQUEST
    return root


def _text(element: ET.Element, path: str) -> str:
    return (element.findtext(path) or "").strip()


@dataclass(frozen=True, slots=True)
class TeamMessageRequest:
    """The body of POST TeamMessage."""

    content: str
    duration: str
    teams: tuple[str, ...]


def read_team_message(body: bytes) -> TeamMessageRequest:
    """Read the body of POST TeamMessage."""
    root = _root(body, "TeamMessage")
    teams = tuple(dict.fromkeys((team.text or "").strip() for team in root.findall("teams/team")))
    return TeamMessageRequest(_text(root, "content"), _text(root, "duration"), teams)


def read_user(body: bytes) -> StateRequest:
    """Read the body of PUT User."""
    root = _root(body, "User")
    mobile = root.find("mobileAgent")
    return StateRequest(
        state=_text(root, "state"),
        extension=_text(root, "extension"),
        reason_code_id=_text(root, "reasonCodeId"),
        mobile_mode=None if mobile is None else _text(mobile, "mode"),
        dial_number="" if mobile is None else _text(mobile, "dialNumber"),
    )


def read_dialog(body: bytes) -> DialogRequest:
    """Read the body of POST Dialogs and PUT Dialog."""
    root = _root(body, "Dialog")
    media = root.find("mediaProperties")
    return DialogRequest(
        action=_text(root, "requestedAction"),
        target=_text(root, "targetMediaAddress"),
        from_address=_text(root, "fromAddress"),
        to_address=_text(root, "toAddress"),
        variables=() if media is None else _variables(media),
        wrap_up_reason=None if media is None else media.findtext("wrapUpReason"),
        media=media is not None,
        associated=_text(root, "associatedDialogUri"),
        parameters=_parameters(root),
    )


def _parameters(root: ET.Element) -> tuple[tuple[str, str], ...]:
    found = root.findall("actionParams/ActionParam")
    return tuple((_text(parameter, "name"), _text(parameter, "value")) for parameter in found)


def _variables(media: ET.Element) -> tuple[tuple[str, str], ...]:
    """Read call variables; blanks in values are kept."""
    found = media.findall("callvariables/CallVariable")
    return tuple((_text(variable, "name"), variable.findtext("value") or "") for variable in found)
