"""The suite notices a connector that does not keep to the protocol: each event is tampered with on its way."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest

from conformance.parts import played
from generic_connector.broker.door import EventMessage
from generic_connector.conformance.broker import MemoryBroker
from generic_connector.conformance.play import Outcome
from generic_connector.protocol.formats import Format

Tamper = Callable[[str], list[str]]


class Tampering(MemoryBroker):
    """A broker that changes what the connector says."""

    def __init__(self, tamper: Tamper) -> None:
        super().__init__()
        self._tamper = tamper

    def publish(self, event: EventMessage) -> None:
        """Pass on what is left of an event."""
        for body in self._tamper(event.body):
            super().publish(replace(event, body=body))


def without(words: str) -> Tamper:
    """Lose the events with these words."""
    return lambda body: [] if words in body else [body]


def twice(words: str) -> Tamper:
    """Tell the events with these words twice."""
    return lambda body: [body, body] if words in body else [body]


def error_beside(words: str) -> Tamper:
    """Tell an error beside the events with these words."""
    return lambda body: ["1001#Error#DOWN#down", body] if words in body else [body]


def instead(words: str, other: str) -> Tamper:
    """Say something else."""
    return lambda body: [body.replace(words, other)]


@pytest.mark.parametrize(
    ("case", "tamper", "words"),
    [
        ("HoldCall", without("#InboundCall#HELD"), "missing from InboundCall HELD on"),
        ("ConsultCall", without("1002#InboundCall#ACTIVE"), "bob must hear NewInboundCall, InboundCall ACTIVE"),
        ("ConsultCall", instead("CONSULT_IN", "CONSULT"), ""),
        ("list: consult", instead("CONSULT_IN", "CONSULT"), "bob must hear NewInboundCall CONSULT_IN"),
        ("ReleaseCall", without("#InboundCall#DROPPED"), "missing from InboundCall DROPPED on"),
        ("AnswerCall", without("#InboundCall#DROPPED"), "afterwards ann was left in state NOT_READY, with the calls"),
        ("AnswerCall NO_DIALOG_ID", twice("#Error#"), "heard NO_DIALOG_ID, NO_DIALOG_ID"),
        ("AnswerCall NO_DIALOG_ID", without("#Error#"), "no Error came"),
        ("AnswerCall NO_DIALOG_ID", instead("NO_DIALOG_ID", "PLEASE_RETRY"), "heard PLEASE_RETRY"),
        ("GetState", error_beside("1001#State#NOT_READY"), "before the command: ann heard Error DOWN"),
        ("Hello", instead("System#", "Sys#"), "heard what no text client can read"),
        ("SendDTMF", without("#State#TALKING"), "GetState after it was not answered"),
        ("GetState", lambda body: [body], ""),
    ],
)
async def test_what_is_wrong_is_noticed(case: str, tamper: Tamper, words: str) -> None:
    (result,) = await played(case, broker=Tampering(tamper), patience=0.7)
    assert words in result.reason
    assert result.outcome is (Outcome.FAILED if words else Outcome.PASSED), result.reason


async def test_the_wrong_format_is_noticed() -> None:
    """A client that asked for JSON gets a line of text."""
    broker = Tampering(lambda _: ["System#IN_SERVICE"])
    (result,) = await played("Hello", broker=broker, event_format=Format.JSON, patience=0.7)
    assert "heard what no json client can read" in result.reason


async def test_a_case_that_is_put_off_and_passes_is_noticed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generic_connector.conformance.play.NOT_YET", {"GetState": "it is hard"})
    (result,) = await played("GetState")
    assert (result.outcome, result.reason) == (Outcome.FAILED, "it passes now: take it out of NOT_YET")


async def test_a_case_that_is_put_off_and_fails_is_not_yet_there(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generic_connector.conformance.play.NOT_YET", {"Hello": "it is hard"})
    (result,) = await played("Hello", broker=Tampering(without("System#")), patience=0.2)
    assert result.outcome is Outcome.NOT_YET
