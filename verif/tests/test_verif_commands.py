"""The command lines: what they say, and their exit codes, where something asked for does not exist."""

from __future__ import annotations

from pathlib import Path

import pytest

from reneta.scripts import mutate, regress, sim
from reneta.verif.common.functional_coverage import FunctionalCoverage
from reneta.verif.common.runner import Build
from reneta.verif.common.simulate import SimReport, UsageError, prepare
from reneta.verif.common.testplan import PointStatus, Testpoint
from reneta.verif.common.verdict import Mode, TestResult

POINT = Testpoint(name="p", goal="g", tests=("T",))


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--module", "nonsense"], "no environment for module 'nonsense'; known: "),
        ([], "MODULE is missing; known: "),
        (
            ["--module", "dtv1_fifo", "--config", "configs/nonsense.yaml"],
            "no such configuration; shipped ones: ",
        ),
        (
            ["--module", "dtv1_fifo", "--test", "Nonsense"],
            "no test 'Nonsense' in bf16_pe16; known: StallTest",
        ),
        (["--module", "dtv1_fifo", "--sim", "icarus"], "SIM=icarus is not supported; known: verilator"),
    ],
)
def test_sim_usage(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert sim.main(arguments) == 2
    output = capsys.readouterr()
    assert message in output.err
    assert output.err.count("\n") == 1
    assert not output.out


def test_mutate_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert mutate.main(["--module", "nonsense"]) == 2
    assert mutate.main(["--module", "dtv1_fifo", "--only", "nonsense"]) == 2
    assert capsys.readouterr().err.count("known: ") == 2


def test_regress_usage(capsys: pytest.CaptureFixture[str]) -> None:
    assert regress.main(["--modules", "nonsense"]) == 2
    assert regress.main(["--seeds", "0"]) == 2
    assert capsys.readouterr().err.count("\n") == 2


def test_regress_takes_every_configuration_where_it_matters() -> None:
    assert [item.config.stem for item in regress.plan_items(["dtv1_fifo"], None, [1])] == ["bf16_pe16"]
    items = regress.plan_items(["dtv1_fifo"], "fxp16_pe4", [3, 4])
    assert [(item.config.stem, item.seed) for item in items] == [("fxp16_pe4", 3), ("fxp16_pe4", 4)]


def test_prepare_finds_everything() -> None:
    job = prepare("dtv1_fifo", "fxp16_pe4", ["StallTest"])
    assert job.config.name == "fxp16_pe4"
    assert job.config_file.is_file()
    assert not job.full
    with pytest.raises(UsageError):
        prepare("dtv1_fifo", tests=["Nonsense"])


def report(mode: Mode, status: PointStatus, full: bool) -> SimReport:
    job = prepare("dtv1_fifo")
    result = TestResult("T", 3, mode, "mismatch 17: 0xab", 5, 9, 1.0, Path("run"))
    built = Build(Path("b"), "tb", False, False, True, 0.0)
    coverage = FunctionalCoverage()
    return SimReport("dtv1_fifo", job.config_file, job.config, 3, full, built, [result], coverage, [status])


def test_unmet_coverage_fails_full_runs_only() -> None:
    unmet = PointStatus(POINT, False, "reason", only_coverage=True)
    assert report(Mode.PASS, unmet, full=False).passed
    assert not report(Mode.PASS, unmet, full=True).passed
    assert report(Mode.PASS, PointStatus(POINT, True), full=True).passed
    assert not report(Mode.MISMATCH, PointStatus(POINT, True), full=True).passed


def test_failures_are_put_into_buckets_and_can_be_repeated(tmp_path: Path) -> None:
    unmet = PointStatus(POINT, False, "T failed")
    failed = report(Mode.MISMATCH, unmet, full=True)
    done = regress.Done(regress.Item("dtv1_fifo", failed.config_file, 3), failed, "", 1.0)
    (failure,) = regress.failures_of(done)
    assert failure.bucket == "mismatch: mismatch #: #"
    assert failure.repeat == "make sim MODULE=dtv1_fifo CONFIG=configs/bf16_pe16.yaml TEST=T SEED=3 WAVES=1"
    broken = regress.Done(done.item, None, "x.sv:5: no such thing", 1.0)
    regress.write_junit([done, broken], tmp_path / "junit.xml")
    text = (tmp_path / "junit.xml").read_text(encoding="utf-8")
    assert 'tests="3" failures="3"' in text
    assert "x.sv:5: no such thing" in text
