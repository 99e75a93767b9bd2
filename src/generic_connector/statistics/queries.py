"""The queries that sites may replace, and how the columns of their results become our words.

A query is any SQL text that gives the columns of its table, in any order and in any case; further columns are ignored.
Sources of names: finesse-rest.md section 11.2 (UCCX, RtCSQsSummary); the vendor's Database Schema Handbook for UCCE,
tables Skill_Group, Agent and Person.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from operator import attrgetter
from typing import Any, Generic, TypeVar

from generic_connector.statistics.model import QueueSummary, SkillGroup, Supervisor

T = TypeVar("T")

QUEUE_QUERY = "SELECT * FROM RtCSQsSummary"
SKILL_GROUP_QUERY = "SELECT SkillTargetID AS id, EnterpriseName AS name FROM Skill_Group WHERE Deleted = 'N'"
SUPERVISOR_QUERY = """\
SELECT a.PeripheralNumber AS id, p.FirstName, p.LastName, p.LoginName
FROM Agent a JOIN Person p ON p.PersonID = a.PersonID
WHERE a.SupervisorAgent = 'Y' AND a.Deleted = 'N'"""


class UnreadableResultError(Exception):
    """A query's result lacks a column, or holds something that is not what the column is for."""


def _number(value: Any) -> int:
    """Read a count or a time span. An empty cell (NULL) is nothing."""
    return 0 if value is None else int(value)


def _text(value: Any) -> str:
    """Read a name. Fixed-width columns are filled with blanks; an empty cell (NULL) is no name."""
    return "" if value is None else str(value).strip()


@dataclass(frozen=True, slots=True, kw_only=True)
class Column:
    """A column of a result: its name, the field that it becomes, and how it is read."""

    name: str
    field: str
    read: Callable[[Any], int | str]


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape(Generic[T]):
    """What a query gives: one item per row. order: the fields by which the items are sorted."""

    item: Callable[..., T]
    columns: tuple[Column, ...]
    order: tuple[str, ...]

    def read(self, names: Sequence[str], rows: Iterable[Sequence[Any]]) -> tuple[T, ...]:
        """Make the items of a result. names: its columns. Raises UnreadableResultError, naming the column."""
        places = self._places(names)
        return tuple(sorted((self._item(places, row) for row in rows), key=attrgetter(*self.order)))

    def _places(self, names: Sequence[str]) -> Mapping[Column, int]:
        found = {name.lower(): place for place, name in enumerate(names)}
        missing = [column.name for column in self.columns if column.name.lower() not in found]
        if missing:
            given = ", ".join(names) or "none"
            raise UnreadableResultError(f"the query does not give {', '.join(missing)}; its columns: {given}")
        return {column: found[column.name.lower()] for column in self.columns}

    def _item(self, places: Mapping[Column, int], row: Sequence[Any]) -> T:
        return self.item(**{column.field: _read(column, row[place]) for column, place in places.items()})


def _read(column: Column, value: Any) -> int | str:
    try:
        return column.read(value)
    except (ValueError, TypeError, ArithmeticError):
        raise UnreadableResultError(f"column {column.name} holds {value!r}, which is not a number") from None


def _columns(read: Callable[[Any], int | str], **fields: str) -> tuple[Column, ...]:
    return tuple(Column(name=name, field=field, read=read) for field, name in fields.items())


QUEUES = Shape(
    item=QueueSummary,
    columns=(
        *_columns(_text, name="csqName"),
        *_columns(
            _number,
            waiting_calls="callsWaiting",
            agents_logged_in="loggedInAgents",
            agents_ready="availableAgents",
            agents_not_ready="unavailableAgents",
            agents_in_after_call_work="workingAgents",
            agents_talking="talkingAgents",
            agents_reserved="reservedAgents",
            longest_waiting="oldestContact",
            handled_calls="callsHandled",
            abandoned_calls="callsAbandoned",
            total_calls="totalCalls",
            longest_call_in_queue="longestWaitDuration",
            longest_handle_time="longestTalkDuration",
        ),
    ),
    order=("name",),
)
SKILL_GROUPS = Shape(item=SkillGroup, columns=_columns(_text, id="id", name="name"), order=("name", "id"))
SUPERVISORS = Shape(
    item=Supervisor,
    columns=_columns(_text, id="id", first_name="firstName", last_name="lastName", login_name="loginName"),
    order=("login_name", "id"),
)
