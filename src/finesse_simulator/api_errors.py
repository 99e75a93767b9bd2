"""How Finesse refuses: at once with an HTTP status and ApiErrors, or later with an error notification.

Sources: finesse-rest.md sections 2.2 (synchronous), 2.3 and 13.1 (asynchronous). Where the reference leaves a message
or the data blank, the text here is ours.
"""

from __future__ import annotations

from dataclasses import dataclass

from finesse_simulator.cti_codes import CONTROL_FAILURES


@dataclass(frozen=True, slots=True)
class ApiError:
    """One error as Finesse words it. data: None leaves the element out."""

    type: str
    message: str = ""
    data: str | None = ""

    def __str__(self) -> str:
        return f"{self.type}|{self.data}|{self.message}"


class ApiFaultError(Exception):
    """A request refused at once."""

    def __init__(self, status: int, error: ApiError) -> None:
        super().__init__(f"{status} {error.type}: {error.message} ({error.data})")
        self.status = status
        self.error = error


def parameter_missing(name: str) -> ApiFaultError:
    """Say that a required element is absent or empty."""
    return ApiFaultError(400, ApiError("Parameter Missing", f"{name[:1].upper()}{name[1:]} Parameter missing", name))


def invalid_input(name: str, message: str = "") -> ApiFaultError:
    """Say that an element has an impossible value."""
    return ApiFaultError(400, ApiError("Invalid Input", message or f"Invalid {name}", name))


def invalid_state(message: str) -> ApiFaultError:
    """Say that Finesse itself refuses the transition."""
    return ApiFaultError(400, ApiError("Invalid State", message, "state"))


BAD_REQUEST = ApiFaultError(400, ApiError("Bad Request", "The request is not well formed"))
UNKNOWN_STATE = ApiFaultError(400, ApiError("Invalid Input", "Invalid State specified for user", "state"))
REASON_REQUIRED = ApiFaultError(
    400,
    ApiError(
        "Parameter Missing",
        "The state change requires a valid reason code.",
        "finesse.api.reasoncode.require_reasoncode",
    ),
)
SAME_DESTINATION = ApiFaultError(400, ApiError("Invalid Destination", "Invalid destination", "toAddress"))
NOT_ADMINISTRATOR = ApiFaultError(
    401, ApiError("Unauthorized", "The user is not authorized to perform this operation", None)
)
BAD_RANGE = ApiFaultError(416, ApiError("Range Not Satisfiable", "Invalid range specified", "Range"))
NOT_FOUND = ApiFaultError(404, ApiError("Not Found", "The resource was not found"))
TOO_MANY_MESSAGES = ApiFaultError(
    400,
    ApiError("System Resource Limit Exceeded", "MAX_ACTIVE_MESSAGE_LIMIT_EXCEEDED", "teammessage.max.limit.exceeded"),
)
OUT_OF_SERVICE = ApiFaultError(503, ApiError("Service Unavailable", "SERVER_OUT_OF_SERVICE"))


def unauthorized(user_name: str) -> ApiFaultError:
    """Say that the credentials are wrong, or the account is locked."""
    return ApiFaultError(401, ApiError("Authorization Failure", "UNAUTHORIZED", user_name))


def other_user(user_id: str) -> ApiFaultError:
    """Say that the credentials are not those of the user in the address."""
    message = "The user specified in the authentication credentials and the uri don't match"
    return ApiFaultError(401, ApiError("Invalid Authorization User Specified", message, user_id))


def not_supervisor(user_name: str) -> ApiFaultError:
    """Say that an administrator cannot make a call; the spelling is the vendor's."""
    message = f"User ({user_name}) is not an authorizied supervisor."
    data = "The user is not authorized to perform this operation"
    return ApiFaultError(401, ApiError("Invalid Authorization User Specified", message, data))


