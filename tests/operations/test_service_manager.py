"""What systemd hears of us, by a socket as it opens one for its services."""

from __future__ import annotations

import asyncio
import io
import json
import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from prometheus_client import REGISTRY

from generic_connector.operations.service_manager import ServiceManager
from operations.listening import Listening


class Quick(ServiceManager):
    """Beats often without being strict about how late it is."""

    interval = 0.001


@pytest.fixture(params=["path", "abstract"])
def systemd(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Listening]:
    name = f"generic-connector-test-{os.getpid()}"
    listening = Listening(f"@{name}" if request.param == "abstract" else str(tmp_path / "notify"))
    yield listening
    listening.close()


def service(address: str, **variables: str) -> ServiceManager:
    return ServiceManager.from_environment({"NOTIFY_SOCKET": address, **variables})


def events(log: io.StringIO) -> list[str]:
    return [json.loads(line)["event"] for line in log.getvalue().splitlines()]


def test_a_life(systemd: Listening) -> None:
    """Ready, changes of what it does, the end; what was told is not told again."""
    ours = service(systemd.address)
    ours.ready("active; broker: open")
    ours.status("active; broker: open")
    ours.status("active; broker:\nclosed")
    ours.stopping()
    assert systemd.heard() == [
        "READY=1\nSTATUS=active; broker: open",
        "STATUS=active; broker: closed",
        "STOPPING=1\nSTATUS=stopping",
    ]


def test_a_status_that_is_too_long(systemd: Listening) -> None:
    """No message is longer than the 4096 bytes that systemd takes; what is no text does no harm either."""
    service(systemd.address).ready("\udcff" + "\N{GRINNING FACE}" * 5000)
    assert systemd.heard() == ["READY=1\nSTATUS=?" + "\N{GRINNING FACE}" * 499]


def test_more_time_to_stop(systemd: Listening) -> None:
    """Asked for in microseconds."""
    service(systemd.address).stopping("draining", within=90)
    assert systemd.heard() == ["STOPPING=1\nSTATUS=draining\nEXTEND_TIMEOUT_USEC=90000000"]


def test_beats(systemd: Listening) -> None:
    """One each time that the loop comes round in time; none when it is so late that it is of no use."""
    ours = service(systemd.address, WATCHDOG_USEC="20000000", WATCHDOG_PID=str(os.getpid()))
    heard = []
    for lag in (0.0, -0.001, 1.5, 9.9, 10.0, 600.0):
        ours.came_round(lag)
        heard.append(systemd.heard())
    assert heard == [["WATCHDOG=1"]] * 4 + [[], []]


@pytest.mark.parametrize(
    ("variables", "seconds"),
    [
        ({"WATCHDOG_USEC": "20000000"}, 1.0),
        ({"WATCHDOG_USEC": "2000000"}, 0.5),
        ({"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": str(os.getpid())}, 0.5),
    ],
)
def test_interval(variables: dict[str, str], seconds: float) -> None:
    """Every second, or four times within a watchdog's time that is short."""
    assert service("/run/systemd/notify", **variables).interval == seconds


@pytest.mark.parametrize(
    "variables",
    [{}, {"WATCHDOG_USEC": "0"}, {"WATCHDOG_USEC": "2000000", "WATCHDOG_PID": "1"}, {"WATCHDOG_USEC": "-1"}],
)
def test_no_beats_are_wanted(systemd: Listening, variables: dict[str, str]) -> None:
    """No watchdog, one of another process, or a time that is none."""
    ours = service(systemd.address, **variables)
    ours.came_round(0)
    assert (systemd.heard(), ours.interval) == ([], 1.0)


@pytest.mark.parametrize("address", ["", "vsock:2:1234", "relative/path"])
def test_nobody_to_tell(address: str, log: io.StringIO) -> None:
    """Without a socket nothing happens; one of another kind is logged."""
    ours = service(address, WATCHDOG_USEC="2000000")
    ours.ready("x")
    ours.came_round(0)
    ours.stopping()
    assert events(log) == (["service manager not told"] if address else [])


@pytest.mark.parametrize("watchdog", ["0", "20000000"])
def test_a_manager_that_was_away(tmp_path: Path, log: io.StringIO, watchdog: str) -> None:
    """What it missed is told when it is there again; that it was away is logged once."""
    ours = service(str(tmp_path / "notify"), WATCHDOG_USEC=watchdog)
    ours.ready("one")
    ours.status("two")
    systemd = Listening(str(tmp_path / "notify"))
    ours.came_round(0)
    ours.came_round(0)
    beat = ["WATCHDOG=1"] if watchdog != "0" else []
    assert systemd.heard() == ["\n".join(["READY=1", "STATUS=two", *beat]), *beat]
    systemd.close()
    assert events(log) == ["service manager not told"]


def test_a_manager_that_does_not_read(tmp_path: Path) -> None:
    """Its socket fills up; nothing waits for it, and the last word arrives when it reads again."""
    systemd = Listening(str(tmp_path / "notify"))
    ours = service(systemd.address)
    for number in range(10_000):
        ours.status(str(number))
    assert "STATUS=9999" not in systemd.heard()
    ours.came_round(0)
    assert systemd.heard() == ["STATUS=9999"]
    systemd.close()


def test_a_late_loop_is_logged_and_measured(log: io.StringIO) -> None:
    count = REGISTRY.get_sample_value("generic_connector_loop_lag_seconds_count")
    slow = REGISTRY.get_sample_value("generic_connector_loop_lag_seconds_bucket", {"le": "0.5"})
    assert count is not None
    assert slow is not None
    ours = ServiceManager()
    for lag in (0.0, 0.7, 2.34567):
        ours.came_round(lag)
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [(line["event"], line["seconds"]) for line in lines] == [("event loop late", 2.346)]
    assert REGISTRY.get_sample_value("generic_connector_loop_lag_seconds_count") == count + 3
    assert REGISTRY.get_sample_value("generic_connector_loop_lag_seconds_bucket", {"le": "0.5"}) == slow + 1


async def test_watch(tmp_path: Path) -> None:
    """Beats come from the running loop; the line for people follows what it is made of."""
    systemd = Listening(str(tmp_path / "notify"))
    states = iter(["one", "one", "two"])
    heard: list[str] = []
    watching = asyncio.create_task(Quick(systemd.address, watchdog=20).watch(lambda: next(states, "two")))
    while heard.count("WATCHDOG=1") < 4:
        heard += systemd.heard()
        await asyncio.sleep(0.001)
    watching.cancel()
    await asyncio.wait([watching])
    systemd.close()
    told = [message for message in heard if message.startswith("STATUS")]
    assert told == ["STATUS=one", "STATUS=two"]
