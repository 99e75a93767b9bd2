"""What several journeys share."""

from __future__ import annotations

from dataclasses import replace

import pytest

from generic_connector.conformance.cast import PEOPLE
from journeys.planting import password_of


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> None:
    """Give everybody in the suite planted passwords."""
    for name, person in list(PEOPLE.items()):
        monkeypatch.setitem(PEOPLE, name, replace(person, password=password_of(person.id)))
