"""What the tests of dtv1_opm share."""

from __future__ import annotations

from collections.abc import Sequence

import cocotb
from cocotb.task import Task

from reneta.golden.ccm_types import ErrorCause
from reneta.verif.common.base_test import BaseTest
from reneta.verif.common.hw import np_rng, rng
from reneta.verif.common.stalls import Stall
from reneta.verif.dtv1_opm.env import OUTPUTS, OpmEnv
from reneta.verif.dtv1_opm.program import Instruction, Maker

PROFILES = (Stall.NONE, Stall.LIGHT, Stall.HEAVY, Stall.BURST)


class OpmTest(BaseTest):
    """Sends instructions with their beats on three streams that know nothing of each other."""

    env_type = OpmEnv
    env: OpmEnv
    timeout_cycles = 2_000_000

    def configure(self) -> None:
        """Make the generator."""
        self.maker = Maker(self.cfg.hw, np_rng("instructions"))

    def start(self, program: Sequence[Instruction]) -> list[Task[None]]:
        """Begin to send."""
        hw, env = self.cfg.hw, self.env
        return [
            cocotb.start_soon(env.cfgs.send((one.cfg.pack(hw),) for one in program)),
            cocotb.start_soon(env.res.send(beat for one in program for beat in one.res)),
            cocotb.start_soon(env.side.send(beat for one in program for beat in one.side)),
        ]

    async def run(self, program: Sequence[Instruction]) -> None:
        """Send everything and wait for what it gives; nothing may be left, and there is no error."""
        for task in self.start(program):
            await task
        await self.env.drain()
        self.check_quiet()

    def check_quiet(self) -> None:
        """All was taken, all has come, and the module says so."""
        env, dut = self.env, self.cfg.dut
        assert not dut.err_o.value, f"err_o is {ErrorCause(int(dut.err_o.value))!r}"
        left = [name for name, agent in env.streams.items() if not agent.idle]
        assert not left, f"the module did not take all of {', '.join(left)}"
        for name in OUTPUTS:
            assert not env.boards[name].pending, f"{name}: {env.boards[name].pending} beats are missing"
        assert env.ledger.retired == env.ledger.accepted, (
            f"{env.ledger.accepted} instructions were accepted, {env.ledger.retired} have retired"
        )
        assert not dut.busy_o.value, "busy with nothing"
        events = (env.ledger.fired, env.ledger.dram_words)
        wanted = (env.predictor.fired, env.predictor.dram_words)
        assert events == wanted, f"events of fired elements and DRAM words: {events}, not {wanted}"

    async def restart(self, tasks: Sequence[Task[None]] = ()) -> None:
        """Reset the module and forget all."""
        for task in tasks:
            task.cancel()
        await self.env.reset()
        self.maker.reset()

    def stall_all(self, profiles: Sequence[Stall]) -> None:
        """Draw a profile for everything that can wait."""
        choose = rng("profiles", self.clocking.now())
        for name in self.env.stalled:
            self.env.set_stalls(name, choose.choice(profiles))

    def many(self, count: int, size: int = 24) -> list[Instruction]:
        """Random instructions."""
        return [self.maker.draw(size) for _ in range(count)]
