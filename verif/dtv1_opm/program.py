"""Random instructions for the output module, with the beats that come with them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np

from reneta.golden import opm_arrays
from reneta.golden.arrays import Array
from reneta.golden.config import HwConfig
from reneta.golden.opm import Opm
from reneta.golden.opm_types import OpmCfg, OpmMode
from reneta.verif.dtv1_opm.stimulus import Values

Beat = tuple[int, ...]
# Most beats of an instruction whose size does not matter.
SHORT = 24


def numbers(words: Array) -> list[int]:
    """Words [n, lanes] as numbers, lane 0 lowest."""
    little = np.ascontiguousarray(words, words.dtype.newbyteorder("<"))
    return [int.from_bytes(word.tobytes(), "little") for word in little]


@dataclass(frozen=True)
class Instruction:
    """One instruction.

    Attributes:
        cfg: its configuration.
        results: words [n, NUM_PE] or sums [n], as the golden model takes them.
        side0, side1: side words [n, NUM_PE] (MOVE, ENCODE; side1 of MOVE is void) or elements [n] (SCATTER).
        res: beats of the result stream: scalar, last, none, lanes.
        side: beats of the side stream.
    """

    cfg: OpmCfg
    results: Array
    side0: Array | None
    side1: Array | None
    res: list[Beat]
    side: list[Beat]


class Maker:
    """Draws instructions; knows where the lists ended, so that appended ones fit into the memory."""

    def __init__(self, hw: HwConfig, rng: np.random.Generator) -> None:
        """Args: configuration; where everything is drawn from."""
        self.hw, self.rng = hw, rng
        self.values = Values(hw, rng)
        self.reset()

    def reset(self) -> None:
        """A module after reset."""
        self._opm = Opm(self.hw)
        self._regions = [(0, 0), (0, 0)]
        self._last = 0

    def below(self, limit: int) -> int:
        """A number from 0 on."""
        return int(self.rng.integers(limit))

    def one_of(self, *choices: int) -> int:
        """One of some numbers."""
        return choices[self.below(len(choices))]

    def draw(self, size: int = SHORT) -> Instruction:
        """Any instruction of up to about `size` beats."""
        match OpmMode(self.below(len(OpmMode))):
            case OpmMode.WORDS:
                return self.words(size=size)
            case OpmMode.SUMS:
                return self.sums(size=size)
            case OpmMode.ENCODE:
                return self.encode(size=size)
            case OpmMode.SCATTER:
                return self.scatter(size=size)
            case OpmMode.MOVE:
                return self.words(mode=OpmMode.MOVE, size=size)

    def place(self, words: int) -> int:
        """An address with room for `words`: anywhere, at the very end, or where the last ones went."""
        room = self.hw.smem_words - max(words, 1)
        last = min(self._last, room)
        self._last = self.one_of(self.below(room + 1), self.below(room + 1), room, last)
        return self._last

    def shape(self, size: int) -> tuple[int, int, int]:
        """Groups, columns and steps of about `size` words."""
        groups = min(1 + self.below(size), self.hw.max_groups)
        columns = 1 + self.below(max(size // groups, 1))
        steps = 1 + self.below(max(size // (groups * columns), 1))
        return groups, columns, steps

    def noise(self, mode: OpmMode) -> OpmCfg:
        """A configuration whose fields are random: those that matter are to be set."""
        hw = self.hw
        values = {
            field.name: self.below(1 << min(field.width(hw), 32))
            for field in OpmCfg.FIELDS
            if field.name not in ("mode", "wide")
        }
        if self.below(8) == 0:
            # DRAM addresses go on at zero.
            values["dram_addr"] = (1 << 32) - 1 - self.below(1 << 10)
        return replace(OpmCfg(mode), **values)

    def words(
        self,
        shape: tuple[int, int, int] | None = None,
        mode: OpmMode = OpmMode.WORDS,
        wide: int | None = None,
        seq: int | None = None,
        smem: int | None = None,
        dram: int | None = None,
        size: int = SHORT,
        empty: bool | None = None,
    ) -> Instruction:
        """WORDS or MOVE; what is not given is random.

        Args:
            shape: groups, columns and steps.
            mode: which of the two.
            wide, seq, smem, dram: flags.
            size: words, about, where the shape is random.
            empty: whether all results stay in the core; none: now and then.
        """
        hw = self.hw
        seq = self.below(2) if seq is None else seq
        groups, columns, steps = shape or self.shape(size)
        if seq:
            columns = 1
        if wide is None:
            wide = self.below(2)
        wide = wide if hw.is_fp and mode is OpmMode.WORDS else 0
        cfg = replace(
            self.noise(mode), cnt0=groups - 1, cnt1=columns - 1, cnt2=steps - 1, wide=wide, seq=seq,
            to_smem=int(self.below(4) > 0) if smem is None else smem,
            to_dram=self.below(2) if dram is None else dram,
        )  # fmt: skip
        if cfg.to_smem:
            cfg = self._sequence(cfg, groups, steps) if seq else self._linear(cfg, groups * columns * steps)
        count = groups * columns * steps
        if mode is OpmMode.MOVE:
            words = self.values.elements((count, hw.num_pe))
            side: list[Beat] = list(zip(numbers(words), self._wide(count), strict=True))
            return Instruction(cfg, self._nothing(), words, words, [self._end()], side)
        if self.below(12) == 0 if empty is None else empty:
            return Instruction(cfg, self._nothing(), None, None, [self._end()], [])
        results = self.values.results((count, hw.num_pe))
        return Instruction(cfg, results, None, None, self._parallel(results), [])

    def sums(
        self,
        columns: int | None = None,
        steps: int | None = None,
        sparse: int | None = None,
        seq: int | None = None,
        smem: int | None = None,
        dram: int | None = None,
        size: int = SHORT,
    ) -> Instruction:
        """SUMS; in list order `columns * steps` sums, or, where not given, any number from none on."""
        hw = self.hw
        sparse = self.below(2) if sparse is None else sparse
        seq = self.below(2) if seq is None else seq
        wanted = columns
        columns = columns or min(1 + self.below(size), hw.max_n)
        steps = steps or 1 + self.below(max(2 * size // columns, 1))
        cfg = replace(
            self.noise(OpmMode.SUMS), cnt1=columns - 1, cnt2=steps - 1, sparse=sparse, seq=seq,
            to_smem=int(self.below(4) > 0) if smem is None else smem,
            to_dram=self.below(2) if dram is None else dram,
        )  # fmt: skip
        count, groups = columns * steps, -(-columns // hw.num_pe)
        if sparse and wanted is None:
            count = self.one_of(0, 1, count, self.below(count + 1))
        if cfg.to_smem:
            words = -(-count // hw.num_pe) if sparse else groups * steps
            cfg = self._sequence(cfg, groups, steps) if seq and not sparse else self._linear(cfg, words)
        if not sparse and self.below(12) == 0 and wanted is None:
            count = 0
        sums = self.values.results((count,))
        # Empty lists at the end leave an end beat without a result.
        return Instruction(
            cfg, sums, None, None, self._scalar(sums, extra=bool(sparse) and self.below(3) == 0), []
        )

    def encode(
        self,
        groups: int | None = None,
        lanes: int | None = None,
        theta: int | None = None,
        density: float | None = None,
        append: int | None = None,
        which: int | None = None,
        lane: int | None = None,
        direct: int | None = None,
        size: int = SHORT,
    ) -> Instruction:
        """ENCODE; what is not given is random.

        Args:
            groups: row groups.
            lanes: valid lanes of the last one.
            theta: threshold.
            density: part of the elements that fire, as far as the threshold lets it.
            append, which, direct: flags and list.
            lane: of the first entry of a list that is not appended.
            size: row groups, about, where they are random.
        """
        hw, P = self.hw, self.hw.num_pe  # noqa: N806
        groups = groups or 1 + self.below(min(size, hw.max_n // P))
        lanes = (self.one_of(P, 1, 1 + self.below(P))) if lanes is None else lanes
        theta = self.values.theta() if theta is None else theta
        if density is None:
            density = (0.0, 1.0, 1 / (groups * P), float(self.rng.random()))[self.below(4)]
        fires = self.rng.random((groups, P)) < density
        d = self.values.differences(fires, theta)
        cfg = replace(
            self.noise(OpmMode.ENCODE), cnt0=groups - 1, cnt1=0, cnt2=0, lanes=lanes - 1, theta=theta,
            step=self.below(hw.max_m), list=self.below(2) if which is None else which,
            append=self.below(2) if append is None else append,
        )  # fmt: skip
        if direct is not None:
            cfg = replace(cfg, direct=direct)
        v, v_hat = self.values.elements((groups, P)), self.values.elements((groups, P))
        fired = opm_arrays.encode(d, v, v_hat, theta, hw, opm_arrays.valid_lanes(cfg, hw)).fires
        cfg = self._lists(cfg, groups, int(np.count_nonzero(fired)), lane)
        self._opm.run(cfg, d, v, v_hat)
        self._regions[cfg.list] = (cfg.idx_addr, cfg.dst1_addr)
        side: list[Beat] = list(zip(numbers(v), numbers(v_hat), strict=True))
        return Instruction(cfg, d, v, v_hat, self._parallel(d), side)

    def _lists(self, cfg: OpmCfg, groups: int, count: int, lane: int | None) -> OpmCfg:
        """Regions without overlap for the state and a list of `count` entries."""
        hw, P = self.hw, self.hw.num_pe  # noqa: N806
        entry, bases = self._opm.lists[cfg.list].entry, self._regions[cfg.list]
        if cfg.append and self.below(8):
            # The region goes on where it is.
            top = -(-(entry + count) // P)
            if max(bases) + top <= hw.smem_words:
                spans = [range(base + entry // P, base + top) for base in bases]
                state = self._apart(groups, spans)
                if not _overlap(spans[0], spans[1]):
                    return replace(cfg, idx_addr=bases[0], dst1_addr=bases[1], dst_addr=state)
        if cfg.append and entry > hw.smem_words * P // 2:
            cfg = replace(cfg, append=0)
        if not cfg.append:
            lane = self.below(P) if lane is None else lane
            if self.below(4) == 0:
                lane = -count % P
            head = self.one_of(0, self.below(8), self.below(hw.smem_words // 4))
            cfg, entry = replace(cfg, head_word=head, head_lane=lane), head * P + lane
        word, words = entry // P, max(-(-(entry % P + count) // P), 1)
        room = hw.smem_words - words - word
        first = self.one_of(0, self.below(room + 1), room)
        second = self._apart(words, [range(first + word, first + word + words)], word)
        spans = [range(base + word, base + word + words) for base in (first, second - word)]
        return replace(cfg, idx_addr=first, dst1_addr=second - word, dst_addr=self._apart(groups, spans))

    def _apart(self, words: int, taken: Sequence[range], lowest: int = 0) -> int:
        """An address, at least `lowest`, with room for `words` that overlaps nothing that is taken."""
        while True:
            base = lowest + self.below(self.hw.smem_words - words - lowest + 1)
            if not any(_overlap(range(base, base + words), other) for other in taken):
                return base

    def scatter(
        self,
        elements: int | None = None,
        count: int | None = None,
        size: int = SHORT,
        extra: bool | None = None,
    ) -> Instruction:
        """SCATTER of `count` results into a vector of `elements`."""
        hw = self.hw
        elements = elements or 1 + self.below(min(size * 2, hw.max_n))
        groups = -(-elements // hw.num_pe)
        count = self.one_of(0, 1, elements, self.below(elements + 1)) if count is None else count
        first = self.place(groups)
        cfg = replace(
            self.noise(OpmMode.SCATTER), cnt0=groups - 1, cnt1=elements - 1, cnt2=0, to_dram=0,
            lanes=(elements - 1) % hw.num_pe, dst_addr=first,
            dst1_addr=self._apart(groups, [range(first, first + groups)]),
        )  # fmt: skip
        indices = self.rng.permutation(elements)[:count]
        indices = indices if self.below(4) == 0 else np.sort(indices)
        sums, s_hat = self.values.results((count,)), self.values.elements((count,))
        extra = self.below(8) == 0 if extra is None else extra
        side: list[Beat] = [(int(s), int(index)) for s, index in zip(s_hat, indices, strict=True)]
        return Instruction(cfg, sums, s_hat, indices, self._scalar(sums, extra), side)

    def _linear(self, cfg: OpmCfg, words: int) -> OpmCfg:
        return replace(cfg, dst_addr=self.place(words * (cfg.wide + 1)))

    def _sequence(self, cfg: OpmCfg, groups: int, steps: int) -> OpmCfg:
        """First step, stride and address of a sequence that fits into the memory."""
        hw, width = self.hw, cfg.wide + 1
        step = self.one_of(0, self.below(hw.max_m - steps + 1), hw.max_m - steps)
        most = (hw.smem_words // width - steps - step) // max(groups - 1, 1)
        if most < steps:
            step = 0
            most = (hw.smem_words // width - steps) // max(groups - 1, 1)
        stride = min(self.one_of(steps, step + steps, hw.max_m, steps + self.below(hw.max_m)), most)
        extent = width * ((groups - 1) * stride + step + steps)
        return replace(cfg, step=step, stride=stride, dst_addr=self.place(extent))

    def _nothing(self) -> Array:
        return np.empty((0, self.hw.num_pe), np.uint32 if self.hw.is_fp else np.uint16)

    def _wide(self, count: int) -> list[int]:
        """Random words for what nobody looks at."""
        return numbers(self.rng.integers(0, 1 << 16, (count, self.hw.num_pe), dtype=np.uint16))

    def _void(self) -> int:
        lanes = self.values.results((1, self.hw.num_pe))
        return numbers(lanes)[0]

    def _end(self) -> Beat:
        """A beat that only ends an instruction."""
        return (self.below(2), 1, 1, self._void())

    def _parallel(self, results: Array) -> list[Beat]:
        count = len(results)
        return [(0, int(k == count - 1), 0, word) for k, word in enumerate(numbers(results))]

    def _scalar(self, sums: Array, extra: bool) -> list[Beat]:
        """Sums in lane 0 of words of anything; `extra`: a beat of its own ends the instruction."""
        extra = extra or len(sums) == 0
        words = self.values.results((len(sums), self.hw.num_pe))
        words[:, 0] = sums
        last = len(sums) - 1
        beats: list[Beat] = [
            (1, int(k == last and not extra), 0, word) for k, word in enumerate(numbers(words))
        ]
        return [*beats, *([self._end()] if extra else [])]


def _overlap(one: range, other: range) -> bool:
    return bool(one) and bool(other) and one.start < other.stop and other.start < one.stop
