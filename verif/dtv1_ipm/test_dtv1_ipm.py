"""Tests of dtv1_ipm: operand streams, and end to end with SMEM and the compute core."""

from __future__ import annotations

from collections.abc import Sequence

import cocotb
import pyuvm
from pyuvm import uvm_factory

from reneta.golden.ccm_types import ErrorCause, Proc
from reneta.verif.common.analysis import AnalysisImp
from reneta.verif.common.base_test import BaseTest
from reneta.verif.common.hw import np_rng, rng
from reneta.verif.common.stalls import Stall
from reneta.verif.common.stream import Beat
from reneta.verif.dtv1_ipm.coverage import ENDS, stop_name
from reneta.verif.dtv1_ipm.env import IpmEnv, IpmEnvCfg, OperandPredictor, packed
from reneta.verif.dtv1_ipm.faults import FAULTS, SPARSE, Fault
from reneta.verif.dtv1_ipm.problem import PROCS, Maker, Problem, Shape


class IpmTest(BaseTest):
    """Makes problems, loads them, and sends their configurations."""

    env_type = IpmEnv
    cfg_type = IpmEnvCfg
    env: IpmEnv
    cfg: IpmEnvCfg

    def configure(self) -> None:
        """Begin with empty images, the operands going to the environment."""
        self.random = np_rng("problems")
        self.fresh()
        self.cfg.use_core(False)

    def fresh(self) -> None:
        """Begin new images."""
        self.maker = Maker(self.cfg.hw, self.random)
        self.cfg.images = self.maker.images

    def make(self, shapes: Sequence[Shape]) -> list[Problem]:
        """Problems of these shapes in fresh images."""
        self.fresh()
        return [self.maker.make(shape) for shape in shapes]

    async def send(self, problems: Sequence[Problem]) -> None:
        """Load the images and send all configurations."""
        await self.env.load(self.cfg.images)
        await self.env.cfgs.send([(problem.cfg.pack(self.cfg.hw),) for problem in problems])

    async def run(self, problems: Sequence[Problem]) -> None:
        """Send all, wait for the end; nothing may have stopped."""
        await self.send(problems)
        await self.env.drain()
        self.check_running()

    def check_running(self) -> None:
        """Nothing may have stopped."""
        assert int(self.cfg.dut.err_o.value) == 0, "a unit has stopped"
        assert int(self.cfg.dut.spm_err_o.value) == 0, "the descriptor memory has stopped"

    def stall_all(self, profiles: Sequence[Stall]) -> None:
        """Draw a profile for each stream."""
        choose = rng("profiles", self.clocking.now())
        for agent in self.env.streams.values():
            agent.set_stalls(choose.choice(profiles))


@pyuvm.test()
class RandomTest(IpmTest):
    """Random problems of every procedure, dense and sparse, from DRAM and SMEM, under random stalls."""

    async def body(self) -> None:
        """Several sets of problems."""
        for _ in range(5):
            self.stall_all((Stall.NONE, Stall.LIGHT, Stall.HEAVY, Stall.BURST))
            shapes = [self.maker.draw() for _ in range(16)]
            await self.run(self.make(shapes))


@pyuvm.test()
class DensityTest(IpmTest):
    """Lists of every density, none and all among them, each followed by the next instruction at once."""

    async def body(self) -> None:
        """All sparse procedures, from DRAM and from SMEM."""
        self.stall_all((Stall.NONE,))
        for proc in SPARSE:
            for dram in (0, 1):
                await self.run(self.make(self.maker.placed(proc, dram)))
                shapes = [
                    Shape(proc, 2 * self.cfg.hw.num_pe + 1, columns, steps, density, dram)
                    for columns, steps in ((20, 2), (1, 4))
                    for density in (0.0, 0.05, 0.3, 0.5, 0.7, 0.9, 1.0, None)
                ]
                await self.run(self.make(shapes))


@pyuvm.test()
class GapTest(IpmTest):
    """In a sequence of sparse instructions no gap in the operand stream is longer than two cycles.

    The DRAM answers after 40 cycles and then with a word a cycle; the lists are not empty.
    """

    LONGEST = 2

    def connect_phase(self) -> None:
        """Note the cycle of every operand word."""
        self.accepted: list[int] = []
        timer = AnalysisImp("timer", self, lambda _: self.accepted.append(self.clocking.now()))
        self.env.opds.ap.connect(timer)

    async def body(self) -> None:
        """Instructions of one step each, for several numbers of row groups."""
        self.stall_all((Stall.NONE,))
        for proc in (Proc.MXV_SP, Proc.MTXV_SP, Proc.VXV_SP):
            for groups in (1, 2, 4, 7):
                shapes = [
                    Shape(proc, groups * self.cfg.hw.num_pe, 32, 1, density, 1)
                    for density in (0.5, 0.25, 0.5, 0.1, 0.1, 0.75, 0.5, 0.3)
                ]
                problems = self.make(shapes)
                self.accepted.clear()
                await self.run(problems)
                gaps = [b - a - 1 for a, b in zip(self.accepted, self.accepted[1:], strict=False)]
                self.logger.info("%s, %d groups: longest gap %d", proc.name, groups, max(gaps))
                assert max(gaps) <= self.LONGEST, f"{proc.name}, {groups} groups: a gap of {max(gaps)} cycles"


