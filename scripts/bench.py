"""The benchmark that decides: matrix procedures and whole steps on the RTL of the whole chip.

    python -m reneta.scripts.bench [--config NAME ...] [--sizes 64 128 256] [--steps 256] [--no-layers]

Every program runs on the fast simulation of `dtv1` with a DRAM of 40 cycles latency and a word a cycle; all
of DRAM is compared with what the golden machine makes of it. Cycles are the machine's own: from the first
dispatch to the last write. Beside them stands what compiler.cycles predicts. It prints tables and writes
build/bench/bench.json; the exit code is 1 where a result is wrong, a published figure is not beaten,
or a prediction is off by more than 3 %.
"""

from __future__ import annotations

import argparse
import json
import os
import sys
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import asdict, dataclass
from typing import NamedTuple

import numpy as np
from rich.console import Console
from rich.table import Table

from reneta.compiler.cycles import DramTiming, executed, predict
from reneta.compiler.matrix_program import MatrixProgram, matrix_program
from reneta.golden.arrays import U8
from reneta.golden.ccm_types import Proc
from reneta.golden.config import ConfigError, HwConfig, load_config
from reneta.golden.lists import LayoutError
from reneta.golden.machine import Machine
from reneta.scripts.bench_layers import LayerRow, layer_rows, print_layers
from reneta.scripts.sources import BUILD
from reneta.scripts.toolpath import BuildError
from reneta.sw_driver.devices.fast_sim import FastSimDevice
from reneta.sw_driver.fast_sim import FastSim, MemoryTiming, build_library
from reneta.sw_driver.program import Counters, run_program

REPORT = BUILD / "bench" / "bench.json"
CONFIGS = ("bf16_pe16", "fxp16_pe16")
SIZES = (64, 128, 256)
STEPS = 256
SPARSITIES = (0.0, 0.5, 0.8, 0.9)
PROCEDURES = (Proc.MXV_SP, Proc.MTXV_SP, Proc.VXV_SP)
NAMES = {
    Proc.MXV: "MxV",
    Proc.MTXV: "MTxV",
    Proc.VXV: "VXV",
    Proc.MXV_SP: "MxV_SP",
    Proc.MTXV_SP: "MTxV_SP",
    Proc.VXV_SP: "VXV_SP",
}
# A write is done when the memory has taken its last word.
TIMING = MemoryTiming(read_latency=40, write_latency=1, reads=64)
UTILISATION = 0.95
PREDICTION = 0.03
SEED = 5
TIMEOUT_S = 600.0

# Cycles of the published RTL, with a DRAM without latency and results not written back in MxV and MTxV: for
# sizes 64, 128, 256.
PUBLISHED = {
    (Proc.MXV_SP, 0.9): (9_897, 29_557, 108_205),
    (Proc.MXV_SP, 0.8): (16_449, 55_773, 213_069),
    (Proc.MXV_SP, 0.5): (36_109, 134_413, 527_629),
    (Proc.MTXV_SP, 0.9): (14_761, 34_421, 113_069),
    (Proc.MTXV_SP, 0.8): (21_313, 60_637, 217_933),
    (Proc.MTXV_SP, 0.5): (40_973, 139_277, 532_493),
    (Proc.VXV_SP, 0.9): (6_850, 27_186, 108_618),
    (Proc.VXV_SP, 0.8): (13_334, 53_258, 213_018),
    (Proc.VXV_SP, 0.5): (32_922, 131_610, 526_426),
}


class Cell(NamedTuple):
    """What is run: `proc` is dense where it is what the sparse ones are compared with."""

    config: str
    proc: Proc
    size: int
    sparsity: float
    steps: int


