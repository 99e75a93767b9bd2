"""Nothing of the protocol's tables is without a case, and the tables of cases hold together."""

from __future__ import annotations

from collections import Counter

import pytest

from generic_connector.conformance.cases import SCRIPTS, all_cases, uncovered
from generic_connector.conformance.not_yet import NOT_YET
from generic_connector.protocol.commands import COMMANDS


def test_no_row_is_without_a_case() -> None:
    """Every command, everybody who hears something of it, and every documented error, on UCCE and on UCCX."""
    assert uncovered() == []


def test_what_is_without_a_case_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generic_connector.conformance.cases.SCRIPTS", {**SCRIPTS, "ConsultCall": ()})
    assert uncovered()[:2] == ["ConsultCall (UCCE)", "ConsultCall: the agent who is consulted"]


def test_an_error_without_a_case_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("generic_connector.conformance.cases.provocations", lambda *_: ())
    assert {"Connect SUBSCRIPTION_FAILED (UCCE)", "HoldCall NO_DIALOG_ID (UCCX)"} <= set(uncovered())


@pytest.mark.parametrize("uccx", [False, True])
def test_every_case_has_a_name_of_its_own(*, uccx: bool) -> None:
    counts = Counter(case.name for case in all_cases(uccx=uccx))
    assert [name for name, count in counts.items() if count > 1] == []


@pytest.mark.parametrize("uccx", [False, True])
def test_every_case_requires_something(*, uccx: bool) -> None:
    """A case without expectations proves nothing; only commands whose success is silent may have none but a deed."""
    assert [case.name for case in all_cases(uccx=uccx) if not (case.told or case.error or case.then)] == []


def test_only_cases_that_exist_are_put_off() -> None:
    names = {case.name for uccx in (False, True) for case in all_cases(uccx=uccx)}
    assert set(NOT_YET) <= names


def test_only_commands_that_exist_have_scripts() -> None:
    assert set(SCRIPTS) == set(COMMANDS)
