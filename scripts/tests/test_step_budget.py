"""The tables of a step: work counted by hand, the page, wrong arguments."""

from __future__ import annotations

import pytest

from reneta.compiler.budget import work
from reneta.golden.ccm_types import Proc
from reneta.golden.config import load_config
from reneta.golden.instruction import Instruction
from reneta.golden.ipm_types import Source
from reneta.scripts import step_budget
from reneta.scripts.step_budget import Layer

HW = load_config("bf16_pe4")
HIGH = HW.smem_words // 2


def test_work_of_single_instructions() -> None:
    sparse = Instruction(Proc.MXV_SP, cnt0=7, cnt1=9, src1_addr=HIGH, src0_dram=1)
    assert work(sparse, [5], HW) == (40, (5, 5))
    scatter = Instruction(Proc.MTXV_SP, cnt0=7, cnt1=9, src1_addr=HIGH, scatter=1, dst0_addr=20, src0_dram=1)
    # Indices, elements of the state gradient, both lane writes, three words of zeros; the vector each time.
    assert work(scatter, [5], HW) == (40, (3 + 4 * 5, 40))
    gradient = Instruction(Proc.VXV_SP, cnt0=1, cnt1=9, cnt2=2, src0_addr=HIGH, to_dram=1)
    assert work(gradient, [1, 0, 4], HW) == (2 * 5 + 20, (10, 10))
    sums = Instruction(
        Proc.EWISE,
        cnt0=2,
        a_src=Source.SMEM,
        b_src=Source.SAME,
        src0_addr=HIGH,
        to_smem=1,
        dst0_addr=HIGH + 9,
    )
    assert work(sums, [], HW) == (3, (0, 6))
    assert work(sums, [], HW).cycles == 6


def test_elementwise_share_of_the_layer_that_counts() -> None:
    """128 inputs, 128 units, 80 % sparsity, 16 PEs: a quarter of the cycles at most."""
    layer = Layer(load_config("bf16_pe16"), 128, 128, 0.8)
    steps = step_budget.sequences(layer)
    for step in (steps.forward, steps.backward, steps.gru):
        counted = step_budget.rows(layer, step)
        rest = sum(row.work.cycles for row in counted if not step_budget.is_matrix(row.instruction))
        assert rest < 0.25 * sum(row.work.cycles for row in counted)
    for step, terms in ((steps.forward, ("M", "c", "h")), (steps.backward, ("dh", "dc", "dM", "scatter"))):
        others = [row for row in step_budget.rows(layer, step) if not step_budget.is_matrix(row.instruction)]
        limit = sum(layer.sheet()[term][1] for term in terms)
        assert sum(row.work.core for row in others) < limit


def test_tables(capsys: pytest.CaptureFixture[str]) -> None:
    assert (
        step_budget.main(["--config", "fxp16_pe4", "--inputs", "5", "--units", "7", "--sparsity", "0"]) == 0
    )
    printed = capsys.readouterr().out
    assert "| 1 | M += Wx Δx | MXV_SP | 40 |" in printed  # 5 columns of 4 gates of 2 words
    assert printed.count("###") == 3


def test_page_is_what_the_command_writes() -> None:
    assert step_budget.main(["--check"]) == 0
    page = step_budget.PAGE.read_text(encoding="utf-8")
    stale = step_budget.render(page, ["| old |"])
    assert stale != page
    assert (
        step_budget.render(stale, step_budget.report(Layer(load_config("bf16_pe16"), 128, 128, 0.8))) == page
    )
    with pytest.raises(ValueError, match="markers"):
        step_budget.render("# Steps\n", [])


@pytest.mark.parametrize(
    "words", [["--units", "0"], ["--sparsity", "2"], ["--config", "none"], ["--units", "5000"]]
)
def test_what_cannot_be_is_one_line(words: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    assert step_budget.main(words) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1
