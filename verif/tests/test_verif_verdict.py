"""The verdict on a run from what it left behind."""

from __future__ import annotations

from pathlib import Path

import pytest

from reneta.verif.common.banner import BANNER, REPORT
from reneta.verif.common.runner import RunOutcome
from reneta.verif.common.verdict import Mode, TestResult, judge

GOOD = BANNER.format(compared=5, mismatches=0, cycles=9)
PASSED = '<testsuites><testsuite><testcase name="T"/></testsuite></testsuites>'
FAILED = (
    '<testsuites><testsuite><testcase name="T"><failure message="oh"/></testcase></testsuite></testsuites>'
)
NONE = "<testsuites><testsuite/></testsuites>"
MISMATCH = "ERROR mismatch 1: words, transaction 3: expected 0x1; actual 0x2"


def judged(
    folder: Path,
    log: str,
    xml: str | None = PASSED,
    code: int = 0,
    late: bool = False,
    expect_fail: bool = False,
) -> TestResult:
    outcome = RunOutcome(folder, code, late, 1.0)
    outcome.log.write_text(log, encoding="utf-8")
    if xml is not None:
        outcome.results.write_text(xml, encoding="utf-8")
    return judge("T", 1, outcome, expect_fail)


def test_pass_needs_all_sources_to_agree(tmp_path: Path) -> None:
    result = judged(tmp_path, GOOD)
    assert result.passed
    assert (result.compared, result.cycles, result.message) == (5, 9, "")


@pytest.mark.parametrize(
    ("log", "xml", "code", "mode", "message"),
    [
        (GOOD, FAILED, 0, Mode.ERROR, "oh"),
        (f"{MISMATCH}\n{GOOD}", FAILED, 0, Mode.MISMATCH, MISMATCH.removeprefix("ERROR ")),
        (GOOD, PASSED, 1, Mode.ERROR, "exit code 1"),
        (f"%Error: x.sv:5: Assertion failed in A\n{GOOD}", PASSED, 1, Mode.ASSERT, "Assertion failed"),
        (f"{GOOD}\nTraceback (most recent call last)", PASSED, 0, Mode.ERROR, "Traceback"),
        ("did not call self.raise_objection() in any", PASSED, 0, Mode.NO_OBJECTION, "raise_objection"),
        (BANNER.format(compared=0, mismatches=0, cycles=9), PASSED, 0, Mode.EMPTY, "compared"),
        ("no banner at all", PASSED, 0, Mode.EMPTY, "compared"),
        ("a.SimTimeoutError", FAILED, 0, Mode.TIMEOUT, "SimTimeoutError"),
        ("Segmentation fault", None, -11, Mode.CRASH, "0 tests ran, exit code -11"),
        (GOOD, NONE, 0, Mode.CRASH, "0 tests ran"),
        (GOOD, "<broken", 0, Mode.CRASH, "0 tests ran"),
    ],
)
def test_failures(tmp_path: Path, log: str, xml: str | None, code: int, mode: Mode, message: str) -> None:
    result = judged(tmp_path, log, xml, code)
    assert not result.passed
    assert result.mode is mode
    assert message in result.message


def test_lines_to_show(tmp_path: Path) -> None:
    lines = ("MXV   12", "  VXV  7")
    log = "\n".join(f"INFO x.py [uvm_test_top]: {REPORT.format(line=line)}" for line in lines)
    assert judged(tmp_path, f"{log}\n{GOOD}").report == lines
    assert judged(tmp_path, GOOD).report == ()


def test_wall_clock_limit(tmp_path: Path) -> None:
    assert judged(tmp_path, "", None, -9, late=True).mode is Mode.TIMEOUT


def test_expected_failure_must_be_a_mismatch(tmp_path: Path) -> None:
    noticed = f"{MISMATCH}\nT passed: failed as expected\nTraceback"
    assert judged(tmp_path, noticed, expect_fail=True).passed
    assert not judged(tmp_path, "Traceback\nT passed: failed as expected", expect_fail=True).passed
    assert not judged(tmp_path, noticed, FAILED, expect_fail=True).passed
