"""Random programs on the fast simulation of the whole chip, against the golden machine.

    python -m reneta.scripts.fuzz [--config NAME] [--seed N] [--count N] [--large] [--every]

Each round has a DRAM of random speed with random stalls, a legal program whose DRAM is compared in the end,
and a program with an error, of which cause and program counter are compared; after a reset the legal one runs
again. The design's assertions are on. The exit code is 1 after the first round that goes wrong; its seed
repeats it. With --every a round is one legal program, of which DRAM, SMEM and the descriptor memory are
compared after each instruction.
"""

from __future__ import annotations

import argparse
import sys
from collections import Counter
from collections.abc import Sequence

import numpy as np

from reneta.compiler.image import move_descriptors, moves, place_programs, stores
from reneta.golden.arrays import Array
from reneta.golden.asm import disassemble
from reneta.golden.config import ConfigError, HwConfig, load_config
from reneta.golden.control_types import ErrorUnit, MachineState
from reneta.golden.machine import Machine, MachineError
from reneta.golden.registers import Reg
from reneta.scripts.toolpath import BuildError
from reneta.sw_driver.devices.fast_sim import FastSimDevice
from reneta.sw_driver.errors import DriverError
from reneta.sw_driver.fast_sim import FastSim, Library, MemoryTiming, SimulationError, build_library
from reneta.sw_driver.program import await_program, read_error, start_program
from reneta.verif.programs.generator import Program, generate
from reneta.verif.programs.illegal import KINDS, START, Illegal, spoil, stops
from reneta.verif.programs.options import LARGE, SMALL, Options
from reneta.verif.programs.space import MisfitError

TIMEOUT_S = 300.0


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


def run_to_end(device: FastSimDevice, address: int, length: int) -> MachineState:
    """Run a program, going on behind each pause; the state in which it ended."""
    start_program(device, address, length)
    return await_program(device, TIMEOUT_S)


def check_legal(device: FastSimDevice, program: Program) -> None:
    """Run a legal program whose DRAM the chip has.

    Raises:
        DifferenceError: it does not end, or DRAM holds something else.
    """
    length = len(program.instructions)
    state = run_to_end(device, program.address, length)
    if state is not MachineState.IDLE:
        raise DifferenceError(f"a legal program ends in state {state.name}: {read_error(device)}")
    counted = device.read_register(Reg.PC)
    if counted != length:
        raise DifferenceError(f"the program counter is {counted} after {length} instructions")
    compare(device.sim.dram, program.run().dram)


def check_illegal(device: FastSimDevice, program: Program, illegal: Illegal) -> None:
    """Run a program with an error whose DRAM the chip has.

    Raises:
        DifferenceError: state, cause or program counter are others.
    """
    golden = stops(illegal, program)
    if golden != (illegal.cause, illegal.counter):
        raise DifferenceError(f"'{illegal.kind}': the golden machine stops with {golden}")
    state = run_to_end(device, illegal.address, illegal.length)
    error = read_error(device)
    # The memory may refuse a write when later instructions have ended.
    late = error.unit is ErrorUnit.WRITE and error.counter >= illegal.counter
    right = error.cause is illegal.cause and (late or error.counter == illegal.counter)
    if state is not MachineState.ERROR or not right:
        wanted = f"{illegal.cause.name} at {illegal.counter}"
        raise DifferenceError(f"'{illegal.kind}': state {state.name}, {error}; wanted {wanted}")
    if not device.sim.bus_idle:
        raise DifferenceError(f"'{illegal.kind}': the bus is not idle after the stop")


