import math
from xml.etree import ElementTree as ET

import pytest

from bench.figures import latency, percentile
from bench.plots import Plot, svg


def test_a_percentile_is_the_value_that_the_share_does_not_exceed() -> None:
    ordered = [float(number) for number in range(1, 1001)]
    assert [percentile(ordered, share) for share in (0.5, 0.99, 0.999, 1.0)] == [500.0, 990.0, 999.0, 1000.0]


def test_latencies_are_given_in_milliseconds() -> None:
    found = latency([0.003, 0.001, 0.002])
    assert (found.count, found.p50, found.p99, found.most) == (3, 2.0, 3.0, 3.0)
    assert math.isnan(latency([]).p50)


@pytest.mark.parametrize("log", [True, False])
def test_a_plot_is_drawn_in_its_frame(log: bool) -> None:  # noqa: FBT001  pytest gives it
    lines = {"a < b": [(0.0, 0.5), (1.0, 30.0)], "flat": [(0.0, 0.0), (1.0, 0.0)], "nothing": [(0.0, math.nan)]}
    drawn = ET.fromstring(svg(Plot(title="t", y_name="ms", lines=lines, x_ticks={"50 %": 0.5}, log=log)))  # noqa: S314
    points = [pair.split(",") for line in drawn.iterfind("{*}polyline") for pair in line.get("points", "").split()]
    assert len(points) == 4
    assert all(60 <= float(x) <= 620 and 30 <= float(y) <= 270 for x, y in points)
