"""Every error that a client may be told, as one table, and the exceptions that carry one.

    ConnectorError
    ├── CommandError         a command ends in this error, told to the client that sent it
    │   └── CommandRefused   the command cannot be read (protocol.commands)
    ├── UnreadableEventError a client met an event that the protocol does not know (protocol.layout)
    ├── UserError            the person at the command line did something that cannot work
    └── (finesse.failures)   what can go wrong between us and Finesse, mapped at the door

Source of codes and meanings: client-protocol.md section 7; the seeds' "All Errors" and "Errors" tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum


class Blame(StrEnum):
    """Who has to change something so that the error goes away."""

    CLIENT = "client"
    CONNECTOR = "connector"
    FINESSE = "finesse"
    NETWORK = "network"


@dataclass(frozen=True, slots=True, kw_only=True)
class ErrorRow:
    """One error code: who is to blame, what the agent may read, and its JSON spelling where that differs."""

    code: str
    blame: Blame
    text: str
    json_code: str = ""


_ROWS = (
    ErrorRow(code="MISSING_EXTENSION", blame=Blame.CLIENT, text="The extension is missing"),
    ErrorRow(code="WRONG_EXTENSION", blame=Blame.CLIENT, text="The extension is not a number"),
    ErrorRow(code="MISSING_PASSWORD", blame=Blame.CLIENT, text="The password is missing"),
    ErrorRow(code="MISSING_NUMBER", blame=Blame.CLIENT, text="The number to dial is missing"),
    ErrorRow(code="MISSING_REASON_CODE", blame=Blame.CLIENT, text="A reason code is needed"),
    ErrorRow(code="MISSING_DIALOG_ID", blame=Blame.CLIENT, text="The dialog id is missing"),
    ErrorRow(code="INVALID_CALL_DATA", blame=Blame.CLIENT, text="The call data are missing or cannot be read"),
    ErrorRow(code="LICENSES_EXCEEDED", blame=Blame.CONNECTOR, text="The number of licensed agents is exceeded"),
    ErrorRow(code="SUBSCRIPTION_FAILED", blame=Blame.CLIENT, text="The agent's credentials are not valid"),
    ErrorRow(
        code="UNABLE_TO_SUBSCRIBE_TO_FINESSE",
        blame=Blame.NETWORK,
        text="The notification service of Finesse cannot be reached",
    ),
    ErrorRow(code="SESSION_INVALIDATED", blame=Blame.CLIENT, text="The agent was connected from another destination"),
    ErrorRow(code="PLEASE_RETRY", blame=Blame.CLIENT, text="The request could not be carried out, please retry"),
    ErrorRow(code="NO_DIALOG_ID", blame=Blame.CLIENT, text="Finesse does not know this dialog"),
    ErrorRow(code="USER_NOT_FOUND", blame=Blame.CLIENT, text="Finesse does not know this agent"),
    ErrorRow(code="NOT_REACHABLE", blame=Blame.NETWORK, text="Connecting to Finesse timed out"),
    ErrorRow(code="DOWN", blame=Blame.NETWORK, text="Finesse gave no answer"),
    ErrorRow(code="BAD_DESTINATION", blame=Blame.CLIENT, text="The number cannot be called"),
    ErrorRow(
        code="E_CTI_INVALID_CALL_ID",
        blame=Blame.CLIENT,
        text="The call is not known to the contact centre",
        json_code="E_CTI_INVALID_CALLID",
    ),
    ErrorRow(
        code="CF_GENERIC_UNSPECIFIED", blame=Blame.FINESSE, text="The contact centre refused without giving a reason"
    ),
    ErrorRow(code="GENERAL_ERROR", blame=Blame.FINESSE, text="The sign-in failed and Finesse gave no cause"),
)

ERRORS = {row.code: row for row in _ROWS}
"""The codes that GC chooses itself. Beside them any CF_… name that Finesse reports is told unchanged."""


def error_row(code: str) -> ErrorRow:
    """Give the row of a code; a CF_… name that only Finesse knows gets a row of its own making.

    Raises KeyError for any other code that is not in the table: a code must not be invented at the place of failure.
    """
    if code not in ERRORS and code.startswith("CF_"):
        words = code.removeprefix("CF_").replace("_", " ").lower()
        return ErrorRow(code=code, blame=Blame.FINESSE, text=f"The contact centre refused: {words}")
    return ERRORS[code]


class ConnectorError(Exception):
    """The root of what this product raises on purpose."""


class CommandError(ConnectorError):
    """A command ends in exactly this error.

    code: a key of ERRORS or a CF_… name. text: what the client reads beside the code, the table's text by default.
    """

    def __init__(self, code: str, text: str = "") -> None:
        row = error_row(code)
        self.code = code
        self.blame = row.blame
        self.text = text or row.text
        super().__init__(f"{code}: {self.text}")


class UserError(ConnectorError):
    """A mistake of the person at the command line or in the configuration file: told in one line, exit code 2."""
