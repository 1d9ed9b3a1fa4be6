"""Tests of dtv1_macc_fp: those of all PE arrays, with bf16 values."""

from __future__ import annotations

import pyuvm

from reneta.golden import bf16
from reneta.verif.arith import macc_tests
from reneta.verif.dtv1_macc_fp import env


class Fp:
    """Mixed into the tests: the array and its values."""

    kind = staticmethod(env.kind)
    values = staticmethod(env.values)
    corners = staticmethod(env.corners)
    largest = ((bf16.MAX_FINITE, bf16.MAX_FINITE), (bf16.MAX_FINITE, bf16.MAX_FINITE | bf16.NEG_ZERO))


@pyuvm.test()
class RandomTest(Fp, macc_tests.RandomTest):
    """Random words in random modes, one in every cycle."""


@pyuvm.test()
class GapTest(Fp, macc_tests.GapTest):
    """Random words in random modes, with gaps."""


@pyuvm.test()
class GroupsTest(Fp, macc_tests.GroupsTest):
    """Columns of all interesting sizes, alone, close together, with other words inside."""


@pyuvm.test()
class CornerTest(Fp, macc_tests.CornerTest):
    """Corners crossed with corners."""


@pyuvm.test()
class ResetTest(Fp, macc_tests.ResetTest):
    """Resets in the middle of columns and of results."""


@pyuvm.test(expect_fail=True)
class WrongParallelTest(Fp, macc_tests.BrokenTest):
    """A wrong bit in a parallel result must be noticed."""

    model = macc_tests.WrongParallel


@pyuvm.test(expect_fail=True)
class WrongSumTest(Fp, macc_tests.BrokenTest):
    """A wrong bit in a column's sum must be noticed."""

    model = macc_tests.WrongSum


@pyuvm.test(expect_fail=True)
class LateSumTest(Fp, macc_tests.BrokenTest):
    """A sum in the wrong cycle must be noticed."""

    model = macc_tests.LateSum
