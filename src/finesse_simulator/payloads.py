"""The XML of users, dialogs, reasons and errors, as REST answers and notifications carry it.

Order, case, and empty versus absent elements follow the captures (finesse-rest.md sections 4.1 and 6.1,
finesse-notifications.md section 8): users are pretty-printed by two blanks, dialogs stand on one line, an empty element
is always written long, except the empty collections of REST.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from finesse_simulator.api_errors import ApiError
from finesse_simulator.engine.model import Reason
from finesse_simulator.engine.views import DialogView, ParticipantView, UserView
from finesse_simulator.markup import Element, boolean, on_one_line, pretty, timestamp
from finesse_simulator.scenario import WrapUpReason
from finesse_simulator.vocabulary import Profile

_NEWER = frozenset({Profile.V12_5, Profile.V12_6})


# ---- user


def user_element(view: UserView, root: str, *, in_answer: bool) -> Element:
    """Build a user. in_answer: the REST form, in which the last reason's id stays (finesse-rest.md section 4.1)."""
    team = view.team
    children: list[Element] = [
        ("dialogs", f"/finesse/api/User/{view.id}/Dialogs"),
        ("extension", view.extension),
        ("firstName", view.first_name),
        ("lastName", view.last_name),
        ("loginId", view.id),
        ("loginName", view.login_name),
        ("mediaType", "1"),
        *_mobile_elements(view),
        ("pendingState", view.pending_state),
        *_reason_elements(view, in_answer=in_answer),
        ("roles", [("role", role) for role in view.roles]),
        ("settings", _settings(view)),
        *([("skillTargetId", view.skill_target_id)] if view.skill_target_id else []),
        ("state", view.state),
        ("stateChangeTime", timestamp(view.state_changed)),
        ("teamId", team.id if team else ""),
        ("teamName", team.name if team else ""),
    ]
    if view.supervised:
        children.append(("teams", [_team_element(team.id, team.name) for team in view.supervised]))
    children.append(("uri", f"/finesse/api/User/{view.id}"))
    return (root, children)


def _mobile_elements(view: UserView) -> list[Element]:
    if view.mobile is None:
        return []
    return [("mobileAgent", [("dialNumber", view.mobile.dial_number), ("mode", view.mobile.mode)])]


def _reason_elements(view: UserView, *, in_answer: bool) -> list[Element]:
    elements: list[Element] = []
    if view.reason is not None:
        elements.append(("reasonCode", _reason_fields(view.reason, view.profile)))
    if view.reason_id is not None:
        elements.append(("reasonCodeId", view.reason_id))
    elif in_answer:
        elements.append(("reasonCodeId", view.last_reason_id))
    return elements


def _reason_fields(reason: Reason, profile: Profile) -> list[Element]:
    fields: list[Element] = [
        ("category", reason.category),
        ("code", str(reason.code)),
        ("forAll", boolean(reason.for_all)),
        ("id", str(reason.id)),
        ("label", reason.label),
    ]
    if profile in _NEWER:
        fields.append(("systemCode", boolean(reason.system)))
    fields.append(("uri", f"/finesse/api/ReasonCode/{reason.id}"))
    return fields


def _settings(view: UserView) -> list[Element]:
    settings: list[Element] = [("deviceSelection", "enabled")] if view.skill_target_id else []
    settings.append(("wrapUpOnIncoming", view.wrap_up_on_incoming))
    if view.wrap_up_on_outgoing is not None:
        settings.append(("wrapUpOnOutgoing", view.wrap_up_on_outgoing))
    return settings


def _team_element(team_id: str, name: str) -> Element:
    return ("Team", [("id", team_id), ("name", name), ("uri", f"/finesse/api/Team/{team_id}")])


def user_answer(view: UserView) -> str:
    """Write the answer to GET User."""
    return pretty(user_element(view, "User", in_answer=True))


def users_answer(views: Iterable[UserView]) -> str:
    """Write the answer to GET Users."""
    return pretty(("Users", [user_element(view, "User", in_answer=True) for view in views]))


# ---- dialog


def dialog_element(view: DialogView, root: str) -> Element:
    """Build a dialog."""
    associated = f"/finesse/api/Dialog/{view.associated_id}" if view.associated_id else ""
    children: list[Element] = [("associatedDialogUri", associated)]
    if view.callback_number:
        children.append(("callbackNumber", view.callback_number))
    children += [("fromAddress", view.from_address), ("id", view.id)]
    if view.secondary_id and view.profile in _NEWER:
        children.append(("secondaryId", view.secondary_id))
    children += [
        ("mediaProperties", _media_properties(view)),
        ("mediaType", "Voice"),
        ("participants", [_participant(participant) for participant in view.participants]),
        *_callback(view),
        ("state", view.state),
        ("toAddress", view.to_address),
        ("uri", f"/finesse/api/Dialog/{view.id}"),
    ]
    return (root, children)


