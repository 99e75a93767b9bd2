"""`make chaos`: play faults on a site of real processes, print a table, and fail when anything was lost.

Exit codes: 0 all loss columns are zero, 1 something was lost, doubled, out of order or did not recover.
"""

from __future__ import annotations

import asyncio
import tempfile
from pathlib import Path
from typing import Annotated

import typer

from chaos.crowd import Load
from chaos.faults import FAULTS, Fault
from chaos.play import Result, Timing, play
from chaos.report import as_json, table
from chaos.site import lacking
from chaos.stage import Stage

app = typer.Typer(add_completion=False, pretty_exceptions_enable=False)


async def play_all(
    faults: list[Fault], load: Load, timing: Timing, directory: Path
) -> tuple[list[Result], list[tuple[str, str]]]:
    """Play the faults, each on a clean site; give the results, and what could not be played with the reason."""
    results: list[Result] = []
    skipped: list[tuple[str, str]] = []
    stage: Stage | None = None
    for number, fault in enumerate(faults):
        if why := lacking(fault.topology):
            skipped.append((fault.name, why))
            typer.echo(f"NOT AVAILABLE: {fault.name}: {why}", err=True)
            continue
        if stage is not None and stage.site.topology != fault.topology:
            await stage.close()
            stage = None
        stage = stage or await Stage.build(fault.topology, directory / f"site-{number + 1}", load)
        results.append(await play(stage, fault, timing))
        typer.echo(table(results[-1:], []).splitlines()[1], err=True)
        if fault.spoils or not results[-1].clean:
            await stage.close()
            stage = None
    if stage is not None:
        await stage.close()
    return results, skipped


@app.command()
def main(
    *,
    faults: Annotated[str, typer.Option(help="A part of the names of the faults to play, several with commas.")] = "",
    agents: Annotated[int, typer.Option(min=2, help="Agents that are signed in.")] = 200,
    desktops: Annotated[int, typer.Option(min=0, help="How many of them sit at a destination of their own.")] = 20,
    servers: Annotated[int, typer.Option(min=1, help="Destinations that the others share.")] = 4,
    calls: Annotated[float, typer.Option(help="Calls of customers a second.")] = 4.0,
    dials: Annotated[float, typer.Option(help="Calls that agents dial, a second.")] = 0.5,
    out: Annotated[Path, typer.Option(help="Where the JSON file is written.")] = Path("chaos.json"),
    directory: Annotated[Path | None, typer.Option(help="Where logs are kept; a temporary folder otherwise.")] = None,
) -> None:
    """Play faults, print what was lost."""
    names = [name.strip() for name in faults.split(",")]
    chosen = [fault for fault in FAULTS if any(name in fault.name for name in names)]
    load = Load(agents=agents, servers=servers, desktops=desktops, calls=calls, dials=dials)
    with tempfile.TemporaryDirectory(prefix="chaos-") as temporary:
        played = asyncio.run(play_all(chosen, load, Timing(), directory or Path(temporary)))
    results, skipped = played
    typer.echo(table(results, skipped))
    out.write_bytes(as_json(results, skipped, load))
    raise typer.Exit(0 if all(result.clean for result in results) else 1)


if __name__ == "__main__":
    app()
