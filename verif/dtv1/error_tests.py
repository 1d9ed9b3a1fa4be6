"""Bodies of tests with errors: of instructions, of programs' addresses, of the memory."""

from __future__ import annotations

from dataclasses import replace
from typing import ClassVar

import numpy as np

from reneta.compiler.hazards import dram_read, dram_written, footprint, meet
from reneta.compiler.traffic import program_bytes
from reneta.golden import isa
from reneta.golden.ccm_types import ErrorCause, Proc
from reneta.golden.control_types import ErrorUnit
from reneta.golden.instruction import Instruction
from reneta.golden.ipm_types import Source
from reneta.golden.isa_types import INSN_BYTES
from reneta.verif.axi.channels import Resp
from reneta.verif.common.hw import np_rng
from reneta.verif.common.stalls import Stall
from reneta.verif.dtv1.base import DONE, ERROR, PAUSE, SHORT, ChipTest, legal_values
from reneta.verif.dtv1.course import Course, Job
from reneta.verif.programs.illegal import KINDS, START, Illegal, spoil
from reneta.verif.programs.space import MisfitError


class ErrorTest(ChipTest):
    """Programs that end in state ERROR."""

    faulty = True
    options = SHORT
    PROFILES: ClassVar[tuple[Stall, ...]] = (Stall.NONE, Stall.NONE, Stall.LIGHT, Stall.HEAVY)

    def draw(self) -> None:
        """Draw stalls and latencies."""
        self.draw_stalls(self.PROFILES)
        self.env.dram.read_latency = self.random.choice((2, 10, 40))
        self.env.dram.write_latency = self.random.choice((2, 10, 40))

    async def error(self) -> int:
        """Resume at pauses; the interrupts behind the last one."""
        while True:
            bits = await self.interrupt()
            if bits != PAUSE:
                return bits
            await self.command("resume")

    async def precise(self, course: Course, counter: int) -> None:
        """Demand that all before the faulty instruction is in memory, and nothing behind it."""
        hw = self.cfg.hw
        faulty = course.instructions[counter : counter + 1]
        ignored, forgotten = range(0), np.empty(0, np.int64)
        for one in faulty:
            ignored = dram_written(one, hw)
            if one.step + one.cnt2 < hw.max_m:
                forgotten = footprint(one, hw).lists_written
        self.env.compare_dram(course, counter, ignored)
        moment = course.moments[counter]
        moment = moment._replace(known=np.setdiff1d(moment.known, forgotten))
        await self.env.compare_descriptors(Course(course.job, [], [moment], course.cause), 0, 4)
        self.env.coverage.program(
            Course(course.job, course.instructions, course.moments[: counter + 1], course.cause)
        )
        ended = (await self.counters()).instructions
        assert ended == counter, f"INSTRUCTIONS {ended}, PC {counter}"

    async def recover(self, good: bool) -> None:
        """Reset, and a program without an error."""
        self.env.dram.faults = {}
        await self.soft_reset()
        if good:
            await self.good()


class IllegalBody(ErrorTest):
    """Each kind of wrong instruction and of wrong address, anywhere in a program."""

    # Programs without an error behind so many ones with an error.
    GOOD = 5
    # Found by control, by the core, by the input module.
    BEHIND = ("reserved bit", "unknown procedure", "source that an operand cannot have")

    def kinds(self) -> tuple[str, ...]:
        """The kinds of this test."""
        return (*KINDS, *START)

    async def body(self) -> None:
        """One after another."""
        drawn = [self.illegal(kind) for kind in self.kinds()]
        drawn += [self.past_smem(one) for one in self.past()]
        for number, illegal in enumerate(one for one in drawn if one is not None):
            self.draw()
            await self.stops(illegal)
            await self.recover(number % self.GOOD == 0)
        for kind in self.BEHIND:
            self.draw()
            self.env.set_stalls("aw", Stall.STARVED)
            await self.stops(self.behind_stores(kind))
            await self.recover(False)

    def behind_stores(self, kind: str) -> Illegal:
        """A program whose error is found while words of the instructions before it still wait for DRAM."""
        program = self.program()
        number = len(program.instructions) - 1
        # A burst for each column.
        store = Instruction(Proc.MOVE, cnt0=1, cnt1=7, src0_addr=program.space.windows[0].start, dep=1)
        store = replace(store, to_dram=1, dram_dst=program.space.scratch.start)
        before = program.instructions[: number - 1]
        program.dram[program.address + INSN_BYTES * (number - 1) :][:INSN_BYTES] = isa.image(
            [store], self.cfg.hw
        )
        stored = replace(program, instructions=(*before, store, program.instructions[number]))
        return spoil(stored, np_rng("behind", kind), kind, number)

    def past(self) -> tuple[Instruction, ...]:
        """Instructions that go past the end of SMEM, on each of the ways there."""
        last, one = self.cfg.hw.smem_words - 1, Source.ONE
        return (
            Instruction(Proc.EWISE, cnt0=2, a_src=one, b_src=one, c_src=Source.SMEM, src2_addr=last),
            Instruction(Proc.EWISE, cnt0=2, a_src=one, b_src=Source.SMEM, src1_addr=last),
            Instruction(Proc.MOVE, cnt0=2, src0_addr=last, to_smem=1),
            Instruction(Proc.ACC, cnt0=2, to_smem=1, dst0_addr=last, hold=1),
        )

    def past_smem(self, wrong: Instruction) -> Illegal:
        """A program with this instruction somewhere behind its loads."""
        program = self.program()
        number = self.random.randrange(program.loads, len(program.instructions))
        dram, at = program.dram.copy(), program.address + INSN_BYTES * number
        dram[at : at + INSN_BYTES] = isa.image([wrong], self.cfg.hw)
        length = len(program.instructions)
        return Illegal("past SMEM", dram, program.address, length, ErrorCause.ADDRESS, number)

    def illegal(self, kind: str) -> Illegal | None:
        """A program with such an error; None where this configuration has none."""
        for attempt in range(6):
            try:
                return spoil(self.program(), np_rng(kind, attempt), kind)
            except MisfitError:
                continue
        return None

    async def stops(self, illegal: Illegal) -> None:
        """Run it to its error."""
        course = await self.begin(Job(illegal.dram, illegal.address, illegal.length))
        foreseen = (course.cause, course.counter)
        assert foreseen == (illegal.cause, illegal.counter), f"{illegal.kind}: the model says {foreseen}"
        bits = await self.error()
        assert bits == ERROR, f"{illegal.kind}: interrupts {bits:#x}"
        pc, unit = await self.failed(illegal.cause)
        if unit is ErrorUnit.WRITE:
            # It is told when the memory says so, and PC is what had ended then.
            assert pc <= illegal.length, f"{illegal.kind}: PC {pc}"
            return
        assert pc == illegal.counter, f"{illegal.kind}, found by {unit.name}: PC {pc}, not {illegal.counter}"
        await self.precise(course, illegal.counter)


