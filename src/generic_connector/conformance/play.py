"""Playing cases one after another on one scene."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Collection, Sequence
from dataclasses import dataclass
from enum import StrEnum

from generic_connector.broker.stomp.errors import StompError
from generic_connector.conformance import transcript
from generic_connector.conformance.case import ANY_ERROR, Case, Told
from generic_connector.conformance.control import ControlError
from generic_connector.conformance.not_yet import NOT_YET
from generic_connector.conformance.scene import STRANGER, CaseFailed, Scene
from generic_connector.errors import ERRORS
from generic_connector.protocol.command_rows import Subject
from generic_connector.protocol.commands import find_row
from generic_connector.protocol.events import Event

_SHORT = 0.5
"""Seconds of patience with what is known not to come."""


class Outcome(StrEnum):
    """How a case ended."""

    PASSED = "passed"
    FAILED = "failed"
    NOT_TRIED = "not tried"
    NOT_YET = "not yet"


@dataclass(frozen=True, slots=True, kw_only=True)
class Result:
    """How a case went. reason: why it did not pass."""

    case: Case
    uccx: bool
    format: str
    outcome: Outcome
    reason: str = ""
    seconds: float = 0.0

    @property
    def deployment(self) -> str:
        """The deployment's name."""
        return "UCCX" if self.uccx else "UCCE"


async def play_all(scene: Scene, cases: Sequence[Case], without: Collection[str] = ()) -> AsyncIterator[Result]:
    """Play cases. without: what the site does not have; the cases that need it are not tried."""
    for case in cases:
        if case.needs in without:
            yield _result(scene, case, Outcome.NOT_TRIED, f"the site has no {case.needs}")
            continue
        begun = time.monotonic()
        with scene.patient_for(_SHORT if case.name in NOT_YET else scene.patience):
            reason = await _try(scene, case)
        outcome = Outcome.FAILED if reason else Outcome.PASSED
        if case.name in NOT_YET:
            outcome = Outcome.NOT_YET if reason else Outcome.FAILED
            reason = NOT_YET[case.name] if reason else "it passes now: take it out of NOT_YET"
        yield _result(scene, case, outcome, reason, time.monotonic() - begun)


def _result(scene: Scene, case: Case, outcome: Outcome, reason: str = "", seconds: float = 0.0) -> Result:
    return Result(case=case, uccx=scene.uccx, format=str(scene.format), outcome=outcome, reason=reason, seconds=seconds)


async def _try(scene: Scene, case: Case) -> str:
    """Play a case and tidy up; give what went wrong, "" when nothing did."""
    reason = ""
    for part in (_play, _tidy):
        try:
            await part(scene, case)
        except (CaseFailed, ControlError, StompError) as failure:
            reason = reason or str(failure) or type(failure).__name__
    return reason


async def _tidy(scene: Scene, case: Case) -> None:
    if case.leaves:
        scene.leave([*scene.home & {"ann", case.sender}])
    try:
        await scene.tidy()
    except CaseFailed:
        scene.leave([*scene.home])  # whatever it is, the next case begins anew
        raise


async def _play(scene: Scene, case: Case) -> None:
    scene.begin()
    try:
        await case.situation(scene)
    except (CaseFailed, ControlError) as failure:
        raise CaseFailed(f"before the command: {failure}") from failure
    places = {name: len(events) for name, events in scene.heard.items()}
    for one in case.failures:
        scene.failing = True
        await scene.control.fail(one)
    scene.forgiving = bool(case.error) or any("Error" in event for told in case.told for event in told.events)
    if case.command:
        await scene.send(
            case.spelling or case.command,
            *case.arguments,
            sender=case.sender,
            subject=case.subject,
            answers_to=case.answers_to,
        )
    for deed in case.then:
        await deed(scene)
    for told in case.told:
        await _must_hear(scene, told, 0 if told.from_the_start else places.get(scene.resolve(told.who), 0))
    if case.error:
        await _must_fail(scene, case, places.get(scene.resolve(case.sender), 0))
    elif not case.told:
        await _answers_again(scene, case)
    scene.check()


async def _must_hear(scene: Scene, told: Told, place: int) -> None:
    name = scene.resolve(told.who)
    place = max(place, scene.starts.get(name, 0))
    expected = tuple(scene.fill(event) for event in told.events)

    def heard() -> Sequence[Event]:
        return scene.heard.get(name, [])[place:]

    await scene.until(
        lambda: not transcript.missing(expected, heard()),
        lambda: (
            f"{told.who} must hear {', '.join(expected)}; "
            f"missing from {transcript.missing(expected, heard())[0]} on; heard {transcript.shown(heard())}"
        ),
    )


async def _must_fail(scene: Scene, case: Case, place: int) -> None:
    """Wait for the error, and for a sign that no second one follows it."""
    name = scene.resolve(case.sender)

    def errors() -> list[str]:
        return [error.code for error in transcript.errors_in(scene.heard.get(name, [])[place:])]

    await scene.until(
        lambda: bool(errors()),
        lambda: f"no Error came, {case.sender} heard {transcript.shown(scene.heard.get(name, [])[place:])}",
    )
    if scene.failing:
        await scene.control.clear_failures()
    await _answers_again(scene, case)
    wanted = {case.error, ERRORS[case.error].json_code if case.error in ERRORS else ""}
    if len(errors()) != 1 or (case.error != ANY_ERROR and errors()[0] not in wanted):
        raise CaseFailed(f"exactly one Error {case.error} must come; {case.sender} heard {', '.join(errors())}")


async def _answers_again(scene: Scene, case: Case) -> None:
    """Look whether the agent answers the next command: what the one before led to at once has come by then."""
    row = find_row(case.command)
    if case.sender == STRANGER or (row is not None and row.subject is Subject.DESTINATION):
        return
    name = scene.resolve(case.sender)
    place = len(scene.heard[name])
    await scene.send("GetState", sender=case.sender, answers_to=case.sender)

    def answered() -> bool:
        heard = scene.heard[name][place:]
        return any(transcript.fits("State", event) or transcript.fits("System", event) for event in heard)

    await scene.until(answered, lambda: f"GetState after it was not answered to {case.sender}")
