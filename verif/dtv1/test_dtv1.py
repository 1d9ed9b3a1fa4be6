"""Tests of dtv1."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import cocotb
import numpy as np
import pyuvm
from pyuvm import uvm_factory

from reneta.compiler.hazards import footprint
from reneta.golden import registers as regs
from reneta.golden.arrays import U8
from reneta.golden.control_types import MachineState
from reneta.golden.isa_types import INSN_BYTES
from reneta.golden.lists import step_address
from reneta.golden.registers import Reg
from reneta.verif.common.stalls import Stall
from reneta.verif.dtv1 import error_tests, stop_tests
from reneta.verif.dtv1.base import ALL_IRQS, DONE, PAUSE, SHORT, SLOW, ChipTest
from reneta.verif.dtv1.course import Course, GoldenHost, Job
from reneta.verif.dtv1.host import WORD_BYTES
from reneta.verif.programs.generator import Program

WINDOW_BYTES = 1 << 15


@pyuvm.test()
class SmokeTest(ChipTest):
    """One program from the host's first access to its last one."""

    async def body(self) -> None:
        """Run it."""
        await self.good()


@pyuvm.test()
class RegisterTest(ChipTest):
    """All registers: what they hold after a reset, what can be written, what is not there; interrupts."""

    # A pause of the program's own would be an interrupt that is not waited for.
    options = replace(SHORT, instructions=2, epilogue=False, pause=0.0)

    async def body(self) -> None:
        """Reset values twice, writes between them."""
        for _ in range(2):
            await self.reset_values()
            await self.writes()
            await self.descriptors()
            await self.env.reset()
        await self.interrupts()

    async def reset_values(self) -> None:
        """All that software can read is zero, but for what was built."""
        for address in range(0, 0x100, WORD_BYTES):
            value = await self.env.host.read(address)
            if address not in (Reg.ID, Reg.VERSION, Reg.ARITH, Reg.SIZES, Reg.SMEM_SIZE, Reg.ACC_SIZE):
                assert value == 0, f"0x{value:x} at 0x{address:x} after a reset"

    async def writes(self) -> None:
        """Anything to all registers but CTRL, bytes of them, and to what is not there."""
        for _ in range(60):
            place = self.random.choice((*range(0, 0x100, WORD_BYTES), Reg.PROG_ADDR, Reg.PROG_LEN))
            if place == Reg.CTRL:
                continue
            data = self.random.randbytes(self.random.choice((1, 2, 4)))
            at = self.random.randrange(0, WORD_BYTES, len(data))
            await self.env.host.write_bytes(place + at, data)
            await self.env.host.read(place)
        for place in (0x100, 0x1000, regs.SPM_BASE - WORD_BYTES):
            await self.env.host.write(place, 0xFFFF_FFFF)
            await self.env.host.read(place)
        for address in (Reg.STATUS, Reg.ERROR, Reg.PC, Reg.CYCLES_LO, Reg.WAIT_ACC_HI):
            assert await self.read(address) == 0, f"{address.name} can be written"

    async def descriptors(self) -> None:
        """The window of the descriptor memory: words, bytes, and what lies behind the last word."""
        hw = self.cfg.hw
        steps = [(which, step) for which in (0, 1) for step in (0, 1, hw.max_m - 1)]
        steps += [(self.random.randrange(2), self.random.randrange(hw.max_m)) for _ in range(20)]
        wanted: dict[int, int] = {}
        for which, step in steps:
            address = regs.SPM_BASE + WORD_BYTES * step_address(which, step, hw)
            wanted[address] = self.random.getrandbits(hw.desc_w)
            await self.env.host.write(address, wanted[address])
        for address in list(wanted)[::3]:
            byte = self.random.randrange(hw.desc_w // 8)
            value = self.random.getrandbits(8)
            await self.env.host.write_bytes(address + byte, bytes([value]))
            wanted[address] = wanted[address] & ~(0xFF << 8 * byte) | value << 8 * byte
        for place in (WORD_BYTES * (2 << hw.step_w), WINDOW_BYTES - WORD_BYTES):
            await self.env.host.write(regs.SPM_BASE + place, 0xFFFF_FFFF)
            await self.env.host.read(regs.SPM_BASE + place)
        for address, value in wanted.items():
            self.env.memory_board.expected.write((address, value))
            self.env.memory_board.actual.write((address, await self.env.host.read(address)))

    async def interrupts(self) -> None:
        """Each bit is set by its event, cleared by a one, and shows at the pin when it is enabled."""
        irq = self.cfg.dut.irq_o
        job = self.job(self.program())
        for command, bit in (("start", DONE), ("step", PAUSE)):
            course = await self.begin(job, command)
            await self.write(Reg.IRQ_ENABLE, ALL_IRQS & ~bit)
            while not await self.read(Reg.IRQ_STATUS):
                await self.clocking.cycles(20)
            assert not irq.value, "an interrupt that is not enabled"
            await self.write(Reg.IRQ_STATUS, ALL_IRQS & ~bit)
            assert await self.read(Reg.IRQ_STATUS) == bit, "a zero clears an interrupt"
            await self.write(Reg.IRQ_ENABLE, bit)
            assert await self.interrupt() == bit, "not the interrupt that was enabled"
            if bit == PAUSE:
                await self.command("resume")
                await self.write(Reg.IRQ_ENABLE, ALL_IRQS)
                await self.finish(course)
            self.env.golden.reset()


@pyuvm.test()
class RandomTest(ChipTest):
    """Random programs back to back, without a reset between them."""

    async def body(self) -> None:
        """One after another."""
        for _ in range(6):
            self.draw_stalls()
            await self.good()


@pyuvm.test()
class StallTest(ChipTest):
    """Random programs under heavy stalls of all channels."""

    options = SHORT

    async def body(self) -> None:
        """All channels alike, then each in a way of its own."""
        for profiles in ((Stall.HEAVY,), (Stall.BURST,), (Stall.STARVED,), SLOW, SLOW):
            self.draw_stalls(profiles)
            await self.good()


@pyuvm.test()
class SplitTest(ChipTest):
    """A program in pieces: what the machine holds goes over from one program to the next."""

    async def body(self) -> None:
        """Two programs, each cut at some places."""
        for _ in range(2):
            self.draw_stalls()
            program = self.program()
            length = len(program.instructions)
            cuts = [0, *sorted(self.random.sample(range(1, length), 6)), length]
            dram: U8 = program.dram
            for first, end in pairwise(cuts):
                job = Job(dram, program.address + INSN_BYTES * first, end - first)
                course = await self.begin(job)
                await self.finish(course)
                dram = course.moments[-1].dram


@pyuvm.test()
class PauseTest(ChipTest):
    """Pauses that instructions ask for and pauses that the host asks for, at any time."""

    options = replace(SHORT, pause=0.3, instructions=20, work=1200)

    async def body(self) -> None:
        """Programs with both."""
        for _ in range(3):
            self.draw_stalls()
            await self.run_paused(await self.begin(self.job(self.program())))

    async def run_paused(self, course: Course) -> None:
        """Ask for pauses, look, go on."""
        asked = False
        while True:
            if self.random.random() < 0.5:
                await self.clocking.cycles(self.random.randrange(600))
                asked = True
                await self.command("pause")
            bits = await self.interrupt()
            if bits & DONE:
                break
            await self.paused(course, "pause" if asked else "Paus")
            asked = False
            await self.command("resume")
        await self.ended(course)


@pyuvm.test()
class StepTest(ChipTest):
    """A program step by step, with some pieces at once."""

    options = SHORT

    async def body(self) -> None:
        """Compare behind each instruction."""
        self.draw_stalls()
        course = await self.begin(self.job(self.program()), "step")
        last, stepped = 0, True
        while await self.interrupt() == PAUSE:
            pc = await self.paused(course, "step" if stepped else "Paus")
            assert pc == last + 1 or not stepped, f"PC {pc} a step behind {last}"
            last, stepped = pc, pc == course.job.length or self.random.random() < 0.95
            await self.command("step" if stepped else "resume")
        await self.ended(course)


@pyuvm.test()
class HostTest(ChipTest):
    """The host reads and writes while programs run: registers and descriptors that they do not use."""

    async def body(self) -> None:
        """Programs with accesses beside them."""
        for _ in range(2):
            self.draw_stalls()
            program = self.program()
            course = await self.begin(self.job(program))
            wanted: dict[int, int] = {}
            noise = cocotb.start_soon(self.noise(self.unused(program), wanted))
            while await self.state() in (MachineState.RUN, MachineState.PAUSED):
                if await self.state() is MachineState.PAUSED:
                    await self.command("resume")
                await self.clocking.cycles(self.random.randrange(100))
            self.running = False
            await noise
            await self.write(Reg.IRQ_STATUS, ALL_IRQS)
            await self.ended(course)
            for address, value in wanted.items():
                self.env.memory_board.expected.write((address, value))
                self.env.memory_board.actual.write((address, await self.env.host.read(address)))

    def unused(self, program: Program) -> list[int]:
        """Addresses of descriptors that a program neither reads nor writes."""
        hw = self.cfg.hw
        marks = [footprint(one, hw) for one in program.instructions]
        used = {int(place) for mark in marks for place in (*mark.lists_read, *mark.lists_written)}
        free = [divmod(place, hw.max_m) for place in range(2 * hw.max_m) if place not in used]
        return [regs.SPM_BASE + WORD_BYTES * step_address(which, step, hw) for which, step in free]

    async def noise(self, free: list[int], wanted: dict[int, int]) -> None:
        """Access anything that does no harm; `wanted` is what descriptors hold in the end."""
        self.running, pc, cycles = True, 0, 0
        while self.running:
            match self.random.randrange(6):
                case 0:
                    address = self.random.choice(free)
                    wanted[address] = self.random.getrandbits(self.cfg.hw.desc_w)
                    await self.env.host.write(address, wanted[address])
                case 1 if wanted:
                    address = self.random.choice(list(wanted))
                    self.env.memory_board.expected.write((address, wanted[address]))
                    self.env.memory_board.actual.write((address, await self.env.host.read(address)))
                case 2:
                    # They count at the start only.
                    await self.write(
                        self.random.choice((Reg.PROG_ADDR, Reg.PROG_LEN)), self.random.getrandbits(32)
                    )
                case 3:
                    before, pc = pc, await self.read(Reg.PC)
                    assert pc >= before, f"PC falls from {before} to {pc}"
                case 4:
                    before, cycles = cycles, await self.read(Reg.CYCLES_LO)
                    assert cycles >= before, f"CYCLES falls from {before} to {cycles}"
                case _:
                    await self.env.host.read(self.random.choice(list(Reg)))


@pyuvm.test()
class StopTest(stop_tests.StopBody):
    """Stops at any time."""


@pyuvm.test()
class SoftResetTest(stop_tests.SoftResetBody):
    """Resets by command at any time."""


@pyuvm.test()
class HardResetTest(stop_tests.HardResetBody):
    """Resets of everything at any time."""


@pyuvm.test()
class CommandTest(stop_tests.CommandBody):
    """Each command in each state."""


@pyuvm.test()
class IllegalTest(error_tests.IllegalBody):
    """Each kind of wrong instruction."""


@pyuvm.test()
class ReadErrorTest(error_tests.ReadErrorBody):
    """Words that the memory refuses to read."""


@pyuvm.test()
class WriteErrorTest(error_tests.WriteErrorBody):
    """Words that the memory refuses to write."""


class WrongGolden(GoldenHost):
    """A golden machine that gets one bit of DRAM wrong."""

    def run(self, job: Job) -> Course:
        """As GoldenHost.run."""
        course = super().run(job)
        changed = np.flatnonzero(course.moments[-1].dram != job.dram)
        course.moments[-1].dram[changed[-1]] ^= 1
        return course


@pyuvm.test(expect_fail=True)
class NegativeTest(ChipTest):
    """The scoreboard notices a single bit."""

    def configure(self) -> None:
        """Put the wrong golden machine in."""
        super().configure()
        uvm_factory().set_type_override_by_type(GoldenHost, WrongGolden)

    async def body(self) -> None:
        """Run a program."""
        await self.good()
