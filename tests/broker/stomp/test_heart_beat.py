from __future__ import annotations

import pytest

from generic_connector.broker.stomp.errors import ProtocolError
from generic_connector.broker.stomp.heart_beat import HeartBeat, Rhythm, agree, parse_heart_beat


@pytest.mark.parametrize(
    ("ours", "theirs", "agreed"),
    [
        ("2000,2000", "2000,2000", (2.0, 2.0)),
        ("1000,2000", "5000,3000", (3.0, 5.0)),
        ("1000,0", "1000,1000", (1.0, 0.0)),
        ("0,1000", "0,1000", (0.0, 0.0)),
    ],
)
def test_the_slower_side_decides_and_zero_means_none(ours: str, theirs: str, agreed: tuple[float, float]) -> None:
    rhythm = agree(parse_heart_beat(ours), parse_heart_beat(theirs))
    assert rhythm == Rhythm(send=agreed[0], expect=agreed[1])


def test_an_absent_header_means_none_and_the_header_reads_back() -> None:
    assert parse_heart_beat(None) == HeartBeat(sends=0, wants=0)
    assert parse_heart_beat(HeartBeat(sends=1, wants=2).header()) == HeartBeat(sends=1, wants=2)


@pytest.mark.parametrize("header", ["", "1", "a,b", "-1,2", "1,2,3", "9999999999,1"])
def test_unreadable_headers_are_refused(header: str) -> None:
    with pytest.raises(ProtocolError):
        parse_heart_beat(header)
