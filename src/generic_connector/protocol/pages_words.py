"""The running text of the protocol's pages: what no table says."""

from __future__ import annotations

from generic_connector.errors import Blame

COMMANDS_START = """# Commands

A command is a JMS message to the connector's command queue (`Connector1` unless configured otherwise). Its JMSType
reads `<Command>#<id>`, its body holds the arguments, joined by commas; a command without arguments has an empty body.

- The id is the agent's login id; for Hello and Beat it is the destination, the topic on which the client listens.
- Command names may be in any case. Blanks around `#` and around every argument are trimmed, around passwords too: a
  password cannot begin or end with a blank. Misspelt names are the names on the wire; the right spelling is taken too.
- Passwords may hold commas, and so may the reason of wrapup. In Connect the password is everything between the first
  comma and an optional final `,SSO`; in Login everything before the last comma; in MobileAgentLogin everything before
  the last three; in wrapup the reason is everything before the last comma.
- `update_call_variable` takes two forms; whichever of `=` and `,` comes first behind the dialog id tells which it is.
- A missing or empty argument ends in the error that its table names. Too many arguments, characters that Finesse
  cannot be sent (control characters) or a body of more than 65536 characters end in `PLEASE_RETRY`, in
  update_call_variable in `INVALID_CALL_DATA`, and the event's text says why. An unknown command, a missing id, and an
  id that holds `#` or control characters or more than 255 characters end in `PLEASE_RETRY` too.
- Where events are listed, other events may stand between them. Where UCCX is named beside them, the list before it is
  UCCE's.
- For programs: each command has a JSON Schema in [schemas/commands](schemas/commands), and
  [asyncapi.json](asyncapi.json) describes commands, events and queues in one document (AsyncAPI 3).
- Commands of one agent are carried out in the order in which they were sent."""

EVENTS_START = """# Events

An event is a JMS TextMessage to the client's topic, in text or in JSON, whichever the destination asked for.

Text:

- Fields are joined by `#`. A `#` inside a value reads `00100011`; the setting `text.hash_replacement` names another
  word.
- Inside the values of lists (call variables, participants, teams, reason codes and labels, users, phone books,
  contacts, queues) `|` and `,` read as a blank, or as the setting `text.list_separator_replacement` says; so does `=`
  inside the name of a call variable. `:` and `=` inside values stay: the first one ends the name before it.
- All other characters arrive as they are, line breaks and other control characters included.
- Call variables are `name=value` pairs joined by `|`: `ani`, `associatedDialogId`, `callVariable1` to
  `callVariable10`, then ECC variables. `ani` is the number of the other party.
- Participants are joined by `|`, each `mediaAddress,state,addressType,stateCause,stateChangeTime`. The agent's own
  comes first.

JSON carries every value unchanged. Lists come as an array around one object where the samples show it, empty ones with
an empty list inside. Call variables are single-key objects, `ani` last; counts are strings; the numbers of queues are
strings on UCCE and numbers on UCCX. Each event that JSON has, has a JSON Schema in [schemas/events](schemas/events).

Times read `yyyy-MM-dd HH:mm:ss` in the connector's configured time zone."""

ERRORS_START = """# Errors

A command that cannot be carried out ends in one Error event: `<agentId>#Error#<code>#<text>`, or in JSON
`{"type":"Error","code":…,"message":…,"agentId":…,"command":…}`. The setting `text.error_text` turns the fourth field of
the text form off. The code is for programs, the text for people.

Beside the codes below any CTI name that Finesse reports (`CF_INVALID_OBJECT_STATE`, `CF_RESOURCE_BUSY`,
`CF_INVALID_LOGON_DEVICE_SPECIFIED`, …) is told unchanged, whether Finesse reports it at once or later.

Who can put it right:"""

WHAT_TO_DO = {
    Blame.CLIENT: "show the text, put right what it says (ask the agent if need be) and send the command again.",
    Blame.CONNECTOR: "show the text; whoever runs the connector can help.",
    Blame.FINESSE: "show the text and go on; the contact centre did not allow this now.",
    Blame.NETWORK: "show the text and try again a little later; the connector goes on trying by itself.",
}
"""Blame to what a client does about it."""

