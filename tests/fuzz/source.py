"""Bytes to structure, with and without a fuzzer: what a person can write, and what a mutation keeps mostly whole.

An input is parts between RECORD bytes, each of fields between UNIT bytes, as ASCII has them for this very purpose.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import TypeVar

RECORD, UNIT = b"\x1e", b"\x1f"
MOST_RECORDS = 40

T = TypeVar("T")


def records(data: bytes) -> list[bytes]:
    """Give the parts of an input."""
    return data.split(RECORD)[:MOST_RECORDS]


def fields(record: bytes, count: int) -> list[bytes]:
    """Give so many fields of a part; those that are missing are empty, the last one is the rest."""
    found = record.split(UNIT, count - 1)
    return found + [b""] * (count - len(found))


def headed(data: bytes) -> tuple[int, bytes]:
    """Part an input into its first byte, as a number, and the rest."""
    return (data[0], data[1:]) if data else (0, b"")


def pick(choices: Sequence[T], number: int) -> T:
    """Choose by a number that may be any."""
    return choices[number % len(choices)]


def text(data: bytes) -> str:
    """Read bytes as text that may hold anything that a str can hold, halves of surrogate pairs too."""
    return data.decode("utf-8", "surrogatepass") if _is_near_utf8(data) else data.decode("utf-8", "surrogateescape")


def _is_near_utf8(data: bytes) -> bool:
    try:
        data.decode("utf-8", "surrogatepass")
    except UnicodeDecodeError:
        return False
    return True


def pieces(data: bytes, size: int) -> Iterator[bytes]:
    """Cut bytes as a network does: the first pieces of that size (0: all at once), the rest in one."""
    if not size:
        yield data
        return
    cut = min(len(data), 64 * size)
    for start in range(0, cut, size):
        yield data[start : min(start + size, cut)]
    if cut < len(data):
        yield data[cut:]