class ReadErrorBody(ErrorTest):
    """Words that the memory refuses to read: instructions, matrices, what is moved, descriptors."""

    COUNT = 8

    async def body(self) -> None:
        """One after another."""
        for number in range(self.COUNT):
            self.draw()
            program = self.program()
            job = self.job(program)
            course = await self.begin(job)
            resp = self.random.choice((Resp.SLVERR, Resp.DECERR))
            self.env.dram.faults = {self.place(course, number): resp}
            bits = await self.error()
            if bits == DONE:
                await self.ended(course)
                self.env.dram.faults = {}
                continue
            assert bits == ERROR, f"interrupts {bits:#x} after a read error"
            pc, unit = await self.failed(ErrorCause.AXI)
            assert unit is ErrorUnit.READ, f"found by {unit.name}"
            first = self.lacking(course)
            assert pc == first, f"PC {pc}; instruction {first} is the first one without its words"
            await self.precise(course, pc)
            await self.recover(number % 2 == 0)

    def place(self, course: Course, number: int) -> int:
        """Address of a word that is read: of an instruction, of a move of descriptors, of any."""
        width = self.cfg.hw.word_bytes
        reads = [dram_read(one, self.cfg.hw) for one in course.instructions]
        moves = [
            dram_read(one, self.cfg.hw)
            for one in course.instructions
            if one.moves_descriptors and one.src0_dram
        ]
        program = program_bytes(course.job.address, course.job.length, self.cfg.hw)
        areas = ([program], moves, reads, reads)[number % 4]
        written = [dram_written(one, self.cfg.hw) for one in course.instructions]
        # The memory refuses writes there, too, and one would be told as such.
        free = [
            [
                place
                for place in range(area.start // width * width, area.stop, width)
                if not any(meet(range(place, place + width), others) for others in written)
            ]
            for area in areas
        ]
        return self.random.choice(self.random.choice([places for places in free if places]))

    def lacking(self, course: Course) -> int:
        """The first instruction that has not got all its words, or was not fetched."""
        job, width = course.job, self.cfg.hw.word_bytes
        program = program_bytes(job.address, job.length, self.cfg.hw)
        good = [resp == Resp.OKAY for _, resp in self.env.reads].index(False)
        fetched = sum(address in program for address, _ in self.env.reads[:good])
        whole = (program.start + fetched * width - job.address) // INSN_BYTES
        words = good - fetched
        short = [n for n, moment in enumerate(course.moments[1:]) if moment.read > words]
        return min([whole, *short])


class WriteErrorBody(ErrorTest):
    """Words that the memory refuses to write."""

    COUNT = 6

    async def body(self) -> None:
        """One after another."""
        for number in range(self.COUNT):
            self.draw()
            course = await self.begin(self.job(self.program()))
            places = np.flatnonzero(course.moments[-1].dram != course.job.dram)
            width = self.cfg.hw.word_bytes
            place = int(self.random.choice(places.tolist())) // width * width
            self.env.dram.faults = {place: self.random.choice((Resp.SLVERR, Resp.DECERR))}
            bits = await self.error()
            assert bits == ERROR, f"interrupts {bits:#x} after a write error"
            pc, unit = await self.failed(ErrorCause.AXI)
            assert unit is ErrorUnit.WRITE, f"found by {unit.name}"
            # Instructions may have written without having ended: nothing more is said of PC.
            assert pc < len(course.instructions), f"PC {pc} after a write error"
            image = self.env.dram.image(len(course.job.dram))
            legal_values(course, image, width)
            held = image[place : place + width].tolist()
            assert held == course.job.dram[place : place + width].tolist(), "the word was written"
            await self.recover(number % 2 == 0)
