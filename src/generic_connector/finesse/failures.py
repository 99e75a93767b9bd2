# ruff: noqa: N818 - the names say what happened
"""What can go wrong between us and Finesse, and the one place that decides what a client is told about it.

    ConnectorError
    └── FinesseError                 everything the door of finesse.door raises
        ├── Refused                  Finesse answered with an error status and, mostly, ApiErrors
        ├── NotAuthorised            the credentials do not hold (REST 401, or the notification service's refusal)
        ├── OutOfService             Finesse answered 503; not an error of a command: the client is told System
        ├── NotReachable             connecting timed out, twice
        ├── Down                     refused, reset, or closed without an answer
        ├── TimedOut                 accepted, but no answer in time: the request may have been carried out
        ├── Overloaded               not sent: more is asked of the node than it is asked at a time
        ├── NotificationsUnavailable the notification session cannot be opened, for any reason but the credentials, or
        │                            it is over
        ├── SubscriptionRefused      Finesse does not let the agent subscribe to a notification node
        └── PayloadError             Finesse sent something that cannot be read

The classifier command_error() reads its verdicts from two tables, RULES for an HTTP answer and LATER_RULES for the
notification that refuses an accepted request. Sources: client-protocol.md section 7; finesse-rest.md section 2.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from generic_connector.errors import CommandError, ConnectorError, error_row
from generic_connector.finesse.cti import CONTROL_FAILURES, PERIPHERAL_FAILURES
from generic_connector.finesse.model import ApiError


class FinesseError(ConnectorError):
    """The root of what the door to Finesse raises. reason is for logs and people and holds no secret."""

    def __init__(self, reason: str = "") -> None:
        self.reason = reason
        super().__init__(reason)


class Refused(FinesseError):
    """Finesse answered with an error status. errors is empty when the body was no ApiErrors document (HTML)."""

    def __init__(self, status: int, errors: tuple[ApiError, ...] = ()) -> None:
        self.status = status
        self.errors = errors
        super().__init__(f"status {status}{_in_brackets(_words(errors))}")


class NotAuthorised(FinesseError):
    """Finesse does not accept the credentials, or not for this."""

    def __init__(self, reason: str = "", errors: tuple[ApiError, ...] = ()) -> None:
        self.errors = errors
        super().__init__(reason or _words(errors))


class OutOfService(FinesseError):
    """Finesse answered 503. The caller tells the client System OUT_OF_SERVICE, not an error."""


class NotReachable(FinesseError):
    """Connecting to the node timed out twice. Nothing was sent."""


class Down(FinesseError):
    """The node refused the connection, reset it, or closed it without an answer."""


class TimedOut(FinesseError):
    """The node accepted the connection and did not answer in time. The request may have been carried out."""


class Overloaded(FinesseError):
    """The request was not sent: too many others wait for their turn already (finesse.requests_per_second)."""


class NotificationsUnavailable(FinesseError):
    """The notification session cannot be opened, and not because of the credentials; or it is over."""


class SubscriptionRefused(FinesseError):
    """Finesse refused a subscription. reason is the XMPP condition, such as forbidden or item-not-found."""


class PayloadError(FinesseError):
    """Finesse sent a document that is not well-formed, too large, or not what was asked for."""


_NOT_THE_CREDENTIALS = frozenset({"invalid state", "invalid supervisor", "invalid authorization user specified"})


def refusal(status: int, errors: tuple[ApiError, ...]) -> FinesseError:
    """Give the exception for an answer with an error status.

    401 is about credentials except where Finesse names another reason with it: "Invalid State" (SEND_DTMF on a held
    call), or "Invalid Supervisor" and "Invalid Authorization User Specified" (the credentials hold, but not for that
    agent). An agent must not be asked for the password again because of those.
    """
    if status == 503:  # noqa: PLR2004 - Service Unavailable
        return OutOfService(_words(errors) or "status 503")
    if status == 401 and not any(error.type.lower() in _NOT_THE_CREDENTIALS for error in errors):  # noqa: PLR2004 - Unauthorized
        return NotAuthorised(errors=errors)
    return Refused(status, errors)


# --- what a client is told --------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One verdict. All that is given must hold: the HTTP status, the ErrorType, words, ErrorData, the operation.

    type and words are lower-case; words are looked for in ErrorMessage and ErrorData. operations are the rows of
    finesse.requests. The first rule that holds decides. text: what the client is told instead of the code's own text.
    """

    code: str
    text: str = ""
    status: int = 0
    type: str = ""
    words: str = ""
    data: frozenset[str] = frozenset()
    operations: frozenset[str] = frozenset()

    def holds(self, status: int, error: ApiError, operation: str) -> bool:
        """Say whether this rule decides."""
        return (
            self.status in (0, status)
            and self.type in ("", error.type.lower())
            and self.words in f"{error.message} {error.data}".lower()
            and (not self.data or error.data in self.data)
            and (not self.operations or operation in self.operations)
        )


