"""Finesse's nouns into the words that clients read: pure functions, no state.

Source: client-protocol.md sections 2 and 5 for the words, finesse-rest.md sections 4 and 6 for the nouns.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import tzinfo

from generic_connector.agents.times import client_time
from generic_connector.finesse import model
from generic_connector.protocol import events

NO_REASON = "-1"
PERIPHERAL_VARIABLES = tuple(f"callVariable{number}" for number in range(1, 11))
CONSULT = "CONSULT"
CONSULT_IN = "CONSULT_IN"
UNMARKED_CONSULT_TYPES = frozenset({"AGENT_INSIDE", "OUT"})
"""What UCCE and UCCX may leave as the callType of a consultation (finesse-rest.md section 7.4)."""
JOINED_CALL_TYPES = frozenset({"TRANSFER", "CONFERENCE"})
"""A consultation that survived as the call itself: no consultation any more."""
SHORT_CALL_TYPES = {"SUPERVISOR_MONITOR": "SM"}


@dataclass(frozen=True, slots=True)
class Viewer:
    """Through whose eyes a call is seen: the same dialog reads differently to each party.

    supervisor: hears who is in a conference. uccx: the site is UCCX, whose clients hear of outbound calls otherwise.
    """

    agent_id: str
    extension: str = ""
    full_name: str = ""
    zone: tzinfo | None = None
    supervisor: bool = False
    uccx: bool = False

    def time(self, finesse_time: str) -> str:
        """Give a time as the viewer's client reads it."""
        return client_time(finesse_time, self.zone)


# --- the agent -----------------------------------------------------------------------------------------------------


def completed(user: model.User, known: model.User) -> model.User:
    """Give the user with what a notification left out but Finesse said before: who it is does not change."""
    return replace(
        user,
        login_name=user.login_name or known.login_name,
        first_name=user.first_name or known.first_name,
        last_name=user.last_name or known.last_name,
        roles=user.roles or known.roles,
        team_id=user.team_id or known.team_id,
        team_name=user.team_name or known.team_name,
        teams=user.teams or known.teams,
        wrap_up_on_incoming=user.wrap_up_on_incoming or known.wrap_up_on_incoming,
    )


def reason_code(user: model.User) -> str:
    """Give the reason code of a State event: -1 at LOGOUT and before the first reason, empty when none applies."""
    if user.state == "LOGOUT":
        return NO_REASON
    if user.state != "NOT_READY":
        return ""  # a GET while TALKING may still show the last reason (finesse-rest.md section 4.1)
    if user.reason_code is not None and user.reason_code.code:
        return user.reason_code.code
    return user.reason_code_id or NO_REASON


def state_event(user: model.User, viewer: Viewer) -> events.State:
    """Tell the agent's state. The extension is the one signed in with where Finesse leaves it out."""
    label = user.reason_code.label if user.reason_code is not None and reason_code(user) else ""
    return events.State(
        agent_id=viewer.agent_id,
        state=user.state or "UNKNOWN",
        reason_code=reason_code(user),
        pending_state=user.pending_state,
        state_change_time=viewer.time(user.state_change_time),
        full_name=user.full_name,
        extension=user.extension or viewer.extension,
        label=label,
        login_name=user.login_name,
    )


def relogin_event(agent_id: str) -> events.State:
    """Tell a client that the agent is not known here, so that it connects and signs in again."""
    return events.State(agent_id=agent_id, state="RE_LOGIN")


def agent_info_event(user: model.User, agent_id: str) -> events.AgentInfo:
    """Tell who the agent is."""
    return events.AgentInfo(
        agent_id=agent_id,
        first_name=user.first_name,
        last_name=user.last_name,
        supervisor=user.is_supervisor,
        wrap_up_on_incoming=user.wrap_up_on_incoming,
        teams=teams(user) if user.is_supervisor else (),
        team=events.Team(id=user.team_id, name=user.team_name),
        full_name=user.full_name,
        login_name=user.login_name,
    )


