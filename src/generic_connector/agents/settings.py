"""What a site may choose about agents and their clients."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import tzinfo
from enum import StrEnum

from generic_connector.broker.senders import Senders
from generic_connector.finesse.model import Credentials
from generic_connector.protocol.formats import Format
from generic_connector.protocol.text import TextSettings


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentSettings:
    """All times are in seconds.

    inbox_limit: commands that may wait for one agent; one more is answered with PLEASE_RETRY.
    notification_limit: notifications that may wait for one agent; past it they are dropped and the agent's state is
    read back instead.
    result_timeout: how long a request that Finesse accepted may go without a visible result.
    reconnect_delay, reconnect_delay_max: back-off between attempts to open a lost notification session again.
    reason_codes_age, phone_books_age: how long such a list is good for.
    late_logout_grace: how long after a change to another node a sign-out that it brought about is undone; 0: never.
    ready_again_after_failover: make an agent READY again whom a fail-over made NOT_READY.
    keep_signed_out: how long an agent who signed out stays connected; then the client has to Connect again.
    time_zone: the zone of times in events, None for the machine's own.
    team_member_state_changed: tell a supervisor of members by TeamMemberStateChanged as well.
    max_agents: signed-in agents that the licence allows, 0 for any number.
    administrator: an account that may list all users, None where there is none.
    """

    inbox_limit: int = 100
    notification_limit: int = 1000
    result_timeout: float = 10.0
    reconnect_delay: float = 0.5
    reconnect_delay_max: float = 10.0
    reason_codes_age: float = 300.0
    phone_books_age: float = 300.0
    late_logout_grace: float = 180.0
    ready_again_after_failover: bool = False
    keep_signed_out: float = 3600.0
    time_zone: tzinfo | None = None
    connect_status: bool = False
    team_info: bool = True
    team_member_state_changed: bool = False
    max_agents: int = 0
    administrator: Credentials | None = None


class Access(StrEnum):
    """Whether it is looked at who sent a command: agents/access.py has the rules."""

    OPEN = "open"
    BOUND = "bound"


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientSettings:
    """How clients are spoken to, and whom they may command.

    formats: patterns of destination names (`*` and `?` as in file names) and the format each gets, first match wins.
    forget_after: seconds after which a destination without agents that sent neither Hello nor Beat is forgotten.
    access, senders: whether each sender is bound to its own destinations, and which these are.
    """

    default_format: Format = Format.TEXT
    formats: tuple[tuple[str, Format], ...] = ()
    forget_after: float = 86_400.0
    text: TextSettings = field(default_factory=TextSettings)
    access: Access = Access.OPEN
    senders: Senders = field(default_factory=Senders)
