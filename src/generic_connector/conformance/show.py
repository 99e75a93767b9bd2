"""What a run looks like in a terminal: a row per command, a line per case that did not pass, and the sum."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Sequence

from rich.console import Console
from rich.table import Table
from rich.text import Text

from generic_connector.conformance.play import Outcome, Result

STYLES = {
    Outcome.PASSED: ("✔", "green"),
    Outcome.FAILED: ("✘", "bold red"),
    Outcome.NOT_YET: ("…", "yellow"),
    Outcome.NOT_TRIED: ("-", "dim"),
}


def show(results: Sequence[Result], console: Console, *, every_case: bool = False) -> None:
    """Print the table, what did not pass and why, and the summary line."""
    console.print(_table(results))
    for result in results:
        if every_case or result.outcome is not Outcome.PASSED:
            console.print(_line(result))
    console.print(_summary(results))


def _table(results: Sequence[Result]) -> Table:
    columns = list(dict.fromkeys((result.deployment, result.format) for result in results))
    rows = list(dict.fromkeys(_row(result) for result in results))
    table = Table("command", *(f"{deployment} {name}" for deployment, name in columns), title="Conformance")
    counts = {key: Counter[Outcome]() for key in ((row, column) for row in rows for column in columns)}
    for result in results:
        counts[_row(result), (result.deployment, result.format)][result.outcome] += 1
    for row in rows:
        table.add_row(row, *(_cell(counts[row, column]) for column in columns))
    return table


def _row(result: Result) -> str:
    return result.case.table_row


def _cell(counts: Counter[Outcome]) -> Text:
    shown = ((f"{STYLES[outcome][0]} {counts[outcome]}", STYLES[outcome][1]) for outcome in Outcome if counts[outcome])
    return Text(" ").join(Text(*part) for part in shown)


def _line(result: Result) -> Text:
    mark, style = STYLES[result.outcome]
    where = f"{result.deployment} {result.format}"
    reason = f": {result.reason}" if result.reason else ""
    return Text.assemble((f"{mark} ", style), f"{result.case.name} ({where}){reason}")


def _summary(results: Iterable[Result]) -> Text:
    counts = Counter(result.outcome for result in results)
    mark, style = STYLES[Outcome.FAILED if counts[Outcome.FAILED] else Outcome.PASSED]
    words = ", ".join(f"{counts[outcome]} {outcome}" for outcome in Outcome if counts[outcome]) or "nothing was tried"
    return Text(f"{mark} {words}", style=style)
