from __future__ import annotations

from pathlib import Path

import pytest

from generic_connector.documents import PAGES, main, stale_pages

DOCS = Path(__file__).parents[1] / "docs"


def test_the_pages_in_the_tree_are_fresh() -> None:
    """Who changes a table writes the pages again: python -m generic_connector.documents."""
    assert stale_pages(DOCS) == []


def test_check_names_what_is_stale(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--directory", str(tmp_path)]) == 0
    assert main(["--check", "--directory", str(tmp_path)]) == 0
    (tmp_path / "events.md").write_text("old", encoding="utf-8")
    (tmp_path / "errors.md").unlink()
    assert main(["--check", "--directory", str(tmp_path)]) == 1
    told = capsys.readouterr().err
    assert [name for name in PAGES if name in told] == ["errors.md", "events.md"]


def test_a_schema_of_something_that_is_no_more_goes_away(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--directory", str(tmp_path)]) == 0
    gone = tmp_path / "schemas" / "commands" / "Gone.json"
    gone.write_text("{}", encoding="utf-8")
    assert main(["--check", "--directory", str(tmp_path)]) == 1
    assert "schemas/commands/Gone.json is stale" in capsys.readouterr().err
    assert main(["--directory", str(tmp_path)]) == 0
    assert not gone.exists()
