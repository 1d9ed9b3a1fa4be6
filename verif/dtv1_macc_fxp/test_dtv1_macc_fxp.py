"""Tests of dtv1_macc_fxp: those of all PE arrays, with fixed-point values."""

from __future__ import annotations

import pyuvm

from reneta.golden import fxp16
from reneta.verif.arith import macc_tests
from reneta.verif.dtv1_macc_fxp import env


class Fxp:
    """Mixed into the tests: the array and its values."""

    kind = staticmethod(env.kind)
    values = staticmethod(env.values)
    corners = staticmethod(env.corners)
    largest = ((fxp16.MIN, fxp16.MIN), (fxp16.MIN, fxp16.MAX))


@pyuvm.test()
class RandomTest(Fxp, macc_tests.RandomTest):
    """Random words in random modes, one in every cycle."""


@pyuvm.test()
class GapTest(Fxp, macc_tests.GapTest):
    """Random words in random modes, with gaps."""


@pyuvm.test()
class GroupsTest(Fxp, macc_tests.GroupsTest):
    """Columns of all interesting sizes, alone, close together, with other words inside."""


@pyuvm.test()
class CornerTest(Fxp, macc_tests.CornerTest):
    """Corners crossed with corners."""


@pyuvm.test()
class ResetTest(Fxp, macc_tests.ResetTest):
    """Resets in the middle of columns and of results."""


@pyuvm.test(expect_fail=True)
class WrongParallelTest(Fxp, macc_tests.BrokenTest):
    """A wrong bit in a parallel result must be noticed."""

    model = macc_tests.WrongParallel


@pyuvm.test(expect_fail=True)
class WrongSumTest(Fxp, macc_tests.BrokenTest):
    """A wrong bit in a column's sum must be noticed."""

    model = macc_tests.WrongSum


@pyuvm.test(expect_fail=True)
class LateSumTest(Fxp, macc_tests.BrokenTest):
    """A sum in the wrong cycle must be noticed."""

    model = macc_tests.LateSum
