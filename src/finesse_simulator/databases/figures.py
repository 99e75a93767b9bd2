"""What the databases are filled with."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueFigures:
    """The numbers of one contact service queue. Durations are milliseconds; calls and longest times are today's."""

    name: str
    calls_waiting: int = 0
    oldest_contact: int = 0
    """How long the oldest waiting call has waited."""
    logged_in: int = 0
    available: int = 0
    unavailable: int = 0
    working: int = 0
    """Agents in after-call work."""
    talking: int = 0
    reserved: int = 0
    total_calls: int = 0
    handled: int = 0
    abandoned: int = 0
    dequeued: int = 0
    """Calls that were taken out of this queue, such as those handled by another one."""
    average_talk: int = 0
    average_wait: int = 0
    longest_talk: int = 0
    longest_wait: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillGroupEntry:
    """A skill group of UCCE. id: its SkillTargetID. name: its enterprise name."""

    id: int
    name: str
    deleted: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class TeamEntry:
    """An agent team of UCCE."""

    id: int
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class AgentEntry:
    """An agent of UCCE with the person behind it. id: the peripheral number, by which Finesse knows the agent."""

    id: str
    login_name: str
    first_name: str = ""
    last_name: str = ""
    team: int | None = None
    supervisor: bool = False
    supervises: tuple[int, ...] = ()
    """Ids of teams."""
    deleted: bool = False
