"""Environment of dtv1_fp_mul: the golden product, and coverage of operands, range and normalisation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from reneta.golden import fp32
from reneta.golden.arrays import Array
from reneta.verif.arith.bulk_coverage import VectorCoverage, choose, cross_index, crossed
from reneta.verif.arith.floats import BF16, CLASSES, FP32, RESULTS
from reneta.verif.arith.lanes import Lanes
from reneta.verif.arith.unit_env import Port, UnitEnv, UnitModel

# Binades of the exact product of normal operands, around the smallest and the largest float32 number.
RANGES = ("tiny", "just_below_min", "from_min", "middle", "to_max", "just_above_max", "huge")
# Whether the product of the significands is 2 or more.
CARRIES = ("no_carry", "carry")

# 16 significant bits never make the largest float32 number.
PRODUCTS = tuple(name for name in RESULTS if not name.endswith("max"))


class MulModel(UnitModel):
    """Products of bf16 patterns as float32 patterns."""

    @staticmethod
    def input_ports() -> Mapping[str, Port]:
        """Both factors."""
        return {"a": Port("a_i", Lanes(16)), "b": Port("b_i", Lanes(16))}

    @staticmethod
    def output_port() -> Port:
        """The product."""
        return Port("prod_o", Lanes(32))

    def compute(self, **operands: Array) -> Array:
        """The golden product."""
        return fp32.to_bits(fp32.product(operands["a"], operands["b"]))


class MulCoverage(VectorCoverage):
    """Operands crossed, results, and how the product lies in float32's range."""

    def points(self) -> Mapping[str, Sequence[str]]:
        """Points of mul_cg."""
        return {
            "mul_cg.cr_a_b": crossed(CLASSES, CLASSES),
            "mul_cg.cp_result": PRODUCTS,
            "mul_cg.cr_range_carry": crossed(RANGES, CARRIES),
        }

    def classify(self, **vectors: Array) -> Mapping[str, Array]:
        """Classes of a and b, of the result, and of the exact product."""
        a, b = vectors["a"], vectors["b"]
        normal = np.ones(len(a), bool)
        significands = np.ones(len(a), np.int64)
        for factor in (a, b):
            normal &= (BF16.exponent(factor) % 0xFF) != 0
            significands *= (factor & np.uint16(0x7F)) + np.int64(0x80)
        carry = (significands >> 15).astype(np.int64)
        # The biased exponent that the product would have in float32.
        exponent = np.where(normal, BF16.exponent(a) + BF16.exponent(b) - 127 + carry, 0)
        range_ = choose(
            a.shape,
            exponent < 0,
            exponent == 0,
            exponent == 1,
            exponent < 254,
            exponent == 254,
            exponent == 255,
            exponent > 255,
        )
        range_[~normal] = -1
        return {
            "mul_cg.cr_a_b": cross_index(BF16.classify(a), BF16.classify(b), len(CLASSES)),
            "mul_cg.cp_result": FP32.classify_as(vectors["result"], PRODUCTS),
            "mul_cg.cr_range_carry": cross_index(range_, carry, len(CARRIES)),
        }


class MulEnv(UnitEnv):
    """Environment of the multiplier."""

    model_type = MulModel
    coverage_type = MulCoverage