def teams(user: model.User) -> tuple[events.Team, ...]:
    """Give the teams that a supervisor has."""
    return tuple(events.Team(id=team.id, name=team.name) for team in user.teams)


# --- the call ------------------------------------------------------------------------------------------------------


def own_participant(dialog: model.Dialog, extension: str) -> model.Participant | None:
    """Give the viewer's own participant, None when the viewer is not (any more) listed."""
    return next((party for party in dialog.participants if extension and party.media_address == extension), None)


def is_outgoing(dialog: model.Dialog, viewer: Viewer) -> bool:
    """Say whether the viewer started this call."""
    return bool(viewer.extension) and dialog.from_address == viewer.extension


def is_own_consultation(dialog: model.Dialog, viewer: Viewer) -> bool:
    """Say whether the viewer started this call to consult somebody (section 6)."""
    consultation = dialog.call_type == CONSULT or bool(dialog.associated_dialog_id)
    return consultation and dialog.call_type not in JOINED_CALL_TYPES and is_outgoing(dialog, viewer)


def is_consulted(dialog: model.Dialog, viewer: Viewer) -> bool:
    """Say whether the viewer is the one who is asked in this consultation."""
    unmarked = dialog.call_type in UNMARKED_CONSULT_TYPES and bool(dialog.associated_dialog_id)
    return (dialog.call_type == CONSULT or unmarked) and not is_outgoing(dialog, viewer)


def call_type(dialog: model.Dialog, viewer: Viewer) -> str:
    """Give the callType with the protocol's two short names."""
    if is_consulted(dialog, viewer):
        return CONSULT_IN
    return SHORT_CALL_TYPES.get(dialog.call_type, dialog.call_type)


def call_state(dialog: model.Dialog, viewer: Viewer) -> str:
    """Give the state of the call for the viewer: the own participant decides, the dialog's own state lags."""
    own = own_participant(dialog, viewer.extension)
    if own is None or not own.state:
        return dialog.state
    if dialog.state == "FAILED":
        return "FAILED"
    if own.state == "INITIATED" and dialog.state == "ALERTING":
        return "ALERTING"  # the other party rings
    return own.state


def failure_cause(dialog: model.Dialog, viewer: Viewer) -> str:
    """Give the cause of a failed call: the own participant's, else any party's."""
    own = own_participant(dialog, viewer.extension)
    causes = [own.state_cause] if own is not None else []
    causes += [party.state_cause for party in dialog.participants]
    return next((cause for cause in causes if cause), "")


def other_party(dialog: model.Dialog, viewer: Viewer) -> str:
    """Give the other party's number, the client's `ani`."""
    return dialog.to_address if is_outgoing(dialog, viewer) else dialog.from_address


def call_data(dialog: model.Dialog, viewer: Viewer) -> events.CallData:
    """Give the call variables: always callVariable1 … callVariable10, then the ECC variables in the order received."""
    received = dict(dialog.call_variables)
    peripheral = tuple((name, received.get(name, "")) for name in PERIPHERAL_VARIABLES)
    expanded = tuple(pair for pair in dialog.call_variables if pair[0] not in PERIPHERAL_VARIABLES)
    return events.CallData(
        ani=other_party(dialog, viewer),
        associated_dialog_id=dialog.associated_dialog_id,
        variables=peripheral + expanded,
    )


def participants(dialog: model.Dialog, viewer: Viewer) -> tuple[events.Participant, ...]:
    """Give the parties, the viewer's own first, the others in the order received."""
    ordered = sorted(dialog.participants, key=lambda party: party.media_address != viewer.extension)
    return tuple(
        events.Participant(
            media_address=party.media_address,
            state=party.state,
            address_type=party.media_address_type,
            state_cause=party.state_cause,
            state_change_time=viewer.time(party.state_change_time),
        )
        for party in ordered
    )


def start_time(dialog: model.Dialog, viewer: Viewer) -> str:
    """Give the time at which the call began for the viewer."""
    own = own_participant(dialog, viewer.extension)
    first = own or next(iter(dialog.participants), None)
    return viewer.time(first.start_time) if first is not None else ""


