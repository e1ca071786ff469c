"""What holds for all tests: fonts that may be missing, and no silent skip in CI."""

from __future__ import annotations

import os

import pytest

_IN_CI = bool(os.environ.get("CI"))
_skipped: list[str] = []


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Skip what draws specimens where there are no CJK fonts; in CI let it fail."""
    needing = [item for item in items if item.get_closest_marker("fonts")]
    if not needing or _IN_CI:
        return
    # Here, since the SDK's tests run where the generator's libraries are not installed.
    from openapi_shim.specimens import cjk_fonts_available

    if not cjk_fonts_available():
        reason = "no CJK fonts: install them with `sudo make system`"
        for item in needing:
            item.add_marker(pytest.mark.skip(reason=reason))


def pytest_runtest_logreport(report: pytest.TestReport) -> None:
    """Remember every skip."""
    if report.skipped and not hasattr(report, "wasxfail"):
        _skipped.append(report.nodeid)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """In CI everything is installed: a skip there is a failure."""
    if _IN_CI and _skipped and exitstatus == pytest.ExitCode.OK:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Say so."""
    if _IN_CI and _skipped:
        terminalreporter.write_line(f"skipped in CI, which is a failure: {', '.join(_skipped)}")
