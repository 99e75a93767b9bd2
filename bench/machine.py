"""What the figures were measured on."""

from __future__ import annotations

import os
import platform
import subprocess
from datetime import UTC, datetime
from pathlib import Path

from generic_connector.version import __version__
from live.activemq import JARS


def describe() -> dict[str, str]:
    """Name the machine and the versions."""
    return {
        "when": datetime.now(UTC).isoformat(timespec="seconds"),
        "processor": _line("/proc/cpuinfo", "model name"),
        "cores": str(os.cpu_count()),
        "memory": _line("/proc/meminfo", "MemTotal"),
        "load average at the start": f"{os.getloadavg()[0]:.2f}",
        "system": f"{platform.system()} {platform.release()}",
        "python": platform.python_version(),
        "java": _java(),
        "activemq": _activemq(),
        "connector": __version__,
    }


def _line(file: str, name: str) -> str:
    lines = Path(file).read_text().splitlines()
    return next((line.partition(":")[2].strip() for line in lines if line.startswith(name)), "unknown")


def _java() -> str:
    said = subprocess.run(["java", "-version"], capture_output=True, text=True, check=False).stderr  # noqa: S607
    return said.partition("\n")[0]


def _activemq() -> str:
    jars = sorted(JARS.glob("activemq-broker-*.jar"))
    return jars[-1].stem.removeprefix("activemq-broker-") if jars else "unknown"
