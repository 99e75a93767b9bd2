import gc
import weakref
from collections.abc import Iterator

import pytest

from generic_connector.operations import garbage


class Knot:
    """Refers to itself, so that only a search finds it."""

    def __init__(self) -> None:
        self.itself = self


@pytest.fixture(autouse=True)
def _own_numbers() -> Iterator[None]:
    numbers = gc.get_threshold()
    yield
    gc.set_threshold(*numbers)
    gc.unfreeze()


def test_what_is_there_already_is_never_searched_again() -> None:
    """The program itself, which stays as long as the process."""
    garbage.search_rarely()
    assert gc.get_freeze_count() > 10_000
    assert gc.get_threshold() == (garbage.YOUNG, garbage.MIDDLE, garbage.FULL)


def test_garbage_that_refers_to_itself_is_still_found_by_itself() -> None:
    garbage.search_rarely()
    knot = weakref.ref(Knot())
    kept = [[number] for number in range(2 * garbage.YOUNG)]
    assert (knot(), len(kept)) == (None, 2 * garbage.YOUNG)
