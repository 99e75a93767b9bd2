"""The events that carry lists: teams, agents, phone books, queues, and what a site's databases know."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from generic_connector.protocol.event_parts import Event


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamUser:
    """A member of a team, as a supervisor reads it."""

    first_name: str
    last_name: str
    extension: str
    login_id: str
    state: str
    pending_state: str
    media_type: str
    state_change_time: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ListedAgent:
    """An agent who is signed in. Text tells full_name, JSON first_name and last_name."""

    login_id: str = ""
    full_name: str = ""
    first_name: str = ""
    last_name: str = ""
    extension: str = ""
    state: str = ""
    team: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneBook:
    """A phone book; type is GLOBAL or TEAM."""

    name: str
    type: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """Somebody in a phone book."""

    description: str
    first_name: str
    last_name: str
    phone_number: str
    id: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillGroup:
    """A skill group (UCCE)."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervisor:
    """A supervisor (UCCE)."""

    id: str
    first_name: str
    last_name: str
    login_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueNumbers:
    """A queue of UCCE; the numbers as Finesse writes them."""

    queue_name: str
    agents_not_ready: str
    agents_ready: str
    agents_talking_inbound: str
    agents_talking_internal: str
    agents_talking_outbound: str
    agents_wrap_up_not_ready: str
    agents_wrap_up_ready: str
    calls_in_queue: str
    start_time_of_longest_call_in_queue: str


@dataclass(frozen=True, slots=True, kw_only=True)
class SnapShot:
    """How a queue of UCCX stands now."""

    waiting_calls: int
    agents_logged_in: int
    agents_ready: int
    agents_not_ready: int
    agents_in_after_call_work: int
    agents_talking: int
    agents_reserved: int


@dataclass(frozen=True, slots=True, kw_only=True)
class SinceMidNight:
    """What happened in a queue of UCCX today."""

    waiting_calls: int
    handled_calls: int
    abandoned_calls: int
    total_calls: int
    longest_call_in_queue: int
    longest_handle_time: int


@dataclass(frozen=True, slots=True, kw_only=True)
class UccxQueue:
    """A queue of UCCX as a supervisor reads it."""

    queue_name: str
    snap_shot: SnapShot
    since_mid_night: SinceMidNight


@dataclass(frozen=True, slots=True, kw_only=True)
class WaitingQueue:
    """A queue of UCCX as an agent reads it."""

    queue_name: str
    waiting_calls: int
    longest_call_in_queue: int


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamUsersList(Event):
    """The members of a team. agent_id is the supervisor who asked."""

    name: ClassVar[str] = "TeamUsersList"
    agent_id: str
    users: tuple[TeamUser, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentsList(Event):
    """The agents who are signed in."""

    name: ClassVar[str] = "AgentsList"
    agent_id: str
    users: tuple[ListedAgent, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Phonebooks(Event):
    """The phone books of the agent: global ones and the team's."""

    name: ClassVar[str] = "Phonebooks"
    agent_id: str
    phone_books: tuple[PhoneBook, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamPhoneBooks(Event):
    """The phone books of a team."""

    name: ClassVar[str] = "TeamPhoneBooks"
    agent_id: str
    phone_books: tuple[PhoneBook, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class PhonebookContacts(Event):
    """The contacts of a phone book."""

    name: ClassVar[str] = "PhonebookContacts"
    agent_id: str
    contacts: tuple[Contact, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueList(Event):
    """The queues of a supervisor or agent on UCCE."""

    name: ClassVar[str] = "QueueList"
    agent_id: str
    queues: tuple[QueueNumbers, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueListUccx(Event):
    """The queues of UCCX, told to a supervisor."""

    name: ClassVar[str] = "QueueList"
    agent_id: str
    queues: tuple[UccxQueue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueListUccxAgent(Event):
    """The queues of UCCX, told to an agent."""

    name: ClassVar[str] = "QueueList"
    agent_id: str
    queues: tuple[WaitingQueue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillGroups(Event):
    """The skill groups of a UCCE site."""

    name: ClassVar[str] = "SkillGroups"
    agent_id: str
    skill_groups: tuple[SkillGroup, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervisors(Event):
    """The supervisors of a UCCE site."""

    name: ClassVar[str] = "Supervisors"
    agent_id: str
    supervisors: tuple[Supervisor, ...]
