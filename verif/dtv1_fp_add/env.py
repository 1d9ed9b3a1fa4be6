"""Environment of dtv1_fp_add: the golden sum; coverage of operands, alignment, rounding and cancellation."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from reneta.golden import fp32
from reneta.golden.arrays import Array
from reneta.verif.arith.bulk_coverage import NONE, VectorCoverage, choose, cross_index, crossed
from reneta.verif.arith.floats import CLASSES, FP32, RESULTS
from reneta.verif.arith.lanes import Lanes
from reneta.verif.arith.rounding import ROUNDINGS, binade, classify_rounding
from reneta.verif.arith.unit_env import Port, UnitEnv, UnitModel

# What the signs make of two normal operands, and how far apart their exponents are. From 26 on the smaller
# one lies below the guard place; from 32 on the adder does not even shift it.
OPERATIONS = ("add", "subtract")
DISTANCES = (*(str(distance) for distance in range(28)), "28-31", "32+")
# Leading places that a subtraction loses.
LOSSES = (*(str(places) for places in range(25)), "all")
# Rare ways of a sum of normal operands.
EVENTS = (
    *("carry_of_sum", "carry_of_rounding", "rounds_to_infinity", "adds_to_infinity", "subnormal_sum"),
    *("smallest_sum", "one_ulp_apart", "sticky_only"),
)
# The largest distance at which float64 holds the sum exactly.
_EXACT_DISTANCE = 28


class AddModel(UnitModel):
    """Sums of float32 patterns."""

    @staticmethod
    def input_ports() -> Mapping[str, Port]:
        """Both terms."""
        return {"a": Port("a_i", Lanes(32)), "b": Port("b_i", Lanes(32))}

    @staticmethod
    def output_port() -> Port:
        """The sum."""
        return Port("sum_o", Lanes(32))

    def compute(self, **operands: Array) -> Array:
        """The golden sum."""
        a, b = (fp32.from_bits(operands[name]) for name in ("a", "b"))
        return fp32.to_bits(fp32.add(a, b))


class AddCoverage(VectorCoverage):
    """Operands crossed, results, alignment, rounding and cancellation."""

    def points(self) -> Mapping[str, Sequence[str]]:
        """Points of add_cg."""
        return {
            "add_cg.cr_a_b": crossed(CLASSES, CLASSES),
            "add_cg.cp_result": RESULTS,
            "add_cg.cr_operation_distance": crossed(OPERATIONS, DISTANCES),
            "add_cg.cr_operation_rounding": crossed(OPERATIONS, ROUNDINGS),
            "add_cg.cp_loss": LOSSES,
            "add_cg.cp_event": EVENTS,
        }

    def classify(self, **vectors: Array) -> Mapping[str, Array]:
        """Classes of a and b and the result; all else of normal operands only."""
        a, b, result = vectors["a"], vectors["b"], vectors["result"]
        exponents = [FP32.exponent(term) for term in (a, b)]
        normal = (exponents[0] % 0xFF != 0) & (exponents[1] % 0xFF != 0)
        # 1.0 stands in for the others, so that nothing below meets an infinity.
        x, y = (fp32.from_bits(np.where(normal, t, 0x3F80_0000)).astype(np.float64) for t in (a, b))
        subtract = (np.signbit(x) != np.signbit(y)).astype(np.int64)
        distance = np.abs(exponents[0] - exponents[1])
        place = np.where(distance < 28, distance, np.where(distance < 32, 28, 29))
        place[~normal] = NONE
        # Where float64 cannot hold the sum, it lies close to the larger operand on a known side.
        held = normal & (distance <= _EXACT_DISTANCE)
        total = np.where(held, x + y, 1.0)
        nonzero = np.where(total == 0, 1.0, total)
        top = np.maximum(binade(x), binade(y))
        lost = top - binade(nonzero)
        # A subnormal sum is flushed, not rounded.
        big_enough = binade(nonzero) >= -126
        rounding = classify_rounding(np.ldexp(nonzero, 23 - binade(nonzero)))
        rounding[~(held & big_enough)] = NONE
        loss = np.where(total == 0, len(LOSSES) - 1, np.maximum(lost, 0))
        loss[~(held & (subtract == 1))] = NONE
        return {
            "add_cg.cr_a_b": cross_index(FP32.classify(a), FP32.classify(b), len(CLASSES)),
            "add_cg.cp_result": FP32.classify_as(result, RESULTS),
            "add_cg.cr_operation_distance": cross_index(subtract, place, len(DISTANCES)),
            "add_cg.cr_operation_rounding": cross_index(subtract, rounding, len(ROUNDINGS)),
            "add_cg.cp_loss": loss,
            "add_cg.cp_event": self._events(a, b, result, normal, total, nonzero, lost, subtract == 1),
        }

    def _events(
        self,
        a: Array,
        b: Array,
        result: Array,
        normal: Array,
        total: Array,
        nonzero: Array,
        lost: Array,
        subtract: Array,
    ) -> Array:
        """Index into EVENTS; rarest first where several hold."""
        overflow = normal & (FP32.exponent(result) == 0xFF)
        finite = np.where(overflow, 1.0, fp32.from_bits(result).astype(np.float64))
        grown = normal & ~overflow & (finite != 0) & (total != 0) & (binade(finite) > binade(nonzero))
        distance = np.abs(FP32.exponent(a) - FP32.exponent(b))
        classes = {
            "rounds_to_infinity": overflow & (binade(nonzero) == 127),
            "adds_to_infinity": overflow,
            "carry_of_rounding": grown & (distance <= _EXACT_DISTANCE),
            "subnormal_sum": normal & (total != 0) & (binade(nonzero) < -126),
            "smallest_sum": normal & (np.abs(total) == 2.0**-126),
            "one_ulp_apart": normal & subtract & (np.abs(a.astype(np.int64) - b) % (1 << 31) == 1),
            "carry_of_sum": normal & (lost < 0),
            "sticky_only": normal & (distance > _EXACT_DISTANCE),
        }
        order = np.array([EVENTS.index(name) for name in classes])
        first = choose(a.shape, *classes.values())
        return np.where(first == NONE, NONE, order[first])


class AddEnv(UnitEnv):
    """Environment of the adder."""

    model_type = AddModel
    coverage_type = AddCoverage
