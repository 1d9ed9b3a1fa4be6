"""Environment of dtv1_act_fxp: the golden functions, and coverage of operands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from reneta.golden import activation, fxp16
from reneta.golden.arrays import Array
from reneta.golden.ccm_types import Func
from reneta.verif.arith.act_env import FUNCS, ActEnv
from reneta.verif.arith.bulk_coverage import VectorCoverage, choose, cross_index, crossed
from reneta.verif.arith.fixed import LEVELS, classify_level, for_shifts, shifts
from reneta.verif.arith.lanes import Lanes
from reneta.verif.arith.unit_env import Port, UnitModel
from reneta.verif.common.hw import hw_config

LANES = ("lane0", "lane1")
# The rounded operand; for large ones both functions are constant, unless all bits are fraction bits.
OPERANDS = ("min", "large_negative", "negative", "-1", "0", "1", "positive", "large_positive", "max")
LARGE = 1 << 14


class ActModel(UnitModel):
    """Functions of accumulators."""

    @staticmethod
    def input_ports() -> Mapping[str, Port]:
        """One function and one shift for all lanes, and the accumulators."""
        return {
            "func": Port("func_i", Lanes(2)),
            "shift": Port("shift_i", Lanes(1)),
            "x": Port("x_i", Lanes(hw_config().fxp_acc_w, signed=True)),
        }

    @staticmethod
    def output_port() -> Port:
        """The results."""
        return Port("y_o", Lanes(16, signed=True))

    def compute(self, **operands: Array) -> Array:
        """The golden rounding, then the golden function."""
        hw = hw_config()
        rounded = fxp16.round_saturate(operands["x"], shifts(hw)[int(operands["shift"][0])])
        return activation.apply_fxp(Func(int(operands["func"][0])), rounded, hw.fxp_act_frac)


class ActCoverage(VectorCoverage):
    """Accumulators for each shift, rounded operands for each function, lanes."""

    def points(self) -> Mapping[str, Sequence[str | None]]:
        """Points of act_fxp_cg."""
        return {
            "act_fxp_cg.cr_func_x": crossed(FUNCS, OPERANDS),
            "act_fxp_cg.cr_func_lane": crossed(FUNCS, LANES),
            "act_fxp_cg.cr_shift_level": for_shifts(hw_config(), LEVELS),
        }

    def classify(self, **vectors: Array) -> Mapping[str, Array]:
        """Levels of the accumulators, classes of what they are rounded to."""
        func, shift = vectors["func"].astype(np.int64), vectors["shift"].astype(np.int64)
        places = np.array(shifts(hw_config()))
        x = np.select(
            [shift == 0, shift == 1],
            [fxp16.round_saturate(vectors["x"], int(by)).astype(np.int64) for by in places],
        )
        operand = choose(
            x.shape,
            x == fxp16.MIN,
            x < -LARGE,
            x < -1,
            x == -1,
            x == 0,
            x == 1,
            x <= LARGE,
            x < fxp16.MAX,
            x == fxp16.MAX,
        )
        return {
            "act_fxp_cg.cr_func_x": cross_index(func, operand, len(OPERANDS)),
            "act_fxp_cg.cr_func_lane": cross_index(func, np.arange(len(x)) % len(LANES), len(LANES)),
            "act_fxp_cg.cr_shift_level": cross_index(
                shift, classify_level(vectors["x"], places[shift]), len(LEVELS)
            ),
        }


class ActFxpEnv(ActEnv):
    """Environment of the activation unit."""

    model_type = ActModel
    coverage_type = ActCoverage
