import pytest

from generic_connector.errors import ERRORS
from generic_connector.finesse.cti import CONTROL_FAILURES
from generic_connector.finesse.failures import (
    LATER_RULES,
    NAMED,
    RULES,
    Down,
    FinesseError,
    NotAuthorised,
    NotificationsUnavailable,
    NotReachable,
    OutOfService,
    PayloadError,
    Refused,
    SubscriptionRefused,
    TimedOut,
    command_error,
    refusal,
)
from generic_connector.finesse.model import ApiError
from generic_connector.finesse.requests import REQUESTS

REASON_NEEDED = ApiError(
    type="Parameter Missing",
    message="The state change requires a valid reason code.",
    data="finesse.api.reasoncode.require_reasoncode",
)


def refused(status: int, type_: str = "", message: str = "", data: str = "") -> FinesseError:
    return refusal(status, (ApiError(type=type_, message=message, data=data),) if type_ or message else ())


def later(type_: str = "Generic Error", message: str = "", data: str = "") -> tuple[ApiError, ...]:
    return (ApiError(type=type_, message=message, data=data),)


@pytest.mark.parametrize(
    ("failure", "operation", "code"),
    [
        # the HTTP answer
        (refused(404, "User Not Found", "UNKNOWN_USER", "1"), "sign_in", "USER_NOT_FOUND"),
        (refused(404), "user", "USER_NOT_FOUND"),
        (refused(404), "users", "PLEASE_RETRY"),
        (refused(404, "Dialog Not Found", "Invalid dialogId specified for dialog"), "take_action", "NO_DIALOG_ID"),
        (refused(404, "Not Found"), "dialog", "NO_DIALOG_ID"),
        (refused(404, "Dialog Not Found"), "update_call_data", "E_CTI_INVALID_CALL_ID"),
        (refused(401), "change_state", "SUBSCRIPTION_FAILED"),
        (refused(401, "Authorization Failure", "UNAUTHORIZED", "1001"), "sign_in", "SUBSCRIPTION_FAILED"),
        (refused(401, "Invalid State"), "take_action", "CF_INVALID_OBJECT_STATE"),
        (refused(401, "Invalid Supervisor", "", "1001"), "change_state", "CF_GENERIC_UNSPECIFIED"),
        (refused(401, "Invalid Authorization User Specified", "no match", "1"), "user", "CF_GENERIC_UNSPECIFIED"),
        (refused(404, "Dialog Not Found"), "barge_call", "NO_DIALOG_ID"),
        (refused(404), "silent_monitor", "USER_NOT_FOUND"),
        (refused(404), "consult_call", "NO_DIALOG_ID"),
        (refused(404), "participant_drop", "NO_DIALOG_ID"),
        (refused(404), "cancel_scheduled_callback", "NO_DIALOG_ID"),
        (refused(404), "team", "PLEASE_RETRY"),
        (refused(501, "Not Implemented"), "participant_drop", "PLEASE_RETRY"),
        (refused(501), "sign_in", "PLEASE_RETRY"),
        (refused(400, "20700"), "barge_call", "CF_GENERIC_UNSPECIFIED"),
        (refused(400, "Generic Error", "x", "20999"), "barge_call", "CF_GENERIC_UNSPECIFIED"),
        (refused(400, "Invalid Destination", "", "20999"), "participant_drop", "BAD_DESTINATION"),
        (refused(400, "Invalid State", "CF_RESOURCE_BUSY"), "change_state", "CF_RESOURCE_BUSY"),
        (refused(400, "Generic Error", "refused: CF_NEVER_HEARD_OF"), "make_call", "CF_NEVER_HEARD_OF"),
        (Refused(400, (REASON_NEEDED,)), "change_state", "MISSING_REASON_CODE"),
        (refused(400, "Generic Error", "CF_REASON_CODE_REQUIRED"), "sign_out", "MISSING_REASON_CODE"),
        (refused(400, "Invalid Destination"), "make_call", "BAD_DESTINATION"),
        (refused(400, "Invalid State"), "sign_out", "CF_INVALID_OBJECT_STATE"),
        (refused(400, "Invalid Input", "", "callVariable1"), "update_call_data", "INVALID_CALL_DATA"),
        (refused(400, "Invalid Input", "Invalid State specified for user", "state"), "change_state", "PLEASE_RETRY"),
        (refused(400, "Invalid Input"), "sign_in", "GENERAL_ERROR"),
        (refused(500), "sign_in", "GENERAL_ERROR"),
        (refused(500, "Internal Server Error", "RUNTIME_EXCEPTION"), "take_action", "PLEASE_RETRY"),
        (refused(400), "take_action", "PLEASE_RETRY"),
        (refused(301), "user", "PLEASE_RETRY"),
        # the link
        (NotReachable(), "user", "NOT_REACHABLE"),
        (Down(), "user", "DOWN"),
        (TimedOut(), "make_call", "PLEASE_RETRY"),
        (PayloadError(), "user", "PLEASE_RETRY"),
        (NotAuthorised(), "connect", "SUBSCRIPTION_FAILED"),
        (SubscriptionRefused("forbidden"), "team", "UNABLE_TO_SUBSCRIBE_TO_FINESSE"),
        (NotificationsUnavailable(), "connect", "UNABLE_TO_SUBSCRIBE_TO_FINESSE"),
        # the notification that comes later
        (
            later("Call Operation Failure", "CF_RESOURCE_OUT_OF_SERVICE", "34"),
            "take_action",
            "CF_RESOURCE_OUT_OF_SERVICE",
        ),
        (later(data="33"), "change_state", "CF_RESOURCE_BUSY"),
        (later(message="Something went wrong", data="22"), "take_action", "CF_INVALID_OBJECT_STATE"),
        (later("Invalid Device", "", "260"), "sign_in", "CF_INVALID_LOGON_DEVICE_SPECIFIED"),
        (later("Invalid Device", "", "70"), "sign_in", "CF_GENERIC_UNSPECIFIED_REJECTION"),
        (later("Invalid Device"), "sign_in", "CF_INVALID_LOGON_DEVICE_SPECIFIED"),
        (later("Device Busy"), "sign_in", "CF_SPECIFIED_EXTENSION_ALREADY_IN_USE"),
        (later(data="281"), "sign_out", "MISSING_REASON_CODE"),
        (later(message="INVALID_ACTION HOLD on extension 4101", data="4101"), "take_action", "CF_GENERIC_UNSPECIFIED"),
        (later(message="INVALID_ACTION HOLD on extension 33", data="33"), "take_action", "CF_GENERIC_UNSPECIFIED"),
        (
            later(message="<ConferenceCallCommand>: Conference failed", data="20999"),
            "take_action",
            "CF_GENERIC_UNSPECIFIED",
        ),
        (later("13145"), "silent_monitor", "CF_GENERIC_UNSPECIFIED"),
        (later("Generic Error", "", "88049"), "silent_monitor", "CF_GENERIC_UNSPECIFIED"),
        (later("Invalid State", "", "88049"), "silent_monitor", "CF_INVALID_OBJECT_STATE"),
        (later("Invalid State"), "change_state", "CF_INVALID_OBJECT_STATE"),
        (later("Invalid Destination"), "make_call", "BAD_DESTINATION"),
        (later("Invalid Input"), "update_call_data", "INVALID_CALL_DATA"),
        (later(), "sign_in", "GENERAL_ERROR"),
        ((), "take_action", "CF_GENERIC_UNSPECIFIED"),
    ],
)
def test_every_failure_ends_in_one_error(
    failure: FinesseError | tuple[ApiError, ...], operation: str, code: str
) -> None:
    assert command_error(failure, operation).code == code


