"""The states of one agent: Finesse's book and the client's. The rules stand in accounting.py. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

from chaos.due import OURS
from chaos.findings import LASTING, SLACK, Comparison, Kind, missing, repeated
from chaos.transcript import Heard, Told, Window

ASKS_TO_SIGN_IN = "RE_LOGIN"
"""Told in a State, but no state of the agent."""


def compare(
    agent: str, told: Sequence[Told], heard: Sequence[Heard], windows: Sequence[Window], *, final: str, known: str
) -> Comparison:
    """Compare the agent's states.

    final: the one at Finesse after all is quiet, "" where nobody knows; known: what the client knew before.
    """
    result = Comparison(agent)
    states = [one for one in heard if one.name == "State" and one.state != ASKS_TO_SIGN_IN]
    wanted = lasting(told, windows)
    given = [(one.state, one.changed) for one in states]
    result.expected += len(wanted)
    for state, changed in missing(wanted, given):
        result.find(Kind.EVENT_LOST, 0.0, f"was {state} since {changed}")
    if final:
        result.expected += 1
        last = states[-1].state if states else known
        if last != final:
            result.find(Kind.EVENT_LOST, 0.0, f"is {final}, last told {last or 'nothing'}")
    for one in repeated(heard, lambda one: one.name == "State" and one.state != ASKS_TO_SIGN_IN, OURS):
        result.find(Kind.DUPLICATED, one.at, one.text)
    newest = ""
    for one in states:
        if one.changed < newest:
            result.find(Kind.OUT_OF_ORDER, one.at, one.text)
        newest = max(newest, one.changed)
    return result


def lasting(told: Sequence[Told], windows: Sequence[Window]) -> list[tuple[str, ...]]:
    """Give the states, with their times, that lasted while nothing was broken; the last one is judged apart."""
    runs: list[tuple[str, str, float]] = []
    for notice in told:
        if not notice.dialog and (not runs or runs[-1][:2] != (notice.state, notice.changed)):
            runs.append((notice.state, notice.changed, notice.at))
    return [
        (state, changed)
        for (state, changed, start), (*_, end) in pairwise(runs)
        if end - start >= LASTING and not any(window.touches(start - SLACK, end + SLACK) for window in windows)
    ]
