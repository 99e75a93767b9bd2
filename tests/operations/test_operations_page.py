"""docs/operations.md speaks of log events, metrics, settings and errors that exist."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from generic_connector import run  # noqa: F401  with the product come its metrics
from generic_connector.config.keys import KEYS
from generic_connector.errors import ERRORS
from generic_connector.operations.metrics_page import rows

ROOT = Path(__file__).parents[2]
PAGE = (ROOT / "docs" / "operations.md").read_text(encoding="utf-8")
FAULTS = [line for line in PAGE.partition("## What happens on each fault")[2].splitlines() if line.startswith("| **")]
LEVELS = {"debug", "info", "warning", "error", "exception"}
OF_EVERY_PROCESS = {"process_start_time_seconds"}


def logged() -> Iterator[str]:
    """Give every event that the product's own lines can have."""
    for path in (ROOT / "src" / "generic_connector").rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr in LEVELS:
                texts = [one for argument in node.args[:1] for one in ast.walk(argument)]
                yield from (one.value for one in texts if isinstance(one, ast.Constant) and isinstance(one.value, str))


def test_log_events() -> None:
    assert set(re.findall(r'`"([^"]+)"`', PAGE)) - set(logged()) == set()


def test_metrics() -> None:
    named = set(re.findall(r"\b(?:generic_connector|process)_\w+", PAGE))
    known = {row.name for row in rows()} | {f"{row.name}_bucket" for row in rows()} | OF_EVERY_PROCESS
    assert named - known == set()


def test_settings() -> None:
    """Each name with a dot that begins like a section is a setting or a section."""
    tops = "|".join({name.partition(".")[0] for name in KEYS})
    named = set(re.findall(rf"`((?:{tops})\.[\w.]+)`", PAGE))
    assert {name for name in named if not any(f"{key}.".startswith(f"{name}.") for key in KEYS)} == set()


def test_errors() -> None:
    assert {word for word in re.findall(r"\b[A-Z]+(?:_[A-Z]+)+\b", PAGE) if word in ERRORS} >= {
        "PLEASE_RETRY",
        "NOT_REACHABLE",
    }
    for line in FAULTS:
        seen = line.split(" | ")[2]
        told = {word for part in re.findall(r"`Error` ([A-Z_, or]+)", seen) for word in re.findall(r"[A-Z_]{4,}", part)}
        assert told <= set(ERRORS)


@pytest.mark.parametrize("line", FAULTS)
def test_a_row_is_whole(line: str) -> None:
    """Five cells, and none of them empty but the settings."""
    cells = [cell.strip() for cell in re.split(r"(?<!\\)\|", line)[1:-1]]
    assert len(cells) == 5
    assert all(cells[:4])
