"""Cycles of whole training steps on the RTL, beside the authors' cost sheet: a part of `make bench`."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from rich.console import Console
from rich.table import Table

from reneta.compiler.cycles import DramTiming, executed, predict
from reneta.compiler.lstm_stack import Stack, StackProgram, stack_program
from reneta.golden.arrays import U8
from reneta.golden.config import HwConfig, load_config
from reneta.golden.machine import Machine
from reneta.sw_driver.devices.fast_sim import FastSimDevice
from reneta.sw_driver.fast_sim import FastSim, MemoryTiming
from reneta.sw_driver.program import run_program

CONFIGS = ("bf16_pe16", "bf16_pe64")
# Thresholds at which four fifths of the deltas of these random layers are zero.
STACK = Stack(32, 128, 16, ((1.0, 0.127), (0.127, 0.0605)))
SPARSITY = 0.8
SEED = 2
TIMEOUT_S = 300.0


@dataclass(frozen=True)
class LayerRow:
    """A pass of all layers.

    Attributes:
        config: configuration.
        direction: forward; or backward, weight gradients included.
        num_pe: processing elements.
        sparsity: share of zeros that the deltas had.
        cycles_per_step: of all layers together.
        predicted: what the model of cycles says.
        sheet: what the cost sheet counts at 80 % sparsity.
        checked: whether all of DRAM is what the golden machine makes of it.
    """

    config: str
    direction: str
    num_pe: int
    sparsity: float
    cycles_per_step: float
    predicted: float
    sheet: float
    checked: bool

    def faults(self, off: float) -> list[str]:
        """In what the row falls short, where predictions may be off by this much."""
        faults = [] if self.checked else ["differs from the golden machine"]
        if abs(self.predicted / self.cycles_per_step - 1) > off:
            faults.append("badly predicted")
        return faults


def sheet(stack: Stack, num_pe: int, sparsity: float) -> dict[str, float]:
    """The cost sheet's cycles of a step, elementwise terms by terms (docs/steps.md)."""
    matrix = forward = backward = 0.0
    for number in range(len(stack.thetas)):
        x, h = (stack.units if number else stack.inputs), stack.units
        matrix += 4 * h * (x + h) * (1 - sparsity)
        forward += 12 * h + 2 * h + h
        backward += h + 3 * h + 12 * h + 4 * x + 4 * h
    return {"forward": (matrix + forward) / num_pe, "backward": (2 * matrix + backward) / num_pe}


def layer_rows(timing: MemoryTiming) -> list[LayerRow]:
    """Run both passes in each configuration."""
    made = []
    for config in CONFIGS:
        hw = load_config(config)
        program = stack_program(hw, STACK, np.random.default_rng(SEED))
        with FastSimDevice(FastSim(hw, program.dram.copy(), timing=timing)) as device:
            run_program(device, *program.load, TIMEOUT_S)
            forward = run_program(device, *program.forward, TIMEOUT_S)
            back = run_program(device, *program.backward, TIMEOUT_S)
            gradients = run_program(device, *program.gradients, TIMEOUT_S)
            dram, predicted = _expected(hw, program, timing)
            checked = bool(np.array_equal(device.sim.dram, dram))
        sparsity = 1 - forward.fired / STACK.delta_elements
        cycles = {"forward": forward.cycles, "backward": back.cycles + gradients.cycles}
        for direction, figure in sheet(STACK, hw.num_pe, SPARSITY).items():
            per_step = cycles[direction] / STACK.steps
            model = predicted[direction] / STACK.steps
            made.append(LayerRow(config, direction, hw.num_pe, sparsity, per_step, model, figure, checked))
    return made


def _expected(hw: HwConfig, program: StackProgram, timing: MemoryTiming) -> tuple[U8, dict[str, int]]:
    """DRAM in the end, and the predicted cycles of both passes."""
    machine = Machine(hw, len(program.dram))
    machine.dram[:] = program.dram
    machine.run_image(*program.load)
    dram = DramTiming(timing.read_latency, timing.read_rate, timing.write_latency)
    forward, back, gradients = (
        predict(hw, executed(machine, *entry), dram)
        for entry in (program.forward, program.backward, program.gradients)
    )
    return machine.dram, {"forward": forward, "backward": back + gradients}


def print_layers(console: Console, table_rows: Sequence[LayerRow], off: float) -> None:
    """The table; nothing where there are no rows. Predictions may be off by that share."""
    if not table_rows:
        return
    title = (
        f"{len(STACK.thetas)} delta LSTM layers of {STACK.units} units, {STACK.inputs} inputs, "
        f"{STACK.steps} steps: cycles a step"
    )
    table = Table(title=title)
    for name in ("configuration", "pass", "PEs", "zero", "cycles", "predicted", "cost sheet", "checked"):
        table.add_column(name, justify="left" if name in ("configuration", "pass", "checked") else "right")
    for row in table_rows:
        deviation = f"{row.predicted / row.cycles_per_step - 1:+.1%}"
        numbers = (f"{row.sparsity:.1%}", f"{row.cycles_per_step:.1f}", deviation, f"{row.sheet:.1f}")
        verdict = ", ".join(row.faults(off)) or "ok"
        table.add_row(row.config, row.direction, str(row.num_pe), *numbers, verdict)
    console.print(table)
