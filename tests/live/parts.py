"""The real parts that live tests need, and how to get them: `python -m live.parts` says which are missing."""

from __future__ import annotations

import os
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest


def postgresql_programs() -> Path | None:
    """Find the folder of PostgreSQL's programs, of the newest version where there are several."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[-3]))
    return found[-1].parent if found else None


PARTS: dict[str, Callable[[], bool]] = {
    "activemq": lambda: Path("/usr/share/activemq").is_dir(),
    "ejabberd": lambda: any(Path("/usr/lib").glob("*/ejabberd-*/ebin/ejabberd.app")),  # Erlang comes with it
    "javac": lambda: shutil.which("javac") is not None,
    "postgresql": lambda: postgresql_programs() is not None,
    "prosody": lambda: shutil.which("prosody") is not None,
    "redis": lambda: shutil.which("redis-server") is not None,
}
_TESTS = {
    "activemq": "the tests with a real ActiveMQ",
    "ejabberd": "the tests with a second real XMPP server",
    "javac": "the tests with a Java JMS client",
    "postgresql": "the tests with a real PostgreSQL",
    "prosody": "the tests with a real XMPP server",
    "redis": "the tests with a real Redis",
}


def missing_parts() -> list[str]:
    """Name the parts that this machine does not have."""
    return [name for name, present in PARTS.items() if not present()]


def live_tests_required() -> bool:
    """Say whether a live test that is skipped counts as failed."""
    return os.environ.get("REQUIRE_LIVE_TESTS") == "1" or os.environ.get("CI") == "true"


def require_part(name: str) -> None:
    """Skip the test that asks when this part is missing (which fails it where live tests are required)."""
    if not PARTS[name]():
        pytest.skip(f"{name} is missing on this machine: scripts/install-live-parts gets it")


if __name__ == "__main__":
    for part in missing_parts():
        print(f"MISSING {part}: {_TESTS[part]} did not run. Get it with: make live-parts")  # noqa: T201 - its purpose
