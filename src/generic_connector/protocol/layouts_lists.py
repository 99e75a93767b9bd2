"""How the events that carry lists are laid out: teams, agents, phone books, queues, skill groups, supervisors.

JSON has most of them as an array around one object, without the agent's id, as the second seed shows them.
Source: client-protocol.md section 5.
"""

from __future__ import annotations

from generic_connector.protocol import events
from generic_connector.protocol.events import Event
from generic_connector.protocol.kinds import Kind
from generic_connector.protocol.layout import Layout, Word, member, rest, value
from generic_connector.protocol.records import Part, Records, listed
from generic_connector.protocol.records_uccx import UCCX_QUEUES

_ID = value("agent_id")

_TEAM_USERS = Records(
    item=events.TeamUser,
    parts=(
        Part("first_name", "FirstName", "firstName"),
        Part("last_name", "LastName", "lastName"),
        Part("extension", "Extension", "extension"),
        Part("login_id", "LoginID", "loginId"),
        Part("state", "State", "state"),
        Part("pending_state", "PendingState", "pendingState"),
        Part("media_type", "MediaType", "mediaType"),
        Part("state_change_time", "StateChangeTime", "stateChangeTime"),
        Part("label", "Label", "label"),
    ),
)
_AGENTS = Records(
    item=events.ListedAgent,
    sign="=",
    parts=(
        Part("login_id", "LoginId", ""),
        Part("full_name", "Name", ""),
        Part("first_name", "", "firstName"),
        Part("last_name", "", "lastName"),
        Part("extension", "Extension", "extension"),
        Part("state", "State", ""),
        Part("team", "Team", ""),
    ),
)
_PHONE_BOOKS = Records(
    item=events.PhoneBook,
    parts=(Part("name", "name", "name"), Part("type", "type", "type"), Part("id", "id", "id")),
)
_CONTACTS = Records(
    item=events.Contact,
    parts=(
        Part("description", "description", "description"),
        Part("first_name", "firstName", "firstName"),
        Part("last_name", "lastName", "lastName"),
        Part("phone_number", "phoneNumber", "phoneNumber"),
        Part("id", "id", "id"),
    ),
)
_QUEUES = Records(
    item=events.QueueNumbers,
    parts=(
        Part("queue_name", "QueueName", "queueName"),
        Part("agents_not_ready", "AgentsNotReady", "agentsNotReady"),
        Part("agents_ready", "AgentsReady", "agentsReady"),
        Part("agents_talking_inbound", "AgentsTalkingInbound", "agentsTalkingInbound"),
        Part("agents_talking_internal", "AgentsTalkingInternal", "agentsTalkingInternal"),
        Part("agents_talking_outbound", "AgentsTalkingOutbound", "agentsTalkingOutbound"),
        Part("agents_wrap_up_not_ready", "AgentsWrapUpNotReady", "agentsWrapUpNotReady"),
        Part("agents_wrap_up_ready", "AgentsWrapUpReady", "agentsWrapUpReady"),
        Part("calls_in_queue", "CallsInQueue", "callsInQueue"),
        Part("start_time_of_longest_call_in_queue", "StartTimeOfLongestCallInQueue", "startTimeOfLongestCallInQueue"),
    ),
)
_WAITING_QUEUES = Records(
    item=events.WaitingQueue,
    parts=(
        Part("queue_name", "QueueName", "queueName"),
        Part("waiting_calls", "WaitingCalls", "WaitingCalls", number=True),
        Part("longest_call_in_queue", "LongestCallInQueue", "LongestCallInQueue", number=True),
    ),
)
_SKILL_GROUPS = Records(item=events.SkillGroup, parts=(Part("id", "id", "id"), Part("name", "name", "name")))
_SUPERVISORS = Records(
    item=events.Supervisor,
    parts=(
        Part("id", "id", "id"),
        Part("first_name", "firstName", "firstName"),
        Part("last_name", "lastName", "lastName"),
        Part("login_name", "loginName", "loginName"),
    ),
)


def _in_array(event: type[Event], attribute: str, kind: Kind, json_type: str, name: str) -> Layout:
    return Layout(
        event=event,
        text=(_ID, Word(event.name), rest(attribute, kind)),
        members=(member(name, attribute, kind),),
        json_type=json_type,
        in_array=True,
    )


def _plain(event: type[Event], attribute: str, kind: Kind, name: str) -> Layout:
    return Layout(
        event=event,
        text=(_ID, Word(event.name), rest(attribute, kind)),
        members=(member(name, attribute, kind), member("agentId", "agent_id")),
    )


LISTS = (
    _in_array(events.TeamUsersList, "users", listed(_TEAM_USERS), "TeamAgents", "users"),
    _in_array(events.AgentsList, "users", listed(_AGENTS, between="|"), "Agents", "users"),
    _in_array(events.QueueList, "queues", listed(_QUEUES), "QueueStats", "queue"),
    _in_array(events.QueueListUccx, "queues", UCCX_QUEUES, "QueueStats", "queues"),
    _in_array(events.QueueListUccxAgent, "queues", listed(_WAITING_QUEUES), "QueueStats", "queue"),
    _in_array(
        events.Phonebooks, "phone_books", listed(_PHONE_BOOKS, none="NoPhoneBookFound"), "PhoneBook", "phoneBook"
    ),
    _in_array(
        events.TeamPhoneBooks,
        "phone_books",
        listed(_PHONE_BOOKS, none="NoTeamPhoneBookFound"),
        "TeamPhoneBook",
        "phoneBook",
    ),
    _in_array(
        events.PhonebookContacts, "contacts", listed(_CONTACTS, none="NoContactFound"), "phoneBookContacts", "contact"
    ),
    _plain(events.SkillGroups, "skill_groups", listed(_SKILL_GROUPS, none="NoSkillGroupFound"), "skillGroups"),
    _plain(events.Supervisors, "supervisors", listed(_SUPERVISORS, none="NoSupervisorFound"), "supervisors"),
)