def check_every(library: Library, program: Program, seed: int, timing: MemoryTiming) -> None:
    """Compare DRAM, SMEM and the descriptor memory after each instruction.

    The program is broken off behind each of its instructions: a program of those up to there, with all that
    they overlap, and behind them moves of both memories to DRAM. Before them both memories are set to zero.

    Raises:
        DifferenceError: something differs; the message names the instruction.
    """
    hw = program.hw
    end = -(-len(program.dram) // hw.word_bytes) * hw.word_bytes
    tables = [end + hw.smem_words * hw.word_bytes + which * 4 * hw.max_m for which in (0, 1)]
    behind = tables[1] + 4 * hw.max_m
    load_lists, store_lists = (
        [move_descriptors(hw, which, address, store) for which, address in enumerate(tables)]
        for store in (False, True)
    )
    begin = [*moves(hw, hw.smem_words, end, 0), *load_lists]
    store = [*stores(hw, hw.smem_words, 0, end, fence=1), *store_lists]
    for number, instruction in enumerate(program.instructions):
        part = [*begin, *program.instructions[: number + 1], *store]
        dram, (entry,) = place_programs(hw, [part], [(0, program.dram)], behind)
        machine = Machine(hw, len(dram))
        machine.dram[:] = dram
        machine.run_image(*entry)
        with FastSimDevice(FastSim(library, dram, seed=seed, timing=timing)) as device:
            state = run_to_end(device, *entry)
            if state is not MachineState.IDLE:
                raise DifferenceError(
                    f"behind instruction {number}: state {state.name}, {read_error(device)}"
                )
            try:
                compare(device.sim.dram, machine.dram)
            except DifferenceError as error:
                text = disassemble(instruction)
                raise DifferenceError(f"behind instruction {number}, {text}: {error}") from None


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


def one_round(library: Library, hw: HwConfig, seed: int, options: Options) -> str:
    """A legal program and one with an error, with a reset between them; what was done, in words.

    Raises:
        DifferenceError, DriverError, SimulationError: something went wrong.
    """
    rng = np.random.default_rng(seed)
    program = generate(hw, rng, options)
    kind = str(rng.choice([*KINDS, *START]))
    dram = program.dram.copy()
    sim = FastSim(library, dram, seed=seed + 1, timing=random_timing(rng))
    with FastSimDevice(sim) as device:
        check_legal(device, program)
        try:
            illegal = spoil(program, rng, kind)
        except MisfitError:
            kind = "none"
        else:
            sim.dram[:] = illegal.dram
            check_illegal(device, program, illegal)
        device.reset()
        sim.dram[:] = program.dram
        check_legal(device, program)
    return kind


def every_round(library: Library, hw: HwConfig, seed: int, options: Options) -> str:
    """A legal program, with all memories compared after each instruction; the error in it: none.

    Raises:
        DifferenceError, DriverError, SimulationError: something went wrong.
    """
    rng = np.random.default_rng(seed)
    check_every(library, generate(hw, rng, options), seed, random_timing(rng))
    return "none"


def main(argv: Sequence[str] | None = None) -> int:
    """Command line; returns the exit code."""
    parser = argparse.ArgumentParser(prog="fuzz", description="Random programs on the whole chip")
    parser.add_argument("--config", default="bf16_pe4", help="configuration file or name")
    parser.add_argument("--seed", type=int, default=1, help="of the first round")
    parser.add_argument("--count", type=int, default=100, help="rounds")
    parser.add_argument("--large", action="store_true", help="long programs with large instructions")
    parser.add_argument("--every", action="store_true", help="compare all memories after each instruction")
    args = parser.parse_args(argv)
    try:
        hw = load_config(args.config)
        library = build_library(hw, asserts=True)
    except (ConfigError, BuildError) as error:
        print(f"fuzz: {error}", file=sys.stderr)
        return 2
    kinds: Counter[str] = Counter()
    play = every_round if args.every else one_round
    for seed in range(args.seed, args.seed + args.count):
        try:
            kinds[play(library, hw, seed, LARGE if args.large else SMALL)] += 1
        except (DifferenceError, DriverError, MachineError, SimulationError) as error:
            flags = "".join(f" --{flag}" for flag in ("large", "every") if getattr(args, flag))
            again = f"--config {hw.name} --seed {seed} --count 1{flags}"
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
