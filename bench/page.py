"""The results as one page that needs nothing else. Pure."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from html import escape

from bench.figures import Latency
from bench.play import Result
from bench.plots import Plot, Point, svg
from bench.report import ROWS

_STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; max-width: 60em; margin: 2em auto; padding: 0 1em; color: #222; }
table { border-collapse: collapse; margin: 1em 0; }
td, th { border: 1px solid #ccc; padding: .25em .6em; text-align: left; }
.plot { width: 100%; font: 12px system-ui, sans-serif; } .plot .title { font-size: 14px; font-weight: 600; }
.plot .grid { stroke: #ddd; }
"""
_SHARES = {"50 %": 0.5, "90 %": 0.9, "99 %": 0.99, "99.9 %": 0.999}


def page(results: Sequence[Result], machine: Mapping[str, str]) -> str:
    """Write the page."""
    head = "".join(f"<th>{one.plan.agents} agents</th>" for one in results)
    rows = "".join(_row(name, [cell(one) for one in results]) for name, cell in ROWS)
    about = "".join(_row(name, [value]) for name, value in machine.items())
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8"><title>Generic Connector, measured</title>'
        f"<style>{_STYLE}</style></head><body><h1>Generic Connector, measured</h1><table>{about}</table>"
        f"<table><tr><th></th>{head}</tr>{rows}</table>{''.join(map(svg, _plots(results)))}</body></html>\n"
    )


def _row(name: str, cells: Sequence[str]) -> str:
    return f"<tr><th>{escape(name)}</th>" + "".join(f"<td>{escape(cell)}</td>" for cell in cells) + "</tr>"


def _plots(results: Sequence[Result]) -> list[Plot]:
    last = max((one.memory[-1][0] for one in results if one.memory), default=1.0)
    plots = [
        Plot(
            title=f"How late, {one.plan.agents} agents, {one.events_per_second:.0f} events a second",
            y_name="ms",
            lines={name: _curve(figures) for name, figures in _latencies(one).items() if figures.count},
            x_ticks={name: _nines(share) for name, share in _SHARES.items()},
            log=True,
        )
        for one in results
    ]
    memory = Plot(
        title="Memory of the connector under load",
        y_name="MiB",
        lines={f"{one.plan.agents} agents": [(at, kib / 1024) for at, kib in one.memory] for one in results},
        x_ticks={f"{part * last:.0f} s": part * last for part in (0, 0.25, 0.5, 0.75, 1)},
    )
    return [*plots, memory]


def _latencies(result: Result) -> dict[str, Latency]:
    figures = {**result.news, **{name: echo.latency for name, echo in result.echoes.items()}}
    return figures | ({"GetState to event": result.command_answers} if result.command_answers is not None else {})


def _curve(figures: Latency) -> list[Point]:
    return [(_nines(share), milliseconds) for share, milliseconds in figures.curve if share < 1]


def _nines(share: float) -> float:
    """Stretch the axis towards the rare ones: 90 %, 99 % and 99.9 % are equally far apart."""
    return -math.log10(1 - share)
