"""From the result of a query to our words."""

from __future__ import annotations

from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest

from generic_connector.statistics.model import SkillGroup
from generic_connector.statistics.queries import QUEUES, SKILL_GROUPS, SUPERVISORS, Shape, UnreadableResultError
from site_databases.filled import SALES_SUMMARY

ROW = {
    "CSQNAME": "Sales" + " " * 45,
    "callswaiting": Decimal(2),
    "LoggedInAgents": 9,
    "availableAgents": "3",
    "unavailableAgents": 1,
    "workingAgents": 2,
    "talkingAgents": 2,
    "reservedAgents": 1,
    "oldestContact": 61_500,
    "callsHandled": 30.0,
    "callsAbandoned": 8,
    "totalCalls": 40,
    "longestWaitDuration": 90_000,
    "longestTalkDuration": 600_000,
    "convOldestContact": "00:01:01",
}


def test_columns_are_found_by_name() -> None:
    """In any order, in any case, with any number type, filled with blanks or not; others do not matter."""
    assert QUEUES.read(list(ROW), [list(ROW.values())]) == (SALES_SUMMARY,)
    assert QUEUES.read(list(ROW)[::-1], [list(ROW.values())[::-1]]) == (SALES_SUMMARY,)


def test_an_empty_cell_is_nothing() -> None:
    row = ROW | {"callsHandled": None}
    assert QUEUES.read(list(row), [list(row.values())])[0].handled_calls == 0
    assert SKILL_GROUPS.read(["id", "name"], [(5, None)]) == (SkillGroup(id="5", name=""),)


def test_no_row_is_no_item() -> None:
    assert SUPERVISORS.read(["ID", "FIRSTNAME", "LASTNAME", "LOGINNAME"], []) == ()


def test_items_are_ordered() -> None:
    groups = SKILL_GROUPS.read(["name", "id"], [("b", 1), ("a", 3), ("a", 2)])
    assert [(group.name, group.id) for group in groups] == [("a", "2"), ("a", "3"), ("b", "1")]


@pytest.mark.parametrize(
    ("shape", "names", "row", "said"),
    [
        (SKILL_GROUPS, ["SkillTargetID", "name"], (1, "x"), "does not give id; its columns: SkillTargetID, name"),
        (SUPERVISORS, ["id", "loginName"], (1, "x"), "does not give firstName, lastName; its columns: id, login"),
        (QUEUES, [], (), "does not give csqName, callsWaiting, .*its columns: none"),
        (QUEUES, list(ROW), [*list(ROW.values())[:-2], "00:10:00", ""], "column longestTalkDuration holds '00:10:00'"),
    ],
)
def test_what_is_wrong_is_named(shape: Shape[Any], names: list[str], row: list[Any], said: str) -> None:
    with pytest.raises(UnreadableResultError, match=said):
        shape.read(names, [row])


def test_the_page_names_every_column() -> None:
    """Who replaces a query learns from docs/statistics.md what it must give."""
    page = (Path(__file__).parents[2] / "docs" / "statistics.md").read_text(encoding="utf-8")
    columns = [*QUEUES.columns, *SKILL_GROUPS.columns, *SUPERVISORS.columns]
    assert [column.name for column in columns if f"| `{column.name}` |" not in page] == []
