"""The commands that ask for lists: agents, phone books, queues, and what a site's databases know."""

from __future__ import annotations

from generic_connector.protocol.checks import ID
from generic_connector.protocol.command_rows import Argument, CommandRow

LISTS = (
    CommandRow(
        name="GetAllAgents",
        repeatable=True,
        about="Asks for the agents who are signed in; with an administrator's account for all of them.",
        finesse="GET Users, with an administrator's account",
        events=("AgentsList",),
    ),
    CommandRow(
        name="GetPhonebooks",
        repeatable=True,
        about="Asks for the agent's phone books, the global ones and the team's.",
        finesse="GET User/PhoneBooks",
        events=("Phonebooks",),
    ),
    CommandRow(
        name="GetTeamPhonebooks",
        arguments=(Argument(name="team_id", check=ID, about="id of the team"),),
        repeatable=True,
        body="<teamId>",
        about="Asks for the phone books of a team.",
        finesse="GET Team/PhoneBooks or User/PhoneBooks of type TEAM",
        events=("TeamPhoneBooks",),
    ),
    CommandRow(
        name="GetPhonebookContacts",
        arguments=(Argument(name="phone_book_id", check=ID, about="id of the phone book, as `Phonebooks` gave it"),),
        repeatable=True,
        body="<phoneBookId>",
        about="Asks for the contacts of a phone book.",
        finesse="GET PhoneBook/Contacts or User/PhoneBooks",
        events=("PhonebookContacts",),
    ),
    CommandRow(
        name="GetQueueList",
        repeatable=True,
        about="Asks for the queues and their numbers.",
        finesse="UCCE: GET User/Queues; UCCX: none, the statistics database",
        events=("QueueList",),
    ),
    CommandRow(
        name="GETSKILLGROPU",
        aliases=("GETSKILLGROUP",),
        repeatable=True,
        about="Asks for the skill groups (UCCE).",
        finesse="none: the configuration database",
        events=("SkillGroups",),
        uccx=False,
    ),
    CommandRow(
        name="GETSUPERVISOR",
        repeatable=True,
        about="Asks for the supervisors (UCCE).",
        finesse="none: the configuration database",
        events=("Supervisors",),
        uccx=False,
    ),
)