def _callback(view: DialogView) -> list[Element]:
    """Give the callback that was arranged; where the element stands is inferred (finesse-rest.md section 6.1)."""
    if view.callback is None:
        return []
    time, number = view.callback
    return [("scheduledCallbackInfo", [("callbackTime", time), ("callbackNumber", number)])]


def _media_properties(view: DialogView) -> list[Element]:
    newer = view.profile in _NEWER
    properties: list[Element] = [("mediaId", "1")] if newer else []
    properties += [
        ("DNIS", view.dnis),
        ("callType", view.type),
        ("dialedNumber", view.dialed_number),
        ("outboundClassification", view.classification),
    ]
    if view.wrap_up_reason is not None:
        properties.append(("wrapUpReason", view.wrap_up_reason))
    properties.append(("callvariables", [_call_variable(name, value) for name, value in view.variables]))
    if newer and not view.uccx:
        properties += _uccx_lacks(view)
    return properties


def _uccx_lacks(view: DialogView) -> list[Element]:
    """Give the queue and the router's call key, made up from the dialog's id."""
    if not view.queue_id:
        return []
    return [
        ("queueNumber", view.queue_id),
        ("queueName", view.queue_name),
        ("callKeyCallId", str(int(view.id) % 100_000)),
        ("callKeySequenceNum", "1"),
        ("callKeyPrefix", "155012"),
        *_guid(view),
    ]


def _guid(view: DialogView) -> list[Element]:
    """Give the call's world-wide id, from 12.6 on; its place is not known."""
    return [("callGUID", f"{int(view.id):032X}")] if view.profile is Profile.V12_6 else []


def _call_variable(name: str, value: str) -> Element:
    return ("CallVariable", [("name", name), ("value", value)])


def _participant(view: ParticipantView) -> Element:
    return (
        "Participant",
        [
            ("actions", [("action", action) for action in view.actions]),
            ("mediaAddress", view.address),
            ("mediaAddressType", view.address_type),
            ("startTime", timestamp(view.started)),
            ("state", view.state),
            ("stateCause", view.cause),
            ("stateChangeTime", timestamp(view.changed)),
        ],
    )


def dialog_answer(view: DialogView) -> str:
    """Write the answer to GET Dialog."""
    return on_one_line(dialog_element(view, "Dialog"))


def dialogs_answer(views: Sequence[DialogView]) -> str:
    """Write the answer to GET User/Dialogs; an empty collection is written short."""
    if not views:
        return "<Dialogs/>"
    return on_one_line(("Dialogs", [dialog_element(view, "Dialog") for view in views]))


# ---- lists


def reason_codes_answer(reasons: Sequence[Reason], category: str, profile: Profile) -> str:
    """Write the answer to GET User/ReasonCodes."""
    if not reasons:
        return f'<ReasonCodes category="{category}"/>'
    inner = "\n".join(pretty(_listed_reason(reason, profile), 1) for reason in reasons)
    return f'<ReasonCodes category="{category}">\n{inner}\n</ReasonCodes>'


def reason_code_answer(reason: Reason, profile: Profile) -> str:
    """Write the answer to GET ReasonCode."""
    return pretty(_listed_reason(reason, profile))


def _listed_reason(reason: Reason, profile: Profile) -> Element:
    fields: list[Element] = [
        ("uri", f"/finesse/api/ReasonCode/{reason.id}"),
        ("category", reason.category),
        ("code", str(reason.code)),
        ("label", reason.label),
        ("forAll", boolean(reason.for_all)),
    ]
    if profile in _NEWER:
        fields.append(("systemCode", boolean(reason.system)))
    return ("ReasonCode", fields)


def wrap_up_reasons_answer(user_id: str, reasons: Sequence[WrapUpReason]) -> str:
    """Write the answer to GET User/WrapUpReasons; without a user, that of TeamResource."""
    if not reasons:
        return "<WrapUpReasons/>"
    return pretty(("WrapUpReasons", [_wrap_up_element(user_id, reason) for reason in reasons]))


def wrap_up_reason_answer(user_id: str, reason: WrapUpReason) -> str:
    """Write the answer to GET User/WrapUpReason."""
    return pretty(_wrap_up_element(user_id, reason))


def _wrap_up_element(user_id: str, reason: WrapUpReason) -> Element:
    owner = f"/User/{user_id}" if user_id else ""
    return (
        "WrapUpReason",
        [
            ("uri", f"/finesse/api{owner}/WrapUpReason/{reason.id}"),
            ("label", reason.label),
            ("forAll", boolean(reason.for_all)),
        ],
    )


# ---- errors


def api_errors_answer(error: ApiError) -> str:
    """Write the body of a refusal, marshalled alphabetically like every live object (finesse-rest.md section 2.1)."""
    data: list[Element] = [] if error.data is None else [("ErrorData", error.data)]
    return pretty(("ApiErrors", [("ApiError", [*data, ("ErrorMessage", error.message), ("ErrorType", error.type)])]))
