"""The results as a table and as a JSON file."""

from __future__ import annotations

import os
import platform
import shutil
import subprocess
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import msgspec

from chaos.crowd import Load
from chaos.findings import Kind
from chaos.play import Result
from generic_connector.version import __version__
from live.activemq import ACTIVEMQ

KEPT_FINDINGS = 100
HEAD = (
    *("fault", "recovery s", "commands", "lost", "twice", "events", "lost", "doubled", "disorder", "forced out"),
    *("unknowable", "by snapshot"),
)
_WIDTH = 44


def table(results: Sequence[Result], skipped: Sequence[tuple[str, str]]) -> str:
    """Write the table."""
    rows = [HEAD, *(_row(result) for result in results), *((name, f"NOT AVAILABLE: {why}") for name, why in skipped)]
    return "\n".join(
        " | ".join(cell.ljust(_WIDTH) if not n else cell.rjust(10) for n, cell in enumerate(row)) for row in rows
    )


def _row(result: Result) -> tuple[str, ...]:
    found = result.account
    recovery = "never" if result.recovery is None else f"{result.recovery:.1f}"
    numbers = (
        found.commands_sent,
        found.count(Kind.COMMAND_LOST),
        found.count(Kind.CARRIED_OUT_TWICE),
        found.events_expected,
        found.count(Kind.EVENT_LOST),
        found.count(Kind.DUPLICATED),
        found.count(Kind.OUT_OF_ORDER),
        found.count(Kind.FORCED_LOGOUT),
        found.unknowable,
        found.by_snapshot,
    )
    return (
        result.fault + (f" ({len(result.restless)} restless)" if result.restless else ""),
        recovery,
        *map(str, numbers),
    )


def as_json(results: Sequence[Result], skipped: Sequence[tuple[str, str]], load: Load) -> bytes:
    """Write everything, the first findings of each fault among it, with the machine and the versions."""
    content = {
        "time": datetime.now(UTC).isoformat(timespec="seconds"),
        "machine": {"platform": platform.platform(), "processors": os.cpu_count(), "load": os.getloadavg()},
        "versions": versions(),
        "load": asdict(load),
        "faults": [_entry(result) for result in results],
        "notAvailable": dict(skipped),
    }
    return msgspec.json.format(msgspec.json.encode(content), indent=2)


def _entry(result: Result) -> dict[str, Any]:
    found = result.account
    return {
        "fault": result.fault,
        "recoverySeconds": None if result.recovery is None else round(result.recovery, 2),
        "restless": result.restless,
        "clientConnectionsLost": dict(result.lost_connections),
        "commandsSent": found.commands_sent,
        "commandsUnconfirmed": found.unconfirmed,
        "eventsExpected": found.events_expected,
        "callsUnknowable": found.unknowable,
        "forcedOut": found.forced_out,
        "toldBySnapshotOnly": found.by_snapshot,
        "found": {str(kind): found.count(kind) for kind in Kind},
        "findings": [asdict(finding) for finding in found.findings[:KEPT_FINDINGS]],
    }


def versions() -> dict[str, str]:
    """Name what was played with."""
    jars = sorted(path.name for path in (ACTIVEMQ / "lib").glob("activemq-broker*.jar"))
    jar = Path(os.path.realpath(ACTIVEMQ / "lib" / jars[-1])).name if jars else "missing"
    return {
        "generic-connector": __version__,
        "python": platform.python_version(),
        "activemq": jar,
        "redis": _said("redis-server", "--version"),
        "java": _said("java", "-version"),
    }


def _said(program: str, option: str) -> str:
    if shutil.which(program) is None:
        return "missing"
    said = subprocess.run([program, option], capture_output=True, text=True, check=False)  # noqa: S603  fixed programs
    return (said.stdout or said.stderr).splitlines()[0]
