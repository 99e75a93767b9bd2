from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from generic_connector.agents.times import client_time

BERLIN = ZoneInfo("Europe/Berlin")
KARACHI = ZoneInfo("Asia/Karachi")
KATHMANDU = ZoneInfo("Asia/Kathmandu")

READ = [
    ("2026-01-02T03:04:05.678Z", UTC, "2026-01-02 03:04:05"),
    ("2026-01-02T03:04:05.999Z", UTC, "2026-01-02 03:04:05"),
    ("2026-01-02T03:04:05Z", UTC, "2026-01-02 03:04:05"),
    ("2026-01-02T03:04:05.678+02:00", UTC, "2026-01-02 01:04:05"),
    ("2022-07-22T13:16:47.123Z", KARACHI, "2022-07-22 18:16:47"),
    ("2026-12-31T23:30:00.000Z", KATHMANDU, "2027-01-01 05:15:00"),
    ("2026-01-15T12:00:00.000Z", BERLIN, "2026-01-15 13:00:00"),
    ("2026-07-15T12:00:00.000Z", BERLIN, "2026-07-15 14:00:00"),
    ("2026-03-29T00:59:59.999Z", BERLIN, "2026-03-29 01:59:59"),
    ("2026-03-29T01:00:00.000Z", BERLIN, "2026-03-29 03:00:00"),
    ("2026-10-25T00:30:00.000Z", BERLIN, "2026-10-25 02:30:00"),
    ("2026-10-25T01:30:00.000Z", BERLIN, "2026-10-25 02:30:00"),
    ("2026-10-25T02:00:00.000Z", BERLIN, "2026-10-25 03:00:00"),
]


@pytest.mark.parametrize(("sent", "zone", "read"), READ)
def test_a_time_is_read_in_the_zone_of_the_configuration(sent: str, zone: tzinfo, read: str) -> None:
    """Over midnight, half hours and the two days on which clocks are changed."""
    assert client_time(sent, zone) == read


@pytest.mark.parametrize("sent", ["", "soon", "2026-13-01T00:00:00Z", "0", "-1", "2026-01-02T03:04", "T", "\x00", "é"])
def test_what_is_no_time_is_empty_or_a_time(sent: str) -> None:
    assert client_time(sent, UTC) in {"", "2026-01-02 03:04:00"}


@pytest.mark.parametrize(
    ("sent", "zone"),
    [
        ("9999-12-31T23:59:59Z", timezone(timedelta(hours=14))),
        ("0001-01-01T00:00:00Z", timezone(timedelta(hours=-12))),
    ],
)
def test_a_time_beyond_all_calendars_is_empty(sent: str, zone: tzinfo) -> None:
    assert client_time(sent, zone) == ""


@pytest.fixture
def in_karachi(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setenv("TZ", "Asia/Karachi")
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("in_karachi")
def test_without_a_zone_it_is_the_machines_own() -> None:
    assert client_time("2022-07-22T13:16:47.000Z", None) == "2022-07-22 18:16:47"


@given(st.datetimes(min_value=datetime(1000, 1, 1), max_value=datetime(9990, 1, 1)))  # noqa: DTZ001 - UTC is said below
def test_every_moment_is_read_back_to_the_second(moment: datetime) -> None:
    sent = moment.isoformat(timespec="milliseconds") + "Z"
    read = datetime.fromisoformat(client_time(sent, KATHMANDU)).replace(tzinfo=KATHMANDU)
    assert abs(read - moment.replace(tzinfo=UTC)) < timedelta(seconds=1)


@given(st.text(max_size=40))
def test_nothing_raises(text: str) -> None:
    assert isinstance(client_time(text, BERLIN), str)
