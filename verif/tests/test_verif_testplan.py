"""The loader of test plans, and their evaluation."""

from __future__ import annotations

from pathlib import Path

import pytest

from reneta.verif.common.functional_coverage import FunctionalCoverage, Point
from reneta.verif.common.testplan import Testplan, TestplanError, evaluate, find_tests, load_testplan

TESTS = """
import cocotb, pyuvm

class Base: ...

@pyuvm.test()
class One(Base): ...

@pyuvm.test(timeout_time=3, expect_fail=True)
class Two(One): ...

@cocotb.test
async def three(dut): ...
"""
PLAN = """
module: dtv1_x
tests:
  - {name: One}
  - {name: Two, formats: [fxp16]}
  - {name: three, timeout_s: 9}
testpoints:
  - {name: a, goal: g, tests: [One, Two], coverage: [x_cg.cp_a, {name: x_cg, goal: 50}]}
  - {name: b, goal: g, tests: [three]}
"""


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "dtv1_x"
    made.mkdir()
    (made / "test_dtv1_x.py").write_text(TESTS, encoding="utf-8")
    (made / "testplan.yaml").write_text(PLAN, encoding="utf-8")
    return made


def test_tests_are_found_without_import(folder: Path) -> None:
    assert find_tests(folder / "test_dtv1_x.py") == {"One": False, "Two": True, "three": False}


def test_a_good_plan(folder: Path) -> None:
    plan = load_testplan(folder)
    assert [test.name for test in plan.tests_for("bf16")] == ["One", "three"]
    assert plan.tests[2].timeout_s == 9
    assert [goal.goal for goal in plan.testpoints[0].coverage] == [100, 50]


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("module: dtv1_x", "module: dtv1_y", "module is dtv1_y, the folder is dtv1_x"),
        ("  - {name: One}\n", "", "test One of test_dtv1_x.py is not listed"),
        ("{name: One}", "{name: Wrong}", "test Wrong is not in test_dtv1_x.py"),
        ("tests: [three]", "tests: [One]", "test three belongs to no testpoint"),
        ("tests: [three]", "tests: [three, Four]", "testpoint names the unlisted test Four"),
        ("{name: b,", "{name: a,", "a is listed twice"),
        ("timeout_s: 9", "timeout_s: 0", "tests.2.timeout_s"),
        ("timeout_s: 9", "colour: red", "tests.2.colour"),
        ("tests: [three]", "tests: []", "testpoints.1.tests"),
        ("module: dtv1_x", "module: [", "not a YAML file"),
    ],
)
def test_bad_plans(folder: Path, old: str, new: str, message: str) -> None:
    assert old in PLAN
    (folder / "testplan.yaml").write_text(PLAN.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(TestplanError) as caught:
        load_testplan(folder)
    assert message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_missing_plan(tmp_path: Path) -> None:
    with pytest.raises(TestplanError, match="no such file"):
        load_testplan(tmp_path)


def statuses(plan: Testplan, passed: dict[str, bool], hits: int) -> list[tuple[bool, bool, str]]:
    coverage = FunctionalCoverage({"x_cg.cp_a": Point(1, {"low": 1, "high": hits})})
    return [(s.met, s.only_coverage, s.reason) for s in evaluate(plan, "bf16", passed, coverage)]


def test_evaluation(folder: Path) -> None:
    plan = load_testplan(folder)
    assert [s[0] for s in statuses(plan, {"One": True, "three": True}, 1)] == [True, True]
    assert statuses(plan, {"One": True, "three": False}, 1)[1] == (False, False, "three failed")
    assert statuses(plan, {"One": True}, 1)[1] == (False, True, "three did not run")
    met, only_coverage, reason = statuses(plan, {"One": True, "three": True}, 0)[0]
    assert (met, only_coverage) == (False, True)
    assert reason == "x_cg.cp_a is covered to 50.0 %, 100 % wanted"


def test_unknown_coverage_is_unmet(folder: Path) -> None:
    plan = load_testplan(folder)
    first = evaluate(plan, "bf16", {"One": True, "three": True}, FunctionalCoverage())[0]
    assert not first.met
    assert first.reason == "no coverage is named x_cg.cp_a"
