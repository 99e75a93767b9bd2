"""Where live tests are required (REQUIRE_LIVE_TESTS=1 or CI=true), one that is skipped has failed."""

from __future__ import annotations

from collections.abc import Generator

import pytest

from live.parts import live_tests_required


def _fail_when_skipped(report: pytest.TestReport | pytest.CollectReport) -> None:
    if report.skipped and live_tests_required() and not hasattr(report, "wasxfail"):
        reason = report.longrepr[2] if isinstance(report.longrepr, tuple) else str(report.longrepr)
        report.outcome = "failed"
        report.longrepr = f"A live test must not be skipped here. {reason}"


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport() -> Generator[None, pytest.TestReport, pytest.TestReport]:
    report = yield
    _fail_when_skipped(report)
    return report


@pytest.hookimpl(wrapper=True)
def pytest_make_collect_report() -> Generator[None, pytest.CollectReport, pytest.CollectReport]:
    report = yield
    _fail_when_skipped(report)
    return report
