"""What several rows of the command table share."""

from __future__ import annotations

from generic_connector.protocol.checks import EXTENSION, ID
from generic_connector.protocol.command_rows import ANY_CF, Argument

STATE_ERRORS = ("PLEASE_RETRY", "CF_INVALID_OBJECT_STATE", "CF_RESOURCE_BUSY")
CALL_ERRORS = ("MISSING_DIALOG_ID", "NO_DIALOG_ID", ANY_CF)
SIGN_IN_ERRORS = (
    "MISSING_PASSWORD",
    "MISSING_EXTENSION",
    "WRONG_EXTENSION",
    "LICENSES_EXCEEDED",
    "USER_NOT_FOUND",
    "GENERAL_ERROR",
    ANY_CF,
)
SIGNED_IN = ("AgentInfo", "State", "DialogStatus")

DIALOG_ID = Argument(
    name="dialog_id", missing="MISSING_DIALOG_ID", check=ID, about="id of the call, as the events give it"
)
NUMBER = Argument(name="number", missing="MISSING_NUMBER", about="the number to dial")
PASSWORD = Argument(
    name="password", missing="MISSING_PASSWORD", commas=True, about="the agent's password; may hold commas"
)
OWN_EXTENSION = Argument(
    name="extension",
    missing="MISSING_EXTENSION",
    check=EXTENSION,
    about="the agent's extension: digits, or `+` and digits",
)
REASON = Argument(
    name="reason", missing="MISSING_REASON_CODE", about="a code that `ReasonCodes` offered, or Finesse's id of it"
)
