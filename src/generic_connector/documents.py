"""The generated pages of the documentation: `python -m generic_connector.documents` writes them to docs/.

With --check nothing is written; the exit code is 1 and each stale page is named. Other pages are left alone.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

from generic_connector.config import settings_markdown
from generic_connector.protocol.pages import commands_markdown, errors_markdown, events_markdown

PAGES: Mapping[str, Callable[[], str]] = {
    "commands.md": commands_markdown,
    "errors.md": errors_markdown,
    "events.md": events_markdown,
    "settings.md": settings_markdown,
}
"""Name of the page below docs/, and what makes it."""


def stale_pages(directory: Path) -> list[str]:
    """Name the pages that are missing or differ from what the tables say now."""
    return [name for name, make in PAGES.items() if _read(directory / name) != make()]


def write_pages(directory: Path) -> None:
    """Write every page. Raises OSError when the directory cannot be written."""
    directory.mkdir(parents=True, exist_ok=True)
    for name, make in PAGES.items():
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


def _read(page: Path) -> str | None:
    return page.read_bytes().decode() if page.is_file() else None


if __name__ == "__main__":
    sys.exit(main())
