"""One of a site's databases: reads by SQLAlchemy, on few threads, within fixed times, with the password kept in.

Everything that can go wrong is mapped here, once: to StatisticsUnavailable at run time, to UserError for settings that
can never work.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from typing import Any, TypeVar
from urllib.parse import quote, quote_plus

import structlog
from sqlalchemy import Engine, create_engine, make_url
from sqlalchemy.exc import ArgumentError, SQLAlchemyError
from sqlalchemy.pool import QueuePool

from generic_connector.errors import UserError
from generic_connector.operations.metrics import DATABASE_FAILURES
from generic_connector.statistics.door import StatisticsUnavailable
from generic_connector.statistics.drivers import READ_ONLY_OPTIONS, connect_arguments, prepare_connections
from generic_connector.statistics.queries import Shape, UnreadableResultError
from generic_connector.statistics.settings import DatabaseSettings
from generic_connector.statistics.workers import Workers

T = TypeVar("T")
log = structlog.get_logger()

ROW_LIMIT = 10_000
"""Most rows that a query may give."""
_CONNECTION_AGE = 1800  # seconds, after which a connection is replaced: firewalls forget quiet ones
_REASON_LENGTH = 400


class Database:
    """A database that is only read. Connects when it is first asked.

    name: its section in the settings, for logs and errors. Raises UserError when the URL's driver is not there.
    """

    def __init__(self, name: str, settings: DatabaseSettings) -> None:
        self._name = name
        self._secret = settings.password
        self._engine = _engine(name, settings)
        self._workers = Workers(
            name,
            limit=settings.connections,
            connect_timeout=settings.connect_timeout,
            query_timeout=settings.query_timeout,
        )

    async def read(self, query: str, shape: Shape[T]) -> tuple[T, ...]:
        """Give the items that a query finds. Raises StatisticsUnavailable and nothing else."""
        try:
            return await self._workers.run(lambda connected: self._read(query, shape, connected))
        except StatisticsUnavailable as error:
            DATABASE_FAILURES.labels(self._name).inc()
            log.warning("a database gave no answer", database=self._name, reason=error.reason)
            raise

    @property
    def hanging(self) -> int:
        """How many connections hang in a question that nobody waits for any more."""
        return self._workers.hanging

    async def close(self) -> None:
        """Close the connections. One that hangs is left to itself."""
        with suppress(StatisticsUnavailable):
            await self._workers.run(lambda _: self._engine.dispose())

    def _read(self, query: str, shape: Shape[T], connected: Callable[[], None]) -> tuple[T, ...]:
        """Run on a thread. The transaction is never committed."""
        try:
            with self._engine.connect() as connection:
                connected()
                result = connection.exec_driver_sql(query, execution_options={"no_parameters": True})
                names = tuple(result.keys())
                return shape.read(names, _few(result.fetchmany(ROW_LIMIT + 1)))
        except UnreadableResultError as error:
            raise StatisticsUnavailable(str(error)) from None
        except Exception as error:  # noqa: BLE001  drivers raise what they like
            raise StatisticsUnavailable(self._reason(error)) from None

    def _reason(self, error: Exception) -> str:
        """Say what a driver said, in one line, without the statement and without the password."""
        said = " ".join(str(getattr(error, "orig", None) or error).split()) or type(error).__name__
        for form in {self._secret, quote(self._secret), quote_plus(self._secret)} - {""}:
            said = said.replace(form, "***")
        return said[:_REASON_LENGTH]


def _few(rows: Any) -> Any:
    if len(rows) > ROW_LIMIT:
        raise UnreadableResultError(f"the query gives more than {ROW_LIMIT} rows")
    return rows


def _engine(name: str, settings: DatabaseSettings) -> Engine:
    """Make an engine. Raises UserError when there is no such dialect, or its driver is not installed."""
    try:
        url = make_url(settings.url)
        if settings.username:
            url = url.set(username=settings.username, password=settings.password)
        engine = create_engine(
            url,
            poolclass=QueuePool,
            pool_size=settings.connections,
            max_overflow=0,
            pool_timeout=settings.connect_timeout,
            pool_pre_ping=True,
            pool_recycle=_CONNECTION_AGE,
            connect_args=connect_arguments(url, settings),
            execution_options=READ_ONLY_OPTIONS,
        )
    except ArgumentError:
        raise UserError(f"{name}.url: SQLAlchemy knows no such database or driver; see docs/statistics.md") from None
    except (ImportError, SQLAlchemyError) as error:
        raise UserError(f"{name}.url: the driver cannot be used: {error}") from None
    prepare_connections(engine, settings)
    return engine
