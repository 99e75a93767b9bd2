"""How to reach a site's databases. The configuration file's settings are mapped onto this."""

from __future__ import annotations

from dataclasses import dataclass, field

from generic_connector.statistics.queries import QUEUE_QUERY, SKILL_GROUP_QUERY, SUPERVISOR_QUERY


@dataclass(frozen=True, slots=True, kw_only=True)
class DatabaseSettings:
    """One database. Times are seconds."""

    url: str = ""
    """SQLAlchemy's URL, without user name and password; "": there is no such database."""
    username: str = ""
    """"" to come without one."""
    password: str = field(default="", repr=False)
    connections: int = 2
    """Most connections at a time, and as many threads."""
    connect_timeout: float = 3.0
    """Longest time until a connection can be used, a free one or a new one."""
    query_timeout: float = 5.0
    """Longest time from there to the whole result."""
    keep: float = 5.0
    """How long a result is given out again; 0: never."""


@dataclass(frozen=True, slots=True, kw_only=True)
class StatisticsSettings:
    """The two databases that a site may have, and what they are asked."""

    real_time: DatabaseSettings = DatabaseSettings()
    """UCCX's real-time tables."""
    queue_query: str = QUEUE_QUERY
    configuration: DatabaseSettings = DatabaseSettings(keep=60.0)
    """UCCE's configuration tables."""
    skill_group_query: str = SKILL_GROUP_QUERY
    supervisor_query: str = SUPERVISOR_QUERY
