"""How commands are brought to end in each error that the table documents for them.

Most errors have one recipe for all commands (recipe); what is particular to a command stands in PARTICULAR.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from generic_connector.conformance import situations as when
from generic_connector.conformance.case import Provocation, Script
from generic_connector.protocol.command_rows import ANY_CF, CommandRow

CF_CODES: Mapping[str, int] = {
    "CF_INVALID_OBJECT_STATE": 22,
    "CF_RESOURCE_BUSY": 33,
    "CF_GENERIC_UNSPECIFIED": 0,
    "CF_INVALID_LOGON_DEVICE_SPECIFIED": 260,
}
"""The CTI failures that the protocol names, and their numbers."""

_CALL_FAILURES = ("CF_INVALID_OBJECT_STATE", "CF_RESOURCE_BUSY", "CF_GENERIC_UNSPECIFIED")
_SIGN_IN_FAILURES = ("CF_INVALID_LOGON_DEVICE_SPECIFIED", "CF_RESOURCE_BUSY", "CF_GENERIC_UNSPECIFIED")

_REQUESTS: Mapping[str, tuple[str, str]] = {
    "PUT User": ("PUT", r"/User/[^/]+$"),
    "POST User/Dialogs": ("POST", r"/Dialogs$"),
    "PUT Dialog": ("PUT", r"/Dialog/"),
    "GET User/WrapUpReasons": ("GET", r"/WrapUpReasons$"),
    "GET ReasonCodes": ("GET", r"/ReasonCodes$"),
    "GET User": ("GET", r"/User/[^/]+$"),
}
"""The words that begin a row's `finesse`, and the request that they mean."""


def _invalid_destination(method: str, path: str) -> Provocation:
    failure = {"kind": "refuse", "method": method, "path": path, "status": 400, "errorType": "Invalid Destination"}
    return Provocation(failures=(failure,))


PARTICULAR: Mapping[tuple[str, str], tuple[Provocation, ...]] = {
    ("Connect", "SUBSCRIPTION_FAILED"): (
        Provocation(arguments=("{destination}", "wrong")),
        Provocation(arguments=("{destination}", "wrong", "SSO")),
    ),
    ("Connect", "UNABLE_TO_SUBSCRIBE_TO_FINESSE"): (Provocation(situation=when.deaf),),
    ("Login", "WRONG_EXTENSION"): (Provocation(arguments=("{password}", "40a1")),),
    ("MobileAgentLogin", "WRONG_EXTENSION"): (Provocation(arguments=("{password}", "40a1", "{customer}", "true")),),
    ("Login", "LICENSES_EXCEEDED"): (Provocation(situation=when.no_seat_left, sender="eve", needs="licence"),),
    ("MobileAgentLogin", "LICENSES_EXCEEDED"): (
        Provocation(situation=when.no_seat_left, sender="eve", needs="licence"),
    ),
    ("Login", ANY_CF): (
        Provocation(arguments=("{password}", "{no_device}"), code="CF_INVALID_LOGON_DEVICE_SPECIFIED"),
    ),
    ("Logout", "CF_INVALID_OBJECT_STATE"): (
        Provocation(situation=when.max_ready, sender="max", uccx=False),
        Provocation(situation=when.max_talking, sender="max"),
    ),
    ("GetTeamUserState", "USER_NOT_FOUND"): (Provocation(arguments=("{no_user}",)),),
    ("LogoutWithReason", "MISSING_REASON_CODE"): (
        Provocation(
            arguments=("{logout_reason}",),
            failures=(
                {
                    "kind": "refuse",
                    "method": "PUT",
                    "path": r"/User/[^/]+$",
                    "status": 400,
                    "errorType": "Invalid Input",
                    "errorMessage": "E_ARM_STAT_REQUIRE_REASONCODE",
                },
            ),
        ),
    ),
    ("MakeCall", "BAD_DESTINATION"): (Provocation(arguments=("{nowhere}",)),),
    ("ConsultCall", "BAD_DESTINATION"): (Provocation(arguments=("{nowhere}", "{dialog}")),),
    ("Transfer_sst", "BAD_DESTINATION"): (_invalid_destination("PUT", r"/Dialog/"),),
    ("SilentMonitor", "BAD_DESTINATION"): (_invalid_destination("POST", r"/Dialogs$"),),
    ("BargeIn", "NO_DIALOG_ID"): (
        Provocation(
            situation=when.signed_in,
            arguments=("{ann}", "{no_dialog}"),
            failures=(
                {
                    "kind": "refuse",
                    "method": "POST",
                    "path": r"/Dialogs$",
                    "status": 404,
                    "errorType": "Dialog Not Found",
                },
            ),
        ),
    ),
    ("AnswerCall", ANY_CF): (Provocation(situation=when.talking, code="CF_GENERIC_UNSPECIFIED"),),
    ("HoldCall", ANY_CF): (Provocation(situation=when.held, code="CF_GENERIC_UNSPECIFIED"),),
    ("RetrieveCall", ANY_CF): (Provocation(situation=when.talking, code="CF_GENERIC_UNSPECIFIED"),),
    ("ConsultCall", ANY_CF): (Provocation(situation=when.ringing, code="CF_GENERIC_UNSPECIFIED"),),
    ("TransferCall", ANY_CF): (Provocation(situation=when.held, code="CF_GENERIC_UNSPECIFIED"),),
    ("ConferenceCall", ANY_CF): (Provocation(situation=when.held, code="CF_GENERIC_UNSPECIFIED"),),
    ("update_call_variable", "INVALID_CALL_DATA"): (
        Provocation(situation=when.signed_in, arguments=("{no_dialog}", "callVariable1")),
        Provocation(situation=when.talking, arguments=("{dialog}", "BAStatus=1")),
    ),
    ("wrapup", "E_CTI_INVALID_CALL_ID"): (Provocation(situation=when.signed_in, arguments=("Billing", "{no_dialog}")),),
}
"""What is particular to a command and a code; it comes beside the recipe, if there is one."""


