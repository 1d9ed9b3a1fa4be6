"""Environment of dtv1_fp_round: the golden rounding, and coverage of operands, roundings and carries."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from reneta.golden import bf16, fp32
from reneta.golden.arrays import Array
from reneta.verif.arith.bulk_coverage import NONE, VectorCoverage, choose, cross_index, crossed
from reneta.verif.arith.floats import BF16, CLASSES, FP32, RESULTS
from reneta.verif.arith.lanes import Lanes
from reneta.verif.arith.rounding import ROUNDINGS, classify_rounding
from reneta.verif.arith.unit_env import Port, UnitEnv, UnitModel

SIGNS = ("+", "-")
# What a carry out of the fraction leads to; the last one is that of a subnormal, which must not happen.
CARRIES = ("next_binade", "infinity", "smallest_normal")


class RoundModel(UnitModel):
    """bf16 patterns of float32 patterns."""

    @staticmethod
    def input_ports() -> Mapping[str, Port]:
        """What is rounded."""
        return {"x": Port("x_i", Lanes(32))}

    @staticmethod
    def output_port() -> Port:
        """The rounded number."""
        return Port("y_o", Lanes(16))

    def compute(self, **operands: Array) -> Array:
        """The golden rounding."""
        return bf16.pack(fp32.from_bits(operands["x"]))


class RoundCoverage(VectorCoverage):
    """Operands, results, how they were rounded, and carries out of the fraction."""

    def points(self) -> Mapping[str, Sequence[str]]:
        """Points of fp_round_cg."""
        return {
            "fp_round_cg.cp_x": CLASSES,
            "fp_round_cg.cp_result": RESULTS,
            "fp_round_cg.cr_sign_rounding": crossed(SIGNS, ROUNDINGS),
            "fp_round_cg.cr_sign_carry": crossed(SIGNS, CARRIES),
        }

    def classify(self, **vectors: Array) -> Mapping[str, Array]:
        """Classes of operand and result; rounding of normal operands; carries of all."""
        x, exponent = vectors["x"], FP32.exponent(vectors["x"])
        sign = (x >> np.uint32(31)).astype(np.int64)
        rounding = classify_rounding((x & np.uint32(0x7FFF_FFFF)) / 65536.0)
        rounding[exponent % 0xFF == 0] = NONE
        # The fraction is all ones and is rounded up.
        carries = (x & np.uint32(0x7F_FFFF)) >= 0x7F_8000
        carry = choose(
            x.shape,
            carries & (exponent > 0) & (exponent < 254),
            carries & (exponent == 254),
            carries & (exponent == 0),
        )
        return {
            "fp_round_cg.cp_x": FP32.classify(x),
            "fp_round_cg.cp_result": BF16.classify_as(vectors["result"], RESULTS),
            "fp_round_cg.cr_sign_rounding": cross_index(sign, rounding, len(ROUNDINGS)),
            "fp_round_cg.cr_sign_carry": cross_index(sign, carry, len(CARRIES)),
        }


class RoundEnv(UnitEnv):
    """Environment of the rounding unit."""

    model_type = RoundModel
    coverage_type = RoundCoverage
