"""Looks for known vulnerabilities in the locked dependencies, by pip-audit and the OSV service (https://osv.dev).

Exit code 1 when there is one that requirements/allowed-vulnerabilities.toml does not let pass. Where the service cannot
be asked the audit says so, loudly, and fails nothing: work has to go on where there is no network.
"""

from __future__ import annotations

import argparse
import datetime as dt
import json
import socket
import subprocess
import sys
import tomllib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

REQUIREMENTS = Path(__file__).parents[1] / "requirements"
SERVICE = "https://api.osv.dev/v1/query"
PATIENCE = 3.0
"""Seconds for the service to be reached, and for each of its answers."""
LONGEST_AUDIT = 120.0
"""Seconds for all of it."""
LONGEST_PASS = dt.timedelta(days=183)
"""How far ahead an entry of the allow-list may end."""
NETWORK_FAULTS = ("ConnectionError", "ReadTimeout", "ServiceError", "HTTPError", "Could not connect", "JSONDecodeError")


class UnusableListError(Exception):
    """The allow-list is not as it should be."""


class NobodyAskedError(Exception):
    """The service could not be asked."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Allowed:
    """A vulnerability that may pass until a day."""

    id: str
    package: str
    reason: str
    until: dt.date


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """A vulnerability that a locked dependency has. names: all its ids."""

    package: str
    version: str
    names: tuple[str, ...]
    fixed_in: tuple[str, ...]

    def __str__(self) -> str:
        fixed = ", ".join(self.fixed_in) or "no version yet"
        return f"{self.package} {self.version}: {', '.join(self.names)} (fixed in {fixed})"


def main() -> int:
    """Audit, and give the exit code."""
    parser = argparse.ArgumentParser(description="Audit the locked dependencies.")
    parser.add_argument("--service", default=SERVICE, help="the address of an OSV service")
    parser.add_argument("--allowed", type=Path, default=REQUIREMENTS / "allowed-vulnerabilities.toml")
    parser.add_argument("--patience", type=float, default=PATIENCE, help="seconds to wait for the service")
    parser.add_argument("files", nargs="*", type=Path, default=[REQUIREMENTS / "run.txt", REQUIREMENTS / "dev.txt"])
    chosen = parser.parse_args()
    try:
        allowed = read_allowed(chosen.allowed, dt.datetime.now(dt.UTC).date())
        found = audit(chosen.files, chosen.service, chosen.patience)
    except UnusableListError as error:
        print(f"{chosen.allowed}: {error}", file=sys.stderr)
        return 1
    except NobodyAskedError as error:
        say_that_nobody_was_asked(str(error))
        return 0
    return report(found, allowed, dt.datetime.now(dt.UTC).date())


def read_allowed(path: Path, today: dt.date) -> list[Allowed]:
    """Read the allow-list. Raises UnusableListError."""
    try:
        entries = [Allowed(**entry) for entry in tomllib.loads(path.read_text(encoding="utf-8")).get("allowed", [])]
    except (OSError, TypeError, tomllib.TOMLDecodeError) as error:
        raise UnusableListError(f"it cannot be used: {error}") from None
    for entry in entries:
        if not str(entry.reason).strip():
            raise UnusableListError(f"{entry.id} has no reason")
        if type(entry.until) is not dt.date or entry.until > today + LONGEST_PASS:
            raise UnusableListError(f"{entry.id}: until must be a day in the next half year")
    return entries


def audit(files: list[Path], service: str, patience: float) -> list[Found]:
    """Ask the service about every dependency. Raises NobodyAskedError."""
    reach(service, patience)
    told, errors = run_pip_audit(files, service, patience)
    try:
        dependencies = json.loads(told)["dependencies"]
    except (json.JSONDecodeError, KeyError):
        if any(fault in errors for fault in NETWORK_FAULTS):
            raise NobodyAskedError(errors.strip().rpartition("\n")[2]) from None
        sys.exit(f"pip-audit failed:\n{errors}")
    skipped = sorted(one["name"] for one in dependencies if "skip_reason" in one)
    if skipped:
        raise NobodyAskedError(f"it knows nothing of {', '.join(skipped)}")
    return list(dict.fromkeys(vulnerabilities(dependencies)))


def reach(service: str, patience: float) -> None:
    """Look whether the service is there at all. Raises NobodyAskedError."""
    parts = urlsplit(service)
    try:
        port = parts.port or (443 if parts.scheme == "https" else 80)
        socket.create_connection((parts.hostname or "", port), timeout=patience).close()
    except OSError as error:
        raise NobodyAskedError(f"{parts.netloc} cannot be reached: {error}") from None


def run_pip_audit(files: list[Path], service: str, patience: float) -> tuple[str, str]:
    """Give what pip-audit prints and complains of. Raises NobodyAskedError when it takes too long."""
    command = [sys.executable, "-m", "pip_audit", "--disable-pip", "--progress-spinner", "off", "--format", "json"]
    command += ["--vulnerability-service", "osv", "--osv-url", service, "--timeout", str(max(1, round(patience)))]
    for file in files:
        command += ["--requirement", str(file)]
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LONGEST_AUDIT, check=False)  # noqa: S603  our own
    except subprocess.TimeoutExpired:
        raise NobodyAskedError(f"it was not done within {LONGEST_AUDIT:.0f} seconds") from None
    return done.stdout, done.stderr


def vulnerabilities(dependencies: list[dict[str, object]]) -> Iterator[Found]:
    """Read pip-audit's findings."""
    for dependency in dependencies:
        for one in dependency["vulns"]:  # type: ignore[attr-defined]  # JSON
            yield Found(
                package=str(dependency["name"]),
                version=str(dependency["version"]),
                names=(one["id"], *sorted(one["aliases"])),
                fixed_in=tuple(one["fix_versions"]),
            )


def report(found: list[Found], allowed: list[Allowed], today: dt.date) -> int:
    """Print what was found; give the exit code."""
    code = 0
    for one in found:
        entry = next((entry for entry in allowed if entry.package == one.package and entry.id in one.names), None)
        if entry is not None and today <= entry.until:
            print(f"allowed until {entry.until}: {one}: {entry.reason}")
            continue
        expired = f" (it was allowed until {entry.until})" if entry is not None else ""
        print(f"VULNERABLE{expired}: {one}", file=sys.stderr)
        code = 1
    for entry in allowed:
        if not any(entry.package == one.package and entry.id in one.names for one in found):
            print(f"no longer needed in the allow-list: {entry.id} of {entry.package}")
    if not code:
        print("No vulnerabilities are known" + (" beside those that are allowed." if found else "."))
    return code


def say_that_nobody_was_asked(reason: str) -> None:
    """Say loudly that this was no audit."""
    line = "!!! " + "-" * 93
    text = f"!!! The dependencies were NOT audited for known vulnerabilities: {reason}"
    again = "!!! Run `make check` again where https://api.osv.dev can be reached, before anything is released."
    print("", line, text, again, line, "", sep="\n", file=sys.stderr)


if __name__ == "__main__":
    sys.exit(main())
