"""Every request that we make of Finesse, as one table: operation, method, path, body, and the values it needs.

Values are escaped for XML in bodies and percent-encoded in paths. A value that cannot stand in a request (a control
character, which XML 1.0 has no way to write; an empty or dotted id) raises ValueError: the client's mistake. A value
that is missing, or that an operation does not know, raises TypeError: ours.
Source: finesse-rest.md sections 3, 4.2, 8, 10 to 12.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import cast
from urllib.parse import quote
from xml.sax.saxutils import escape

from generic_connector.finesse.door import Request

Variables = Sequence[tuple[str, str]]
"""Call variables, name and value, in the order in which they are sent."""

_Values = Mapping[str, str | Variables]


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRow:
    """One request. path has the names of values in braces; body writes the XML (None: no body).

    headers: those that only this request has, always the same. is_list: see door.Request.
    """

    operation: str
    method: str
    path: str
    needs: tuple[str, ...] = ()
    may_have: tuple[str, ...] = ()
    body: Callable[[_Values], str] | None = None
    headers: tuple[tuple[str, str], ...] = ()
    is_list: bool = False


def build(operation: str, **values: str | Variables) -> Request:
    """Make the request of a row. An optional value that is "" counts as not given.

    Raises KeyError for an unknown operation, TypeError and ValueError as said above.
    """
    row = REQUESTS[operation]
    missing, unknown = set(row.needs) - set(values), set(values) - {*row.needs, *row.may_have}
    if missing or unknown:
        raise TypeError(f"{operation}: missing {sorted(missing)}, unknown {sorted(unknown)}")
    path = row.path.format_map(
        {name: _in_path(name, value) for name, value in values.items() if isinstance(value, str)}
    )
    body = row.body(values) if row.body else ""
    return Request(
        operation=operation, method=row.method, path=path, body=body, headers=row.headers, is_list=row.is_list
    )


# --- values ------------------------------------------------------------------------------------------------------

_NOT_XML = re.compile("[^\t\n\r\u0020-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def _escaped(value: str) -> str:
    if _NOT_XML.search(value):
        raise ValueError("a control character cannot be sent to Finesse")
    return escape(value, {"\r": "&#13;"})  # a bare CR would arrive as LF


def _in_path(name: str, value: str) -> str:
    """Percent-encode a value; the ids in a path must not change the path."""
    if name.endswith("_id") and name != "reason_code_id" and value in ("", ".", ".."):
        raise ValueError(f"{value!r} cannot be an id")
    if _NOT_XML.search(value):
        raise ValueError("a control character cannot be sent to Finesse")
    return quote(value, safe="")


def _element(tag: str, *children: str) -> str:
    return f"<{tag}>{''.join(children)}</{tag}>"


def _text(tag: str, values: _Values, name: str) -> str:
    """Give an element with a value, or nothing when the value is not given."""
    value = cast("str", values.get(name, ""))
    return _element(tag, _escaped(value)) if value else ""


# --- bodies ------------------------------------------------------------------------------------------------------


def _sign_in(values: _Values) -> str:
    mobile = _text("mode", values, "mode") + _text("dialNumber", values, "dial_number")
    agent = _element("mobileAgent", mobile) if mobile else ""
    return _element("User", "<state>LOGIN</state>", _text("extension", values, "extension"), agent)


def _sign_out(values: _Values) -> str:
    return _element("User", "<state>LOGOUT</state>", _text("reasonCodeId", values, "reason_code_id"))


def _change_state(values: _Values) -> str:
    return _element("User", _text("state", values, "state"), _text("reasonCodeId", values, "reason_code_id"))


_DIALOG = {"from_address": "fromAddress", "to_address": "toAddress", "target_media_address": "targetMediaAddress"}


def _act(action: str, more: Callable[[_Values], str] = lambda _: "", **parameters: str) -> Callable[[_Values], str]:
    """Give the writer of a Dialog body with this action: addresses where given, more, the action's own parameters.

    parameters: value -> the name that Finesse gives it.
    """

    def write(values: _Values) -> str:
        given = "".join(
            _element("ActionParam", _element("name", parameter), _text("value", values, name))
            for name, parameter in parameters.items()
            if values.get(name)
        )
        return _element(
            "Dialog",
            _element("requestedAction", action),
            *(_text(tag, values, name) for name, tag in _DIALOG.items()),
            more(values),
            _element("actionParams", given) if given else "",
        )

    return write


def _take_action(values: _Values) -> str:
    return _element(
        "Dialog",
        _text("requestedAction", values, "action"),
        _text("targetMediaAddress", values, "target_media_address"),
    )


def _monitor_dialog(values: _Values) -> str:
    """Name the supervisor's monitor dialog, which says which call to break into."""
    dialog_id = _in_path("dialog_id", cast("str", values["dialog_id"]))
    return _element("associatedDialogUri", f"/finesse/api/Dialog/{dialog_id}")


def _update_call_data(values: _Values) -> str:
    variables = "".join(
        _element("CallVariable", _element("name", _escaped(name)), _element("value", _escaped(value)))
        for name, value in cast("Variables", values.get("variables", ()))
    )
    properties = _element(
        "mediaProperties",
        _text("wrapUpReason", values, "wrap_up_reason"),
        _element("callvariables", variables) if variables else "",
    )
    return _element("Dialog", "<requestedAction>UPDATE_CALL_DATA</requestedAction>", properties)