@dataclass(frozen=True)
class Row:
    """What came of it.

    Attributes:
        procedure: name.
        n: rows and columns of the matrix.
        sparsity: share of zeros of the deltas.
        format: of numbers.
        cycles: from the first dispatch to the last write.
        predicted: what the model of cycles says.
        limit: operand words, so the cycles that it takes at least.
        utilisation: the one over the other.
        speedup: over the dense procedure; 1 for that itself.
        published: cycles of the published RTL, where there are some.
        checked: whether all of DRAM is what the golden machine makes of it.
        wait_dram: cycles in which the PE array waited for DRAM.
        wait_smem: for SMEM or descriptors.
        wait_out: for the output.
        wait_acc: for an accumulator.
        dram_read: words read.
        dram_written: words written.
    """

    procedure: str
    n: int
    sparsity: float
    format: str
    cycles: int
    predicted: int
    limit: int
    utilisation: float
    speedup: float
    published: int | None
    checked: bool
    wait_dram: int
    wait_smem: int
    wait_out: int
    wait_acc: int
    dram_read: int
    dram_written: int


class Result(NamedTuple):
    """A cell's figures before they are compared with others."""

    cell: Cell
    limit: int
    predicted: int
    counters: Counters
    checked: bool


def run_cell(cell: Cell) -> Result:
    """Run a cell on the RTL and on the golden machine."""
    hw = load_config(cell.config)
    rng = np.random.default_rng([SEED, cell.proc.kind, cell.size, round(100 * cell.sparsity)])
    program = matrix_program(hw, cell.proc, cell.size, cell.steps, cell.sparsity, rng)
    with FastSimDevice(FastSim(hw, program.dram.copy(), timing=TIMING)) as device:
        run_program(device, *program.load, TIMEOUT_S)
        counters = run_program(device, *program.run, TIMEOUT_S)
        dram, predicted = expected(program)
        checked = bool(np.array_equal(device.sim.dram, dram))
    return Result(cell, program.limit, predicted, counters, checked)


def expected(program: MatrixProgram) -> tuple[U8, int]:
    """What DRAM holds in the end, by the golden machine, and the cycles of the procedure, by their model."""
    machine = Machine(program.hw, len(program.dram))
    machine.dram[:] = program.dram
    machine.run_image(*program.load)
    timing = DramTiming(TIMING.read_latency, TIMING.read_rate, TIMING.write_latency)
    predicted = predict(program.hw, executed(machine, *program.run), timing)
    return machine.dram, predicted


def rows(results: Iterable[Result]) -> list[Row]:
    """The results with what they are compared with, in their order."""
    every = list(results)
    dense = {
        (r.cell.config, r.cell.proc, r.cell.size): r.counters.cycles for r in every if not r.cell.proc.sparse
    }
    made = []
    for cell, limit, predicted, counters, checked in every:
        beside = PUBLISHED.get((cell.proc, cell.sparsity))
        known = beside is not None and cell.steps == STEPS and cell.size in SIZES
        compared = dense.get((cell.config, cell.proc.kind, cell.size), counters.cycles)
        made.append(
            Row(
                procedure=NAMES[cell.proc],
                n=cell.size,
                sparsity=cell.sparsity,
                format=load_config(cell.config).format,
                cycles=counters.cycles,
                predicted=predicted,
                limit=limit,
                utilisation=limit / counters.cycles,
                speedup=compared / counters.cycles,
                published=beside[SIZES.index(cell.size)] if beside is not None and known else None,
                checked=checked,
                wait_dram=counters.wait_dram,
                wait_smem=counters.wait_smem,
                wait_out=counters.wait_out,
                wait_acc=counters.wait_acc,
                dram_read=counters.dram_read,
                dram_written=counters.dram_written,
            )
        )
    return made


def short(row: Row) -> list[str]:
    """In what a row falls short, and what it waited for."""
    faults = []
    if not row.checked:
        faults.append("differs from the golden machine")
    if row.published is not None and row.cycles >= row.published:
        faults.append(f"not below {row.published}")
    if row.procedure in (NAMES[Proc.MXV_SP], NAMES[Proc.MTXV_SP]) and row.utilisation < UTILISATION:
        faults.append(f"utilisation below {UTILISATION}")
    if abs(row.predicted / row.cycles - 1) > PREDICTION:
        faults.append("badly predicted")
    return faults


