"""The commands that ask for or change the agent's state."""

from __future__ import annotations

from generic_connector.protocol.command_rows import CommandRow
from generic_connector.protocol.row_parts import REASON, STATE_ERRORS

STATES = (
    CommandRow(
        name="GetState",
        repeatable=True,
        about="Asks for the agent's present state.",
        finesse="GET User",
        events=("State",),
    ),
    CommandRow(
        name="MakeReady",
        repeatable=True,
        about="Makes the agent ready for calls.",
        finesse="PUT User READY",
        events=("State READY",),
        errors=STATE_ERRORS,
    ),
    CommandRow(
        name="MakeNotReady",
        repeatable=True,
        about="Makes the agent not ready; a supervisor may do so with a member.",
        finesse="PUT User NOT_READY",
        events=("State NOT_READY",),
        errors=STATE_ERRORS,
    ),
    CommandRow(
        name="MakeNotReadyWithReason",
        arguments=(REASON,),
        repeatable=True,
        body="<reason>",
        about="Makes the agent not ready with a reason code.",
        finesse="PUT User NOT_READY with reasonCodeId",
        events=("State NOT_READY",),
        errors=(*STATE_ERRORS, "MISSING_REASON_CODE"),
    ),
    CommandRow(
        name="MakeWorkReady",
        repeatable=True,
        about="During a call: wrap-up after it, then ready (UCCE).",
        finesse="PUT User READY",
        events=("State WORK_READY",),
        errors=STATE_ERRORS,
    ),
    CommandRow(
        name="MakeWorkNotReady",
        repeatable=True,
        about="During a call: wrap-up after it, then not ready (UCCE).",
        finesse="PUT User NOT_READY",
        events=("State WORK",),
        errors=STATE_ERRORS,
    ),
)
