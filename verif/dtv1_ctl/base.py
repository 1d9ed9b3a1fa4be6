"""What the tests of dtv1_ctl have in common: programs into DRAM, commands, waiting."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any

import cocotb
from cocotb.task import Task

from reneta.golden import isa
from reneta.golden.control_types import MachineState
from reneta.golden.instruction import Instruction
from reneta.golden.isa_types import INSN_BYTES
from reneta.verif.common.base_test import BaseTest
from reneta.verif.common.hw import rng
from reneta.verif.dtv1_ctl.coverage import COMMANDS
from reneta.verif.dtv1_ctl.env import ControlEnv
from reneta.verif.dtv1_ctl.program import Generator

# Cycles without a change after which a program is given up.
PATIENCE = 40_000
WINDOW_WORDS = 1 << 13


class ControlTest(BaseTest):
    """Draws programs, runs them, and gives commands."""

    env_type = ControlEnv
    env: ControlEnv

    def configure(self) -> None:
        """Make the generators, and drive what the host drives."""
        self.random = rng("host")
        self.generator = Generator(self.cfg.hw, rng("programs"))
        for name in COMMANDS:
            getattr(self.cfg.dut, f"{name}_i").value = 0
        self.cfg.dut.host_req_i.value = 0
        self.programs()

    def programs(self) -> None:
        """PROG_ADDR and PROG_LEN are whatever they are when no program starts."""
        self.cfg.dut.prog_addr_i.value = self.random.getrandbits(32)
        self.cfg.dut.prog_len_i.value = self.random.getrandbits(32)

    @property
    def state(self) -> MachineState:
        """The machine's state."""
        return MachineState(int(self.cfg.dut.state_o.value))

    def put(self, program: Sequence[int | Instruction], address: int | None = None) -> int:
        """Write a program to DRAM, given as instructions or as bits; its address."""
        hw, words = self.cfg.hw, self.env.mover.words
        address = self.generator.start() if address is None else address
        bits = [isa.encode(item, hw) if isinstance(item, Instruction) else item for item in program]
        for number, insn in enumerate(bits):
            place = address + number * INSN_BYTES
            inside = 8 * (place % hw.word_bytes)
            # In words of several instructions the neighbours stay.
            for part in range(max(1, INSN_BYTES // hw.word_bytes)):
                word = place - place % hw.word_bytes + part * hw.word_bytes
                width = 8 * min(hw.word_bytes, INSN_BYTES)
                mask = (1 << width) - 1 << inside
                new = (insn >> part * width & (1 << width) - 1) << inside
                words[word] = self.env.mover.word(word) & ~mask | new
        return address

    async def command(self, *names: str) -> None:
        """Write commands, together."""
        for name in names:
            getattr(self.cfg.dut, f"{name}_i").value = 1
        await self.clocking.cycles(1)
        for name in names:
            getattr(self.cfg.dut, f"{name}_i").value = 0

    async def start(
        self,
        program: Sequence[int | Instruction],
        address: int | None = None,
        how: Iterable[str] = ("start",),
    ) -> None:
        """Put a program into DRAM and start it."""
        self.cfg.dut.prog_addr_i.value = self.put(program, address)
        self.cfg.dut.prog_len_i.value = len(program)
        await self.command(*how)
        self.programs()
        await self.clocking.cycles(1)

    async def until(self, *states: MachineState) -> MachineState:
        """Wait for one of these states.

        Raises:
            AssertionError: none comes.
        """
        waited = 0
        while self.state not in states:
            await self.clocking.cycles(1)
            waited += 1
            assert waited < PATIENCE, f"the machine stays in {self.state.name}"
        return self.state

    async def finish(self, *ends: MachineState) -> None:
        """Wait for the end of a program (IDLE unless told otherwise), going on behind pauses."""
        ends = ends or (MachineState.IDLE,)
        while await self.until(*ends, MachineState.PAUSED) == MachineState.PAUSED:
            await self.clocking.cycles(self.random.choice((0, 1, 10)))
            await self.command("resume")
            await self.clocking.cycles(1)

    async def run_program(self, program: Sequence[int | Instruction], address: int | None = None) -> None:
        """Run a program to its end."""
        await self.start(program, address)
        await self.finish()

    async def reset_machine(self) -> None:
        """The host's reset."""
        await self.command("reset")
        await self.clocking.cycles(1)
        await self.until(MachineState.IDLE)

    def pace(self, lazy: float | None = None, slow: int | None = None) -> None:
        """How often the surroundings hold up the machine, and how long things take; random unless given."""
        draw, env = self.random, self.env
        for part in (env.mover, env.engine, env.memory):
            part.lazy = draw.choice((0.0, 0.1, 0.5, 0.8)) if lazy is None else lazy
        env.engine.slow = draw.choice((1, 10, 60)) if slow is None else slow
        env.engine.room = draw.choice((1, 3, 8, 16))
        env.mover.latency = draw.choice((1, 10, 40)) if slow is None else slow

    def start_host(self, most: int = 8) -> Task[Any]:
        """Accesses of the descriptor memory's window, one after another, in the background."""
        self._hosting = True
        return cocotb.start_soon(self._host(most))

    async def end_host(self, host: Task[Any]) -> None:
        """Let the last of these accesses end."""
        self._hosting = False
        await host

    async def _host(self, most: int) -> None:
        while self._hosting:
            await self.access()
            await self.clocking.cycles(self.random.randint(0, most))

    async def access(self) -> None:
        """One access of the window: of the upper half of the steps, or of words that are not there."""
        dut, hw, draw = self.cfg.dut, self.cfg.hw, self.random
        inside = draw.getrandbits(1) << hw.step_w | draw.randrange(max(1, hw.max_m // 2), 1 << hw.step_w)
        outside = draw.randrange(2 << hw.step_w, WINDOW_WORDS) if 2 << hw.step_w < WINDOW_WORDS else inside
        strobes = draw.choice((0xF, draw.getrandbits(4)))
        dut.host_addr_i.value = draw.choice((inside, inside, inside, outside)) << 2 | draw.getrandbits(2)
        dut.host_is_wr_i.value = draw.getrandbits(1)
        dut.host_data_i.value = draw.getrandbits(32)
        dut.host_biten_i.value = sum(0xFF << 8 * byte for byte in range(4) if strobes >> byte & 1)
        dut.host_req_i.value = 1
        await self.clocking.cycles(1)
        dut.host_req_i.value = 0
        for name in ("addr", "is_wr", "data", "biten"):
            handle = getattr(dut, f"host_{name}_i")
            handle.value = draw.getrandbits(len(handle) if hasattr(handle, "__len__") else 1)
        waited = 0
        while not (int(dut.host_rd_ack_o.value) or int(dut.host_wr_ack_o.value)):
            await self.clocking.cycles(1)
            waited += 1
            assert waited < PATIENCE, "the window does not answer"

    async def bring_to(self, state: MachineState) -> None:
        """Lead the machine to a state."""
        self.env.engine.frozen = False
        if self.state == MachineState.RUN:
            await self.clocking.cycles(3)
        if self.state not in (MachineState.IDLE, MachineState.RESET):
            await self.command("reset")
            await self.clocking.cycles(1)
        await self.until(MachineState.IDLE)
        await self.clocking.cycles(1)
        if state == MachineState.IDLE:
            self.cfg.dut.prog_addr_i.value = self.put(self.generator.program(3))
            self.cfg.dut.prog_len_i.value = 3
            return
        program: list[int | Instruction] = [*self.generator.program(8), self.generator.unit(pause=1)]
        if state == MachineState.ERROR:
            program[5] = self.generator.illegal("reserved")
        await self.start(program)
        if state == MachineState.RUN:
            await self.clocking.cycles(30)
        elif state in (MachineState.PAUSED, MachineState.ERROR):
            await self.until(state)
        else:
            await self.command("stop" if state == MachineState.STOPPED else "reset")
            await self.clocking.cycles(1)
            await self.until(state)