def print_matrix(console: Console, table_rows: Sequence[Row]) -> None:
    """The table."""
    table = Table(title=f"{STEPS} steps, DRAM: latency 40, a word a cycle; waits in cycles")
    numbers = ("n", "zero", "cycles", "predicted", "limit", "utilisation", "speed-up", "published")
    waits = ("DRAM", "SMEM", "output", "acc.")
    for name in ("format", "procedure", *numbers, *waits, "checked"):
        table.add_column(name, justify="right" if name in (*numbers, *waits) else "left")
    for row in table_rows:
        table.add_row(
            row.format,
            row.procedure,
            str(row.n),
            f"{row.sparsity:.0%}",
            f"{row.cycles:,}",
            f"{row.predicted / row.cycles - 1:+.1%}",
            f"{row.limit:,}",
            f"{row.utilisation:.1%}",
            f"{row.speedup:.2f}",
            "" if row.published is None else f"{row.published:,}",
            *(str(wait) for wait in (row.wait_dram, row.wait_smem, row.wait_out, row.wait_acc)),
            ", ".join(short(row)) or "ok",
        )
    console.print(table)


def cells(configs: Sequence[str], sizes: Sequence[int], steps: int) -> list[Cell]:
    """Everything that is run: for each procedure the dense one first."""
    return [
        Cell(config, proc, size, sparsity, steps)
        for config in configs
        for sparse in PROCEDURES
        for size in sizes
        for proc, sparsity in ((sparse.kind, 0.0), *((sparse, share) for share in SPARSITIES))
    ]


def _arguments(argv: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="bench", description="Cycles of the whole chip, results checked")
    parser.add_argument("--config", action="append", help=f"configuration; default: {', '.join(CONFIGS)}")
    parser.add_argument(
        "--sizes", type=int, nargs="+", default=SIZES, help="rows and columns of the matrices"
    )
    parser.add_argument("--steps", type=int, default=STEPS, help="length of the sequences")
    parser.add_argument("--no-layers", action="store_true", help="leave out the steps of whole layers")
    return parser.parse_args(argv)


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns the exit code."""
    args, console = _arguments(argv), Console(width=160)
    configs = args.config or list(CONFIGS)
    try:
        for name in configs:
            _fits(load_config(name), args.sizes, args.steps)
            console.print(f"building the simulation of {name}")
            build_library(load_config(name))
        wanted = cells(configs, args.sizes, args.steps)
        with ProcessPoolExecutor(os.cpu_count()) as pool:
            found = dict(zip(wanted, pool.map(run_cell, wanted, chunksize=1), strict=True))
    except (ConfigError, BuildError, LayoutError) as error:
        print(f"bench: {error}", file=sys.stderr)
        return 2
    made = rows(found[cell] for cell in wanted)
    print_matrix(console, made)
    layers: list[LayerRow] = [] if args.no_layers else layer_rows(TIMING)
    print_layers(console, layers, PREDICTION)
    REPORT.parent.mkdir(parents=True, exist_ok=True)
    report = {"rows": [asdict(row) for row in made], "layers": [asdict(row) for row in layers]}
    REPORT.write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    console.print(f"written: {REPORT.relative_to(BUILD.parent)}")
    failed = any(short(row) for row in made) or any(row.faults(PREDICTION) for row in layers)
    return int(failed)


def _fits(hw: HwConfig, sizes: Sequence[int], steps: int) -> None:
    """Refuse what the machine has no room for."""
    for size in sizes:
        if not 1 < size <= hw.max_n:
            raise ConfigError(f"size {size} is not within 2 to {hw.max_n} ({hw.name})")
    if not 1 <= steps <= hw.max_m:
        raise ConfigError(f"{steps} steps are not within 1 to {hw.max_m} ({hw.name})")


if __name__ == "__main__":
    sys.exit(main())
