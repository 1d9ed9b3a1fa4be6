"""Show the instruction sequences of a delta layer's steps and how many cycles they take at least.

    python -m reneta.scripts.step_budget [--config NAME] [--inputs N] [--units N] [--sparsity F]

A step in the middle of a sequence, forward and backward, beside the cost sheet of sparse training: what the
elementwise work may cost at most, term by term. `--doc` writes the tables into docs/steps.md instead,
`--check` fails where those are stale.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import replace
from typing import NamedTuple

from reneta.compiler import gru_steps, lstm_plan, lstm_steps
from reneta.compiler.budget import Work, work
from reneta.compiler.delta_steps import encode_x
from reneta.compiler.hazards import with_deps
from reneta.compiler.layer_plan import Sizes
from reneta.compiler.parts import Dram, Smem
from reneta.golden.ccm_types import Proc
from reneta.golden.config import DEFAULT_CONFIG, REPO, ConfigError, HwConfig, load_config
from reneta.golden.instruction import Instruction
from reneta.golden.lists import LayoutError

PAGE = REPO / "docs" / "steps.md"
BEGIN, END = "<!-- begin: written by `make package` -->", "<!-- end: written by `make package` -->"
STEPS = 8
STEP = 4

# The cost sheet's term that an instruction belongs to, by its note; matrix procedures belong to none.
TERMS = {
    "Δx": "M",
    "Δh": "M",
    "i, f, o = σ(M)": "M",
    "g = tanh(M)": "M",
    "i g": "c",
    "c = i g + f c[t-1]": "c",
    "tc = tanh(c)": "h",
    "h = o tc": "h",
    "dh = dL/dh + gh": "dh",
    "v[t-1] = o - h tc": "dc",
    "dc = dcf + dh v": "dc",
    "dcf = dc f": "dc",
    "y = dc i": "dM",
    "R_i = g - g i": "dM",
    "R_f = c[t-1] - c[t-1] f": "dM",
    "R_o = h - h o": "dM",
    "R_g = 1 - g g": "dM",
    "dM += y R_i, dcf R_f, dh R_o": "dM",
    "dM += y R_g": "dM",
}


class Row(NamedTuple):
    """An instruction of a step with its work."""

    instruction: Instruction
    work: Work


class Layer(NamedTuple):
    """What the tables are for."""

    hw: HwConfig
    inputs: int
    units: int
    sparsity: float

    def fired(self, which: int) -> int:
        """Entries of list 0 (Δx) or 1 (Δh) of each step."""
        return round((self.units if which else self.inputs) * (1 - self.sparsity))

    def sheet(self) -> dict[str, tuple[str, float]]:
        """The cost sheet's elementwise terms: formula and cycles."""
        x, h = self.inputs / self.hw.num_pe, self.units / self.hw.num_pe
        return {
            "M": ("3·4·Nh/P", 12 * h),
            "c": ("2·Nh/P", 2 * h),
            "h": ("Nh/P", h),
            "dh": ("Nh/P", h),
            "dc": ("3·Nh/P", 3 * h),
            "dM": ("3·4·Nh/P", 12 * h),
            "scatter": ("4·Nx/P + 4·Nh/P", 4 * x + 4 * h),
        }


class Steps(NamedTuple):
    """Sequences of the step in the middle, with dependencies; the LSTM's gradients are those of all steps."""

    forward: list[Instruction]
    backward: list[Instruction]
    gradients: list[Instruction]
    gru: list[Instruction]


def sequences(layer: Layer) -> Steps:
    """The step in the middle of a sequence of STEPS.

    Raises:
        LayoutError: the layer does not fit the machine.
    """
    hw, sizes = layer.hw, Sizes(layer.inputs, layer.units, STEPS)
    smem, dram = Smem(hw), Dram(hw)
    plan = lstm_plan.plan_lstm(smem, dram, hw, sizes)
    back = lstm_plan.plan_back(smem, dram, plan)
    forward = [[*lstm_steps.forward_step(plan, t, ahead=t + 1 < STEPS)] for t in range(STEPS)]
    down = [[*lstm_steps.backward_step(plan, back, t)] for t in reversed(range(STEPS))]
    gradients = [*lstm_steps.gradients(plan, back)]
    gru = gru_steps.plan_gru(Smem(hw), Dram(hw), hw, sizes)
    other = [[*gru_steps.forward_step(gru, t, ahead=t + 1 < STEPS)] for t in range(STEPS)]
    return Steps(
        _middle([*lstm_steps.begin(plan), encode_x(plan, 0)], forward, hw),
        _middle([*lstm_steps.begin_backward(plan, back)], down, hw),
        gradients,
        _middle([*gru_steps.begin(gru), encode_x(gru, 0)], other, hw),
    )


def _middle(
    start: Sequence[Instruction], steps: Sequence[Sequence[Instruction]], hw: HwConfig
) -> list[Instruction]:
    """The step in the middle of a program, with dependencies."""
    program = with_deps([*start, *(instruction for step in steps for instruction in step)], hw)
    first = len(start) + sum(len(step) for step in steps[:STEP])
    return program[first : first + len(steps[STEP])]


def rows(layer: Layer, step: Iterable[Instruction]) -> list[Row]:
    """The instructions with their work, all lists being equally long."""
    counted = []
    for instruction in step:
        lists = [layer.fired(instruction.list)] * (instruction.cnt2 + 1)
        counted.append(Row(instruction, work(instruction, lists, layer.hw)))
    return counted


