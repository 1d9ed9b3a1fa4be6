"""Programs to which a part of DRAM is lost: each ends in ERROR."""

from __future__ import annotations

from reneta.golden.control_types import MachineState
from reneta.golden.isa_types import INSN_BYTES
from reneta.verif.dtv1_ctl.base import ControlTest
from reneta.verif.dtv1_ctl.engine import Engine
from reneta.verif.dtv1_ctl.program import LOADS, PROGRAMS, STORES

ERROR = MachineState.ERROR


class LostTest(ControlTest):
    """Reads of the fetch, of the engine and of moves that fail, and writes."""

    async def lost_program(self) -> None:
        """DRAM ends within the program; the instructions before are carried out."""
        program = self.generator.program(self.random.choice((2, 3, 24)), moves=self.random.choice((0.0, 0.6)))
        address = self.generator.start()
        word, draw = self.cfg.hw.word_bytes, self.random
        # Often right behind an instruction, whose last word comes a cycle before the error.
        hole = (
            address + draw.randrange(len(program)) * INSN_BYTES + draw.choice((0, draw.randrange(INSN_BYTES)))
        )
        self.env.mover.latency = draw.choice((1, self.env.mover.latency))
        self.env.mover.bad_read = lambda a: PROGRAMS <= a < LOADS and a >= hole - hole % word
        await self.start(program, address)
        await self.finish(ERROR)

    async def lost_words(self) -> None:
        """An instruction of the engine reads where there is no DRAM."""
        self.env.mover.bad_read = lambda a: Engine.HOLE <= a < PROGRAMS
        self.env.engine.starving = {self.random.randrange(10)}
        await self.start(self.generator.program(12))
        await self.finish(ERROR)

    async def lost_load(self) -> None:
        """A move reads where there is no DRAM, from its first or a later word on."""
        count = self.random.choice((1, self.generator.steps))
        move = self.generator.move(count, False)
        words = -(-count * 4 // self.cfg.hw.word_bytes)
        hole = move.dram_src + self.random.randrange(words) * self.cfg.hw.word_bytes
        self.env.mover.bad_read = lambda a: hole <= a < STORES
        before, behind = self.generator.program(3), self.generator.program(self.random.choice((0, 20)))
        await self.start([*before, move, *behind])
        await self.finish(ERROR)

    async def lost_write(self) -> None:
        """A write fails, of the engine or of a move."""
        hole = self.random.choice((Engine.WRITES, STORES))
        self.env.mover.bad_write = lambda a: hole <= a < hole + (1 << 24)
        self.env.engine.writes = 0.9
        await self.start([*self.generator.program(12, moves=0.2), self.generator.move(5, True)])
        await self.finish(ERROR)
