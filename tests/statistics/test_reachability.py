"""What `generic-connector check` says of a site's databases."""

from __future__ import annotations

from pathlib import Path

from generic_connector.config import Settings, load
from generic_connector.reachability import Finding, _databases
from site_databases.filled import SALES, fill_configuration, fill_real_time, url_of


async def test_databases(tmp_path: Path) -> None:
    """Each question is asked once, with the reason where it is not answered."""
    fill_real_time(url_of(tmp_path / "uccx.db"), SALES)
    fill_configuration(url_of(tmp_path / "awdb.db"))
    settings = load(
        None,
        {
            "GC_STATISTICS__URL": url_of(tmp_path / "uccx.db"),
            "GC_CONFIGURATION_DATABASE__URL": url_of(tmp_path / "awdb.db") + "?timeout=1",
            "GC_CONFIGURATION_DATABASE__SUPERVISOR_QUERY": "SELECT 1 AS id",
        },
    )
    where = url_of(tmp_path / "awdb.db")
    missing = "the query does not give firstName, lastName, loginName; its columns: id"
    assert await _databases(settings) == [
        Finding(what="queues' database", where=url_of(tmp_path / "uccx.db"), reachable=True, detail="rows: 1"),
        Finding(what="skill groups' database", where=where, reachable=True, detail="rows: 2"),
        Finding(what="supervisors' database", where=where, reachable=False, detail=missing),
    ]


async def test_none() -> None:
    assert await _databases(Settings()) == []
