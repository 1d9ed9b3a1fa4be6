"""Tests of dtv1_ipm: operand streams, and end to end with SMEM and the compute core."""

from __future__ import annotations

import cocotb
import pyuvm
from pyuvm import uvm_factory

from reneta.golden.ccm_types import Proc
from reneta.golden.ipm_types import Side, Source
from reneta.verif.common.analysis import AnalysisImp
from reneta.verif.common.stalls import Stall
from reneta.verif.common.stream import Beat
from reneta.verif.dtv1_ipm.base import CoreTest, IpmTest
from reneta.verif.dtv1_ipm.coverage import ENDS, stop_name
from reneta.verif.dtv1_ipm.faults import FAULTS, SPARSE, Fault, right
from reneta.verif.dtv1_ipm.predictor import OperandPredictor
from reneta.verif.dtv1_ipm.problem import PROCS, Shape
from reneta.verif.dtv1_ipm.vectors import Elementwise


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


@pyuvm.test()
class VectorTest(IpmTest):
    """EWISE from all sources, moves, side beats and handed indices, between matrix procedures."""

    async def body(self) -> None:
        """All sources and layouts; the smallest and the largest; anything."""
        hw, choose = self.cfg.hw, (Stall.NONE, Stall.LIGHT, Stall.HEAVY, Stall.BURST)
        self.cfg.use_retirer(True)
        for profiles in ((Stall.NONE,), choose):
            self.stall_all(profiles)
            vectors = self.vectors()
            await self.run([vectors.ewise(what) for what in vectors.choices()])
        for sources in ((Source.SMEM, Source.SMEM, Source.SMEM), (Source.ONE, Source.SAME, Source.ONE)):
            vectors = self.vectors()
            sizes = ((1, 1), (1, 40), (hw.num_pe * hw.max_groups, 1), (hw.num_pe, 40), (1, 1))
            await self.run([vectors.ewise(Elementwise(*size, sources, side=Side.VECTOR)) for size in sizes])
        for _ in range(4):
            self.stall_all(choose)
            await self.run(self.mixed(self.vectors(), 40))


@pyuvm.test()
class DependTest(IpmTest):
    """Nothing is read before what it depends on has ended, whenever that is; in the end all is read."""

    async def body(self) -> None:
        """Each from the one before; from any before; none, and nothing ends for long."""
        self.cfg.use_retirer(True)
        self.stall_all((Stall.NONE,))
        for dep in (1, 2, 7):
            vectors = self.vectors()
            await self.run([self.with_dep(problem, dep) for problem in self.mixed(vectors, 24)])
        for _ in range(3):
            self.stall_all((Stall.NONE, Stall.LIGHT, Stall.BURST))
            vectors = self.vectors()
            await self.run(vectors.depend(self.mixed(vectors, 24), 7))
        await self.never_ending()

    async def never_ending(self) -> None:
        """As many instructions begin as may be on their way; the rest when they end."""
        most = 127
        self.stall_all((Stall.NONE,))
        vectors = self.vectors()
        what = Elementwise(1, 1, (Source.SMEM, Source.ONE, Source.ZERO))
        problems = [vectors.ewise(what) for _ in range(most + 20)]
        self.env.retirer.stop()
        before = self.env.opds.monitor.count
        sending = cocotb.start_soon(self.send(problems))
        await self.clocking.cycles(3000)
        begun = self.env.opds.monitor.count - before
        assert begun == most, f"{begun} instructions began without any end, not {most}"
        self.env.retirer.resume()
        await sending
        await self.env.drain()
        self.check_running()


@pyuvm.test()
class RateTest(IpmTest):
    """EWISE takes a word a cycle, or as many cycles as the banks of SMEM need for its words."""

    # Sources, and cycles of SMEM for each word: a and c are in one bank, b in the other.
    CASES = (
        ((Source.SMEM, Source.SMEM, Source.ONE), 1),
        ((Source.ONE, Source.SMEM, Source.SMEM), 1),
        ((Source.SMEM, Source.SAME, Source.ZERO), 1),
        ((Source.ONE, Source.ZERO, Source.SAME), 1),
        ((Source.SMEM, Source.SMEM, Source.SMEM), 2),
        ((Source.ONE, Source.SMEM, Source.WIDE), 2),
        ((Source.SMEM, Source.SMEM, Source.WIDE), 3),
    )

    def connect_phase(self) -> None:
        """Note the cycle of every operand word."""
        self.accepted: list[int] = []
        timer = AnalysisImp("timer", self, lambda _: self.accepted.append(self.clocking.now()))
        self.env.opds.ap.connect(timer)

    async def body(self) -> None:
        """Few long instructions, and many short ones."""
        self.stall_all((Stall.NONE,))
        groups = self.cfg.hw.max_groups // 4
        for sources, cycles in self.CASES:
            if self.cfg.hw.is_fp or Source.WIDE not in sources:
                for rows, steps, count in ((groups, 8, 2), (8, 1, 20)):
                    side = Side.NONE if Source.WIDE in sources else Side.VECTOR
                    what = Elementwise(rows * self.cfg.hw.num_pe, steps, sources, side=side)
                    await self.time(what, count, cycles)

    async def time(self, what: Elementwise, count: int, cycles: int) -> None:
        """Run so many of these and compare the cycles."""
        vectors = self.vectors()
        self.accepted.clear()
        await self.run([vectors.ewise(what) for _ in range(count)])
        taken, words = self.accepted[-1] - self.accepted[0] + 1, len(self.accepted)
        text = f"{what.rows} rows, {what.steps} steps, {count} times: {words} words in {taken} cycles"
        self.logger.info("%s: %s", [Source(s).name for s in what.sources], text)
        # The FIFOs at the ends may be filled before the first word.
        assert taken <= words * cycles + cycles, text


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
        self.cfg.use_retirer(True)
        for profiles in ((Stall.NONE,), (Stall.LIGHT, Stall.HEAVY, Stall.BURST)):
            self.stall_all(profiles)
            vectors = self.vectors()
            await self.solve_all([vectors.ewise(what) for what in vectors.choices()])
            await self.solve_all(self.mixed(self.vectors(), 40))

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
            if self.stopped() and not self.env.operands.pending and not self.env.side_beats.pending:
                break
        await self.clocking.cycles(self.QUIET)
        what = f"{fault.name}, {proc.name}"
        assert self.stopped(), f"{what}: err_o is {self.errors()}, expected {self.expected()}"
        assert not self.env.operands.pending, f"{what}: {self.env.operands.pending} operand words are missing"
        for board in (self.env.addends, self.env.side_beats):
            assert not board.pending, f"{what}: {board.pending} {board.get_name()} are missing"
        for board in self.env.boards:
            assert not board.surplus, f"{what}: {board.surplus} {board.get_name()} came after the stop"
        self.note(fault, proc)
        sending.cancel()
        await self.env.reset()
        self.fresh()
        await self.run([right(self.maker, proc, dram), self.maker.make(self.maker.draw())])

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
