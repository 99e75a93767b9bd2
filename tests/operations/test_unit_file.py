"""The unit file for systemd fits the product, and systemd understands it."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

from generic_connector import cli
from generic_connector.config import load
from generic_connector.config.keys import KEYS

UNIT = Path(__file__).parents[2] / "examples" / "systemd" / "generic-connector.service"
SETTINGS = [line.split("=", 1) for line in UNIT.read_text().splitlines() if re.match(r"\w+=", line)]
CREDENTIALS = re.findall(r"^#? ?LoadCredential=(\w+):", UNIT.read_text(), re.MULTILINE)


def systemd_version() -> int:
    """Give the version of systemd's programs, 0 where there are none."""
    if shutil.which("systemd-analyze") is None:
        return 0
    done = subprocess.run(["systemd-analyze", "--version"], capture_output=True, text=True, timeout=50, check=True)  # noqa: S607
    return int(done.stdout.split()[1])


def value(name: str) -> str:
    """Give a setting that stands there once."""
    (found,) = [text for key, text in SETTINGS if key == name]
    return found


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("Type", "notify"),
        ("NotifyAccess", "main"),
        ("WatchdogSignal", "SIGABRT"),
        ("KillSignal", "SIGTERM"),
        ("RestartPreventExitStatus", str(cli.MISTAKE)),
        ("LimitCORE", "0"),
        ("Environment", "GC_SECRETS_DIR=%d"),
    ],
)
def test_what_the_product_rests_on(name: str, text: str) -> None:
    assert value(name) == text


def test_the_process_sees_its_own_figures() -> None:
    """Without /proc/stat the library gives no figure of the process at all."""
    assert "ProcSubset" not in dict(SETTINGS)


def test_credentials_are_secret_files(tmp_path: Path) -> None:
    """Each is named like the variable of a setting, so that the directory of credentials can be read as it is."""
    assert set(CREDENTIALS) <= {key.variable for key in KEYS.values()}
    for name in CREDENTIALS:
        (tmp_path / name).write_text(f"{name}\n")
    (tmp_path / "operations.key").write_text("a file that is named in a setting")
    settings = load(None, {"GC_SECRETS_DIR": str(tmp_path), "GC_OPERATIONS__USERNAME": "monitor"})
    assert settings.broker.activemq.password.get_secret_value() == "GC_BROKER__ACTIVEMQ__PASSWORD"
    assert settings.operations.password.get_secret_value() == "GC_OPERATIONS__PASSWORD"


@pytest.mark.parametrize("command", [("verify", "--man=no"), ("security", "--offline=yes", "--threshold=15")])
def test_systemd_understands_it(command: tuple[str, ...], tmp_path: Path) -> None:
    """No complaint, and an exposure of 1.5 at most on systemd's own scale from 0 to 10."""
    if systemd_version() < 250:
        pytest.skip("systemd 250 or later is not on this machine")
    unit = tmp_path / UNIT.name
    program = value("ExecStart").split()[0]
    unit.write_text(UNIT.read_text().replace(program, "/bin/true"))  # the product is not installed here
    done = subprocess.run(  # noqa: S603  a fixed program
        ["systemd-analyze", *command, str(unit)],  # noqa: S607
        capture_output=True,
        text=True,
        timeout=50,
        check=False,
    )
    assert (done.returncode, done.stderr) == (0, "")
