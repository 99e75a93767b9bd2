"""The commands of supervisors: teams, listening in, joining and ending members' calls."""

from __future__ import annotations

from dataclasses import replace

from generic_connector.protocol.checks import ID, SUBSCRIBE
from generic_connector.protocol.command_rows import ANY_CF, Argument, CommandRow, Heard
from generic_connector.protocol.row_parts import CALL_ERRORS, DIALOG_ID

_MEMBER = Argument(name="extension", missing="MISSING_EXTENSION", about="the agent's extension")
_MONITOR_CALL = replace(DIALOG_ID, about="id of the supervisor's own call, on which the agent is heard")

# What acts on a call is not repeatable, for the reason that rows_calls gives.
SUPERVISORS = (
    CommandRow(
        name="GetTeamUsers",
        arguments=(
            Argument(name="team_id", check=ID, about="id of the team"),
            Argument(name="subscribe", optional=True, check=SUBSCRIBE, about="`true`: tell every change from now on"),
        ),
        repeatable=True,
        body="<teamId>[,true]",
        about="Asks for the members of a team; with `true` a State follows on each change of a member.",
        finesse="GET Team; with `true` the team's notifications",
        events=("TeamUsersList",),
    ),
    CommandRow(
        name="GetTeamUserState",
        arguments=(Argument(name="member_id", check=ID, about="login id of the member"),),
        repeatable=True,
        body="<memberId>",
        about="Asks for the present state of a member.",
        finesse="GET User",
        events=("State",),
        errors=("USER_NOT_FOUND",),
    ),
    CommandRow(
        name="SilentMonitor",
        arguments=(_MEMBER,),
        repeatable=False,
        body="<extension>",
        about="Lets the supervisor listen to an agent's call unheard.",
        finesse="POST User/Dialogs SILENT_MONITOR",
        events=("InboundCall INITIATING", "InboundCall INITIATED", "InboundCall ACTIVE"),
        others=(Heard(who="the agent", events=("NewInboundCall", "InboundCall ACTIVE")),),
        errors=("MISSING_EXTENSION", "BAD_DESTINATION", ANY_CF),
    ),
    CommandRow(
        name="EndSilentMonitor",
        arguments=(_MONITOR_CALL,),
        repeatable=False,
        body="<dialogId>",
        about="Ends the listening.",
        finesse="PUT Dialog DROP with the supervisor's extension",
        events=("InboundCall DROPPED",),
        others=(Heard(who="the agent", events=("InboundCall DROPPED",)),),
        errors=CALL_ERRORS,
    ),
    CommandRow(
        name="BargeIn",
        arguments=(_MEMBER, _MONITOR_CALL),
        repeatable=False,
        body="<extension>,<dialogId>",
        about="Makes the call that the supervisor listens to a conference with the supervisor.",
        finesse="POST User/Dialogs BARGE_CALL",
        events=(
            "InboundCall ACTIVE",
            "InboundCall DROPPED",
            "NewInboundCall",
            "NewInboundCall",
            "InboundCall DROPPED",
            "NewInboundCall",
            "InboundCall ACTIVE",
        ),
        others=(
            Heard(
                who="the agent",
                events=(
                    "InboundCall DROPPED",
                    "InboundCall HELD",
                    "ConsultCall INITIATING",
                    "ConsultCall INITIATED",
                    "InboundCall ACTIVE",
                    "InboundCall DROPPED",
                    "InboundCall ACTIVE",
                ),
            ),
        ),
        errors=("MISSING_EXTENSION", *CALL_ERRORS),
    ),
    CommandRow(
        name="DropParticipant",
        arguments=(_MEMBER, DIALOG_ID),
        repeatable=False,
        body="<extension>,<dialogId>",
        about="Takes a party out of a conference (UCCE).",
        finesse="PUT Dialog PARTICIPANT_DROP",
        events=("InboundCall ACTIVE", "Control"),
        others=(Heard(who="the agent who is taken out", events=("InboundCall DROPPED",)),),
        uccx=False,
        errors=("MISSING_EXTENSION", *CALL_ERRORS),
    ),
)