WHEN = {
    "PLEASE_RETRY": "any, also when it cannot be read or Finesse does not answer in time",
    "SUBSCRIPTION_FAILED": "`Connect`, and any later one when the credentials no longer hold",
    "SESSION_INVALIDATED": "none: it comes unasked, after `State` LOGOUT",
    "NOT_REACHABLE": "any that asks Finesse; the connector then tries the other node",
    "DOWN": "any that asks Finesse; the connector then tries the other node",
    "CF_GENERIC_UNSPECIFIED": "any that asks Finesse",
}
"""Code to the commands that it can follow, where the rows of the commands do not tell the whole story."""

EVENT_MEANINGS = {
    "System": "Whether Finesse can be worked with: `IN_SERVICE` or `OUT_OF_SERVICE`. Comes unasked when it changes.",
    "Destination": "The destination is not known to the connector: Connect and Login each of its agents again.",
    "AgentInfo": "Who the agent is, told after signing in. `totalNumberOfTeams` and `teams` are a supervisor's.",
    "State": (
        "An agent's state. `RE_LOGIN` means that the connector does not have this agent: send Connect and Login. "
        "A supervisor who hears of a member finds the own id in field 0 (`receiver`), in JSON in `supervisorId`. "
        "`reasonCode` is `-1` at LOGOUT and at the first NOT_READY, empty when READY."
    ),
    "DialogStatus": "The call that the agent has after signing in or after a gap, and the call associated with it.",
    "NewInboundCall": "A call rings at the agent. From then on InboundCall tells of it.",
    "NewOutboundPreviewCall": "A preview of an outbound call is offered to the agent.",
    "InboundCall": (
        "A call of the agent, whatever its direction, each time something about it changes. `DROPPED` ends it; "
        "a call that could not be made is `FAILED` with a cause."
    ),
    "ConsultCall": "A call that the agent started to consult somebody; `assDialogId` is its own dialog id.",
    "DialogState": "The state of a call; `NOT_FOUND` when there is no such call.",
    "DialogStateControls": (
        "What the agent may do with a call in its present state, in Finesse's words. Unlike DialogState there is no "
        "`NOT_FOUND`: for a call that is not there the error is `NO_DIALOG_ID`."
    ),
    "ConferenceParticipants": (
        "The extensions of the parties of a call. Goes to a supervisor unasked whenever the parties of a conference "
        "change that the supervisor is in."
    ),
    "CallBack": (
        "A callback was scheduled, updated or canceled. In text it carries no id: it is about the command that the "
        "agent sent last."
    ),
    "Reclassify": "An outbound call was reclassified as `value`.",
    "ReasonCodes": "The reason codes or wrap-up reasons to choose from; the first code belongs to the first label.",
    "TeamInfoIDs": "The ids of a supervisor's teams. Text only.",
    "TeamInfoNames": "The names of a supervisor's teams. Text only.",
    "TeamMemberStateChanged": (
        "A member's state, told to a supervisor beside the member's State where the setting asks for it. Text only."
    ),
    "Control": "Something to show in the status bar of the agent's window.",
    "TeamUsersList": "The members of a team. JSON calls it `TeamAgents`.",
    "AgentsList": "The agents who are signed in. JSON calls it `Agents`.",
    "QueueList": (
        "The queues and their numbers. JSON calls it `QueueStats`. UCCE tells everybody the same; UCCX tells "
        "supervisors more than agents. Times on UCCX are milliseconds."
    ),
    "Phonebooks": "The phone books of the agent. JSON calls it `PhoneBook`.",
    "TeamPhoneBooks": "The phone books of a team. JSON calls it `TeamPhoneBook`.",
    "PhonebookContacts": "The contacts of a phone book. JSON calls it `phoneBookContacts`.",
    "SkillGroups": "The skill groups of the site (UCCE).",
    "Supervisors": "The supervisors of the site (UCCE).",
    "Error": "A command failed. See [errors](errors.md) for the codes.",
    "ConnectStatus": "Connect succeeded. Only sent where the setting asks for it; elsewhere success is silent.",
}
"""Event name to what it means to a client."""
