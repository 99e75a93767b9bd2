"""Plots as SVG, of our own few lines. Pure."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from html import escape

Point = tuple[float, float]
_COLOURS = ("#1f5fa8", "#c0392b", "#2e8b57", "#8e44ad", "#d68910", "#555555")
_LEAST = 1e-3  # of a logarithmic axis
_LEFT, _TOP, _WIDTH, _HEIGHT = 60, 30, 560, 240


@dataclass(frozen=True, slots=True, kw_only=True)
class Plot:
    """Lines over common axes. x_ticks: where the axis is marked, and with what. log: the y axis is logarithmic."""

    title: str
    y_name: str
    lines: Mapping[str, Sequence[Point]]
    x_ticks: Mapping[str, float]
    log: bool = False


def svg(plot: Plot) -> str:
    """Draw a plot."""
    xs = [x for line in plot.lines.values() for x, _ in line] + list(plot.x_ticks.values())
    ys = [y for line in plot.lines.values() for _, y in line if math.isfinite(y)] or [1.0]
    ticks = _log_ticks(min(ys), max(ys)) if plot.log else _ticks(max(ys))
    across = _scale(min(xs), max(xs), _LEFT, _LEFT + _WIDTH)
    up = _scale(_y(plot, ticks[0]), _y(plot, ticks[-1]), _TOP + _HEIGHT, _TOP)
    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 840 {_TOP + _HEIGHT + 40}" class="plot">',
        f'<text x="{_LEFT}" y="18" class="title">{escape(plot.title)} ({escape(plot.y_name)})</text>',
        *(_grid_line(up(_y(plot, tick)), f"{tick:g}") for tick in ticks),
        *(_x_tick(across(x), name) for name, x in plot.x_ticks.items()),
    ]
    for number, (name, line) in enumerate(plot.lines.items()):
        colour = _COLOURS[number % len(_COLOURS)]
        points = " ".join(f"{across(x):.1f},{up(_y(plot, y)):.1f}" for x, y in line if math.isfinite(y))
        legend_y = _TOP + 14 + 18 * number
        parts += [
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>',
            f'<text x="{_LEFT + _WIDTH + 14}" y="{legend_y}" fill="{colour}">{escape(name)}</text>',
        ]
    return "\n".join([*parts, "</svg>"])


def _y(plot: Plot, value: float) -> float:
    return math.log10(max(value, _LEAST)) if plot.log else value


def _scale(low: float, high: float, start: float, end: float) -> Callable[[float], float]:
    span = (high - low) or 1.0
    return lambda value: start + (value - low) / span * (end - start)


def _ticks(most: float) -> list[float]:
    """Give about five round numbers from 0 to beyond the most."""
    step = 10.0 ** math.floor(math.log10(max(most, 1e-9) / 2))
    step *= next(factor for factor in (1, 2, 5, 10) if step * factor * 5 >= most)
    return [step * number for number in range(math.ceil(most / step) + 1)] or [0.0, step]


def _log_ticks(least: float, most: float) -> list[float]:
    low, high = math.floor(math.log10(max(least, _LEAST))), math.ceil(math.log10(max(most, _LEAST)))
    return [10.0**power for power in range(low, max(high, low + 1) + 1)]


def _grid_line(y: float, name: str) -> str:
    return (
        f'<line x1="{_LEFT}" x2="{_LEFT + _WIDTH}" y1="{y:.1f}" y2="{y:.1f}" class="grid"/>'
        f'<text x="{_LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{name}</text>'
    )


def _x_tick(x: float, name: str) -> str:
    return f'<text x="{x:.1f}" y="{_TOP + _HEIGHT + 18}" text-anchor="middle">{escape(name)}</text>'