def previous_dialog_id(dialog: model.Dialog) -> str | None:
    """Give the id that a transferred call had before, None for any other call."""
    return dialog.secondary_id or None if dialog.call_type == "TRANSFER" else None


def inbound_call(dialog: model.Dialog, viewer: Viewer, state: str) -> events.InboundCall:
    """Tell a call in the given state."""
    return events.InboundCall(
        agent_id=viewer.agent_id,
        dialog_id=dialog.id,
        state=state,
        start_time=start_time(dialog, viewer),
        prev_dialog_id=previous_dialog_id(dialog),
        from_address=dialog.from_address,
        call_data=call_data(dialog, viewer),
        participants=participants(dialog, viewer),
        call_type=call_type(dialog, viewer),
    )


def inbound_call_failed(dialog: model.Dialog, viewer: Viewer) -> events.InboundCallFailed:
    """Tell a call that could not be made."""
    return events.InboundCallFailed(
        agent_id=viewer.agent_id,
        dialog_id=dialog.id,
        cause=failure_cause(dialog, viewer),
        full_name=viewer.full_name,
        prev_dialog_id=previous_dialog_id(dialog),
    )


def consult_call(dialog: model.Dialog, viewer: Viewer, state: str) -> events.ConsultCall:
    """Tell a consultation that the viewer started, in the given state."""
    return events.ConsultCall(
        agent_id=viewer.agent_id,
        dialog_id=dialog.id,
        state=state,
        from_address=dialog.from_address,
        to_address=dialog.to_address,
        start_time=start_time(dialog, viewer),
        call_data=call_data(dialog, viewer),
        participants=participants(dialog, viewer),
        call_type=call_type(dialog, viewer),
        agent_name=viewer.full_name,
    )


def consult_call_failed(dialog: model.Dialog, viewer: Viewer) -> events.ConsultCallFailed:
    """Tell a consultation that could not be made."""
    return events.ConsultCallFailed(
        agent_id=viewer.agent_id,
        dialog_id=dialog.id,
        cause=failure_cause(dialog, viewer),
        agent_name=viewer.full_name,
    )


def new_call(kind: type[events.NewInboundCall], dialog: model.Dialog, viewer: Viewer) -> events.NewInboundCall:
    """Tell a call that begins for the viewer, as NewInboundCall or NewOutboundPreviewCall."""
    return kind(
        agent_id=viewer.agent_id,
        dialog_id=dialog.id,
        from_address=dialog.from_address,
        call_data=call_data(dialog, viewer),
        call_type=call_type(dialog, viewer),
        start_time=start_time(dialog, viewer),
    )


def dialog_summary(dialog: model.Dialog, viewer: Viewer) -> events.DialogSummary:
    """Tell a dialog as one half of DialogStatus."""
    return events.DialogSummary(
        dialog_id=dialog.id,
        state=call_state(dialog, viewer),
        from_address=dialog.from_address,
        call_data=call_data(dialog, viewer),
    )


def dialog_state_controls(dialog: model.Dialog, viewer: Viewer) -> events.DialogStateControls:
    """Tell the state of a call and what the viewer may do with it."""
    own = own_participant(dialog, viewer.extension)
    return events.DialogStateControls(
        agent_id=viewer.agent_id,
        dialog_id=dialog.id,
        state=call_state(dialog, viewer),
        actions=own.actions if own is not None else (),
    )


def conference_participants(dialog: model.Dialog, viewer: Viewer) -> events.ConferenceParticipants:
    """Tell the numbers of those who are in a call now."""
    present = [party.media_address for party in dialog.participants if party.state != "DROPPED"]
    return events.ConferenceParticipants(agent_id=viewer.agent_id, participants=tuple(present))


def control(message: str, viewer: Viewer) -> events.Control:
    """Tell the agent something for the status bar."""
    return events.Control(agent_id=viewer.agent_id, message=message)
