"""Random programs on the fast simulation of the whole chip, against the golden machine.

    python -m reneta.scripts.fuzz [--config NAME] [--seed N] [--count N] [--large]

Each round has a DRAM of random speed with random stalls, a legal program whose DRAM is compared in the end,
and a program with an error, of which cause and program counter are compared; after a reset the legal one runs
again. The design's assertions are on. The exit code is 1 after the first round that goes wrong; its seed
repeats it.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence

import numpy as np

from reneta.golden import registers as regs
from reneta.golden.arrays import Array
from reneta.golden.ccm_types import ErrorCause
from reneta.golden.config import ConfigError, HwConfig, load_config
from reneta.golden.control_types import ErrorUnit, MachineState
from reneta.golden.machine import MachineError
from reneta.golden.registers import Reg
from reneta.scripts.toolpath import BuildError
from reneta.sw_driver.fast_sim import (
    FastSim,
    Library,
    MemoryTiming,
    NoInterruptError,
    SimulationError,
    build_library,
)
from reneta.verif.programs.generator import Program, generate
from reneta.verif.programs.illegal import KINDS, START, Illegal, spoil, stops
from reneta.verif.programs.options import LARGE, SMALL, Options
from reneta.verif.programs.space import MisfitError

MAX_CYCLES = 20_000_000
_EVERY = 0xF


class DifferenceError(Exception):
    """The chip does something else than the golden machine; the message says what."""


def random_timing(rng: np.random.Generator) -> MemoryTiming:
    """A DRAM: half of them fast and without stalls."""
    if rng.random() < 0.5:
        return MemoryTiming(read_latency=int(rng.integers(1, 60)), write_latency=int(rng.integers(1, 60)))
    return MemoryTiming(
        read_latency=int(rng.integers(1, 200)),
        write_latency=int(rng.integers(1, 200)),
        read_rate=float(rng.uniform(0.2, 1)),
        write_rate=float(rng.uniform(0.2, 1)),
        reads=int(rng.integers(1, 65)),
        writes=int(rng.integers(1, 65)),
        stall=float(rng.uniform(0, 0.6)),
    )


def run_to_end(sim: FastSim, address: int, length: int) -> MachineState:
    """Run a program, going on behind each pause; the state in which it ended."""
    sim.write_register(Reg.IRQ_STATUS, _EVERY)
    sim.write_register(Reg.IRQ_ENABLE, _EVERY)
    sim.write_register(Reg.PROG_ADDR, address)
    sim.write_register(Reg.PROG_LEN, length)
    sim.write_register(Reg.CTRL, regs.CTRL_START.bit)
    while True:
        sim.run_until_interrupt(MAX_CYCLES)
        sim.write_register(Reg.IRQ_STATUS, sim.read_register(Reg.IRQ_STATUS))
        state = MachineState(sim.read_register(Reg.STATUS))
        if state is not MachineState.PAUSED:
            return state
        sim.write_register(Reg.CTRL, regs.CTRL_RESUME.bit)


def check_legal(sim: FastSim, program: Program) -> None:
    """Run a legal program whose DRAM the simulation has.

    Raises:
        DifferenceError: it does not end, or DRAM holds something else.
    """
    length = len(program.instructions)
    state = run_to_end(sim, program.address, length)
    if state is not MachineState.IDLE:
        raise DifferenceError(f"a legal program ends in state {state.name}: {_error(sim)}")
    counted = sim.read_register(Reg.PC)
    if counted != length:
        raise DifferenceError(f"the program counter is {counted} after {length} instructions")
    compare(sim.dram, program.run().dram)


def check_illegal(sim: FastSim, program: Program, illegal: Illegal) -> None:
    """Run a program with an error whose DRAM the simulation has.

    Raises:
        DifferenceError: state, cause or program counter are others.
    """
    golden = stops(illegal, program)
    if golden != (illegal.cause, illegal.counter):
        raise DifferenceError(f"'{illegal.kind}': the golden machine stops with {golden}")
    state = run_to_end(sim, illegal.address, illegal.length)
    error = sim.read_register(Reg.ERROR)
    counter = sim.read_register(Reg.PC)
    # The memory may refuse a write when later instructions have ended.
    late = regs.ERROR_UNIT.of(error) == ErrorUnit.WRITE and counter >= illegal.counter
    found = (state, ErrorCause(regs.ERROR_CAUSE.of(error)), illegal.counter if late else counter)
    wanted = (MachineState.ERROR, illegal.cause, illegal.counter)
    if found != wanted:
        raise DifferenceError(f"'{illegal.kind}': found {found}, wanted {wanted}")
    if not sim.bus_idle:
        raise DifferenceError(f"'{illegal.kind}': the bus is not idle after the stop")


def compare(found: Array, wanted: Array) -> None:
    """Compare contents of DRAM.

    Raises:
        DifferenceError: a byte differs; the message names the first one.
    """
    other = np.flatnonzero(found != wanted)
    if len(other):
        at = int(other[0])
        raise DifferenceError(
            f"{len(other)} bytes of DRAM differ, the first one at 0x{at:x}: "
            f"0x{found[at]:02x}, wanted 0x{wanted[at]:02x}"
        )


def _error(sim: FastSim) -> str:
    error = sim.read_register(Reg.ERROR)
    cause, unit = regs.ERROR_CAUSE.of(error), regs.ERROR_UNIT.of(error)
    return f"cause {cause}, unit {unit}, instruction {sim.read_register(Reg.PC)}"


def one_round(library: Library, hw: HwConfig, seed: int, options: Options) -> str:
    """A legal program and one with an error, with a reset between them; what was done, in words.

    Raises:
        DifferenceError, SimulationError, NoInterruptError: something went wrong.
    """
    rng = np.random.default_rng(seed)
    program = generate(hw, rng, options)
    kind = str(rng.choice([*KINDS, *START]))
    dram = program.dram.copy()
    with FastSim(library, dram, seed=seed + 1, timing=random_timing(rng)) as sim:
        check_legal(sim, program)
        try:
            illegal = spoil(program, rng, kind)
        except MisfitError:
            kind = "none"
        else:
            sim.dram[:] = illegal.dram
            check_illegal(sim, program, illegal)
        sim.write_register(Reg.CTRL, regs.CTRL_RESET.bit)
        while sim.read_register(Reg.STATUS) != MachineState.IDLE:
            sim.run(10)
        sim.dram[:] = program.dram
        check_legal(sim, program)
    return kind


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="fuzz", description="Random programs on the whole chip")
    parser.add_argument("--config", default="bf16_pe4", help="configuration file or name")
    parser.add_argument("--seed", type=int, default=1, help="of the first round")
    parser.add_argument("--count", type=int, default=100, help="rounds")
    parser.add_argument("--large", action="store_true", help="long programs with large instructions")
    args = parser.parse_args(argv)
    try:
        hw = load_config(args.config)
        library = build_library(hw, asserts=True)
    except (ConfigError, BuildError) as error:
        print(f"fuzz: {error}", file=sys.stderr)
        return 2
    kinds: Counter[str] = Counter()
    for seed in range(args.seed, args.seed + args.count):
        try:
            kinds[one_round(library, hw, seed, LARGE if args.large else SMALL)] += 1
        except (DifferenceError, MachineError, SimulationError, NoInterruptError) as error:
            again = f"--config {hw.name} --seed {seed} --count 1{' --large' if args.large else ''}"
            print(
                f"fuzz: seed {seed}: {error}\n  again: python -m reneta.scripts.fuzz {again}", file=sys.stderr
            )
            return 1
    found = ", ".join(f"{kind} {count}" for kind, count in sorted(kinds.items()))
    print(
        f"{hw.name}: {args.count} rounds from seed {args.seed} on, all as the golden machine; errors: {found}"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
