"""The verdict on a run: results file, exit code, log and the scoreboards' own count must all agree."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from xml.etree import ElementTree

from reneta.verif.common.banner import BANNER_PATTERN, REPORT_PATTERN
from reneta.verif.common.runner import RunOutcome

# What a run that passes never prints.
_BAD = re.compile(r"%Error|Traceback|did not call self\.raise_objection")
# The line that says best what went wrong: the first match of the first pattern that matches at all.
_MISMATCH = re.compile(r"mismatch \d+:.*")
_TELLING = (
    _MISMATCH,
    re.compile(r"%Error.*"),
    re.compile(r"did not call self\.raise_objection.*"),
    re.compile(r"^\s*(?:\w+\.)*\w*(?:Error|Exception|Failure)\b.*"),
)


class Mode(StrEnum):
    """How a run ended."""

    PASS = "pass"
    MISMATCH = "mismatch"
    ASSERT = "assertion"
    ERROR = "error"
    TIMEOUT = "timeout"
    CRASH = "crash"
    NO_OBJECTION = "no objection"
    EMPTY = "nothing compared"


@dataclass(frozen=True)
class TestResult:
    """One test with one seed; `report` is what the test wants shown."""

    __test__ = False  # keeps pytest from collecting it

    test: str
    seed: int
    mode: Mode
    message: str
    compared: int
    cycles: int
    wall_s: float
    folder: Path
    report: tuple[str, ...] = ()

    @property
    def passed(self) -> bool:
        """Whether all sources of the verdict agree that the test passed."""
        return self.mode is Mode.PASS


def _xml_counts(file: Path) -> tuple[int, int, str]:
    """Tests, failures and the first failure's message of a results file; (0, 0, '') where there is none."""
    try:
        root = ElementTree.parse(file).getroot()
    except (OSError, ElementTree.ParseError):
        return 0, 0, ""
    cases = list(root.iter("testcase"))
    bad = [part for case in cases for kind in ("failure", "error") for part in case.findall(kind)]
    message = (bad[0].get("message") or bad[0].get("error_msg") or "") if bad else ""
    return sum(1 for case in cases if case.find("skipped") is None), len(bad), message


def _telling_line(lines: list[str], xml_message: str) -> str:
    for pattern in _TELLING:
        for line in lines:
            match = pattern.search(line)
            if match:
                return match.group().strip()
    return xml_message.strip()


def judge(test: str, seed: int, outcome: RunOutcome, expect_fail: bool = False) -> TestResult:
    """Read what a run left behind.

    A test passes when the results file has exactly one test and no failure, the process ended with 0, the log
    holds no error, and the scoreboards compared something. A test that is expected to fail must have failed
    by a scoreboard's mismatch, which stands in for the last two.
    """
    text = outcome.log.read_text(encoding="utf-8", errors="replace") if outcome.log.exists() else ""
    banners = BANNER_PATTERN.findall(text)
    compared, _mismatches, cycles = (int(number) for number in banners[-1]) if banners else (0, 0, 0)
    tests, failures, xml_message = _xml_counts(outcome.results)
    message = _telling_line(text.splitlines(), xml_message)
    report = tuple(REPORT_PATTERN.findall(text))
    if expect_fail and _noticed(text) and tests == 1 and not failures and not outcome.exit_code:
        compared = max(compared, len(_MISMATCH.findall(text)))
        return TestResult(test, seed, Mode.PASS, "", compared, cycles, outcome.wall_s, outcome.folder, report)
    mode, reason = _mode(text, outcome, tests, failures, compared)
    message = "" if mode is Mode.PASS else message or reason
    return TestResult(test, seed, mode, message, compared, cycles, outcome.wall_s, outcome.folder, report)


def _noticed(text: str) -> bool:
    return bool(_MISMATCH.search(text)) and "failed as expected" in text


def _mode(text: str, outcome: RunOutcome, tests: int, failures: int, compared: int) -> tuple[Mode, str]:
    """How a run ended, and a reason in words for where the log has no telling line."""
    bad = _BAD.search(text)
    if outcome.timed_out:
        return Mode.TIMEOUT, "the wall-clock limit was reached"
    if "did not call self.raise_objection" in text:
        return Mode.NO_OBJECTION, ""
    if re.search(r"%Error.*Assertion failed", text):
        return Mode.ASSERT, ""
    if failures:
        timeout = Mode.TIMEOUT if "SimTimeoutError" in text else Mode.ERROR
        return (Mode.MISMATCH if _MISMATCH.search(text) else timeout), "the results file has a failure"
    if tests != 1:
        return Mode.CRASH, f"{tests} tests ran, exit code {outcome.exit_code}"
    if outcome.exit_code or bad:
        return Mode.ERROR, bad.group() if bad else f"exit code {outcome.exit_code}"
    if compared == 0:
        return Mode.EMPTY, "no scoreboard compared anything"
    return Mode.PASS, ""
