"""What the environments of the two activation units share."""

from __future__ import annotations

from collections import deque
from typing import Any

import numpy as np

from reneta.golden.arrays import Array
from reneta.golden.ccm_types import Func
from reneta.verif.arith.unit_env import UnitEnv
from reneta.verif.arith.unit_tests import UnitTest
from reneta.verif.common.analysis import AnalysisImp
from reneta.verif.common.clocking import Clocking
from reneta.verif.common.coverage import CoverageBase, point, range_point
from reneta.verif.common.hw import hw_config
from reneta.verif.common.stalls import Stall
from reneta.verif.common.stream import Beat

FUNCS = tuple(func.name for func in Func)


class FlowCoverage(CoverageBase):
    """Which function followed which in the next enabled cycle, and how long a beat was frozen on its way."""

    def build_phase(self) -> None:
        """Make the second input."""
        super().build_phase()
        self.leaving = AnalysisImp("leaving", self, self._leave)
        self._inside: deque[int] = deque()
        self._before = ""

    def items(self) -> list[Any]:
        """Points of flow_cg."""
        changes = [f"{before}*{after}" for before in FUNCS for after in FUNCS]
        frozen = {"0": (0, 0), "1": (1, 1), "2-7": (2, 7), "8+": (8, 10_000)}
        return [
            point("flow_cg.cr_func_func", lambda s: s[0], changes),
            range_point("flow_cg.cp_frozen", lambda s: s[1], frozen),
        ]

    def write(self, beat: Beat) -> None:
        """A beat enters; its first field is the function."""
        func = FUNCS[beat[0]]
        now = Clocking.now()
        # Whether it came right after the one before it is left to the stall profiles.
        self.sample((f"{self._before}*{func}", -1))
        self._before = func
        self._inside.append(now)

    def _leave(self, _: Beat) -> None:
        self.sample(("", Clocking.now() - self._inside.popleft() - hw_config().act_lat))


class ActEnv(UnitEnv):
    """Adds the coverage of the flow; en_i is driven as the sink's ready."""

    enable = "en_i"

    def build_phase(self) -> None:
        """Make it."""
        super().build_phase()
        self.flow = FlowCoverage.create("flow", self)

    def connect_phase(self) -> None:
        """Connect it."""
        super().connect_phase()
        self.source.ap.connect(self.flow.analysis_export)
        self.sink.ap.connect(self.flow.leaving)


class ActTest(UnitTest):
    """A test of an activation unit."""

    env: ActEnv
    # Freezes, and gaps in what comes in.
    profiles = (
        *((Stall.NONE, Stall.NONE), (Stall.LIGHT, Stall.LIGHT)),
        *((Stall.HEAVY, Stall.NONE), (Stall.BURST, Stall.HEAVY)),
    )

    async def send_to_both_lanes(self, **operands: Array) -> None:
        """Send vectors in random order, then once more with neighbours swapped."""
        order = self.random.permutation(max(map(len, operands.values())))
        for lanes in (order, order.reshape(-1, 2)[:, ::-1].ravel()):
            await self.send_ordered(lanes, operands)

    async def send_frozen(self, beats: int, **operands: Array) -> None:
        """Send vectors with a random function for each beat, under each pair of stall profiles."""
        for freeze, gap in self.profiles:
            self.env.sink.set_stalls(freeze)
            self.env.source.set_stalls(gap)
            await self.env.send(func=self.random.integers(0, len(Func), beats), **operands)
            await self.env.drain()


def one(value: int) -> Array:
    """An operand with the same value in all beats."""
    return np.array([value])
