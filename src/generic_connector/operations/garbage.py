"""How often Python looks for garbage that refers to itself, in a process that holds much and must not pause.

A full search looks at every object, and everybody waits for it: with 400 agents there are 240,000, and it was seen to
take 180 ms. By Python's own numbers that happens every few seconds under load, and finds next to nothing: what a
command or a notification leaves behind goes by itself, or is found young.
"""

from __future__ import annotations

import gc

YOUNG, MIDDLE, FULL = 10_000, 10, 20
"""More objects than before since the last search among the youngest; searches there before one among those that
survived; those before a full one: it comes when the process has grown by some two million objects."""


def search_rarely() -> None:
    """Change the numbers, for good. What is there already, the program itself above all, is never searched again."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(YOUNG, MIDDLE, FULL)
