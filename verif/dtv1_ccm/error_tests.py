"""Errors of dtv1_ccm: what a test that runs into one has to do, and the errors one by one."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from reneta.golden.ccm_types import CORE_PROCS, CcmCfg, ErrorCause, Proc
from reneta.verif.common.stalls import Stall
from reneta.verif.dtv1_ccm.base import CcmTest
from reneta.verif.dtv1_ccm.instruction import Instruction, Limits


class StopTest(CcmTest):
    """A test that runs into errors."""

    async def expect_stop(
        self, instructions: Sequence[Instruction], cause: ErrorCause, words: int, bad: int = 0
    ) -> None:
        """Send all of this, of which `words` operand words belong to what comes before the error.

        Instruction number `bad` of these is the one with the error. Waits for it, compares what had been
        complete, and resets.
        """
        before = self.env.opds.monitor.count
        number = (self.given + bad) % (1 << self.cfg.hw.seq_w)
        self.stall_all((Stall.NONE, Stall.LIGHT))
        tasks = self.start(instructions)
        dut = self.cfg.dut
        while int(dut.err_o.value) == ErrorCause.NONE:
            await self.clocking.cycles(1)
        self.env.predictor.finish_columns()
        await self.clocking.cycles(400)
        self.check(idle=int(dut.idle_o.value), err=cause)
        assert int(dut.num_o.value) == number, f"num_o is {int(dut.num_o.value)}, not {number}"
        taken = self.env.opds.monitor.count - before
        assert taken == words, f"{taken} operand words are taken, not the {words} before the error"
        assert not self.env.scoreboard.pending, "results of complete work are missing"
        await self.reset_all(tasks)
        await self.run(self.many(2))


class ErrorBody(StopTest):
    """All errors."""

    async def body(self) -> None:
        """All causes, after good instructions that run into the bad one."""
        hw = self.cfg.hw
        good = replace(self.small, words=60)
        size = 1 << hw.cnt_w
        mxv = CcmCfg(proc=Proc.MXV, cnt0=0, cnt1=0, cnt2=0, lanes=0)
        for code in sorted(set(range(16)) - set(CORE_PROCS)):
            await self.stop(self.many(3, good), replace(mxv, proc=code), ErrorCause.PROC)
        if hw.max_groups < size:
            for proc in (Proc.MXV, Proc.MTXV_SP):
                too_tall = replace(mxv, proc=proc, cnt0=hw.max_groups)
                await self.stop(self.many(3, good), too_tall, ErrorCause.SIZE)
        too_many = hw.acc_words // (hw.max_n // hw.num_pe)
        if too_many < size:
            too_large = replace(mxv, proc=Proc.VXV, cnt0=hw.max_n // hw.num_pe - 1, cnt1=too_many)
            await self.stop(self.many(3, good), too_large, ErrorCause.SIZE)
        too_large = replace(mxv, proc=Proc.VXV, cnt0=size - 1, cnt1=size - 1)
        if size * size > hw.acc_words:
            await self.stop(self.many(3, good), too_large, ErrorCause.SIZE)
        for proc in (Proc.MXV, Proc.MXV_SP, Proc.EWISE):
            await self.stop(self.many(3, good), replace(mxv, proc=proc, init=1, cont=1), ErrorCause.PROC)
        await self.too_many_words(good)
        for proc in (Proc.MXV_SP, Proc.MTXV_SP, Proc.VXV_SP):
            for steps in (0, 2):
                await self.bad_list(proc, steps)
            await self.last_index(proc)
        await self.run([self.draw.fill(replace(mxv, proc=Proc.IDLE), [])] * (1 << hw.seq_w))
        await self.stop(self.many(3, good), replace(mxv, init=1, cont=1), ErrorCause.PROC)

    async def too_many_words(self, good: Limits) -> None:
        """The last accumulators serve; one word more is an error in every procedure that uses them."""
        size = CcmCfg(proc=Proc.ACC, cnt0=2, cnt1=0, cnt2=0, lanes=0, acc=1, drain=1)
        for proc, words in ((Proc.MXV, 3), (Proc.MXV_SP, 3), (Proc.VXV, 12), (Proc.ACC, 12), (Proc.EWISE, 6)):
            fits = replace(
                size,
                proc=proc,
                cnt1=0 if proc == Proc.EWISE else 3,
                cnt2=1 if proc == Proc.EWISE else 0,
                base=self.cfg.hw.acc_words - words,
            )
            await self.run([self.draw.fill(fits, [2] if proc.sparse else [])])
            await self.stop(self.many(2, good), replace(fits, base=fits.base + 1), ErrorCause.SIZE)
        columns = replace(size, proc=Proc.EWISE, cnt1=1)
        await self.stop(self.many(2, good), columns, ErrorCause.SIZE)

    async def stop(self, good: Sequence[Instruction], bad: CcmCfg, cause: ErrorCause) -> None:
        """Send good instructions and a bad configuration; what follows must not be taken."""
        ignored = self.many(2)
        words = self.draw.fill(replace(bad, proc=Proc.IDLE), [])
        consumed = sum(len(one.operand_beats) for one in good)
        await self.expect_stop([*good, replace(words, cfg=bad), *ignored], cause, consumed, len(good))

    async def bad_list(self, proc: Proc, steps: int) -> None:
        """A count that is too large, and an index that is out of range, after some good steps."""
        columns, groups = 6, 3
        cfg = CcmCfg(proc=proc, cnt0=groups - 1, cnt1=columns - 1, cnt2=steps, lanes=0)
        instruction = self.draw.fill(cfg, [3] * steps + [4])
        too_many = replace(instruction, counts=[3] * steps + [columns + 1])
        await self.expect_stop([too_many], ErrorCause.COUNT, 3 * steps * groups)
        indices = instruction.indices.copy()
        # The third column of the last step.
        consumed = (3 * steps + 2) * groups
        indices[consumed:] = columns
        await self.expect_stop([replace(instruction, indices=indices)], ErrorCause.INDEX, consumed)

    async def last_index(self, proc: Proc) -> None:
        """The last word's index is out of range, and the next configuration is wrong, too."""
        cfg = CcmCfg(proc=proc, cnt0=2, cnt1=5, cnt2=0, lanes=0)
        instruction = self.draw.fill(cfg, [4])
        instruction.indices[-1] = cfg.cnt1 + 1
        after = self.draw.fill(CcmCfg(proc=Proc.IDLE, cnt0=0, cnt1=0, cnt2=0, lanes=0), [])
        bad = replace(after, cfg=replace(after.cfg, proc=Proc.MXV, init=1, cont=1))
        words = len(instruction.indices) - 1
        await self.expect_stop([after, instruction, bad], ErrorCause.INDEX, words, 1)