_ROWS = (
    RequestRow(operation="system_info", method="GET", path="/SystemInfo"),
    RequestRow(operation="user", method="GET", path="/User/{user_id}", needs=("user_id",)),
    RequestRow(operation="users", method="GET", path="/Users"),
    RequestRow(
        operation="sign_in",
        method="PUT",
        path="/User/{user_id}",
        needs=("user_id", "extension"),
        may_have=("mode", "dial_number"),  # a mobile agent's
        body=_sign_in,
    ),
    RequestRow(
        operation="sign_out",
        method="PUT",
        path="/User/{user_id}",
        needs=("user_id",),
        may_have=("reason_code_id",),
        body=_sign_out,
    ),
    RequestRow(
        operation="change_state",
        method="PUT",
        path="/User/{user_id}",
        needs=("user_id", "state"),
        may_have=("reason_code_id",),
        body=_change_state,
    ),
    RequestRow(operation="dialogs", method="GET", path="/User/{user_id}/Dialogs", needs=("user_id",)),
    RequestRow(operation="dialog", method="GET", path="/Dialog/{dialog_id}", needs=("dialog_id",)),
    RequestRow(
        operation="make_call",
        method="POST",
        path="/User/{user_id}/Dialogs",
        needs=("user_id", "from_address", "to_address"),
        body=_act("MAKE_CALL"),
    ),
    RequestRow(
        operation="silent_monitor",
        method="POST",
        path="/User/{user_id}/Dialogs",
        needs=("user_id", "from_address", "to_address"),  # the supervisor's extension, the agent's
        body=_act("SILENT_MONITOR"),
    ),
    RequestRow(
        operation="barge_call",
        method="POST",
        path="/User/{user_id}/Dialogs",
        needs=("user_id", "from_address", "to_address", "dialog_id"),  # the supervisor's monitor dialog
        body=_act("BARGE_CALL", _monitor_dialog),
    ),
    RequestRow(
        operation="take_action",
        method="PUT",
        path="/Dialog/{dialog_id}",
        needs=("dialog_id", "action", "target_media_address"),
        body=_take_action,
    ),
    RequestRow(
        operation="consult_call",
        method="PUT",
        path="/Dialog/{dialog_id}",
        needs=("dialog_id", "target_media_address", "to_address"),
        body=_act("CONSULT_CALL"),
    ),
    RequestRow(
        operation="transfer_sst",
        method="PUT",
        path="/Dialog/{dialog_id}",
        needs=("dialog_id", "target_media_address", "to_address"),
        body=_act("TRANSFER_SST"),
    ),
    RequestRow(
        operation="send_dtmf",
        method="PUT",
        path="/Dialog/{dialog_id}",
        needs=("dialog_id", "target_media_address", "digits"),
        body=_act("SEND_DTMF", digits="dtmfString"),
    ),
    RequestRow(
        operation="participant_drop",
        method="PUT",
        path="/Dialog/{dialog_id}",
        needs=("dialog_id", "target_media_address"),  # the party to remove
        body=_act("PARTICIPANT_DROP"),
    ),
    RequestRow(
        operation="reclassify",
        method="PUT",
        path="/Dialog/{dialog_id}",
        needs=("dialog_id", "target_media_address", "classification"),
        body=_act("RECLASSIFY", classification="outboundClassification"),
    ),
    RequestRow(
        operation="update_scheduled_callback",
        method="PUT",
        path="/Dialog/{dialog_id}",
        needs=("dialog_id", "target_media_address"),
        may_have=("callback_time", "callback_number"),
        body=_act("UPDATE_SCHEDULED_CALLBACK", callback_time="callbackTime", callback_number="callbackNumber"),
    ),
    RequestRow(
        operation="cancel_scheduled_callback",
        method="PUT",
        path="/Dialog/{dialog_id}",
        needs=("dialog_id", "target_media_address"),
        body=_act("CANCEL_SCHEDULED_CALLBACK"),
    ),
    RequestRow(
        operation="update_call_data",
        method="PUT",
        path="/Dialog/{dialog_id}",
        needs=("dialog_id",),
        may_have=("wrap_up_reason", "variables"),
        body=_update_call_data,
    ),
    RequestRow(
        operation="reason_codes",
        method="GET",
        path="/User/{user_id}/ReasonCodes?category={category}",
        needs=("user_id", "category"),
        is_list=True,
    ),
    RequestRow(
        operation="wrap_up_reasons",
        method="GET",
        path="/User/{user_id}/WrapUpReasons",
        needs=("user_id",),
        is_list=True,
    ),
    RequestRow(
        operation="phone_books",
        method="GET",
        path="/User/{user_id}/PhoneBooks",
        needs=("user_id",),
        headers=(("Range", "objects=1-1500"),),  # the most that Finesse gives
        is_list=True,
    ),
    RequestRow(
        operation="team_phone_books",
        method="GET",
        path="/TeamResource/{team_id}/PhoneBooks",
        needs=("team_id",),
        headers=(("Range", "objects=1-6000"),),  # as above
        is_list=True,
    ),
    RequestRow(operation="queues", method="GET", path="/User/{user_id}/Queues", needs=("user_id",)),
    RequestRow(operation="queue", method="GET", path="/Queue/{queue_id}", needs=("queue_id",)),
    RequestRow(operation="team", method="GET", path="/Team/{team_id}", needs=("team_id",)),
)

REQUESTS = {row.operation: row for row in _ROWS}
"""The rows by operation."""
