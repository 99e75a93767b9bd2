"""Informix over ODBC, for UCCX: a dialect of SQLAlchemy that can do no more than carry a query there and rows back.

    informix+pyodbc://uccx1.example.com:1504/db_cra?server=uccx1_uccx
    informix+pyodbc://?dsn=UCCX

The dialects that others publish stop at SQLAlchemy 1.4, or need Java or Db2's driver. This one needs pyodbc and the
ODBC driver of IBM's Informix Client SDK. Everything in the URL's query goes into the connection string as it is.
"""

from __future__ import annotations

import importlib
from types import ModuleType
from typing import Any

from sqlalchemy import URL
from sqlalchemy.connectors.pyodbc import PyODBCConnector
from sqlalchemy.engine.default import DefaultDialect

DRIVER = "IBM INFORMIX ODBC DRIVER"
_PING = "SELECT 1 FROM systables WHERE tabid = 1"  # Informix has no SELECT without FROM
_SPECIAL = set("[]{}(),;?*=!@ ")


class InformixOdbc(PyODBCConnector, DefaultDialect):
    """The dialect informix+pyodbc."""

    name = "informix"
    supports_statement_cache = True
    supports_sane_rowcount = False

    def create_connect_args(self, url: URL) -> tuple[list[str], dict[str, Any]]:
        """Make ODBC's connection string."""
        words = dict(url.query)
        if "dsn" not in {word.lower() for word in words}:
            words = {"driver": DRIVER, "protocol": "onsoctcp", **words}
        parts = {
            **words,
            "host": url.host,
            "service": url.port,
            "database": url.database,
            "uid": url.username,
            "pwd": url.password,
        }
        text = ";".join(f"{word.upper()}={_quoted(str(value))}" for word, value in parts.items() if value is not None)
        return [text], {}

    def do_ping(self, dbapi_connection: Any) -> bool:
        """Ask for something that every Informix database has."""
        cursor = dbapi_connection.cursor()
        try:
            cursor.execute(_PING)
            cursor.fetchall()
        finally:
            cursor.close()
        return True

    def initialize(self, connection: Any) -> None:
        """Learn nothing about the server: no statement of ours depends on it."""

    @classmethod
    def import_dbapi(cls) -> ModuleType:
        """Give pyodbc."""
        return importlib.import_module("pyodbc")


def _quoted(value: str) -> str:
    """Write a value of a connection string, in braces where a character of it means something there."""
    return "{" + value.replace("}", "}}") + "}" if _SPECIAL & set(value) or not value else value
