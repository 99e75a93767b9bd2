"""One sample of every shape of every event: what the documentation shows, and what tests begin with."""

from __future__ import annotations

from generic_connector.protocol import events
from generic_connector.protocol.events import CallData, DialogSummary, Event, Participant, Reason, Team
from generic_connector.protocol.samples_lists import LISTS

_TIME = "2022-07-22 18:16:47"
_DATA = CallData(
    ani="42512",
    variables=(*((f"callVariable{number}", "") for number in range(1, 11)), ("user.account", "A-1037")),
)
_PARTIES = (
    Participant(media_address="42053", state="ACTIVE", address_type="AGENT_DEVICE", state_change_time=_TIME),
    Participant(media_address="42512", state="ACTIVE", state_change_time=_TIME),
)
_DEMO = Team(id="7", name="Demo")
_SALES = Team(id="8", name="Sales")


def _call(state: str) -> events.InboundCall:
    return events.InboundCall(
        agent_id="1001",
        dialog_id="16871253",
        state=state,
        start_time=_TIME,
        from_address="42512",
        call_data=_DATA,
        participants=_PARTIES,
        call_type="ACD_IN",
    )


def _new_call(event: type[events.NewInboundCall], call_type: str) -> Event:
    return event(
        agent_id="1001",
        dialog_id="16871253",
        from_address="42512",
        call_data=_DATA,
        call_type=call_type,
        start_time=_TIME,
    )


def _agent(*teams: Team) -> Event:
    return events.AgentInfo(
        agent_id="1001",
        first_name="Ada",
        last_name="Byron",
        supervisor=bool(teams),
        wrap_up_on_incoming="OPTIONAL",
        teams=teams,
        team=_DEMO,
        full_name="Ada Byron",
        login_name="ada",
    )


def _state(state: str, **more: str) -> Event:
    return events.State(
        agent_id="1001",
        state=state,
        state_change_time=_TIME,
        full_name="Ada Byron",
        extension="42053",
        login_name="ada",
        **more,
    )


SAMPLES: dict[str, Event] = {
    "Finesse can be worked with": events.System(status="IN_SERVICE"),
    "The destination is not known, answers Beat": events.Destination(destination="crm-desktop-17"),
    "An agent": _agent(),
    "A supervisor": _agent(_DEMO, _SALES),
    "An agent's state": _state("NOT_READY", reason_code="8", label="Break"),
    "A member's state, told to a supervisor": _state("READY", supervisor_id="1009"),
    "The connector does not have this agent": events.State(agent_id="1001", state="RE_LOGIN"),
    "A call and no associated call": events.DialogStatus(
        agent_id="1001",
        dialog=DialogSummary(dialog_id="16871253", state="ACTIVE", from_address="42512", call_data=_DATA),
    ),
    "No call": events.DialogStatus(agent_id="1001"),
    "A call rings": _new_call(events.NewInboundCall, "ACD_IN"),
    "A preview is offered": _new_call(events.NewOutboundPreviewCall, "OUTBOUND_PREVIEW"),
    "A call, running": _call("ACTIVE"),
    "A call, ended": _call("DROPPED"),
    "A call, failed": events.InboundCallFailed(
        agent_id="1001", dialog_id="16871253", cause="BAD_DESTINATION", full_name="Ada Byron"
    ),
    "A consultation": events.ConsultCall(
        agent_id="1001",
        dialog_id="16871288",
        state="INITIATED",
        from_address="42053",
        to_address="42054",
        start_time=_TIME,
        call_data=_DATA,
        participants=_PARTIES[:1],
        call_type="CONSULT",
        agent_name="Ada Byron",
    ),
    "A consultation, failed": events.ConsultCallFailed(
        agent_id="1001", dialog_id="16871288", cause="BUSY", agent_name="Ada Byron"
    ),
    "The state of a call": events.DialogState(
        agent_id="1001", dialog_id="16871253", state="HELD", full_name="Ada Byron"
    ),
    "What may be done with a call": events.DialogStateControls(
        agent_id="1001", dialog_id="16871253", state="HELD", actions=("RETRIEVE", "DROP", "UPDATE_CALL_DATA")
    ),
    "The parties of a call": events.ConferenceParticipants(agent_id="1009", participants=("42053", "42054", "42512")),
    "A callback was scheduled": events.CallBack(
        agent_id="1001",
        status="Scheduled",
        dialog_id="16871253",
        callback_time="2024-03-01T14:30",
        callback_number="5550199",
    ),
    "An outbound call was reclassified": events.Reclassify(agent_id="1001", dialog_id="16871253", value="ANS_MACHINE"),
    "Wrap-up reasons": events.ReasonCodes(
        agent_id="1001",
        category="WrapUp",
        reasons=(Reason(code="1", label="Complaint"), Reason(code="2", label="Inquiry")),
        full_name="Ada Byron",
    ),
    "The ids of a supervisor's teams": events.TeamInfoIds(
        agent_id="1009", teams=(_DEMO, _SALES), full_name="Grace Hopper"
    ),
    "The names of a supervisor's teams": events.TeamInfoNames(
        agent_id="1009", teams=(_DEMO, _SALES), full_name="Grace Hopper"
    ),
    "A member's state, in short; only where the setting asks for it": events.TeamMemberStateChanged(
        agent_id="1009", team_id="7", state="READY"
    ),
    "A message for the agent": events.Control(agent_id="1001", message="The callback was scheduled"),
    "A command failed": events.Error(
        agent_id="1001", code="MISSING_EXTENSION", message="The extension is missing", command="Login"
    ),
    "A Connect succeeded; only where the setting asks for it": events.ConnectStatus(agent_id="1001"),
    **LISTS,
}
"""What it shows, and the event."""