def test_out_of_service_is_told_apart() -> None:
    assert isinstance(refused(503, "Service Unavailable", "SERVER_OUT_OF_SERVICE"), OutOfService)
    assert isinstance(refused(503), OutOfService)


def test_the_text_says_what_finesse_said() -> None:
    error = command_error(refused(404, "User Not Found", "UNKNOWN_USER"), "sign_in")
    assert error.text == "Finesse does not know this agent (User Not Found: UNKNOWN_USER)"
    error = command_error(later("Invalid State", "CF_RESOURCE_BUSY"), "change_state")
    assert error.text == "The contact centre refused: resource busy (Invalid State: CF_RESOURCE_BUSY)"


@pytest.mark.parametrize(
    ("failure", "operation", "text"),
    [
        (
            later("13145"),
            "silent_monitor",
            "The contact centre refused (13145: the agent cannot be silently monitored now)",
        ),
        (
            later("Generic Error", "<ConferenceCallCommand>: Conference failed", "20999"),
            "take_action",
            (
                "The contact centre refused (Generic Error: the conference or barge failed"
                " <ConferenceCallCommand>: Conference failed)"
            ),
        ),
        (
            later("Generic Error", "INVALID_ACTION HOLD on extension 20999", "20999"),
            "take_action",
            (
                "The contact centre refused without giving a reason"
                " (Generic Error: INVALID_ACTION HOLD on extension 20999)"
            ),
        ),
        (
            refused(501, "Not Implemented"),
            "participant_drop",
            "This contact centre does not offer that (Not Implemented)",
        ),
        (
            refused(401, "Invalid Supervisor"),
            "change_state",
            "Finesse does not let this user act on that agent (Invalid Supervisor)",
        ),
        (SubscriptionRefused("forbidden"), "team", "Finesse refused the subscription (forbidden)"),
    ],
)
def test_what_has_no_code_of_its_own_has_a_text(
    failure: FinesseError | tuple[ApiError, ...], operation: str, text: str
) -> None:
    assert command_error(failure, operation).text == text


def test_the_text_is_one_line_and_not_endless() -> None:
    text = command_error(refused(400, "A", "line\n\nline " * 1000), "user").text
    assert "\n" not in text
    assert len(text) < 300


def test_the_rules_name_only_codes_and_operations_that_exist() -> None:
    for rule in (*RULES, *LATER_RULES):
        assert rule.code in ERRORS or rule.code.startswith(NAMED)
        assert rule.operations <= set(REQUESTS)


def test_the_cti_table_has_names_as_clients_know_them() -> None:
    assert CONTROL_FAILURES["22"] == "CF_INVALID_OBJECT_STATE"
    assert all(name.startswith("CF_") for name in CONTROL_FAILURES.values())