def invalid_supervisor(user_id: str) -> ApiFaultError:
    """Say that the agent is in a team of another supervisor."""
    return ApiFaultError(401, ApiError("Invalid Supervisor", "The agent is not in a team of this supervisor", user_id))


def user_not_found(user_id: str) -> ApiFaultError:
    """Say that nobody has this id."""
    return ApiFaultError(404, ApiError("User Not Found", "UNKNOWN_USER", user_id))


def team_not_found(team_id: str) -> ApiFaultError:
    """Say that no team has this id."""
    return ApiFaultError(404, ApiError("TeamId Not Found", "Invalid teamId specified", team_id))


def dialog_not_found(dialog_id: str) -> ApiFaultError:
    """Say that the dialog has ended, or never was."""
    return ApiFaultError(404, ApiError("Dialog Not Found", "Invalid dialogId specified for dialog", dialog_id))


def not_implemented(what: str) -> ApiFaultError:
    """Say that only the other deployment has this, or that the simulator lacks it."""
    return ApiFaultError(501, ApiError("Not Implemented", f"{what} is not implemented", what))


def control_failure(code: int, error_type: str = "Call Operation Failure") -> ApiError:
    """Word a refusal of the CTI server by its code."""
    return ApiError(error_type, CONTROL_FAILURES.get(code, "CF_GENERIC_UNSPECIFIED"), str(code))


WRONG_STATE = control_failure(22, "Invalid State")
RESOURCE_BUSY = control_failure(33, "Invalid State")
INVALID_WORKMODE = control_failure(265, "Invalid State")
WRAP_UP_DATA_REQUIRED = control_failure(280, "Invalid State")
INVALID_DEVICE = control_failure(260, "Invalid Device")
DEVICE_OUT_OF_SERVICE = control_failure(70, "Invalid Device")
DEVICE_BUSY = control_failure(283, "Device Busy")
ALREADY_SIGNED_ON = control_failure(259, "Invalid Device")
MODE_NOT_ALLOWED = control_failure(70, "Mode Not Allowed")
NO_ACTIVE_CALL = control_failure(24, "Generic Error")
INVALID_CALL_DATA = control_failure(3, "Invalid Input")
INVALID_DIGITS = control_failure(3, "Generic Error")
UNREACHABLE = control_failure(14, "Generic Error")
TARGET_BUSY = control_failure(33, "Generic Error")
CONFERENCE_FULL = control_failure(38)
BOUND_BY_DIALER = control_failure(0, "Internal Server Error")
DROP_NOT_ENABLED = control_failure(290)


def invalid_action(action: str, extension: str) -> ApiError:
    """Say that the action is not among those that the participant offers."""
    return ApiError("Generic Error", f"INVALID_ACTION {action} on extension {extension}", extension)


def not_controller(*, uccx: bool) -> ApiError:
    """Say that only the controller of a conference may add parties (section 8.2)."""
    if uccx:
        return WRONG_STATE
    message = "<ConferenceCallCommand>: Conference failed, the agent is not the conference controller"
    return ApiError("Generic Error", message, "20999")


def monitor_refused(*, uccx: bool) -> ApiError:
    """Say that the agent does nothing that could be overheard (section 8.7)."""
    return ApiError("Generic Error", "<SuperviseCallCommand>: Silent monitor failed", "88049" if uccx else "13145")


def invalid_destination(name: str) -> ApiFaultError:
    """Say that the address given cannot be the target of the action."""
    return ApiFaultError(400, ApiError("Invalid Destination", "Invalid destination", name))


def barge_refused(code: str, message: str) -> ApiFaultError:
    """Say why the supervisor cannot come into the call (section 8.8)."""
    return ApiFaultError(400, ApiError(code, message, code))


def wrong_moment(action: str) -> ApiFaultError:
    """Say that the action is impossible while the call is on hold (sections 8.6 and 8.10)."""
    return ApiFaultError(401, ApiError("Invalid State", f"{action} is not possible on a held call", "state"))
