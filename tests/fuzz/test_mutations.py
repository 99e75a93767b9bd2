"""The corpus, mutated a little each time: what `make fuzz` does for long and with more sense, in small."""

from __future__ import annotations

import re

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from fuzz.targets import CORPUS, HERE, TARGETS

WORDS = [
    word.encode("latin-1").decode("unicode_escape").encode("latin-1")
    for word in re.findall('^"(.*)"$', (HERE / "words.dict").read_text("latin-1"), re.MULTILINE)
]
"""Of libFuzzer's dictionary."""

EDITS = st.lists(
    st.tuples(st.floats(0, 1), st.integers(0, 30), st.sampled_from([b"", *WORDS]) | st.binary(max_size=4)),
    max_size=5,
)
"""Where (0 the beginning, 1 the end), how many bytes go, and what comes instead."""


def mutated(seed: bytes, edits: list[tuple[float, int, bytes]]) -> bytes:
    for where, less, more in edits:
        at = int(where * len(seed))
        seed = seed[:at] + more + seed[at + less :]
    return seed


@pytest.mark.parametrize("name", TARGETS)
def test_nothing_comes_of_a_mutation(name: str) -> None:
    seeds = st.sampled_from([path.read_bytes() for path in sorted((CORPUS / name).iterdir())])

    @settings(deadline=None, max_examples=40, suppress_health_check=list(HealthCheck))
    @given(st.builds(mutated, seeds, EDITS))
    def one(data: bytes) -> None:
        TARGETS[name](data)

    one()