class CoreTest(IpmTest):
    """Sends operands to the compute core and compares its results with the golden model."""

    def configure(self) -> None:
        """Put the core behind."""
        super().configure()
        self.cfg.use_core(True)

    def connect_phase(self) -> None:
        """Collect the results."""
        self.seen: list[tuple[int, int]] = []
        self.last = 0
        collect = AnalysisImp("collect", self, self._collect)
        self.env.results.ap.connect(collect)

    def _collect(self, beat: Beat) -> None:
        self.seen.append((beat[0], beat[1]))
        self.last = self.clocking.now()

    async def cleared(self) -> None:
        """Wait until the core has cleared its accumulators."""
        await self.clocking.cycles(self.cfg.hw.acc_words)

    async def feed(self, problems: Sequence[Problem]) -> int:
        """Load the images and send all configurations, to the core too; the cycle of the first one."""
        hw = self.cfg.hw
        self.seen.clear()
        await self.env.load(self.cfg.images)
        start = self.clocking.now()
        cores = [(problem.core.pack(hw),) for problem in problems]
        sending = cocotb.start_soon(self.env.core_cfgs.send(cores))
        await self.env.cfgs.send([(problem.cfg.pack(hw),) for problem in problems])
        await sending
        return start

    async def solve(self, shapes: Sequence[Shape]) -> tuple[int, int]:
        """Run problems through the core; cycles from first configuration to last result, and words."""
        problems = self.make(shapes)
        start = await self.feed(problems)
        await self.env.drain()
        expected = sum(len(problem.results) for problem in problems)
        for _ in range(1000):
            if len(self.seen) >= expected:
                break
            await self.clocking.cycles(8)
        assert int(self.cfg.dut.core_err_o.value) == ErrorCause.NONE
        self.check_running()
        self.compare(problems)
        return self.last - start, sum(problem.words for problem in problems)

    def compare(self, problems: Sequence[Problem]) -> None:
        """Every result, bit for bit."""
        lane = (1 << self.cfg.hw.res_w) - 1
        expected = [(p.scalar, packed(row)) for p in problems for row in p.results]
        assert len(self.seen) == len(expected), f"{len(self.seen)} results, expected {len(expected)}"
        for number, ((scalar, want), (got_scalar, got)) in enumerate(zip(expected, self.seen, strict=True)):
            got &= lane if scalar else -1
            assert (got_scalar, got) == (scalar, want), f"result {number}: {got:x}, expected {want:x}"


@pyuvm.test()
class EndToEndTest(CoreTest):
    """With SMEM and the compute core all procedures give the golden model's results on whole matrices."""

    # Row groups, columns, steps and instructions of the problems whose cycles are shown.
    TIMED = ((4, 32, 1, 1), (8, 64, 4, 4))
    ROW = "{:9}  {:>14}  {:>5}  {:>7}  {:>4}  {:>25}  {:>6}  {:>11}"
    HEADINGS = (
        "procedure",
        "rows x columns",
        "steps",
        "density",
        "runs",
        "elements x groups (limit)",
        "cycles",
        "utilisation",
    )

    async def body(self) -> None:
        """Random problems; lists of all kinds, each followed by every procedure; cycles beside the limit."""
        await self.cleared()
        self.stall_all((Stall.NONE, Stall.LIGHT, Stall.HEAVY))
        await self.solve([self.maker.draw() for _ in range(24)])
        self.stall_all((Stall.NONE,))
        for proc in SPARSE:
            for dram in (0, 1):
                await self.solve(self.maker.placed(proc, dram))
                densities = (0.0, 0.1, 0.4, 0.6, 0.9, 1.0)
                shapes = [Shape(proc, 2 * self.cfg.hw.num_pe - 1, 20, 2, d, dram) for d in densities]
                await self.solve(shapes)
        for end in ENDS:
            for dram in (0, 1):
                await self.solve([shape for proc in PROCS for shape in self.followed(end, proc, dram)])
        await self.show_cycles()

    def followed(self, end: str, proc: Proc, dram: int) -> list[Shape]:
        """An instruction that ends like this, and another one of a procedure."""
        num_pe = self.cfg.hw.num_pe
        columns = num_pe + 2
        count = {"dense": 0, "none": 0, "one": 1, "last_lane": num_pe, "all": columns}[end]
        kinds = tuple(p for p in PROCS if p.sparse == (end != "dense"))
        first = kinds[self.maker.below(len(kinds))]
        return [
            Shape(first, num_pe, columns, 2, dram=dram, counts=(1, count), start=num_pe - 1),
            Shape(proc, num_pe, columns, 1, dram=dram, counts=(2,)),
        ]

    async def show_cycles(self) -> None:
        """Cycles of larger problems, from the first configuration to the last result."""
        self.report([self.ROW.format(*self.HEADINGS)])
        for groups, columns, steps, runs in self.TIMED:
            for proc in PROCS:
                density = 0.5 if proc.sparse else 1.0
                shape = Shape(proc, groups * self.cfg.hw.num_pe, columns, steps, density)
                cycles, words = await self.solve([shape] * runs)
                size, used = f"{shape.rows} x {columns}", f"{words / cycles:.1%}"
                numbers = (proc.name, size, steps, f"{density:.0%}", runs, words, cycles, used)
                self.report([self.ROW.format(*numbers)])