NAMED = "CF_"
"""The code of the rule that tells the CTI server's own name unchanged; it holds when Finesse gives one."""

_ON_A_USER = frozenset(
    {
        *("user", "sign_in", "sign_out", "change_state", "dialogs", "make_call", "silent_monitor", "barge_call"),
        *("reason_codes", "wrap_up_reasons", "phone_books", "queues"),
    }
)
_ON_A_DIALOG = frozenset(
    {
        *("dialog", "take_action", "consult_call", "transfer_sst", "send_dtmf", "participant_drop", "reclassify"),
        *("update_scheduled_callback", "cancel_scheduled_callback"),
    }
)
_CALL_DATA = frozenset({"update_call_data"})
_SIGN_IN = frozenset({"sign_in"})

_REFUSED = "The contact centre refused"
_NO_RIGHT = "Finesse does not let this user act on that agent"
_NOT_OFFERED = "This contact centre does not offer that"

_FIRST = (
    Rule(code="MISSING_REASON_CODE", words="require_reasoncode"),
    Rule(code="MISSING_REASON_CODE", words="cf_reason_code_required"),
    Rule(code=NAMED),
    Rule(code="E_CTI_INVALID_CALL_ID", words="e_cti_invalid_call"),
)

RULES = (
    *_FIRST,
    Rule(code="USER_NOT_FOUND", status=404, type="user not found"),
    Rule(code="E_CTI_INVALID_CALL_ID", status=404, operations=_CALL_DATA),
    Rule(code="NO_DIALOG_ID", status=404, type="dialog not found"),
    Rule(code="NO_DIALOG_ID", status=404, operations=_ON_A_DIALOG),
    Rule(code="USER_NOT_FOUND", status=404, operations=_ON_A_USER),
    Rule(code="BAD_DESTINATION", type="invalid destination"),
    Rule(code="CF_INVALID_OBJECT_STATE", type="invalid state"),
    Rule(code="CF_GENERIC_UNSPECIFIED", data=frozenset(PERIPHERAL_FAILURES), text=_REFUSED),
    Rule(code="CF_GENERIC_UNSPECIFIED", status=401, text=_NO_RIGHT),
    Rule(code="PLEASE_RETRY", status=501, text=_NOT_OFFERED),
    Rule(code="INVALID_CALL_DATA", status=400, type="invalid input", operations=_CALL_DATA),
    Rule(code="GENERAL_ERROR", operations=_SIGN_IN),
    Rule(code="PLEASE_RETRY"),
)
"""The verdicts on an HTTP answer."""

LATER_RULES = (
    # errorData is then an extension, which must not be taken for the number of a CTI failure
    Rule(code="CF_GENERIC_UNSPECIFIED", words="invalid_action "),
    *_FIRST,
    Rule(code="BAD_DESTINATION", type="invalid destination"),
    Rule(code="CF_INVALID_OBJECT_STATE", type="invalid state"),
    Rule(code="CF_GENERIC_UNSPECIFIED", data=frozenset(PERIPHERAL_FAILURES), text=_REFUSED),
    Rule(code="CF_INVALID_LOGON_DEVICE_SPECIFIED", type="invalid device"),
    Rule(code="CF_SPECIFIED_EXTENSION_ALREADY_IN_USE", type="device busy"),
    Rule(code="INVALID_CALL_DATA", type="invalid input", operations=_CALL_DATA),
    Rule(code="GENERAL_ERROR", operations=_SIGN_IN),
    Rule(code="CF_GENERIC_UNSPECIFIED"),
)
"""The verdicts on an accepted request that a notification refuses."""

