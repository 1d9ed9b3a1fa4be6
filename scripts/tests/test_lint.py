"""The sources pass every check of `make lint`, and each check can fail."""

from __future__ import annotations

from pathlib import Path

import pytest

from reneta.scripts import lint

PROBE = """\
// A module with nothing wrong in it.
module dtv1_probe (
    input  logic a_i,
    output logic b_o
);
  assign b_o = a_i;
endmodule
"""


@pytest.mark.parametrize("name", lint.CHECKS)
def test_sources_pass(name: str) -> None:
    if complaints := lint.CHECKS[name]().complaints:
        pytest.fail(complaints, pytrace=False)


@pytest.fixture
def design(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file that the design checks look at instead of the repository's, with nothing wrong in it."""
    file = tmp_path / "dtv1_probe.sv"
    file.write_text(PROBE, encoding="utf-8")
    monkeypatch.setattr(lint, "design_files", lambda: [file])
    return file


def edit(file: Path, old: str, new: str) -> None:
    """Replace text that stands in the file."""
    text = file.read_text(encoding="utf-8")
    assert old in text
    file.write_text(text.replace(old, new), encoding="utf-8")


def test_a_good_design_passes(design: Path) -> None:
    assert design.is_file()
    for check in (lint.check_verilator, lint.check_verible_lint, lint.check_verible_format):
        assert check().complaints == ""


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("  assign", "  logic c;\n  assign", "UNUSEDSIGNAL"),
        ("b_o = a_i", "b_o = 1'b0", "UNUSEDSIGNAL"),
        ("= a_i", "= {1'b0, a_i}", "WIDTHTRUNC"),
        ("  assign b_o = a_i;", "  always_comb if (a_i) b_o = 1'b1;", "LATCH"),
        ("module dtv1_probe", "module dtv1_other", "dtv1_probe"),
    ],
)
def test_verilator_finds(design: Path, old: str, new: str, says: str) -> None:
    edit(design, old, new)
    complaints = lint.check_verilator().complaints
    assert says in complaints
    # All configurations give the same complaint; it stands there once.
    assert len(set(complaints.splitlines())) == len(complaints.splitlines())


@pytest.mark.parametrize(
    ("old", "new", "says"),
    [
        ("  assign", "  localparam int lower = 1;\n  assign", "parameter-name-style"),
        ("a_i", "a", "port-name-suffix"),
        ("assign b_o = a_i", "always @* b_o = a_i", "always-comb"),
    ],
)
def test_verible_lint_finds(design: Path, old: str, new: str, says: str) -> None:
    edit(design, old, new)
    assert says in lint.check_verible_lint().complaints


@pytest.mark.parametrize(("old", "new"), [("b_o = a_i", "b_o=a_i"), ("assign b_o", "assign assign")])
def test_verible_format_finds(design: Path, old: str, new: str) -> None:
    edit(design, old, new)
    before = design.read_text(encoding="utf-8")
    assert design.name in lint.check_verible_format().complaints
    assert design.read_text(encoding="utf-8") == before


def test_a_failure_is_printed_and_the_rest_still_runs(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    bad, good = lint.Outcome("x.sv:1: bad\n", "1 file"), lint.Outcome("", "2 files")
    monkeypatch.setattr(lint, "CHECKS", {"first": lambda: bad, "second": lambda: good})
    assert lint.main([]) == 1
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == ["FAILED", "x.sv:1:", "ok"]
    assert lint.main(["second"]) == 0


def test_an_unknown_check_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        lint.main(["nonsense"])
    assert caught.value.code == 2
    assert "no such check: nonsense; known: verilator" in capsys.readouterr().err
