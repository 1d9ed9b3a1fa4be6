"""Tests of dtv1_fault."""

from __future__ import annotations

import pyuvm

from reneta.golden.ccm_types import ErrorCause
from reneta.golden.control_types import ErrorUnit
from reneta.verif.common.analysis import spoil
from reneta.verif.common.base_test import BaseTest
from reneta.verif.common.hw import rng
from reneta.verif.dtv1_fault.env import INPUT_UNITS, FaultEnv, FaultModel, Verdict

ERR_W = 4
# Instructions that a unit may be ahead of the oldest one, and how many are run at most.
AHEAD, MOST = 40, 700
CAUSES = [cause for cause in ErrorCause if cause]


class FaultTest(BaseTest):
    """Plays units that run ahead and stop at instructions of their own."""

    env_type = FaultEnv
    env: FaultEnv

    def configure(self) -> None:
        """Make the generator; all is quiet."""
        self.random = rng("units")
        self.quiet()

    def quiet(self) -> None:
        """No errors, nobody waits."""
        names = ("retire", "ipm_err", "ipm_num", "spm_err", "ccm_err", "ccm_num", "opm_err", "opm_settled")
        for name in (*names, "wait_dram"):
            getattr(self.cfg.dut, f"{name}_i").value = 0

    async def run_units(self, retired: int, stops: dict[ErrorUnit, tuple[int, ErrorCause]]) -> None:
        """Run from a reset until `retired` instructions have ended, and go on for a while without more.

        Args:
            retired: instructions that end.
            stops: for units, the instruction that each stops at, and why.
        """
        dut, draw, width = self.cfg.dut, self.random, self.cfg.hw.seq_w
        mask = (1 << width) - 1
        places = dict.fromkeys((*INPUT_UNITS, ErrorUnit.CCM), 0)
        done, calm = 0, 0
        while calm < 20:
            errors = dict.fromkeys(places, ErrorCause.NONE)
            for unit in places:
                limit = done + AHEAD if unit not in stops else min(done + AHEAD, stops[unit][0])
                places[unit] = max(done, min(limit, places[unit] + draw.choice((0, 1, 2))))
                if unit in stops and places[unit] == stops[unit][0]:
                    errors[unit] = stops[unit][1]
            dut.ipm_num_i.value = sum((places[u] & mask) << width * k for k, u in enumerate(INPUT_UNITS))
            dut.ipm_err_i.value = sum(errors[u] << ERR_W * k for k, u in enumerate(INPUT_UNITS))
            dut.ccm_num_i.value, dut.ccm_err_i.value = places[ErrorUnit.CCM] & mask, errors[ErrorUnit.CCM]
            spm = ErrorUnit.SPM in stops and places[ErrorUnit.SRG0] == stops[ErrorUnit.SPM][0]
            opm = ErrorUnit.OPM in stops and done == stops[ErrorUnit.OPM][0]
            dut.spm_err_i.value, dut.opm_settled_i.value = int(spm), int(opm)
            dut.opm_err_i.value = int(stops[ErrorUnit.OPM][1]) if opm else draw.choice((0, 3))
            dut.wait_dram_i.value = draw.getrandbits(1)
            oldest = min((at for at, _ in stops.values()), default=MOST)
            retire = done < min(retired, oldest) and draw.getrandbits(1)
            dut.retire_i.value = int(retire)
            done += retire
            calm = 0 if done < min(retired, oldest) else calm + 1
            await self.clocking.cycles(1)
        self.quiet()
        await self.clocking.cycles(1)
        await self.env.reset()


@pyuvm.test()
class UnitTest(FaultTest):
    """Each unit alone, at the first instruction, at some, and past the end of the numbers."""

    async def body(self) -> None:
        """The errors show when their instruction is the oldest."""
        for unit in (*INPUT_UNITS, ErrorUnit.SPM, ErrorUnit.CCM, ErrorUnit.OPM):
            for at in (0, 7, 300):
                stops = {unit: (at, self.random.choice(CAUSES))}
                if unit is ErrorUnit.SPM:
                    # The unit that asked for the descriptor waits for it.
                    stops[ErrorUnit.SRG0] = (at, ErrorCause.NONE)
                await self.run_units(MOST, stops)


@pyuvm.test()
class RandomTest(FaultTest):
    """Several units at a time, at the same or at different instructions; others end meanwhile."""

    async def body(self) -> None:
        """Random stops."""
        units = (*INPUT_UNITS, ErrorUnit.CCM, ErrorUnit.OPM)
        for _ in range(30):
            at = self.random.choice((3, 30, 260))
            chosen = self.random.sample(units, self.random.randint(0, 4))
            stops = {
                unit: (at + self.random.choice((0, 0, 1, 9)), self.random.choice(CAUSES)) for unit in chosen
            }
            await self.run_units(at + self.random.choice((0, 20)), stops)


class Opposite(FaultModel):
    """Takes starvation for its opposite."""

    def announce(self, verdict: Verdict) -> Verdict:
        """While many have ended."""
        return verdict._replace(starved=verdict.starved != (self.retired > 50))


@pyuvm.test(expect_fail=True)
class BrokenModelTest(FaultTest):
    """The scoreboard must notice a wrong prediction: this test passes when it fails."""

    def configure(self) -> None:
        """Put the wrong model in."""
        super().configure()
        spoil(FaultModel, Opposite)

    async def body(self) -> None:
        """Many instructions."""
        await self.run_units(300, {})