@pyuvm.test()
class ResetTest(CoreTest):
    """A reset in the middle of anything, with and without the core; what comes afterwards is right."""

    async def body(self) -> None:
        """Traffic, reset, traffic."""
        for number in range(8):
            self.cfg.use_core(bool(number % 2))
            self.stall_all((Stall.NONE, Stall.LIGHT))
            problems = self.make([self.maker.draw() for _ in range(8)])
            sending = cocotb.start_soon(self.feed(problems))
            await self.clocking.cycles(len(self.cfg.images.used) + self.maker.below(500) + 20)
            sending.cancel()
            await self.env.reset()
            shapes = [self.maker.draw() for _ in range(3)]
            if self.cfg.core:
                await self.cleared()
                await self.solve(shapes)
            else:
                await self.run(self.make(shapes))


@pyuvm.test()
class ErrorTest(IpmTest):
    """Whatever software may do wrong stops the unit that notices it with its cause; a reset brings it back.

    All that was complete before the stop comes, and nothing else.
    """

    # Cycles in which an error has to show.
    PATIENCE = 20_000
    QUIET = 200

    async def body(self) -> None:
        """Every fault in every procedure in which it can be."""
        for fault in FAULTS:
            for proc in fault.procs:
                for dram in fault.drams:
                    await self.stop(fault, proc, dram)

    async def stop(self, fault: Fault, proc: Proc, dram: int) -> None:
        """Send good instructions, a bad one and some more; compare what stopped and what came; reset."""
        self.stall_all((Stall.NONE, Stall.LIGHT, Stall.HEAVY))
        self.fresh()
        good = [self.maker.make(self.maker.draw()) for _ in range(2)]
        bad = fault.make(self.maker, proc, dram)
        more = [self.maker.make(self.maker.draw()) for _ in range(2)]
        sending = cocotb.start_soon(self.send([*good, bad, *more]))
        for _ in range(0, self.PATIENCE, 8):
            await self.clocking.cycles(8)
            if self.stopped() and not self.env.operands.pending:
                break
        await self.clocking.cycles(self.QUIET)
        what = f"{fault.name}, {proc.name}"
        assert self.stopped(), f"{what}: err_o is {self.errors()}, expected {self.expected()}"
        assert not self.env.operands.pending, f"{what}: {self.env.operands.pending} operand words are missing"
        for board in (self.env.operands, self.env.counts, self.env.commands):
            assert not board.surplus, f"{what}: {board.surplus} {board.get_name()} came after the stop"
        self.note(fault, proc)
        sending.cancel()
        await self.env.reset()
        await self.run(self.make([Shape(proc, 5, 6, 2), self.maker.draw()]))

    def errors(self) -> tuple[int, int]:
        """The error outputs: of the units, and of the descriptor memory."""
        return int(self.cfg.dut.err_o.value), int(self.cfg.dut.spm_err_o.value)

    def expected(self) -> tuple[int, int]:
        """What the model says about them."""
        return self.env.predictor.errors, int(self.env.predictor.no_steps)

    def stopped(self) -> bool:
        """Whether something has stopped, and exactly what had to."""
        return any(self.errors()) and self.errors() == self.expected()

    def note(self, fault: Fault, proc: Proc) -> None:
        """Sample the coverage."""
        stops = [stop_name(unit, cause) for unit, cause in self.env.predictor.causes.items()]
        for stop in [*stops, *["spm"] * self.env.predictor.no_steps]:
            self.env.faults.write((fault.name, proc.name, stop))


class WrongPredictor(OperandPredictor):
    """Expects one operand too many."""

    def write(self, beat: Beat) -> None:
        """Repeat an operand word."""
        super().write(beat)
        self.ap.write((0, 0, 0))


@pyuvm.test(expect_fail=True)
class NegativeTest(IpmTest):
    """The scoreboards can fail: a predictor that expects a word too many must be noticed."""

    def configure(self) -> None:
        """Put the wrong predictor in."""
        super().configure()
        uvm_factory().set_type_override_by_type(OperandPredictor, WrongPredictor)

    async def body(self) -> None:
        """Ordinary traffic."""
        await self.send(self.make([self.maker.draw() for _ in range(4)]))
        await self.env.drain()
