"""How the commands that ask for lists, and those of supervisors, are tried."""

from __future__ import annotations

from generic_connector.conformance import situations as when
from generic_connector.conformance.case import Script

LISTS = (
    Script(command="GetAllAgents", situation=when.signed_in),
    Script(command="GetPhonebooks", situation=when.signed_in),
    Script(command="GetTeamPhonebooks", situation=when.signed_in, arguments=("{team}",)),
    Script(command="GetPhonebookContacts", situation=when.phone_book_known, arguments=("{phone_book}",)),
    Script(command="GetQueueList", situation=when.signed_in, needs_uccx="databases"),
    Script(
        command="GetQueueList", title="of a supervisor", situation=when.signed_in, sender="sue", needs_uccx="databases"
    ),
    Script(command="GETSKILLGROPU", situation=when.signed_in, needs="databases", refused_on_uccx=True),
    Script(command="GETSUPERVISOR", situation=when.signed_in, needs="databases", refused_on_uccx=True),
)

SUPERVISORS = (
    Script(command="GetTeamUsers", situation=when.signed_in, arguments=("{team}",), sender="sue"),
    Script(
        command="GetTeamUsers",
        title="and hear of changes",
        situation=when.signed_in,
        arguments=("{team}", "true"),
        sender="sue",
        then=(when.hears("sue", "TeamUsersList"), when.sends("MakeReady")),
        also=("State READY of {ann_id}",),
    ),
    Script(
        command="GetTeamUserState",
        situation=when.ready,
        arguments=("{ann_id}",),
        sender="sue",
        also=("State READY of {ann_id}",),
    ),
    Script(
        command="SilentMonitor",
        situation=when.talking,
        arguments=("{ann}",),
        sender="sue",
        listeners={"the agent": "ann"},
    ),
    Script(
        command="EndSilentMonitor",
        situation=when.monitoring,
        arguments=("{monitor}",),
        sender="sue",
        listeners={"the agent": "ann"},
    ),
    Script(
        command="BargeIn",
        situation=when.monitoring,
        arguments=("{ann}", "{monitor}"),
        sender="sue",
        listeners={"the agent": "ann"},
    ),
    Script(
        command="DropParticipant",
        situation=when.barged_in,
        arguments=("{bob}", "{dialog}"),
        sender="sue",
        listeners={"the agent who is taken out": "bob"},
        refused_on_uccx=True,
    ),
)
