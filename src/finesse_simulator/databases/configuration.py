"""UCCE's configuration tables about skill groups, agents, persons and teams, with the views that sites query.

Source: the vendor's Database Schema Handbook, of which these are the columns that matter here. The tables of an AWDB
are named t_Agent and so on; Agent is a view of t_Agent.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import Column, Integer, MetaData, SmallInteger, String, Table, create_engine, delete, insert, text

from finesse_simulator.databases.figures import AgentEntry, SkillGroupEntry, TeamEntry

_METADATA = MetaData()
_PERIPHERAL = 5000
_FIRST_TARGET = 7000
_FIRST_PERSON = 9000


def _key(name: str) -> Column[Any]:
    return Column(name, Integer, primary_key=True, autoincrement=False)


def _flag(name: str) -> Column[Any]:
    return Column(name, String(1), nullable=False)


SKILL_GROUP = Table(
    "t_skill_group",
    _METADATA,
    _key("skilltargetid"),
    Column("peripheralid", SmallInteger, nullable=False),
    Column("peripheralnumber", Integer, nullable=False),
    Column("peripheralname", String(32), nullable=False),
    Column("enterprisename", String(32), nullable=False),
    Column("priority", SmallInteger, nullable=False),
    _flag("deleted"),
)
PERSON = Table(
    "t_person",
    _METADATA,
    _key("personid"),
    Column("firstname", String(32), nullable=False),
    Column("lastname", String(32), nullable=False),
    Column("loginname", String(255), nullable=False),
    _flag("loginenabled"),
)
AGENT = Table(
    "t_agent",
    _METADATA,
    _key("skilltargetid"),
    Column("personid", Integer, nullable=False),
    Column("peripheralid", SmallInteger, nullable=False),
    Column("peripheralnumber", String(32), nullable=False),
    Column("peripheralname", String(32)),
    Column("enterprisename", String(32), nullable=False),
    _flag("supervisoragent"),
    _flag("deleted"),
)
TEAM = Table(
    "t_agent_team",
    _METADATA,
    _key("agentteamid"),
    Column("enterprisename", String(32), nullable=False),
    Column("peripheralid", SmallInteger, nullable=False),
)
TEAM_MEMBER = Table("t_agent_team_member", _METADATA, _key("agentteamid"), _key("skilltargetid"))
TEAM_SUPERVISOR = Table("t_agent_team_supervisor", _METADATA, _key("agentteamid"), _key("supervisorskilltargetid"))


class ConfigurationTables:
    """UCCE's tables in a database of any kind. Every call blocks: make it outside an event loop.

    url: SQLAlchemy's, with user name and password.
    """

    def __init__(self, url: str) -> None:
        self._engine = create_engine(url)

    def create(self) -> None:
        """Make the tables and their views where they are missing."""
        _METADATA.create_all(self._engine)
        with self._engine.begin() as connection:
            for table in _METADATA.tables:
                view = table.removeprefix("t_")
                connection.execute(text(f"DROP VIEW IF EXISTS {view}"))
                connection.execute(text(f"CREATE VIEW {view} AS SELECT * FROM {table}"))  # noqa: S608  our own names

    def fill(
        self,
        *,
        skill_groups: Sequence[SkillGroupEntry] = (),
        teams: Sequence[TeamEntry] = (),
        agents: Sequence[AgentEntry] = (),
    ) -> None:
        """Replace what the tables say."""
        with self._engine.begin() as connection:
            for table, rows in _rows(skill_groups, teams, agents):
                connection.execute(delete(table))
                if rows:
                    connection.execute(insert(table), rows)

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()


Rows = list[dict[str, Any]]


def _rows(
    skill_groups: Sequence[SkillGroupEntry], teams: Sequence[TeamEntry], agents: Sequence[AgentEntry]
) -> Iterator[tuple[Table, Rows]]:
    targets = {agent.id: _FIRST_TARGET + place for place, agent in enumerate(agents)}
    yield SKILL_GROUP, [_skill_group(place, group) for place, group in enumerate(skill_groups, 1)]
    yield PERSON, [_person(place, agent) for place, agent in enumerate(agents)]
    yield AGENT, [_agent(place, agent) for place, agent in enumerate(agents)]
    yield TEAM, [{"agentteamid": team.id, "enterprisename": team.name, "peripheralid": _PERIPHERAL} for team in teams]
    yield (
        TEAM_MEMBER,
        [{"agentteamid": agent.team, "skilltargetid": targets[agent.id]} for agent in agents if agent.team is not None],
    )
    yield (
        TEAM_SUPERVISOR,
        [
            {"agentteamid": team, "supervisorskilltargetid": targets[agent.id]}
            for agent in agents
            for team in agent.supervises
        ],
    )


def _skill_group(number: int, group: SkillGroupEntry) -> dict[str, Any]:
    return {
        "skilltargetid": group.id,
        "peripheralid": _PERIPHERAL,
        "peripheralnumber": number,
        "peripheralname": group.name.rpartition(".")[2],
        "enterprisename": group.name,
        "priority": 0,
        "deleted": _yes_or_no(group.deleted),
    }


def _person(place: int, agent: AgentEntry) -> dict[str, Any]:
    return {
        "personid": _FIRST_PERSON + place,
        "firstname": agent.first_name,
        "lastname": agent.last_name,
        "loginname": agent.login_name,
        "loginenabled": "Y",
    }


def _agent(place: int, agent: AgentEntry) -> dict[str, Any]:
    return {
        "skilltargetid": _FIRST_TARGET + place,
        "personid": _FIRST_PERSON + place,
        "peripheralid": _PERIPHERAL,
        "peripheralnumber": agent.id,
        "peripheralname": agent.login_name[:32],
        "enterprisename": f"CUCM_PG.{agent.login_name}"[:32],
        "supervisoragent": _yes_or_no(agent.supervisor or bool(agent.supervises)),
        "deleted": _yes_or_no(agent.deleted),
    }


def _yes_or_no(answer: bool) -> str:  # noqa: FBT001  it is what is said
    return "Y" if answer else "N"
