"""The benchmark around its simulation: rows, verdicts, and the README's tables."""

from __future__ import annotations

from dataclasses import asdict, replace

import pytest

from reneta.golden.ccm_types import Proc
from reneta.scripts import bench, bench_doc, bench_layers
from reneta.scripts.bench import Cell, Result, Row
from reneta.sw_driver.program import Counters

COUNTERS = Counters(1000, 900, 10, 20, 30, 100, 50, 1, 0, 5)


def result(proc: Proc, cycles: int, limit: int, sparsity: float = 0.9, checked: bool = True) -> Result:
    cell = Cell("bf16_pe16", proc, 64, sparsity, bench.STEPS)
    return Result(cell, limit, cycles, COUNTERS._replace(cycles=cycles), checked)


def one(proc: Proc = Proc.MXV_SP, cycles: int = 6647, limit: int = 6556, checked: bool = True) -> Row:
    return bench.rows([result(Proc.MXV, 65_600, 65_536, 0.0), result(proc, cycles, limit, checked=checked)])[
        1
    ]


def test_row() -> None:
    row = one()
    assert (row.procedure, row.n, row.format, row.published) == ("MxV_SP", 64, "bf16", 9_897)
    assert row.utilisation == pytest.approx(6556 / 6647)
    assert row.speedup == pytest.approx(65_600 / 6647)
    assert bench.short(row) == []


@pytest.mark.parametrize(
    ("row", "fault"),
    [
        (one(checked=False), "differs from the golden machine"),
        (one(cycles=9_897), "not below 9897"),
        (one(cycles=7_000), "utilisation below 0.95"),
        (replace(one(), predicted=6_400), "badly predicted"),
    ],
)
def test_what_falls_short(row: Row, fault: str) -> None:
    assert fault in bench.short(row)


def test_vxv_has_no_least_utilisation() -> None:
    assert bench.short(one(Proc.VXV_SP, 6_840)) == []


def test_cells() -> None:
    cells = bench.cells(["bf16_pe16"], [64], 256)
    assert len(cells) == 3 * (1 + len(bench.SPARSITIES))
    assert [cell.proc for cell in cells if not cell.proc.sparse] == [Proc.MXV, Proc.MTXV, Proc.VXV]


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--config", "none"], "no such configuration"),
        (["--sizes", "1"], "size 1 is not within 2 to 256"),
        (["--sizes", "300"], "size 300 is not within 2 to 256"),
        (["--steps", "0"], "0 steps are not within 1 to 256"),
    ],
)
def test_bad_arguments(arguments: list[str], message: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert bench.main(arguments) == 2
    error = capsys.readouterr().err
    assert error.startswith("bench: ")
    assert message in error
    assert error.count("\n") == 1


def test_cost_sheet() -> None:
    """The published figures for 64 PEs."""
    sheet = bench_layers.sheet(bench_layers.STACK, 64, 0.8)
    assert sheet["forward"] == pytest.approx(725.6)
    assert sheet["backward"] == pytest.approx(1421.2)


def test_tables_of_the_readme() -> None:
    matrix = [
        asdict(replace(one(), procedure=name, n=n, sparsity=share, published=1))
        for proc in bench.PROCEDURES
        for n in bench.SIZES
        for name, share in (
            (bench.NAMES[proc.kind], 0.0),
            *((bench.NAMES[proc], s) for s in bench.SPARSITIES),
        )
    ]
    layer = bench_layers.LayerRow("bf16_pe64", "forward", 64, 0.8, 900.0, 909.0, 725.6, True)
    page = f"before {bench_doc.BEGIN} old {bench_doc.END} after"
    text = bench_doc.render(page, {"rows": matrix, "layers": [asdict(layer)]})
    assert text.startswith("before ")
    assert text.endswith(" after")
    assert "old" not in text
    assert "| 64 | forward | 900.0 | 725.6 | +1.0% |" in text
    assert sum(line.startswith("| MxV_SP | ") for line in text.splitlines()) == 3
    with pytest.raises(ValueError, match="no markers"):
        bench_doc.render("nothing", {})
