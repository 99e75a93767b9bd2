"""The databases beside Finesse, as sites have them: UCCX's real-time tables and UCCE's configuration tables.

Any database that SQLAlchemy reaches will do: a SQLite file for a demonstration, PostgreSQL for tests. Calls block.
"""

from __future__ import annotations

from finesse_simulator.databases.configuration import ConfigurationTables
from finesse_simulator.databases.figures import AgentEntry, QueueFigures, SkillGroupEntry, TeamEntry
from finesse_simulator.databases.real_time import RealTimeTables

__all__ = ["AgentEntry", "ConfigurationTables", "QueueFigures", "RealTimeTables", "SkillGroupEntry", "TeamEntry"]
"""What there is to use."""
