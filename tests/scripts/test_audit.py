"""The audit of the dependencies: against a pretend advisory service, one that fails, and none at all."""

from __future__ import annotations

import datetime as dt
import json
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
TODAY = dt.datetime.now(dt.UTC).date()
HASH = "--hash=sha256:" + "0" * 64
VULNERABILITY = {
    "schema_version": "1.6.0",
    "id": "PYSEC-2026-1",
    "aliases": ["CVE-2026-1", "GHSA-aaaa"],
    "summary": "It can be crashed",
    "affected": [
        {
            "package": {"name": "aiohttp", "ecosystem": "PyPI"},
            "ranges": [{"type": "ECOSYSTEM", "events": [{"introduced": "0"}, {"fixed": "3.99"}]}],
        }
    ],
}


class Service(ThreadingHTTPServer):
    """Knows of one vulnerability of aiohttp. status: what it answers with; hangs: it does not."""

    daemon_threads = True
    status = 200
    hangs = False

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.over = threading.Event()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/v1/query"


class Answering(BaseHTTPRequestHandler):
    """One question."""

    server: Service

    def do_POST(self) -> None:
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        if self.server.hangs:
            self.server.over.wait()
            return
        known = asked["package"]["name"] == "aiohttp"
        body = json.dumps({"vulns": [VULNERABILITY]} if known else {}).encode()
        self.send_response(self.server.status)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Say nothing."""


@pytest.fixture
def service() -> Iterator[Service]:
    service = Service()
    thread = threading.Thread(target=service.serve_forever, args=(0.01,))
    thread.start()
    yield service
    service.over.set()
    service.shutdown()
    thread.join()
    service.server_close()


@pytest.fixture
def audit(tmp_path: Path) -> Any:
    """Give a function that audits requirements and gives exit code, output and complaints."""

    def run(url: str, *requirements: str, allowed: str = "", patience: float = 3.0) -> tuple[int, str, str]:
        locked = tmp_path / "locked.txt"
        locked.write_text("".join(f"{one} {HASH}\n" for one in requirements))
        (tmp_path / "allowed.toml").write_text(allowed)
        done = subprocess.run(  # noqa: S603  our own program
            [
                *(str(ROOT / "scripts" / "audit"), str(Path(sys.executable).parent), "--service", url),
                *("--patience", str(patience), "--allowed", str(tmp_path / "allowed.toml"), str(locked)),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        return done.returncode, done.stdout, done.stderr

    return run


def entry(until: dt.date, *, reason: str = "We do not use that part.", name: str = "CVE-2026-1") -> str:
    return f'[[allowed]]\nid = "{name}"\npackage = "aiohttp"\nreason = "{reason}"\nuntil = {until}\n'


def test_nothing_is_known(service: Service, audit: Any) -> None:
    assert audit(service.url, "msgspec==0.19.0") == (0, "No vulnerabilities are known.\n", "")


def test_a_vulnerability_fails(service: Service, audit: Any) -> None:
    code, _, complaints = audit(service.url, "msgspec==0.19.0", "aiohttp==3.14.5")
    told = "VULNERABLE: aiohttp 3.14.5: PYSEC-2026-1, CVE-2026-1, GHSA-aaaa (fixed in 3.99)\n"
    assert (code, complaints) == (1, told)


def test_one_that_is_allowed_passes(service: Service, audit: Any) -> None:
    """By any of its names, to the last day; the reason is told."""
    code, told, _ = audit(service.url, "aiohttp==3.14.5", allowed=entry(TODAY + dt.timedelta(days=1)))
    assert code == 0
    assert told.splitlines()[0].endswith("(fixed in 3.99): We do not use that part.")


def test_one_that_was_allowed_fails_again(service: Service, audit: Any) -> None:
    until = TODAY - dt.timedelta(days=2)
    code, _, complaints = audit(service.url, "aiohttp==3.14.5", allowed=entry(until))
    assert code == 1
    assert complaints.startswith(f"VULNERABLE (it was allowed until {until}): aiohttp")


def test_another_one_is_not_allowed_with_it(service: Service, audit: Any) -> None:
    allowed = entry(TODAY + dt.timedelta(days=1), name="CVE-2026-2")
    code, told, _ = audit(service.url, "aiohttp==3.14.5", allowed=allowed)
    assert (code, told) == (1, "no longer needed in the allow-list: CVE-2026-2 of aiohttp\n")


@pytest.mark.parametrize(
    ("allowed", "words"),
    [
        (entry(TODAY, reason=" "), "CVE-2026-1 has no reason"),
        (entry(TODAY + dt.timedelta(days=200)), "until must be a day in the next half year"),
        ('[[allowed]]\nid = "x"\n', "it cannot be used"),
        ("[[allowed", "it cannot be used"),
    ],
)
def test_the_allow_list_has_to_be_right(audit: Any, allowed: str, words: str) -> None:
    """Whether or not anybody can be asked."""
    code, _, complaints = audit("http://127.0.0.1:1/", "aiohttp==3.14.5", allowed=allowed)
    assert code == 1
    assert words in complaints


@pytest.mark.parametrize("how", ["away", "failing", "hanging"])
def test_nobody_can_be_asked(service: Service, audit: Any, how: str) -> None:
    """It is said loudly, soon, and fails nothing."""
    service.status = 503 if how == "failing" else 200
    service.hangs = how == "hanging"
    began = time.monotonic()
    url = "http://127.0.0.1:1/" if how == "away" else service.url
    code, told, complaints = audit(url, "aiohttp==3.14.5", patience=1.0)
    assert (code, told) == (0, "")
    assert "!!! The dependencies were NOT audited for known vulnerabilities: " in complaints
    assert time.monotonic() - began < 30


def test_a_lock_that_cannot_be_read_is_no_matter_of_the_network(service: Service, audit: Any) -> None:
    code, _, complaints = audit(service.url, "aiohttp")
    assert code == 1
    assert complaints.startswith("pip-audit failed:")


def test_our_own_allow_list_can_be_used(audit: Any) -> None:
    ours = (ROOT / "requirements" / "allowed-vulnerabilities.toml").read_text()
    assert audit("http://127.0.0.1:1/", "msgspec==0.19.0", allowed=ours)[0] == 0
