"""The pretend databases, looked at with plain SQL as any other program would."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from finesse_simulator.databases import (
    AgentEntry,
    ConfigurationTables,
    QueueFigures,
    RealTimeTables,
    SkillGroupEntry,
    TeamEntry,
)


def rows(path: Path, query: str) -> list[Any]:
    with closing(sqlite3.connect(path)) as connection:
        return connection.execute(query).fetchall()


def test_real_time_tables(tmp_path: Path) -> None:
    """Queues one by one and in sum, with the times as text too; the next update leaves nothing of the last."""
    path = tmp_path / "uccx.db"
    now = datetime(2024, 2, 6, 9, 30, 5, tzinfo=UTC)
    tables = RealTimeTables(f"sqlite:///{path}", clock=lambda: now)
    tables.create()
    tables.create()
    tables.update(
        [
            QueueFigures(name="Sales", calls_waiting=2, logged_in=3, longest_wait=3_725_999, total_calls=7),
            QueueFigures(name="Support", calls_waiting=1, logged_in=1, longest_wait=1_000, total_calls=1),
        ]
    )
    assert rows(path, "SELECT CSQName, callsWaiting, convLongestWaitDuration FROM RtCSQsSummary ORDER BY 1") == [
        ("Sales", 2, "01:02:05"),
        ("Support", 1, "00:00:01"),
    ]
    totals = "SELECT totalCSQs, loggedInAgents, callsWaiting, totalCalls, longestWaitDuration FROM RtICDStatistics"
    assert rows(path, totals) == [(2, 4, 3, 8, 3_725_999)]
    assert rows(path, "SELECT startDateTime, endDateTime FROM RtICDStatistics") == [
        ("2024-02-06 00:00:00.000000", "2024-02-06 09:30:05.000000")
    ]
    tables.update([])
    assert rows(path, "SELECT * FROM RtCSQsSummary") == []
    assert rows(path, totals) == [(0, 0, 0, 0, 0)]
    tables.close()


def test_configuration_tables(tmp_path: Path) -> None:
    """A supervisor can be followed from the team to the person."""
    path = tmp_path / "awdb.db"
    tables = ConfigurationTables(f"sqlite:///{path}")
    tables.create()
    tables.create()
    for _ in range(2):
        tables.fill(
            skill_groups=[
                SkillGroupEntry(id=5033, name="CUCM_PG.Sales"),
                SkillGroupEntry(id=1, name="x", deleted=True),
            ],
            teams=[TeamEntry(id=1, name="East")],
            agents=[
                AgentEntry(id="1001", login_name="ann", team=1),
                AgentEntry(id="1003", login_name="sue", first_name="Sue", last_name="Kim", supervises=(1,)),
            ],
        )
    assert rows(path, "SELECT SkillTargetID, PeripheralName, Deleted FROM Skill_Group ORDER BY 1") == [
        (1, "x", "Y"),
        (5033, "Sales", "N"),
    ]
    supervisors = """
        SELECT t.EnterpriseName, a.PeripheralNumber, a.SupervisorAgent, p.FirstName, p.LastName, p.LoginName
        FROM Agent_Team t
        JOIN Agent_Team_Supervisor s ON s.AgentTeamID = t.AgentTeamID
        JOIN Agent a ON a.SkillTargetID = s.SupervisorSkillTargetID
        JOIN Person p ON p.PersonID = a.PersonID"""
    assert rows(path, supervisors) == [("East", "1003", "Y", "Sue", "Kim", "sue")]
    assert rows(path, "SELECT count(*) FROM Agent_Team_Member") == [(1,)]
    tables.close()
