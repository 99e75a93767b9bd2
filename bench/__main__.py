"""`make bench`: measure the connector on a site of real processes; print a table, write a JSON file and a page."""

from __future__ import annotations

import asyncio
import gc
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from bench import machine
from bench.crowd import Mix
from bench.page import page
from bench.play import Plan, Result, play
from bench.report import as_json, table

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


async def play_all(plans: list[Plan], directory: Path, profile: Path | None) -> list[Result]:
    """Measure one size after the other."""
    results = []
    for number, plan in enumerate(plans):
        typer.echo(f"measuring {plan.agents} agents ...", err=True)
        results.append(await play(plan, directory / f"site-{number + 1}", profile))
    return results


@app.command()
def main(  # noqa: PLR0917  options of a command line
    agents: Annotated[str, typer.Option(help="Sizes to measure, one after the other, with commas.")] = "200",
    destinations: Annotated[int, typer.Option(min=0, help="Client destinations; 0 gives every agent one.")] = 10,
    calls: Annotated[float, typer.Option(help="Calls of customers a second; each makes about seven events.")] = 20.0,
    seconds: Annotated[float, typer.Option(help="Seconds of load that count.")] = 20.0,
    commands: Annotated[float, typer.Option(help="Commands a second, in the part that measures commands.")] = 100.0,
    talk: Annotated[float, typer.Option(help="Seconds that a customer stays.")] = 5.0,
    soak: Annotated[float, typer.Option(help="Seconds of a last load with 2,000 agents; 0 for none.")] = 0.0,
    profile: Annotated[Path | None, typer.Option(help="Profile the connector (cProfile) into this file.")] = None,
    json: Annotated[Path, typer.Option(help="Where the JSON file is written.")] = Path("bench.json"),
    html: Annotated[Path, typer.Option(help="Where the page is written.")] = Path("bench/report.html"),
) -> None:
    """Measure. Exit codes: 0 nothing was lost or out of order, 1 something was."""
    described = machine.describe()
    mix = Mix(talk_seconds=talk)
    plans = [
        Plan(agents=int(size), destinations=destinations, calls=calls, seconds=seconds, commands=commands, mix=mix)
        for size in agents.split(",")
    ]
    if soak:
        plans.append(
            Plan(agents=2000, destinations=destinations, calls=calls, seconds=soak, commands=commands, mix=mix)
        )
    gc.disable()  # the clients must not pause; nothing here lives long enough to matter
    with tempfile.TemporaryDirectory(prefix="bench-") as temporary:
        results = asyncio.run(play_all(plans, Path(temporary), profile))
    typer.echo(table(results, described))
    json.write_bytes(as_json(results, described))
    html.write_text(page(results, described), encoding="utf-8")
    raise typer.Exit(
        1 if any(one.lost or one.disordered or one.not_signed_in or one.unanswered for one in results) else 0
    )


if __name__ == "__main__":
    app()
