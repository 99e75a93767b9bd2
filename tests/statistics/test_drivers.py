"""What differs from driver to driver, with stand-ins for drivers that are not here."""

from __future__ import annotations

import sqlite3
from types import ModuleType
from typing import Any

import pytest
from sqlalchemy import create_engine, make_url, text

from generic_connector.statistics import drivers, informix
from generic_connector.statistics.drivers import connect_arguments
from generic_connector.statistics.settings import DatabaseSettings

SETTINGS = DatabaseSettings(connect_timeout=2.5, query_timeout=4)


@pytest.mark.parametrize(
    ("url", "arguments"),
    [
        ("postgresql+psycopg://h/d", {"connect_timeout": 3, "options": "-c statement_timeout=4000"}),
        ("postgresql+psycopg://h/d?options=-c%20x%3D1", {"connect_timeout": 3}),
        ("mssql+pyodbc://h/d?driver=x", {"timeout": 3}),
        ("informix+pyodbc://h/d", {"timeout": 3}),
        ("mssql+pymssql://h/d", {"login_timeout": 3, "timeout": 4}),
        ("sqlite:///d", {}),
    ],
)
def test_time_outs_that_the_driver_keeps_itself(url: str, arguments: dict[str, Any]) -> None:
    """What the URL sets already is the site's own choice."""
    assert connect_arguments(make_url(url), SETTINGS) == arguments


class Connection(sqlite3.Connection):
    """A stand-in for one of pyodbc's."""

    timeout = 0


class PretendOdbc(ModuleType):
    """A stand-in for pyodbc: keeps the connection string, and has Informix's table of tables."""

    apilevel, paramstyle, threadsafety, version = "2.0", "qmark", 1, "5.2.0"
    Error = sqlite3.Error

    def __init__(self) -> None:
        super().__init__("pyodbc")
        self.strings: list[str] = []
        self.connections: list[Connection] = []

    def connect(self, string: str, **_: Any) -> Connection:
        self.strings.append(string)
        connection = sqlite3.connect(":memory:", factory=Connection, check_same_thread=False)
        connection.execute("CREATE TABLE systables (tabid INTEGER)")
        self.connections.append(connection)
        return connection


@pytest.mark.parametrize(
    ("url", "string"),
    [
        (
            "informix+pyodbc://w:%3Bw%7D@h:1/d?server=u",
            "DRIVER={IBM INFORMIX ODBC DRIVER};PROTOCOL=onsoctcp;SERVER=u;HOST=h;SERVICE=1;DATABASE=d;UID=w;PWD={;w}}}",
        ),
        ("informix+pyodbc://wall:secret@?dsn=UCCX", "DSN=UCCX;UID=wall;PWD=secret"),
        (
            "informix+pyodbc://h:1/d?driver=/opt/ifx.so&server=s&client_locale=en_us.utf8",
            "DRIVER=/opt/ifx.so;PROTOCOL=onsoctcp;SERVER=s;CLIENT_LOCALE=en_us.utf8;HOST=h;SERVICE=1;DATABASE=d",
        ),
    ],
)
def test_informix(url: str, string: str) -> None:
    """The connection string is ODBC's, the ping a statement that Informix knows, the query goes through as it is."""
    assert informix.InformixOdbc.name == "informix"
    odbc = PretendOdbc()
    engine = create_engine(url, module=odbc, pool_pre_ping=True)
    drivers.prepare_connections(engine, SETTINGS)
    for _ in range(2):
        with engine.connect() as connection:
            assert connection.execute(text("SELECT count(*) FROM systables")).scalar_one() == 0
    engine.dispose()
    assert odbc.strings == [string]
    assert odbc.connections[0].timeout == 4
