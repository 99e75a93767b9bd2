"""The written forms of the settings: the annotated default file and the page in the docs."""

from __future__ import annotations

import tomllib
from pathlib import Path

import pytest

from generic_connector.config import Settings, annotated_default, load, settings_markdown
from generic_connector.config.document import toml
from generic_connector.config.keys import KEYS


def test_the_annotated_default_is_the_defaults(tmp_path: Path) -> None:
    """What `generic-connector config` prints loads, and changes nothing."""
    path = tmp_path / "connector.toml"
    path.write_text(annotated_default(), encoding="utf-8")
    assert load(path, {}) == Settings()


def test_the_annotated_default_has_every_key() -> None:
    """No key is left out, and none is there only by default."""
    found = tomllib.loads(annotated_default())
    for key in KEYS.values():
        table = found
        for part in key.path:
            assert part in table, key.dotted
            table = table[part]


def test_the_file_keeps_its_width() -> None:
    assert max(map(len, annotated_default().splitlines())) <= 120


@pytest.mark.parametrize("key", KEYS.values(), ids=KEYS)
def test_every_key_is_described(key: object) -> None:
    """A setting that nobody explained is not finished."""
    assert key.field.description  # type: ignore[attr-defined]


def test_the_page_has_every_key_and_variable() -> None:
    page = settings_markdown()
    assert [key.dotted for key in KEYS.values() if f"| `{key.path[-1]}` |" not in page] == []
    assert [key.variable for key in KEYS.values() if f"`{key.variable}`" not in page] == []


def test_a_bar_does_not_break_the_table() -> None:
    """Each row of a table has its four cells."""
    rows = [line for line in settings_markdown().splitlines() if line.startswith("| `")]
    assert {line.replace("\\|", "").count("|") for line in rows} == {5}


@pytest.mark.parametrize("value", ['a "b" \\ \n ä', '\n "\\\n\n', 5, 0.5, True, ["a", "b"], {"A.*": "json"}, {}, []])
def test_values_read_back(value: object) -> None:
    """A value written as TOML is read back as it was."""
    assert tomllib.loads(f"x = {toml(value)}") == {"x": value}