def _table(header: Sequence[str], lines: Iterable[Sequence[str]]) -> list[str]:
    numbers = ("words", "SMEM low", "SMEM high", "cycles", "dep", "sheet", "limit")
    rule = ["---:" if name in numbers else "---" for name in header]
    return ["| " + " | ".join(cells) + " |" for cells in (header, rule, *lines)] + [""]


def step_table(counted: Sequence[Row]) -> list[str]:
    """The sequence of a step."""
    lines = []
    for number, (instruction, done) in enumerate(counted, 1):
        cells = (number, instruction.note, Proc(instruction.proc).name, done.core, *done.banks, done.cycles)
        lines.append([*(str(cell) for cell in cells), str(instruction.dep or "")])
    header = ("", "computes", "procedure", "words", "SMEM low", "SMEM high", "cycles", "dep")
    return _table(header, lines)


def is_matrix(instruction: Instruction) -> bool:
    """Whether it is the work that the limit of a step counts."""
    return Proc(instruction.proc).sparse


def sheet_table(layer: Layer, counted: Sequence[Row], terms: Sequence[str]) -> list[str]:
    """Elementwise work by terms of the cost sheet."""
    lines = []
    total, limit = 0, 0.0
    for term in terms:
        done = sum(
            row.work.core
            for row in counted
            if not is_matrix(row.instruction) and TERMS[row.instruction.note] == term
        )
        formula, most = layer.sheet()[term]
        lines.append((term, formula, f"{most:g}", str(done)))
        total, limit = total + done, limit + most
    lines.append(("all", "", f"{limit:g}", str(total)))
    return _table(("term", "cost sheet", "limit", "words"), lines)


def summary(counted: Sequence[Row]) -> list[str]:
    """Matrix work and the rest in words of text."""
    matrix = sum(row.work.cycles for row in counted if is_matrix(row.instruction))
    rest = sum(row.work.cycles for row in counted if not is_matrix(row.instruction))
    waits = sum(row.instruction.dep == 1 for row in counted)
    share = rest / (matrix + rest)
    return [
        f"At least {matrix} cycles of matrix work and {rest} of other work: {share:.1%} of {matrix + rest}. "
        f"{waits} instructions wait for the one right before them.",
        "",
    ]


def report(layer: Layer) -> list[str]:
    """All tables as lines of Markdown."""
    steps = sequences(layer)
    forward, backward = rows(layer, steps.forward), rows(layer, steps.backward)
    gradients = rows(layer, [_one_step(instruction) for instruction in steps.gradients])
    down = [*backward, *gradients]
    return [
        f"{layer.inputs} inputs, {layer.units} units, {layer.sparsity:.0%} of the deltas zero "
        f"({layer.fired(0)} and {layer.fired(1)} entries a list), {layer.hw.num_pe} PEs, {layer.hw.format}.",
        "",
        *("### Delta LSTM, forward", ""),
        *step_table(forward),
        *summary(forward),
        *sheet_table(layer, forward, ("M", "c", "h")),
        *("### Delta LSTM, backward", ""),
        *step_table(backward),
        "The step's share of the weight gradients, which run over all steps at the end:",
        "",
        *step_table(gradients),
        *summary(down),
        *sheet_table(layer, backward, ("dh", "dc", "dM", "scatter")),
        *("### Delta GRU, forward", ""),
        *step_table(rows(layer, steps.gru)),
        *summary(rows(layer, steps.gru)),
    ]


def _one_step(instruction: Instruction) -> Instruction:
    """A VXV of many steps as one of a single step, whose sums stay."""
    return replace(instruction, cnt2=0, to_dram=0)


def render(page: str, tables: Iterable[str]) -> str:
    """The page with its tables replaced.

    Raises:
        ValueError: the page has no place for them.
    """
    if BEGIN not in page or END not in page:
        raise ValueError("the page has no markers")
    head, tail = page.split(BEGIN)[0], page.split(END)[1]
    return "\n".join([head + BEGIN, "", *tables]) + END + tail


def main(argv: list[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="step_budget", description="Instruction sequences and their cycles")
    parser.add_argument("--config", default=str(DEFAULT_CONFIG), help="configuration file or name")
    parser.add_argument("--inputs", type=int, default=128, help="inputs of the layer")
    parser.add_argument("--units", type=int, default=128, help="units of the layer")
    parser.add_argument("--sparsity", type=float, default=0.8, help="share of the deltas that are zero")
    parser.add_argument("--doc", action="store_true", help="write the tables into docs/steps.md")
    parser.add_argument("--check", action="store_true", help="only compare docs/steps.md")
    args = parser.parse_args(argv)
    try:
        if args.inputs < 1 or args.units < 1 or not 0 <= args.sparsity <= 1:
            raise LayoutError("a layer has at least one input and one unit, and a sparsity of 0 to 1")
        tables = report(Layer(load_config(args.config), args.inputs, args.units, args.sparsity))
    except (ConfigError, LayoutError) as error:
        print(f"step_budget: {error}", file=sys.stderr)
        return 2
    if not (args.doc or args.check):
        print("\n".join(tables))
        return 0
    before = PAGE.read_text(encoding="utf-8")
    after = render(before, tables)
    if args.check and after != before:
        print(f"step_budget: {PAGE.relative_to(REPO)} is stale; run `make package`", file=sys.stderr)
        return 1
    if after != before:
        PAGE.write_text(after, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
