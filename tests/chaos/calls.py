"""The calls of one agent: Finesse's book and the client's. The rules stand in accounting.py. Pure."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from chaos.due import OURS
from chaos.findings import LASTING, SLACK, Comparison, Kind, missing, repeated
from chaos.transcript import ENDED, Heard, Told, Window

RANK = {"ALERTING": 0, "INITIATING": 0, "INITIATED": 0, "FAILED": 1, "ACTIVE": 1, "HELD": 1, "WRAP_UP": 2, ENDED: 3}
"""How far a call is: it never goes back. What is not in here stands anywhere."""


@dataclass(slots=True)
class Episode:
    """A call of an agent at Finesse, from its beginning to its end; a call that rings again is another one."""

    dialog: str
    notices: list[Told] = field(default_factory=list)
    ended: bool = False

    @property
    def began(self) -> float:
        """When it began."""
        return self.notices[0].at

    @property
    def last(self) -> float:
        """When something was last told of it."""
        return self.notices[-1].at

    def lasting(self, windows: Sequence[Window]) -> list[tuple[str, ...]]:
        """Give the states, in order, that lasted while nothing was broken. The last one lasted to the end."""
        runs: list[tuple[str, float]] = []
        for notice in self.notices:
            if notice.state and (not runs or runs[-1][0] != notice.state):
                runs.append((notice.state, notice.at))
        spans = pairwise([*runs, ("", self.last)])
        return [
            (state,)
            for (state, start), (_, end) in spans
            if end - start >= LASTING and not any(window.touches(start - SLACK, end + SLACK) for window in windows)
        ]


def compare(agent: str, told: Sequence[Told], heard: Sequence[Heard], windows: Sequence[Window]) -> Comparison:
    """Compare all calls of the agent."""
    result = Comparison(agent)
    by_dialog: dict[str, list[Episode]] = {}
    for episode in episodes(told):
        by_dialog.setdefault(episode.dialog, []).append(episode)
    for dialog, found in by_dialog.items():
        about = [one for one in heard if one.about_a_call and one.dialog == dialog]
        segments = list(lives(about))
        for number, episode in enumerate(found):
            own = segments[number] if number < len(segments) else []
            until = found[number + 1].began if number + 1 < len(found) else float("inf")
            shown = [one for one in heard if one.name == "DialogStatus" and episode.began - SLACK <= one.at < until]
            _compare_one(result, episode, own, shown, windows)
        for life in segments[len(found) :]:
            _after_the_end(result, life)
    known = {one.dialog for one in heard if one.about_a_call} - set(by_dialog)
    for dialog in sorted(known):
        result.find(Kind.OUT_OF_ORDER, 0.0, f"call {dialog} was told and is not the agent's")
    for one in repeated(heard, lambda one: one.name in {"InboundCall", "ConsultCall"} and one.state != ENDED, OURS):
        result.find(Kind.DUPLICATED, one.at, one.text)
    return result


def episodes(told: Sequence[Told]) -> Iterator[Episode]:
    """Give the calls that an agent had."""
    open_ones: dict[str, Episode] = {}
    for notice in told:
        if not notice.dialog:
            continue
        episode = open_ones.setdefault(notice.dialog, Episode(notice.dialog))
        episode.notices.append(notice)
        if notice.event == "DELETE":
            episode.ended = True
            yield open_ones.pop(notice.dialog)
    yield from open_ones.values()


def lives(about: Sequence[Heard]) -> Iterator[list[Heard]]:
    """Cut what was heard of a call after each DROPPED."""
    life: list[Heard] = []
    for one in about:
        life.append(one)
        if one.state == ENDED:
            yield life
            life = []
    if life:
        yield life


def _compare_one(
    result: Comparison, episode: Episode, heard: Sequence[Heard], shown: Sequence[Heard], windows: Sequence[Window]
) -> None:
    begun = bool(heard) or any(episode.dialog in dict(one.shown) for one in shown)
    blind = any(window.blind and window.covers(episode.began, episode.last) for window in windows)
    if blind and not begun:
        result.unknowable += 1
        return
    result.expected += 1
    result.by_snapshot += begun and not heard
    if not begun:
        result.find(Kind.EVENT_LOST, episode.began, f"call {episode.dialog} began")
    _states(result, episode, heard, shown, windows)
    if episode.ended:
        result.expected += 1
        empty = any(episode.dialog not in dict(one.shown) and one.at >= episode.last - SLACK for one in shown)
        ended = any(one.state == ENDED for one in heard)
        result.by_snapshot += begun and empty and not ended
        if begun and not empty and not ended:
            result.find(Kind.EVENT_LOST, episode.last, f"call {episode.dialog} ended")
        elif not begun:
            result.find(Kind.EVENT_LOST, episode.last, f"call {episode.dialog} ended, and never began")
    _order(result, heard)


def _states(
    result: Comparison, episode: Episode, heard: Sequence[Heard], shown: Sequence[Heard], windows: Sequence[Window]
) -> None:
    wanted = episode.lasting(windows)
    result.expected += len(wanted)
    learnt = sorted([*heard, *shown], key=lambda one: one.at)
    given = [(dict(one.shown).get(episode.dialog, "") if one.shown else one.state,) for one in learnt]
    for (state,) in missing(wanted, given):
        result.find(Kind.EVENT_LOST, episode.began, f"call {episode.dialog} was {state}")


def _order(result: Comparison, heard: Sequence[Heard]) -> None:
    rings = 0
    furthest, newest = 0, ""
    for one in heard:
        rings += one.name == "NewInboundCall"
        if one.name == "NewInboundCall" and rings > 1:
            result.find(Kind.DUPLICATED, one.at, one.text)
            continue
        rank = RANK.get(one.state, furthest)
        if rank < furthest or (one.changed and one.changed < newest):
            result.find(Kind.OUT_OF_ORDER, one.at, one.text)
        furthest, newest = max(furthest, rank), max(newest, one.changed)


def _after_the_end(result: Comparison, life: Sequence[Heard]) -> None:
    """Judge what was told of a call that is over: its end again, or more."""
    for one in life:
        result.find(Kind.DUPLICATED if one.state == ENDED else Kind.OUT_OF_ORDER, one.at, one.text)
