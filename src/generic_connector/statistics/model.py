"""What a site's databases tell: the numbers of UCCX's queues; UCCE's skill groups and supervisors.

Source: client-protocol.md section 5, rows QueueList, SkillGroups and Supervisors; finesse-rest.md section 11.2.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class QueueSummary:
    """One contact service queue (CSQ): how it stands now, and what happened in it since midnight.

    Durations are in milliseconds, as UCCX writes them.
    """

    name: str
    waiting_calls: int
    agents_logged_in: int
    agents_ready: int
    """Available, in UCCX's words."""
    agents_not_ready: int
    """Unavailable."""
    agents_in_after_call_work: int
    """Working."""
    agents_talking: int
    agents_reserved: int
    longest_waiting: int
    """How long the oldest of the calls that wait now has been waiting; 0 when none waits."""

    handled_calls: int
    abandoned_calls: int
    total_calls: int
    longest_call_in_queue: int
    """The longest time that a call of today waited."""
    longest_handle_time: int
    """The longest time that a call of today was talked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SkillGroup:
    """One of UCCE's skill groups."""

    id: str
    name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Supervisor:
    """One of UCCE's supervisors. id is the agent id, by which Finesse knows the supervisor too."""

    id: str
    first_name: str
    last_name: str
    login_name: str
