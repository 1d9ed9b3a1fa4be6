"""Tests of dtv1_srg, each on both channels."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace

import pyuvm
from pyuvm import uvm_factory

from reneta.golden.ccm_types import ErrorCause, Proc
from reneta.golden.ipm import Column, Read, Unit
from reneta.golden.ipm_types import IpmCfg, Side, Source
from reneta.golden.lists import Descriptor
from reneta.verif.common.stalls import Stall
from reneta.verif.common.stream_agent import StreamAgent
from reneta.verif.dtv1_srg.env import SrgEnv, SrgPredictor
from reneta.verif.ipm import tests
from reneta.verif.ipm.program import MATRIX, MATRIX_WORK, Instruction


class SrgTest(tests.IpmUnitTest):
    """A test of the operand readers."""

    env_type = SrgEnv
    env: SrgEnv

    def configure(self) -> None:
        """Begin with the first channel."""
        super().configure()
        self.cfg.dut.second_i.value = 1


@pyuvm.test()
class ProcedureTest(SrgTest, tests.ProcedureBody):
    """Every procedure."""


@pyuvm.test()
class RandomTest(SrgTest, tests.RandomBody):
    """Random instructions and stalls."""


@pyuvm.test()
class StarvedTest(SrgTest, tests.StarvedBody):
    """Streams that bring or take something only now and then."""


@pyuvm.test()
class SizeTest(SrgTest, tests.SizeBody):
    """Largest matrices and lists, many steps."""


@pyuvm.test()
class ResetTest(SrgTest, tests.ResetBody):
    """Resets in the middle."""


@pyuvm.test()
class ThroughputTest(SrgTest, tests.ThroughputBody):
    """One request a cycle, exactly as predicted."""

    @property
    def measured(self) -> StreamAgent:
        """Requests."""
        return self.env.reqs


@pyuvm.test()
class ErrorTest(SrgTest, tests.ErrorBody):
    """Errors stop the unit with their cause: operands past the end, steps and sources that do not exist."""

    # Whether descriptors come long after the configuration that waits for them.
    late_descriptors = False

    def stall_all(self, profiles: Sequence[Stall]) -> None:
        """Draw a profile for each stream."""
        super().stall_all(profiles)
        if self.late_descriptors:
            self.env.descs.set_stalls(Stall.STARVED)

    async def more(self) -> None:
        """In every procedure; lists that wrap among them."""
        for proc in MATRIX_WORK:
            for _ in range(3):
                await self.stop(self.past_the_end(proc), ErrorCause.ADDRESS)
            for self.late_descriptors in (True, False):
                await self.stop(self.past_the_last_step(proc), ErrorCause.ADDRESS)
        for _ in range(4):
            await self.stop(self.vector_past_the_end(Proc.EWISE), ErrorCause.ADDRESS)
        if self.unit is Unit.FIRST:
            for proc in (Proc.MXV_SP, Proc.MTXV_SP):
                await self.stop(self.far_past_the_end(proc), ErrorCause.ADDRESS)
            await self.stop(self.vector_past_the_end(Proc.MOVE), ErrorCause.ADDRESS)
            await self.stop(self.element_past_the_end(), ErrorCause.ADDRESS)
            await self.stop_sources("a_src", (Source.WIDE, Source.SAME, 5, 7))
        else:
            await self.stop_sources("b_src", (Source.WIDE, 5, 6, 7))

    def check_stopped(self, cause: ErrorCause) -> None:
        """The index of the column that cannot be read is on offer still: the model learns it here."""
        predictor, idxs = self.env.predictor, self.env.idxs
        if predictor.cause is ErrorCause.NONE and idxs is not None and idxs.cfg.port.valid.value:
            predictor.idx_in.write(idxs.cfg.port.read())
        super().check_stopped(cause)

    def far_past_the_end(self, proc: int) -> Instruction:
        """The last column of the largest matrix, from the last word on: more than twice the memory away."""
        hw = self.cfg.hw
        one = self.draw.make(proc, 1 << hw.cnt_w, hw.max_n, counts=[1])
        far = replace(one.cfg, src0_addr=hw.smem_words - 1)
        return replace(one, cfg=far, indices=[[hw.max_n - 1]])

    def vector_past_the_end(self, proc: int) -> Instruction:
        """EWISE or MOVE, in order or a sequence, of which some words, not the first, are past the end."""
        hw = self.cfg.hw
        one = self.draw.make(proc, 3, 4, 2)
        step, stride, last = one.cfg.step, hw.max_m, hw.smem_words - 1
        near = max(last - step - stride - self.draw.below(stride), 0)
        if self.draw.below(2) or proc == Proc.MOVE:
            near, seq = last - self.draw.below(3 * 4 * 2 - 1), 0
        else:
            seq = 1
        sources = {"a_src": Source.SMEM, "b_src": Source.SMEM, "a_seq": seq, "b_seq": seq}
        places = {"stride": stride, "src0_addr": near, "src1_addr": near}
        return replace(one, cfg=replace(one.cfg, **sources, **places))

    def element_past_the_end(self) -> Instruction:
        """A vector whose elements for the side stream are past the end from the second or third word on."""
        hw = self.cfg.hw
        columns = 3 * hw.num_pe
        one = self.draw.make(Proc.MTXV_SP, 2, columns, counts=[columns], dram=1)
        near = hw.smem_words - 1 - self.draw.below(2)
        return replace(one, cfg=replace(one.cfg, side=Side.LIST, src0_addr=near))

    def past_the_last_step(self, proc: int) -> Instruction:
        """Few steps or all that a sequence may have, of which the last one or more do not exist."""
        max_m = self.cfg.hw.max_m
        steps = (3, max_m)[self.draw.below(2)]
        one = self.draw.make(proc, 1, 2, steps)
        first = (max_m - steps + 1, max_m - 1)[self.draw.below(2)]
        return replace(one, cfg=replace(one.cfg, step=first))

    def past_the_end(self, proc: int) -> Instruction:
        """Operands so near the end of the memory that some of their words, not the first, are past it."""
        hw = self.cfg.hw
        columns = 3 * hw.num_pe
        one = self.draw.make(proc, 3, columns, counts=[columns])
        last = hw.smem_words - 1
        # In a list the addresses of the last two words do not exist; elsewhere the stride leads out.
        place = Descriptor(1 + self.draw.below(last - 4), 0, columns)
        base = last - place.word
        if self.draw.below(2):
            # The words of the list itself wrap.
            place, base = Descriptor(last, 0, columns), 0
        by_list = self.unit is Unit.SECOND and proc in (Proc.MXV_SP, Proc.VXV_SP)
        if by_list:
            cfg = replace(one.cfg, src1_addr=base)
            return Instruction(cfg, [place], one.indices)
        step, stride = one.cfg.step, hw.max_m
        near = max(last - step - stride - self.draw.below(stride), 0)
        cfg = replace(one.cfg, stride=stride, src1_addr=near, src0_addr=near)
        if self.unit is Unit.FIRST and proc in MATRIX:
            cfg = replace(cfg, src0_addr=last - self.draw.below(3 * columns - 1))
        return replace(one, cfg=cfg)


class WrongPredictor(SrgPredictor):
    """Expects a wrong address now and then."""

    def reads(self, cfg: IpmCfg, column: Column, index: int) -> Iterator[Read]:
        """Flip the lowest address bit of every ninth request."""
        reads: Iterable[Read] = super().reads(cfg, column, index)
        for read in reads:
            self.seen = getattr(self, "seen", 0) + 1
            yield read._replace(addr=read.addr ^ 1) if self.seen % 9 == 0 else read


@pyuvm.test(expect_fail=True)
class NegativeTest(SrgTest, tests.CheckerBody):
    """The scoreboard must notice a wrong prediction: this test passes when it fails."""

    def configure(self) -> None:
        """Put the wrong predictor in."""
        super().configure()
        uvm_factory().set_type_override_by_type(SrgPredictor, WrongPredictor)
