"""Environment of dtv1_fxp_round: the golden rounding; coverage of levels and roundings for both shifts."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from reneta.golden import fxp16
from reneta.golden.arrays import Array
from reneta.verif.arith.bulk_coverage import NONE, VectorCoverage, cross_index, crossed
from reneta.verif.arith.fixed import LEVELS, classify_level, for_shifts, shifts
from reneta.verif.arith.lanes import Lanes
from reneta.verif.arith.rounding import ROUNDINGS, classify_rounding
from reneta.verif.arith.unit_env import Port, UnitEnv, UnitModel
from reneta.verif.common.hw import hw_config

SIGNS = ("+", "-")


class RoundModel(UnitModel):
    """16-bit results of accumulators."""

    @staticmethod
    def input_ports() -> Mapping[str, Port]:
        """The accumulators, and which shift."""
        return {
            "shift": Port("shift_i", Lanes(1)),
            "acc": Port("acc_i", Lanes(hw_config().fxp_acc_w, signed=True)),
        }

    @staticmethod
    def output_port() -> Port:
        """The results."""
        return Port("y_o", Lanes(16, signed=True))

    def compute(self, **operands: Array) -> Array:
        """The golden rounding."""
        return fxp16.round_saturate(operands["acc"], shifts(hw_config())[int(operands["shift"][0])])


class RoundCoverage(VectorCoverage):
    """Where the accumulators lie, and how they were rounded."""

    def points(self) -> Mapping[str, Sequence[str | None]]:
        """Points of fxp_round_cg."""
        hw = hw_config()
        return {
            "fxp_round_cg.cr_shift_level": for_shifts(hw, LEVELS),
            "fxp_round_cg.cr_shift_rounding": for_shifts(hw, ROUNDINGS),
            "fxp_round_cg.cr_sign_rounding": crossed(SIGNS, ROUNDINGS),
        }

    def classify(self, **vectors: Array) -> Mapping[str, Array]:
        """Level of all; rounding of what is not saturated."""
        acc, shift = vectors["acc"], vectors["shift"].astype(np.int64)
        places = np.array(shifts(hw_config()))[shift]
        level = classify_level(acc, places)
        # Two's complement rounds down where magnitudes round up, but ties go to the same even number.
        rounding = classify_rounding(np.ldexp(acc.astype(np.float64), -places))
        rounding[(level == LEVELS.index("far_below")) | (level >= LEVELS.index("half_above_max"))] = NONE
        return {
            "fxp_round_cg.cr_shift_level": cross_index(shift, level, len(LEVELS)),
            "fxp_round_cg.cr_shift_rounding": cross_index(shift, rounding, len(ROUNDINGS)),
            "fxp_round_cg.cr_sign_rounding": cross_index((acc < 0).astype(int), rounding, len(ROUNDINGS)),
        }


class RoundEnv(UnitEnv):
    """Environment of the rounding unit."""

    model_type = RoundModel
    coverage_type = RoundCoverage
