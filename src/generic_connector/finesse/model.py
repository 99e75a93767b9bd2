"""Finesse's nouns as we mirror them: the wire's words, typed, parsed by finesse.payloads. Times are as received (UTC).

Every field may be missing on the wire; "" stands for empty and for missing alike unless a field says otherwise.
Source: finesse-rest.md sections 3, 4, 6, 10 to 12; finesse-notifications.md sections 6 and 8.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True, kw_only=True)
class Credentials:
    """Whose rights a request uses. secret is the password, or the bearer token when sso is set."""

    user_id: str
    secret: str = field(repr=False)
    sso: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ReasonCode:
    """A reason code. id is Finesse's database id, code what CTI and people know."""

    id: str = ""
    code: str = ""
    label: str = ""
    category: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class WrapUpReason:
    """A wrap-up reason. Finesse wants its label back, not its id."""

    id: str
    label: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    """A team. users: its members in short (no roles, teams or login name), where the document lists them."""

    id: str
    name: str
    users: tuple[User, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class User:
    """An agent or supervisor. reason_code_id is "" when there is none, "-1" for none chosen yet."""

    login_id: str = ""
    login_name: str = ""
    first_name: str = ""
    last_name: str = ""
    state: str = ""
    pending_state: str = ""
    state_change_time: str = ""
    reason_code_id: str = ""
    reason_code: ReasonCode | None = None
    extension: str = ""
    roles: tuple[str, ...] = ()
    team_id: str = ""
    team_name: str = ""
    teams: tuple[Team, ...] = ()
    wrap_up_on_incoming: str = ""
    media_type: str = ""

    @property
    def full_name(self) -> str:
        """First and last name."""
        return f"{self.first_name} {self.last_name}".strip()

    @property
    def is_supervisor(self) -> bool:
        """Whether the user has the role of a supervisor."""
        return "Supervisor" in self.roles


@dataclass(frozen=True, slots=True, kw_only=True)
class Participant:
    """A party of a dialog."""

    media_address: str = ""
    media_address_type: str = ""
    state: str = ""
    state_cause: str = ""
    start_time: str = ""
    state_change_time: str = ""
    actions: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Dialog:
    """A voice call as one user sees it. associated_dialog_id is the last part of associatedDialogUri.

    callback_time (YYYY-MM-DDTHH:MM, no zone) and callback_number are those of a scheduled callback, "" when there is
    none. outbound_classification is what RECLASSIFY sets, "" for most calls.
    """

    id: str
    secondary_id: str = ""
    associated_dialog_id: str = ""
    from_address: str = ""
    to_address: str = ""
    state: str = ""
    call_type: str = ""
    dnis: str = ""
    dialed_number: str = ""
    wrap_up_reason: str = ""
    outbound_classification: str = ""
    callback_time: str = ""
    callback_number: str = ""
    call_variables: tuple[tuple[str, str], ...] = ()
    participants: tuple[Participant, ...] = ()
    media_type: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Queue:
    """A queue of UCCE. statistics: by Finesse's names, such as callsInQueue; numbers are "-1" while nobody is in it."""

    id: str
    name: str = ""
    statistics: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Contact:
    """An entry of a phone book. id is "" in the lists that agents get: Finesse does not tell it there."""

    id: str = ""
    first_name: str = ""
    last_name: str = ""
    phone_number: str = ""
    description: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PhoneBook:
    """A phone book. type: GLOBAL or TEAM. id is "" in the lists that agents get: Finesse does not tell it there."""

    id: str = ""
    name: str = ""
    type: str = ""
    contacts: tuple[Contact, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemInfo:
    """The state of a node. Ports are 0 where Finesse does not tell them (before 12.6)."""

    status: str = ""
    status_reason: str = ""
    deployment_type: str = ""
    xmpp_domain: str = ""
    xmpp_pubsub_domain: str = ""
    auth_mode: str = ""
    primary_host: str = ""
    secondary_host: str = ""
    xmpp_port: int = 0
    xmpp_secure_port: int = 0
    https_port: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class ApiError:
    """One error that Finesse reports, in an HTTP answer or later in a notification."""

    type: str = ""
    message: str = ""
    data: str = ""


# --- notifications: what an Update document says -----------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class UserChanged:
    """The user's state, name, role or pending state changed."""

    user: User


@dataclass(frozen=True, slots=True, kw_only=True)
class UserRemoved:
    """The user was deleted; nothing more is told."""


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogsAdded:
    """Dialogs came into the user's collection (POST)."""

    dialogs: tuple[Dialog, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogsRemoved:
    """Dialogs left the user's collection (DELETE), whatever their states say."""

    dialogs: tuple[Dialog, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class DialogChanged:
    """A dialog changed (PUT)."""

    dialog: Dialog


@dataclass(frozen=True, slots=True, kw_only=True)
class RequestRefused:
    """A request that was accepted with 202 was refused later."""

    errors: tuple[ApiError, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SystemInfoChanged:
    """The node's state changed."""

    system_info: SystemInfo


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamMemberChanged:
    """The state or the name of a team's member changed. user is the short form that teams have."""

    user: User


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueChanged:
    """The statistics or the name of a queue changed."""

    queue: Queue


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuesAdded:
    """Queues came into the user's list."""

    queues: tuple[Queue, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class QueuesRemoved:
    """Queues were deleted, or left the user's list. Only their ids are told."""

    queues: tuple[Queue, ...]


NotificationContent = (
    UserChanged
    | UserRemoved
    | DialogsAdded
    | DialogsRemoved
    | DialogChanged
    | RequestRefused
    | SystemInfoChanged
    | TeamMemberChanged
    | QueueChanged
    | QueuesAdded
    | QueuesRemoved
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notification:
    """One Update document, or one member's part of it. request_id is "" when nobody asked for what happened.

    node: the pub/sub node that it came by, such as /finesse/api/Team/5000/Users; source: what changed, which for a
    team's node is the member.
    """

    source: str
    request_id: str
    content: NotificationContent
    node: str = ""
