"""What differs from driver to driver: how it is told our time-outs, and that we only read."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from typing import Any

from sqlalchemy import URL, Engine, event
from sqlalchemy.dialects import registry
from sqlalchemy.pool import ConnectionPoolEntry

from generic_connector.statistics.settings import DatabaseSettings

registry.register("informix.pyodbc", "generic_connector.statistics.informix", "InformixOdbc")

READ_ONLY_OPTIONS: Mapping[str, Any] = {"postgresql_readonly": True}
"""Options for SQLAlchemy; each database heeds its own and ignores the others'."""


def _postgresql(settings: DatabaseSettings) -> dict[str, Any]:
    return {
        "connect_timeout": math.ceil(settings.connect_timeout),
        "options": f"-c statement_timeout={math.ceil(settings.query_timeout * 1000)}",
    }


def _odbc(settings: DatabaseSettings) -> dict[str, Any]:
    return {"timeout": math.ceil(settings.connect_timeout)}


def _pymssql(settings: DatabaseSettings) -> dict[str, Any]:
    return {
        "login_timeout": math.ceil(settings.connect_timeout),
        "timeout": math.ceil(settings.query_timeout),
    }


_TIMEOUTS: Mapping[str, Callable[[DatabaseSettings], dict[str, Any]]] = {
    "psycopg": _postgresql,
    "psycopg2": _postgresql,
    "pyodbc": _odbc,
    "pymssql": _pymssql,
}
"""SQLAlchemy's name of a driver: the arguments of its connect() that end what we no longer wait for."""
_AFTER_CONNECTING: Mapping[str, Callable[[Any, DatabaseSettings], None]] = {
    "pyodbc": lambda connection, settings: setattr(connection, "timeout", math.ceil(settings.query_timeout)),
    "pysqlite": lambda connection, _: connection.execute("PRAGMA query_only = ON"),
}
"""The same: what is done to a new connection."""


def connect_arguments(url: URL, settings: DatabaseSettings) -> dict[str, Any]:
    """Give the driver's own time-outs, but for those that the URL already sets. Raises what SQLAlchemy does."""
    make = _TIMEOUTS.get(url.get_driver_name())
    return {key: value for key, value in make(settings).items() if key not in url.query} if make else {}


def prepare_connections(engine: Engine, settings: DatabaseSettings) -> None:
    """Have every new connection of an engine prepared as its driver needs it."""
    prepare = _AFTER_CONNECTING.get(engine.driver)
    if prepare is None:
        return

    @event.listens_for(engine, "connect")
    def _prepare(connection: Any, _entry: ConnectionPoolEntry) -> None:
        prepare(connection, settings)
