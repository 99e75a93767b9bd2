"""The samples of events that carry lists, a full and an empty one where text has a word for empty."""

from __future__ import annotations

from generic_connector.protocol import events
from generic_connector.protocol.events import Event

_QUEUES = (
    events.QueueNumbers(
        queue_name="Sales",
        agents_not_ready="1",
        agents_ready="2",
        agents_talking_inbound="3",
        agents_talking_internal="0",
        agents_talking_outbound="1",
        agents_wrap_up_not_ready="0",
        agents_wrap_up_ready="0",
        calls_in_queue="4",
        start_time_of_longest_call_in_queue="2022-07-22 18:16:47",
    ),
)
_UCCX_QUEUES = (
    events.UccxQueue(
        queue_name="MSUSD",
        snap_shot=events.SnapShot(
            waiting_calls=4,
            agents_logged_in=3,
            agents_ready=0,
            agents_not_ready=1,
            agents_in_after_call_work=0,
            agents_talking=2,
            agents_reserved=0,
        ),
        since_mid_night=events.SinceMidNight(
            waiting_calls=4,
            handled_calls=50,
            abandoned_calls=2,
            total_calls=56,
            longest_call_in_queue=61000,
            longest_handle_time=543000,
        ),
    ),
)
_WAITING_QUEUES = (
    events.WaitingQueue(queue_name="MSUSD", waiting_calls=4, longest_call_in_queue=61000),
    events.WaitingQueue(queue_name="AXA", waiting_calls=0, longest_call_in_queue=0),
)
_USERS = (
    events.TeamUser(
        first_name="Ada",
        last_name="Byron",
        extension="42053",
        login_id="1001",
        state="NOT_READY",
        pending_state="",
        media_type="1",
        state_change_time="2022-07-22 18:16:47",
        label="Break",
    ),
    events.TeamUser(
        first_name="Alan",
        last_name="Turing",
        extension="",
        login_id="1002",
        state="LOGOUT",
        pending_state="",
        media_type="1",
        state_change_time="",
        label="",
    ),
)
_AGENTS = (
    events.ListedAgent(
        login_id="1001",
        full_name="Ada Byron",
        first_name="Ada",
        last_name="Byron",
        extension="42053",
        state="READY",
        team="Demo",
    ),
    events.ListedAgent(
        login_id="1002",
        full_name="Alan Turing",
        first_name="Alan",
        last_name="Turing",
        extension="42054",
        state="TALKING",
        team="Demo",
    ),
)
_TEAM_BOOK = events.PhoneBook(name="Demo team", type="TEAM", id="1")
_CONTACT = events.Contact(
    description="Head office", first_name="Grace", last_name="Hopper", phone_number="5550199", id="10"
)

LISTS: dict[str, Event] = {
    "The members of a team": events.TeamUsersList(agent_id="1009", users=_USERS),
    "Who is signed in": events.AgentsList(agent_id="1009", users=_AGENTS),
    "The queues of UCCE": events.QueueList(agent_id="1009", queues=_QUEUES),
    "The queues of UCCX, for a supervisor": events.QueueListUccx(agent_id="1009", queues=_UCCX_QUEUES),
    "The queues of UCCX, for an agent": events.QueueListUccxAgent(agent_id="1001", queues=_WAITING_QUEUES),
    "Phone books": events.Phonebooks(
        agent_id="1001", phone_books=(events.PhoneBook(name="Everybody", type="GLOBAL", id="10"), _TEAM_BOOK)
    ),
    "No phone book": events.Phonebooks(agent_id="1001", phone_books=()),
    "A team's phone books": events.TeamPhoneBooks(agent_id="1001", phone_books=(_TEAM_BOOK,)),
    "No phone book of the team": events.TeamPhoneBooks(agent_id="1001", phone_books=()),
    "Contacts": events.PhonebookContacts(agent_id="1001", contacts=(_CONTACT,)),
    "No contact": events.PhonebookContacts(agent_id="1001", contacts=()),
    "Skill groups": events.SkillGroups(
        agent_id="1001",
        skill_groups=(events.SkillGroup(id="5001", name="Sales"), events.SkillGroup(id="5002", name="Service")),
    ),
    "No skill group": events.SkillGroups(agent_id="1001", skill_groups=()),
    "Supervisors": events.Supervisors(
        agent_id="1001",
        supervisors=(events.Supervisor(id="1009", first_name="Grace", last_name="Hopper", login_name="grace"),),
    ),
    "No supervisor": events.Supervisors(agent_id="1001", supervisors=()),
}
"""What it shows, and the event."""
