"""testplan.yaml: what a module must do, and the tests and coverage that show it.

module: dtv1_fifo
per_config: false            # one configuration is enough (default: true)
formats: [bf16]              # of configurations that the module exists in (default: both)
tests:
  - name: StallTest          # class or function in test_<module>.py
    timeout_s: 60            # wall clock (default: 300)
    formats: [bf16]          # configurations that it runs in (default: the module's)
testpoints:
  - name: order
    goal: Words leave in the order in which they came.
    tests: [StallTest]
    coverage:                # points, crosses or whole groups; 100 % unless a goal is given
      - fifo_cg.cp_level
      - {name: fifo_cg.cr_level_action, goal: 90}
    formats: [bf16]
"""

from __future__ import annotations

import ast
from collections import Counter
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import yaml
from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator

from reneta.verif.common.functional_coverage import FunctionalCoverage

Format = Literal["bf16", "fxp16"]
BOTH: tuple[Format, ...] = ("bf16", "fxp16")


class TestplanError(Exception):
    """A test plan that cannot be used; one line with the file and the reason."""

    __test__ = False


class _Strict(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class PlannedTest(_Strict):
    """A test and how it is run."""

    name: str
    timeout_s: float = Field(default=300.0, gt=0)
    formats: tuple[Format, ...] | None = None


class CoverageGoal(_Strict):
    """Coverage that a testpoint needs."""

    name: str
    goal: float = Field(default=100.0, gt=0, le=100)


class Testpoint(_Strict):
    """A feature, and what shows that it works."""

    __test__ = False

    name: str
    goal: str
    tests: tuple[str, ...] = Field(min_length=1)
    coverage: tuple[CoverageGoal, ...] = ()
    formats: tuple[Format, ...] | None = None

    @field_validator("coverage", mode="before")
    @classmethod
    def _names(cls, value: Any) -> Any:
        return [{"name": item} if isinstance(item, str) else item for item in value or ()]


class Testplan(_Strict):
    """The plan of one module."""

    __test__ = False

    module: str
    per_config: bool = True
    formats: tuple[Format, ...] = BOTH
    tests: tuple[PlannedTest, ...] = Field(min_length=1)
    testpoints: tuple[Testpoint, ...] = Field(min_length=1)

    def tests_for(self, number_format: str) -> list[PlannedTest]:
        """Tests that run in configurations of this format."""
        return [test for test in self.tests if number_format in (test.formats or self.formats)]

    def points_for(self, number_format: str) -> list[Testpoint]:
        """Testpoints that hold for configurations of this format."""
        return [point for point in self.testpoints if number_format in (point.formats or self.formats)]


@dataclass(frozen=True)
class PointStatus:
    """Whether a testpoint was met, and why not."""

    point: Testpoint
    met: bool
    reason: str = ""
    # The only thing missing is coverage: excused where a part of the tests ran.
    only_coverage: bool = False


def find_tests(file: Path) -> dict[str, bool]:
    """Tests of a Python module without importing it: name -> whether it is expected to fail.

    A test is a class or function decorated with `pyuvm.test(...)` or `cocotb.test(...)`.
    """
    found = {}
    for node in ast.parse(file.read_text(encoding="utf-8")).body:
        if not isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            continue
        for decorator in node.decorator_list:
            call = decorator if isinstance(decorator, ast.Call) else None
            function = call.func if call else decorator
            if isinstance(function, ast.Attribute) and function.attr == "test":
                keywords = call.keywords if call else []
                found[node.name] = any(
                    keyword.arg == "expect_fail" and ast.unparse(keyword.value) == "True"
                    for keyword in keywords
                )
    return found


def _one_line(error: ValidationError) -> str:
    first = error.errors()[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"{where}: {first['msg']}"


def load_testplan(folder: Path) -> Testplan:
    """Read and check the plan of an environment's folder.

    Raises:
        TestplanError: the file is missing or malformed, names tests that do not exist, or leaves tests out.
    """
    file = folder / "testplan.yaml"
    try:
        plan = Testplan.model_validate(yaml.safe_load(file.read_text(encoding="utf-8")))
    except OSError:
        raise TestplanError(f"{file}: no such file") from None
    except yaml.YAMLError as error:
        raise TestplanError(f"{file}: not a YAML file: {' '.join(str(error).split())}") from None
    except ValidationError as error:
        raise TestplanError(f"{file}: {_one_line(error)}") from None
    for problem in _problems(plan, folder):
        raise TestplanError(f"{file}: {problem}")
    return plan


def _problems(plan: Testplan, folder: Path) -> list[str]:
    """What does not fit together: plan, folder and test module."""
    tests = [test.name for test in plan.tests]
    points = [point.name for point in plan.testpoints]
    mapped = {name for point in plan.testpoints for name in point.tests}
    exist = find_tests(folder / f"test_{folder.name}.py")
    problems = []
    if plan.module != folder.name:
        problems.append(f"module is {plan.module}, the folder is {folder.name}")
    problems += [f"{name} is listed twice" for name, count in Counter(tests + points).items() if count > 1]
    problems += [f"test {name} is not in test_{folder.name}.py" for name in tests if name not in exist]
    problems += [f"test {name} of test_{folder.name}.py is not listed" for name in exist if name not in tests]
    problems += [f"testpoint names the unlisted test {name}" for name in sorted(mapped - set(tests))]
    problems += [f"test {name} belongs to no testpoint" for name in tests if name not in mapped]
    return problems


def evaluate(
    plan: Testplan, number_format: str, passed: dict[str, bool], coverage: FunctionalCoverage
) -> list[PointStatus]:
    """Which testpoints a run has met.

    Args:
        plan: the plan.
        number_format: format of the run's configuration.
        passed: result of each test that ran.
        coverage: merged over the tests of the run.
    """
    planned = {test.name for test in plan.tests_for(number_format)}
    return [_status(point, planned, passed, coverage) for point in plan.points_for(number_format)]


def _status(
    point: Testpoint, planned: set[str], passed: dict[str, bool], coverage: FunctionalCoverage
) -> PointStatus:
    needed = [name for name in point.tests if name in planned]
    failed = [name for name in needed if passed.get(name) is False]
    if failed:
        return PointStatus(point, False, f"{', '.join(failed)} failed")
    not_run = [name for name in needed if name not in passed]
    if not_run:
        return PointStatus(point, False, f"{', '.join(not_run)} did not run", only_coverage=True)
    for goal in point.coverage:
        names = coverage.under(goal.name)
        if not names:
            return PointStatus(point, False, f"no coverage is named {goal.name}", only_coverage=True)
        percent = coverage.percent(names)
        if percent < goal.goal:
            reason = f"{goal.name} is covered to {percent:.1f} %, {goal.goal:g} % wanted"
            return PointStatus(point, False, reason, only_coverage=True)
    return PointStatus(point, True)
