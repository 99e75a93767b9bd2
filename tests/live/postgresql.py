"""Debian's PostgreSQL for live tests: one server for a test module, in a directory and on a port of its own.

A test module that uses the fixtures says `pytest_plugins = ("live.postgresql",)`. It may import names from here, hence
PYTEST_DONT_REWRITE: the module is loaded before pytest hears of it.
"""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psycopg
import pytest

from live.activemq import free_port
from live.parts import postgresql_programs, require_part

OWNER = "owner"
PASSWORD = "owner-secret"
_ACCOUNT = "postgres"  # Debian's; PostgreSQL refuses to run as root


class PostgreSql:
    """One PostgreSQL; it keeps its port and directory when it is stopped and started again. Passwords are needed."""

    def __init__(self, programs: Path, directory: Path) -> None:
        self.port = free_port()
        self._programs = programs
        self._directory = directory
        self._process: subprocess.Popen[bytes] | None = None

    def url(self, database: str = "postgres", *, login: str = f"{OWNER}:{PASSWORD}@") -> str:
        """Give SQLAlchemy's URL."""
        return f"postgresql+psycopg://{login}127.0.0.1:{self.port}/{database}"

    def run(self, *statements: str) -> list[tuple[Any, ...]]:
        """Run statements as the owner; give the rows of the last one that gives any."""
        rows: list[tuple[Any, ...]] = []
        where = f"host=127.0.0.1 port={self.port} user={OWNER} password={PASSWORD} dbname=postgres connect_timeout=5"
        with contextlib.closing(psycopg.connect(where, autocommit=True)) as connection:
            for statement in statements:
                cursor = connection.execute(statement.encode())
                rows = cursor.fetchall() if cursor.description else rows
        return rows

    def create(self) -> None:
        """Make the directory of a new server."""
        secret = self._directory / "password"
        secret.write_text(PASSWORD, encoding="ascii")
        _give_away(secret)
        _give_away(self._directory)
        place = ["-D", str(self._data), "-U", OWNER, "--pwfile", str(secret), "--no-sync"]
        result = subprocess.run(  # noqa: S603  a fixed program
            [str(self._programs / "initdb"), *place, "--auth=scram-sha-256", "--encoding=UTF8", "--locale=C"],
            capture_output=True,
            check=False,
            cwd=self._directory,
            **_account(),
        )
        assert result.returncode == 0, result.stderr.decode()

    @property
    def _data(self) -> Path:
        return self._directory / "data"

    def start(self, deadline: float = 30.0) -> None:
        """Start it and wait until it serves. Raises AssertionError with what it said."""
        options = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": "", "fsync": "off"}
        settings = [word for name, value in options.items() for word in ("-c", f"{name}={value}")]
        with (self._directory / "log").open("ab") as out:
            self._process = subprocess.Popen(  # noqa: S603  a fixed program
                [str(self._programs / "postgres"), "-D", str(self._data), *settings],
                cwd=self._directory,
                stdin=subprocess.DEVNULL,
                stdout=out,
                stderr=out,
                **_account(),
            )
        began = time.monotonic()
        while not self._serves():
            said = (self._directory / "log").read_text(errors="replace")
            assert self._process.poll() is None, said
            assert time.monotonic() - began < deadline, said
            time.sleep(0.02)  # asks another process: there is nothing to wait on

    def _serves(self) -> bool:
        try:
            self.run("SELECT 1")
        except psycopg.OperationalError:
            return False
        return True

    def stop(self) -> None:
        """End it at once, with all its connections. Nothing happens when it does not run."""
        if self._process is not None:
            self._process.send_signal(signal.SIGQUIT)
            self._process.wait(30)
            self._process = None

    def freeze(self) -> None:
        """Stop it as SIGSTOP does: connections stay open, nobody answers, new ones get no further than the kernel."""
        self._signal_all(signal.SIGSTOP)

    def thaw(self) -> None:
        """Let a frozen one go on."""
        self._signal_all(signal.SIGCONT)

    def _signal_all(self, number: signal.Signals) -> None:
        assert self._process is not None, "the server does not run"
        self._process.send_signal(number)
        for child in _children(self._process.pid):
            with contextlib.suppress(ProcessLookupError):
                os.kill(child, number)


def _account() -> dict[str, Any]:
    """Say as whom to run: ourselves, or PostgreSQL's own account when we are root."""
    if os.getuid() != 0:
        return {}
    return {"user": _ACCOUNT, "group": _ACCOUNT, "extra_groups": []}


def _give_away(path: Path) -> None:
    if os.getuid() == 0:
        account = pwd.getpwnam(_ACCOUNT)
        os.chown(path, account.pw_uid, account.pw_gid)


def _children(process: int) -> Iterator[int]:
    """Give the processes that a process started, as /proc knows them."""
    for status in Path("/proc").glob("[0-9]*/stat"):
        with contextlib.suppress(OSError):  # it has ended meanwhile
            _, parent, *_ = status.read_text().rpartition(")")[2].split()
            if int(parent) == process:
                yield int(status.parent.name)


@pytest.fixture(scope="module")
def postgresql_server() -> Iterator[PostgreSql]:
    """Give a server that runs; use `postgresql`, which starts it again where a test has ended it."""
    require_part("postgresql")
    programs = postgresql_programs()
    assert programs
    directory = Path(tempfile.mkdtemp(prefix="gc-postgresql-"))  # pytest's own are closed to other accounts
    server = PostgreSql(programs, directory)
    try:
        server.create()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(directory)


@pytest.fixture
def postgresql(postgresql_server: PostgreSql) -> Iterator[PostgreSql]:
    """Give the module's server, running and not frozen."""
    yield postgresql_server
    if postgresql_server._process is None:
        postgresql_server.start()
    postgresql_server.thaw()
