"""Environment of dtv1_act_fp: the golden functions, and coverage of operands."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from reneta.golden import activation, fp32
from reneta.golden.arrays import Array
from reneta.golden.ccm_types import Func
from reneta.verif.arith.act_env import FUNCS, ActEnv
from reneta.verif.arith.bulk_coverage import VectorCoverage, cross_index, crossed
from reneta.verif.arith.floats import CLASSES, FP32
from reneta.verif.arith.lanes import Lanes
from reneta.verif.arith.rounding import ROUNDINGS, classify_rounding
from reneta.verif.arith.unit_env import Port, UnitModel

LANES = ("lane0", "lane1")


class ActModel(UnitModel):
    """Functions of float32 patterns."""

    @staticmethod
    def input_ports() -> Mapping[str, Port]:
        """One function for all lanes, and the operands."""
        return {"func": Port("func_i", Lanes(2)), "x": Port("x_i", Lanes(32))}

    @staticmethod
    def output_port() -> Port:
        """The results."""
        return Port("y_o", Lanes(32))

    def compute(self, **operands: Array) -> Array:
        """The golden function."""
        func = Func(int(operands["func"][0]))
        return fp32.to_bits(activation.apply_fp(func, fp32.from_bits(operands["x"])))


class ActCoverage(VectorCoverage):
    """Operands and their rounding to bf16 for each function and lane."""

    def points(self) -> Mapping[str, Sequence[str]]:
        """Points of act_fp_cg."""
        return {
            "act_fp_cg.cr_func_x": crossed(FUNCS, CLASSES),
            "act_fp_cg.cr_func_lane": crossed(FUNCS, LANES),
            "act_fp_cg.cr_func_rounding": crossed(FUNCS, ROUNDINGS),
        }

    def classify(self, **vectors: Array) -> Mapping[str, Array]:
        """Classes of x, its lane, and how it is rounded, which matters to sigmoid and tanh only."""
        func, x = vectors["func"].astype(np.int64), vectors["x"]
        rounding = classify_rounding((x & np.uint32(0x7FFF_FFFF)) / 65536.0)
        return {
            "act_fp_cg.cr_func_x": cross_index(func, FP32.classify(x), len(CLASSES)),
            "act_fp_cg.cr_func_lane": cross_index(func, np.arange(len(x)) % len(LANES), len(LANES)),
            "act_fp_cg.cr_func_rounding": cross_index(func, rounding, len(ROUNDINGS)),
        }


class ActFpEnv(ActEnv):
    """Environment of the activation unit."""

    model_type = ActModel
    coverage_type = ActCoverage
