"""Tests of a PE array; those of the two arrays are these with their values and kinds."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, ClassVar

import cocotb
import numpy as np
from pyuvm import uvm_factory

from reneta.golden.arrays import Array
from reneta.golden.ccm_types import Mode
from reneta.golden.config import HwConfig
from reneta.verif.arith.macc_env import MaccCfg, MaccEnv, MaccKind, MaccModel
from reneta.verif.arith.macc_stimulus import Control, Mix, Stimulus, Style, short_columns
from reneta.verif.common.base_test import BaseTest
from reneta.verif.common.hw import np_rng
from reneta.verif.common.stalls import Stall
from reneta.verif.common.stream import Beat


class MaccTest(BaseTest):
    """Draws words and sends them."""

    env_type = MaccEnv
    cfg_type = MaccCfg
    env: MaccEnv
    cfg: MaccCfg

    # Columns and other words mixed in several ways: long runs of a mode, changes at any cycle, one kind only.
    mixes: ClassVar[tuple[Mix, ...]] = (
        Mix(0.5, 0.8, short_columns),
        Mix(0.5, 0.0, short_columns),
        Mix(0.9, 0.5, short_columns, zero=0.0),
        Mix(1.0, 0.0, lambda _: 1),
        Mix(0.0, 0.3, short_columns),
    )

    @staticmethod
    def kind(hw: HwConfig) -> MaccKind:
        """The array."""
        raise NotImplementedError

    @staticmethod
    def values(rng: np.random.Generator, shape: tuple[int, int], style: Style, acc: bool) -> Array:
        """Operands, or accumulators, of a style, as lanes of the kind."""
        raise NotImplementedError

    @staticmethod
    def corners(acc: bool) -> Array:
        """All corners of operands, or of accumulators."""
        raise NotImplementedError

    # Two pairs of operands with the largest product, positive and negative.
    largest: ClassVar[tuple[tuple[int, int], tuple[int, int]]]

    def configure(self) -> None:
        """Make the stimulus."""
        hw = self.cfg.hw
        self.cfg.kind = self.kind(hw)
        self.stimulus = Stimulus(hw, self.cfg.kind, np_rng("words"), self.values)
        self.random = self.stimulus.rng

    async def send(self, beats: Iterable[Beat]) -> None:
        """Send words and wait for all results."""
        await self.env.words.send(beats)
        await self.env.drain()

    async def send_mixed(self, count: int, styles: Sequence[Style] = tuple(Style)) -> None:
        """About `count` words of each style in each mix."""
        for style in styles:
            for mix in self.mixes:
                await self.env.words.send(self.stimulus.beats(self.stimulus.controls(count, mix), style))
        await self.env.drain()


class RandomTest(MaccTest):
    """Random words in random modes, one in every cycle."""

    async def body(self) -> None:
        """All styles in all mixes."""
        await self.send_mixed(250)


class GapTest(MaccTest):
    """The same with gaps of all lengths, in columns too."""

    async def body(self) -> None:
        """All styles in all mixes under each profile."""
        for profile in (Stall.LIGHT, Stall.HEAVY, Stall.BURST):
            self.env.words.set_stalls(profile)
            await self.send_mixed(60)


class GroupsTest(MaccTest):
    """Columns of all small sizes and of the largest ones: alone, close together, with other words inside."""

    async def body(self) -> None:
        """The same sizes three times, and the largest sums."""
        most = self.cfg.hw.max_groups
        sizes = sorted({*range(1, min(most, 17) + 1), *(most // 2 + 1, most - 1, most)})
        for size in sizes:
            await self.send(self.stimulus.beats(self.stimulus.column(size), Style.MODERATE))
        columns = [word for size in self.random.permutation(sizes) for word in self.stimulus.column(size)]
        await self.send(self.stimulus.beats(columns, Style.MODERATE))
        parallel, elementwise = Control(Mode.PARALLEL, last=True), Control(Mode.ELEMENTWISE, neg=True)
        others = [parallel, elementwise, parallel]
        inside: list[Control] = []
        for word in columns:
            inside += [word, *others[: self.random.integers(0, 4)]]
        await self.send(self.stimulus.beats(inside, Style.SPIKED))
        shape = (most, self.cfg.hw.num_pe)
        for a, b in self.largest:
            factor, other, acc = (np.full(shape, value) for value in (a, b, 0))
            await self.send(self.stimulus.with_values(self.stimulus.column(most), factor, other, acc))


class CornerTest(MaccTest):
    """Corners of operands crossed with corners of operands and accumulators, added and subtracted."""

    async def body(self) -> None:
        """Every combination once, and columns of corners."""
        operands, accs = self.corners(acc=False), self.corners(acc=True)
        grid = np.meshgrid(operands, operands, accs, indexing="ij")
        order = self.random.permutation(grid[0].size)
        lanes = self.cfg.hw.num_pe
        for mode, neg in ((Mode.PARALLEL, False), (Mode.ELEMENTWISE, True)):
            words = -(-order.size // lanes)
            a, b, acc = (np.resize(part.ravel()[order], (words, lanes)) for part in grid)
            controls = [Control(mode, neg=neg)] * words
            await self.env.words.send(self.stimulus.with_values(controls, a, b, acc))
        for style in (Style.CORNERS, Style.FINITE, Style.CANCELLING):
            controls = self.stimulus.controls(300, Mix(1.0, 0.0, short_columns, zero=0.3))
            await self.env.words.send(self.stimulus.beats(controls, style))


class ResetTest(MaccTest):
    """Resets in the middle of columns and of results; afterwards nothing of them is left."""

    async def body(self) -> None:
        """Traffic that a reset cuts off, and then some that must be right."""
        for _ in range(24):
            self.env.words.set_stalls(self.random.choice([Stall.NONE, Stall.LIGHT, Stall.HEAVY]))
            mix = self.mixes[self.random.integers(len(self.mixes))]
            beats = self.stimulus.beats(self.stimulus.controls(300, mix), Style.MODERATE)
            sending = cocotb.start_soon(self.env.words.send(beats))
            await self.clocking.cycles(int(self.random.integers(2, 150)))
            sending.cancel()
            await self.env.reset(cycles=int(self.random.integers(1, 4)))
            beats = self.stimulus.beats(self.stimulus.controls(20, self.mixes[0]), Style.SPIKED)
            await self.send(beats)


class SpoiltModel(MaccModel):
    """Foresees a wrong bit in one of the two outputs now and then."""

    spoilt: ClassVar[str]
    seen = 0

    def announce(self, to: Any, cycle: int, total: Array, values: Any) -> None:
        """Flip a bit of every seventh result of the output."""
        if to is getattr(self, self.spoilt):
            self.seen += 1
            total = total.copy()
            total.view(self.kind.acc.dtype)[-1] ^= self.seen % 7 == 0
        super().announce(to, cycle, total, values)


class WrongParallel(SpoiltModel):
    """Foresees wrong parallel results."""

    spoilt = "ap"


class WrongSum(SpoiltModel):
    """Foresees wrong sums."""

    spoilt = "sums"


class LateSum(MaccModel):
    """Foresees sums a cycle too late."""

    def announce(self, to: Any, cycle: int, total: Array, values: Any) -> None:
        """Add a cycle."""
        super().announce(to, cycle + (to is self.sums), total, values)


class BrokenTest(MaccTest):
    """A scoreboard must notice a wrong prediction: such a test passes when it fails."""

    model: ClassVar[type[MaccModel]]

    def configure(self) -> None:
        """Put the wrong model in."""
        super().configure()
        uvm_factory().set_type_override_by_type(MaccModel, self.model)

    async def body(self) -> None:
        """Some words."""
        await self.send_mixed(100, [Style.MODERATE])
