"""A site's databases as SQLite files, filled by the simulator."""

from __future__ import annotations

from pathlib import Path

from finesse_simulator.databases import (
    AgentEntry,
    ConfigurationTables,
    QueueFigures,
    RealTimeTables,
    SkillGroupEntry,
    TeamEntry,
)
from generic_connector.statistics.model import QueueSummary, SkillGroup, Supervisor

SALES = QueueFigures(
    name="Sales",
    calls_waiting=2,
    oldest_contact=61_500,
    logged_in=9,
    available=3,
    unavailable=1,
    working=2,
    talking=2,
    reserved=1,
    total_calls=40,
    handled=30,
    abandoned=8,
    longest_talk=600_000,
    longest_wait=90_000,
)
SALES_SUMMARY = QueueSummary(
    name="Sales",
    waiting_calls=2,
    agents_logged_in=9,
    agents_ready=3,
    agents_not_ready=1,
    agents_in_after_call_work=2,
    agents_talking=2,
    agents_reserved=1,
    longest_waiting=61_500,
    handled_calls=30,
    abandoned_calls=8,
    total_calls=40,
    longest_call_in_queue=90_000,
    longest_handle_time=600_000,
)
SKILL_GROUPS = (SkillGroup(id="5033", name="CUCM_PG.Sales"), SkillGroup(id="5034", name="CUCM_PG.Support"))
SUPERVISORS = (
    Supervisor(id="1004", first_name="Max", last_name="Orr", login_name="max"),
    Supervisor(id="1003", first_name="Sue", last_name="Kim", login_name="sue"),
)


def fill_real_time(url: str, *figures: QueueFigures) -> None:
    """Make UCCX's tables, or replace what they say."""
    tables = RealTimeTables(url)
    tables.create()
    tables.update(figures)
    tables.close()


def fill_configuration(url: str) -> None:
    """Make UCCE's tables."""
    tables = ConfigurationTables(url)
    tables.create()
    tables.fill(
        skill_groups=[
            SkillGroupEntry(id=5034, name="CUCM_PG.Support"),
            SkillGroupEntry(id=5033, name="CUCM_PG.Sales"),
            SkillGroupEntry(id=5035, name="CUCM_PG.Old", deleted=True),
        ],
        teams=[TeamEntry(id=1, name="East")],
        agents=[
            AgentEntry(id="1001", login_name="ann", first_name="Ann", last_name="Lee", team=1),
            AgentEntry(id="1003", login_name="sue", first_name="Sue", last_name="Kim", team=1, supervises=(1,)),
            AgentEntry(id="1004", login_name="max", first_name="Max", last_name="Orr", supervisor=True),
            AgentEntry(id="1005", login_name="old", supervisor=True, deleted=True),
        ],
    )
    tables.close()


def url_of(path: Path) -> str:
    """Give SQLAlchemy's URL of a SQLite file."""
    return f"sqlite:///{path}"
