"""The generated pages of the documentation: `python -m generic_connector.documents` writes them to docs/.

With --check nothing is written; the exit code is 1 and each stale page is named. Other pages are left alone, but a
schema of something that is no more is stale, and taken away.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from pathlib import Path

from generic_connector import run  # noqa: F401  with the product come its metrics
from generic_connector.config import settings_markdown
from generic_connector.operations.metrics_page import metrics_markdown
from generic_connector.protocol.asyncapi import asyncapi_document
from generic_connector.protocol.commands import COMMANDS
from generic_connector.protocol.pages import commands_markdown, errors_markdown, events_markdown
from generic_connector.protocol.schemas import JSON_EVENTS, Schema, as_text, command_schema, event_schema


def _text(make: Callable[[], Schema]) -> str:
    return as_text(make())


PAGES: Mapping[str, Callable[[], str]] = {
    "asyncapi.json": partial(_text, asyncapi_document),
    "commands.md": commands_markdown,
    "errors.md": errors_markdown,
    "events.md": events_markdown,
    "metrics.md": metrics_markdown,
    "settings.md": settings_markdown,
    **{f"schemas/commands/{name}.json": partial(_text, partial(command_schema, name)) for name in COMMANDS},
    **{f"schemas/events/{name}.json": partial(_text, partial(event_schema, name)) for name in JSON_EVENTS},
}
"""Name of the page below docs/, and what makes it."""


def stale_pages(directory: Path) -> list[str]:
    """Name the pages that are missing or differ from what the tables say now."""
    return [*(name for name, make in PAGES.items() if _read(directory / name) != make()), *_left_over(directory)]


def write_pages(directory: Path) -> None:
    """Write every page. Raises OSError when the directory cannot be written."""
    for name in _left_over(directory):
        (directory / name).unlink()
    for name, make in PAGES.items():
        (directory / name).parent.mkdir(parents=True, exist_ok=True)
        (directory / name).write_text(make(), encoding="utf-8", newline="\n")


def main(arguments: Sequence[str] | None = None) -> int:
    """Write or check the pages; give the exit code."""
    parser = argparse.ArgumentParser(prog="python -m generic_connector.documents", description=__doc__)
    parser.add_argument("--check", action="store_true", help="write nothing, name the pages that are stale")
    parser.add_argument("--directory", type=Path, default=Path("docs"), help="where the pages are (docs)")
    options = parser.parse_args(arguments)
    if not options.check:
        write_pages(options.directory)
        return 0
    stale = stale_pages(options.directory)
    for name in stale:
        sys.stderr.write(f"{options.directory / name} is stale: run python -m generic_connector.documents\n")
    return 1 if stale else 0


def _left_over(directory: Path) -> list[str]:
    found = (path.relative_to(directory).as_posix() for path in sorted(directory.glob("schemas/**/*.json")))
    return [name for name in found if name not in PAGES]


def _read(page: Path) -> str | None:
    return page.read_bytes().decode() if page.is_file() else None


if __name__ == "__main__":
    sys.exit(main())
