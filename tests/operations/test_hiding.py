"""What a piece of work knows to be secret stays out of what is logged while it goes on."""

from __future__ import annotations

import asyncio
from base64 import b64encode
from urllib.parse import quote

from generic_connector.operations.hiding import HIDDEN, hide, hiding

SECRET = "ge<h&eim's é"


def test_every_way_to_write_it() -> None:
    with hiding(SECRET):
        for written in (
            SECRET,
            repr(SECRET)[1:-1],
            ascii(SECRET)[1:-1],
            quote(SECRET),
            b64encode(SECRET.encode()).decode(),
        ):
            assert hide(f"before {written} behind") == f"before {HIDDEN} behind"


def test_it_ends_and_can_be_nested() -> None:
    with hiding("first"):
        with hiding("first and more"):
            assert hide("first, first and more") == f"{HIDDEN}, {HIDDEN}"
        assert hide("first and more") == f"{HIDDEN} and more"
    assert hide("first") == "first"


def test_short_values_would_hide_half_of_every_line() -> None:
    with hiding("", "1", "abc"):
        assert hide("1 abc") == "1 abc"


async def test_tasks_that_are_started_inside_know_of_it() -> None:
    async def work() -> str:
        return hide(SECRET)

    with hiding(SECRET):
        task = asyncio.create_task(work())
    assert (await task, await work()) == (HIDDEN, SECRET)