_CODES: dict[type[FinesseError], str] = {
    NotAuthorised: "SUBSCRIPTION_FAILED",
    NotReachable: "NOT_REACHABLE",
    Down: "DOWN",
    TimedOut: "PLEASE_RETRY",
    Overloaded: "PLEASE_RETRY",
    NotificationsUnavailable: "UNABLE_TO_SUBSCRIBE_TO_FINESSE",
    SubscriptionRefused: "UNABLE_TO_SUBSCRIBE_TO_FINESSE",
    PayloadError: "PLEASE_RETRY",
    OutOfService: "PLEASE_RETRY",  # only if a caller forgets to tell System OUT_OF_SERVICE instead
}


def command_error(failure: FinesseError | tuple[ApiError, ...], operation: str) -> CommandError:
    """Give the error that a command ends in.

    failure: what the door raised, or the errors of a RequestRefused notification. operation: the row of
    finesse.requests that failed. Handle OutOfService before: the client is told System OUT_OF_SERVICE instead.
    """
    if isinstance(failure, Refused):
        return _judged(RULES, failure.status, failure.errors, operation)
    if isinstance(failure, SubscriptionRefused):
        return CommandError(_CODES[SubscriptionRefused], f"Finesse refused the subscription ({failure.reason})")
    if isinstance(failure, FinesseError):
        code = _CODES.get(type(failure), "PLEASE_RETRY")
        return CommandError(code, _told(code, failure.reason))
    return _judged(LATER_RULES, 0, tuple(_with_cti_name(error) for error in failure), operation)


def _judged(rules: Iterable[Rule], status: int, errors: tuple[ApiError, ...], operation: str) -> CommandError:
    errors = tuple(_with_meaning(error) for error in errors)
    code, text = _verdict(rules, status, errors, operation)
    words = _words(errors)
    return CommandError(code, text + _in_brackets(words) if text else _told(code, words))


def _verdict(rules: Iterable[Rule], status: int, errors: tuple[ApiError, ...], operation: str) -> tuple[str, str]:
    for rule in rules:
        for error in errors or (ApiError(),):
            if rule.code != NAMED and rule.holds(status, error, operation):
                return rule.code, rule.text
            if rule.code == NAMED and (name := _cti_name(error)):
                return name, ""
    raise AssertionError("the last rule of a table always holds")


def _with_meaning(error: ApiError) -> ApiError:
    """Put the meaning of a peripheral's number into an error that has nothing else; Finesse may call the type so."""
    for number in (error.type.strip(), error.data.strip()):
        if number in PERIPHERAL_FAILURES and error.type.strip().lower() in (number, "generic error", ""):
            if error.message.startswith("INVALID_ACTION "):  # the data are then an extension
                return error
            message = f"{PERIPHERAL_FAILURES[number]} {error.message}".strip()
            return ApiError(type=error.type, message=message, data=number)
    return error


_CTI_NAME = re.compile(r"\bCF_[A-Z0-9_]{1,60}\b")


def _cti_name(error: ApiError) -> str:
    found = _CTI_NAME.search(f"{error.message} {error.data}")
    return found[0] if found else ""


def _with_cti_name(error: ApiError) -> ApiError:
    """Put the name of the CTI failure into an error that gives only its number."""
    name = CONTROL_FAILURES.get(error.data.strip(), "")
    if not name or _cti_name(error) or "INVALID_ACTION " in error.message:
        return error
    return ApiError(type=error.type, message=f"{error.message} {name}".strip(), data=error.data)


_LONGEST = 200  # characters of Finesse's own words that are worth showing to an agent


def _words(errors: tuple[ApiError, ...]) -> str:
    """Finesse's own words, on one line. HTML never gets here: a body that is no ApiErrors document has no errors."""
    first = errors[0] if errors else ApiError()
    parts = [" ".join(part.split()) for part in (first.type, first.message) if part.strip()]
    return ": ".join(parts)[:_LONGEST]


def _in_brackets(words: str) -> str:
    return f" ({words})" if words else ""


def _told(code: str, words: str) -> str:
    return error_row(code).text + _in_brackets(words)
