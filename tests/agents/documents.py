"""Documents as Finesse's REST answers write them, for the nouns that the agents ask for."""

from __future__ import annotations

from collections.abc import Iterable
from xml.sax.saxutils import escape

from generic_connector.finesse.model import Dialog, Participant, ReasonCode, User, WrapUpReason


def element(tag: str, *children: str) -> str:
    """Write an element around what is XML already."""
    return f"<{tag}>{''.join(children)}</{tag}>"


def text(tag: str, value: str) -> str:
    """Write an element around a value."""
    return element(tag, escape(value))


def user_xml(user: User) -> str:
    """Write a User document."""
    reason = ""
    if user.reason_code is not None:
        one = user.reason_code
        reason = element("reasonCode", text("code", one.code), text("id", one.id), text("label", one.label))
    teams = [element("Team", text("id", team.id), text("name", team.name)) for team in user.teams]
    return element(
        "User",
        text("extension", user.extension),
        text("firstName", user.first_name),
        text("lastName", user.last_name),
        text("loginId", user.login_id),
        text("loginName", user.login_name),
        text("pendingState", user.pending_state),
        reason,
        text("reasonCodeId", user.reason_code_id) if user.reason_code_id else "",
        element("roles", *[text("role", role) for role in user.roles]),
        element("settings", text("wrapUpOnIncoming", user.wrap_up_on_incoming)),
        text("state", user.state),
        text("stateChangeTime", user.state_change_time),
        text("teamId", user.team_id),
        text("teamName", user.team_name),
        element("teams", *teams) if teams else "",
    )


def _participant(one: Participant) -> str:
    return element(
        "Participant",
        element("actions", *[text("action", action) for action in one.actions]),
        text("mediaAddress", one.media_address),
        text("mediaAddressType", one.media_address_type),
        text("startTime", one.start_time),
        text("state", one.state),
        text("stateCause", one.state_cause),
        text("stateChangeTime", one.state_change_time),
    )


def dialog_xml(dialog: Dialog) -> str:
    """Write a Dialog document."""
    associated = f"/finesse/api/Dialog/{dialog.associated_dialog_id}" if dialog.associated_dialog_id else ""
    variables = [
        element("CallVariable", text("name", name), text("value", value)) for name, value in dialog.call_variables
    ]
    return element(
        "Dialog",
        text("associatedDialogUri", associated),
        text("fromAddress", dialog.from_address),
        text("id", dialog.id),
        text("secondaryId", dialog.secondary_id),
        element("mediaProperties", text("callType", dialog.call_type), element("callvariables", *variables)),
        text("mediaType", dialog.media_type),
        element("participants", *[_participant(one) for one in dialog.participants]),
        text("state", dialog.state),
        text("toAddress", dialog.to_address),
    )


def dialogs_xml(dialogs: Iterable[Dialog]) -> str:
    """Write a Dialogs document."""
    return element("Dialogs", *[dialog_xml(dialog) for dialog in dialogs])


def reason_codes_xml(codes: Iterable[ReasonCode]) -> str:
    """Write a ReasonCodes document: the id stands in the uri only."""
    return element(
        "ReasonCodes",
        *[
            element("ReasonCode", f"<uri>/finesse/api/ReasonCode/{one.id}</uri>", text("code", one.code), _label(one))
            for one in codes
        ],
    )


def wrap_up_reasons_xml(reasons: Iterable[WrapUpReason]) -> str:
    """Write a WrapUpReasons document."""
    uris = [element("WrapUpReason", f"<uri>/finesse/api/WrapUpReason/{one.id}</uri>", _label(one)) for one in reasons]
    return element("WrapUpReasons", *uris)


def _label(one: ReasonCode | WrapUpReason) -> str:
    return text("label", one.label)
