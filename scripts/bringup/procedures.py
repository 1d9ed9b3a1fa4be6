"""Every procedure on random data, against the golden machine."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np

from reneta.compiler.hazards import with_deps
from reneta.compiler.image import Entry, moves, place_programs, stores
from reneta.compiler.matrix_program import matrix_program
from reneta.compiler.parts import Ref, Shape, shape_of, words
from reneta.golden.arith import arithmetic
from reneta.golden.arrays import U8
from reneta.golden.ccm_types import Func, Proc
from reneta.golden.config import HwConfig
from reneta.golden.instruction import Instruction
from reneta.golden.ipm_types import Source
from reneta.scripts.bringup.bench import Bench
from reneta.sw_driver.example import lstm_example

Made = tuple[U8, list[Entry]]
MATRIX = (Proc.MXV, Proc.MTXV, Proc.VXV, Proc.MXV_SP, Proc.MTXV_SP, Proc.VXV_SP)
STEPS, SPARSITY = 3, 0.6


def matrix(hw: HwConfig, rng: np.random.Generator, proc: Proc) -> Made:
    """A matrix procedure on a matrix that does not fill its last words."""
    size = min(2 * hw.num_pe + 3, hw.max_n)
    made = matrix_program(hw, proc, size, min(STEPS, hw.max_m), SPARSITY, rng)
    return made.dram, [made.load, made.run]


def elementwise(hw: HwConfig, rng: np.random.Generator) -> Made:
    """EWISE with all kinds of operands, and ACC with every function, on random vectors."""
    shape = shape_of(2 * hw.num_pe + 1, hw)
    a, b, c, results = (number * shape.groups for number in range(4))
    program = [
        shape.ewise(words(a), words(b), words(c), to=words(results)),
        shape.ewise(words(a), Ref(Source.SAME), to=words(results + shape.groups), neg=1),
        shape.ewise(words(a), Ref(Source.ONE), to=words(results + 2 * shape.groups), func=Func.RELU),
        shape.ewise(words(b), words(c), acc=1),
        shape.ewise(words(a), words(b), acc=1, cont=1),
    ]
    for number, func in enumerate(Func):
        target = words(results + (3 + number) * shape.groups)
        # Sums of products of activations, which they were made of.
        program.append(shape.take(0, target, func, hold=int(func != Func.TANH), act_scale=1))
    return _with_data(hw, rng, shape, program, vectors=3, results=3 + len(Func))


def delta(hw: HwConfig, rng: np.random.Generator) -> Made:
    """DELTA: a vector encoded against a stored state; state, indices and values are looked at."""
    shape = shape_of(2 * hw.num_pe + 1, hw)
    new, state, indices, values = (number * shape.groups for number in range(4))
    theta = int(arithmetic(hw).encode(np.array([0.5])).view(np.uint16)[0])
    fields = {"c_seq": 1, "src0_addr": indices, "src1_addr": state, "src2_addr": new, "theta": theta}
    encode = shape.instruction(Proc.DELTA, dst0_addr=state, dst1_addr=values, **fields)
    # Regions of lists are words that the encoder fills as far as there are entries.
    clear = shape.times(2).zero(words(indices))
    return _with_data(hw, rng, shape, [clear, encode], vectors=2, results=2)


def _with_data(
    hw: HwConfig,
    rng: np.random.Generator,
    shape: Shape,
    program: list[Instruction],
    vectors: int,
    results: int,
) -> Made:
    """Random vectors at the beginning of SMEM, a program, and all of that with its results to DRAM."""
    arith = arithmetic(hw)
    before, behind = vectors * shape.groups, (vectors + results) * shape.groups
    data = arith.encode(rng.standard_normal((before, hw.num_pe))).view(np.uint16)
    target = before * hw.word_bytes
    whole = [*moves(hw, before, 0, 0), *program, *stores(hw, behind, 0, target)]
    return place_programs(hw, [with_deps(whole, hw)], [(0, data)], target + behind * hw.word_bytes)


def layer(hw: HwConfig, rng: np.random.Generator) -> Made:
    """A delta LSTM layer, forward and backward with weight gradients: all procedures together."""
    made = lstm_example(hw, inputs=6, units=9, steps=4, theta=0.1, seed=int(rng.integers(1 << 32)))
    return made.dram, [Entry(made.address, made.length)]


MAKERS: dict[str, Callable[[HwConfig, np.random.Generator], Made]] = {
    **{proc.name: partial(matrix, proc=proc) for proc in MATRIX},
    "EWISE, ACC": elementwise,
    "DELTA": delta,
    "LSTM layer": layer,
}
"""What is run: a program with its data, made for a configuration from random numbers."""


def procedures(bench: Bench) -> str:
    """Each of them once; all of DRAM is compared."""
    for name, make in MAKERS.items():
        bench.ready()
        dram, entries = make(bench.device.hw, bench.rng)
        bench.compare(dram, entries, name)
    return ", ".join(MAKERS)