def provocations(row: CommandRow, script: Script, code: str) -> Iterator[Provocation]:
    """Give the ways to bring a command to end in a code of its row."""
    particular = PARTICULAR.get((row.name, code), ())
    yield from particular
    yield from _left_out(row, script, code)
    if code == ANY_CF:
        for name in _SIGN_IN_FAILURES if "Login" in row.name else _CALL_FAILURES:
            yield _refused_later(row, script, name)
    elif code in CF_CODES:
        yield _refused_at_once(row, code) if row.finesse.startswith("GET") else _refused_later(row, script, code)
    elif code == "NO_DIALOG_ID" and not particular:
        yield Provocation(situation=when.signed_in, arguments=_with(row, script, dialog_id="{no_dialog}"))
    elif code == "PLEASE_RETRY" and not particular:
        yield Provocation(arguments=(*_with(row, script), "one too many"), situation=_calm(row, script))
    elif code == "GENERAL_ERROR":
        yield Provocation(failures=(_failure(row, kind="refuse", status=500),))
    elif code == "USER_NOT_FOUND" and not particular:
        yield Provocation(failures=(_failure(row, kind="refuse", status=404, errorType="User Not Found"),))


def _left_out(row: CommandRow, script: Script, code: str) -> Iterator[Provocation]:
    """Leave out each argument that is missed by this code."""
    for argument in row.arguments:
        if argument.missing == code and not argument.optional:
            yield Provocation(situation=_calm(row, script), arguments=_with(row, script, **{argument.name: ""}))


def _refused_later(row: CommandRow, script: Script, code: str) -> Provocation:
    """Let Finesse accept the request, and the CTI server refuse it afterwards."""
    failure = _failure(row, kind="control_failure", code=CF_CODES[code], errorType="Generic Error")
    arguments = _with(row, script)
    return Provocation(situation=_calm(row, script), arguments=arguments, code=code, failures=(failure,))


def _refused_at_once(row: CommandRow, code: str) -> Provocation:
    failure = _failure(row, kind="refuse", status=500, errorType="Generic Error", errorMessage=code)
    return Provocation(situation=when.signed_in, code=code, failures=(failure,))


def _failure(row: CommandRow, **what: Any) -> Mapping[str, Any]:
    words = next(words for words in _REQUESTS if row.finesse.startswith(words))
    method, path = _REQUESTS[words]
    return {"method": method, "path": path, **what}


def _with(row: CommandRow, script: Script, **values: str) -> tuple[str, ...]:
    """Give the script's arguments with some replaced; what only a call would tell is made up."""
    names = [argument.name for argument in row.arguments]
    pairs = zip(names, script.arguments, strict=False)
    return tuple(values.get(name, "{no_dialog}" if name == "dialog_id" else argument) for name, argument in pairs)


def _calm(row: CommandRow, script: Script) -> Any:
    """Give a situation in which such a command is read, and no more: a call is not needed for it."""
    sessions = ("Connect", "Login", "MobileAgentLogin")
    return script.situation if row.name in sessions else when.signed_in
