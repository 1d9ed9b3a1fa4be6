"""Faulty instructions: what software may do wrong with the output module."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from reneta.golden.ccm_types import ErrorCause
from reneta.golden.opm_types import OpmMode
from reneta.verif.dtv1_opm.program import Instruction, Maker


@dataclass(frozen=True)
class Fault:
    """Something wrong, the cause that it must raise, and what makes such an instruction."""

    name: str
    cause: ErrorCause
    make: Callable[[Maker], Instruction]
    # Whether it is one in the bf16 build, too.
    fp: bool = True


def changed(one: Instruction, **fields: int) -> Instruction:
    """The same beats for another configuration."""
    return replace(one, cfg=replace(one.cfg, **fields))


def _of_mode(mode: OpmMode, maker: Maker) -> Instruction:
    match mode:
        case OpmMode.WORDS | OpmMode.MOVE:
            return maker.words(mode=mode, smem=1, wide=0, empty=False)
        case OpmMode.SUMS:
            return maker.sums(columns=5, steps=2, smem=1)
        case OpmMode.ENCODE:
            return maker.encode()
        case OpmMode.SCATTER:
            return maker.scatter()


def _with(of: OpmMode, **fields: int) -> Callable[[Maker], Instruction]:
    """A good instruction of a mode with some fields changed."""
    return lambda maker: changed(_of_mode(of, maker), **fields)


def _words_outside(mode: OpmMode, seq: int, wide: int) -> Callable[[Maker], Instruction]:
    """The first word lies in the memory, the last one does not: by one word or by more."""

    def make(maker: Maker) -> Instruction:
        groups, columns, steps = 3, 1 if seq else 2, 2
        one = maker.words((groups, columns, steps), mode, wide=wide, seq=seq, smem=1, empty=False)
        cfg = one.cfg
        last = (groups - 1) * cfg.stride + cfg.step + steps - 1 if seq else groups * columns * steps - 1
        past = 1 + maker.below(min(2 * groups, last))
        return changed(one, dst_addr=maker.hw.smem_words - (last + 1) * (cfg.wide + 1) + past)

    return make


def _far_outside(maker: Maker) -> Instruction:
    """A sequence that is larger than the memory, many times over."""
    hw = maker.hw
    one = maker.words((hw.max_groups, 1, 1), wide=0, seq=0, smem=1, empty=False)
    most = (1 << hw.step_w + 1) - 1
    return changed(one, seq=1, stride=most, step=maker.below(hw.max_m), dst_addr=maker.below(8))


def _sums_outside(sparse: int, seq: int) -> Callable[[Maker], Instruction]:
    """The last word of sums does not exist."""

    def make(maker: Maker) -> Instruction:
        hw = maker.hw
        one = maker.sums(2 * hw.num_pe, 2, sparse, seq, smem=1)
        last = one.cfg.stride + one.cfg.step + 1 if seq and not sparse else 3
        return changed(one, dst_addr=hw.smem_words - last + maker.below(last))

    return make


def _list_outside(field: str, far: bool, lane: int = 1) -> Callable[[Maker], Instruction]:
    """A list whose last word, or all of it, lies past the region's memory."""

    def make(maker: Maker) -> Instruction:
        hw = maker.hw
        one = maker.encode(4, hw.num_pe, 0, 1.0, append=0, lane=lane)
        if far:
            return changed(one, head_word=hw.smem_words - 1, **{field: hw.smem_words - 1 - maker.below(2)})
        return changed(one, **{field: hw.smem_words - 1 - one.cfg.head_word - maker.below(3)})

    return make


def _appended_outside(maker: Maker) -> Instruction:
    """An appended list for which its regions have no room."""
    one = maker.encode(4, maker.hw.num_pe, 0, 1.0, append=1, direct=1)
    base = maker.hw.smem_words - 2
    return changed(one, idx_addr=base, dst1_addr=base)


def _state_outside(maker: Maker) -> Instruction:
    """The last word of the stored state does not exist."""
    groups = 4
    return changed(maker.encode(groups), dst_addr=maker.hw.smem_words - 1 - maker.below(groups - 1))


def _gradient_outside(field: str) -> Callable[[Maker], Instruction]:
    """An element of one of the gradients stands past the memory."""

    def make(maker: Maker) -> Instruction:
        hw = maker.hw
        elements = 4 * hw.num_pe
        return changed(maker.scatter(elements, elements), **{field: hw.smem_words - 1 - maker.below(3)})

    return make


def _too_tall(maker: Maker) -> Instruction:
    """A vector of one row group more than the encoder has room for."""
    hw = maker.hw
    return changed(maker.encode(2), cnt0=hw.max_n // hw.num_pe)


_PROC, _ADDRESS = ErrorCause.PROC, ErrorCause.ADDRESS
FAULTS = (
    *(Fault(f"mode_{mode}", _PROC, _with(OpmMode.WORDS, mode=mode)) for mode in (5, 6, 7)),
    *(Fault(f"wide_{mode.name.lower()}", _PROC, _with(mode, wide=1)) for mode in OpmMode if mode),
    Fault("wide_words", _PROC, _with(OpmMode.WORDS, wide=1), fp=False),
    Fault("sequence_columns", _PROC, _with(OpmMode.WORDS, to_smem=1, seq=1, cnt1=1)),
    Fault("moved_sequence_columns", _PROC, _with(OpmMode.MOVE, to_smem=1, seq=1, cnt1=1)),
    Fault("encode_too_tall", ErrorCause.SIZE, _too_tall),
    Fault("encode_columns", _PROC, _with(OpmMode.ENCODE, cnt1=1)),
    Fault("encode_steps", _PROC, _with(OpmMode.ENCODE, cnt2=1)),
    Fault("scatter_steps", _PROC, _with(OpmMode.SCATTER, cnt2=1)),
    Fault("words_outside", _ADDRESS, _words_outside(OpmMode.WORDS, 0, 0)),
    Fault("sequence_outside", _ADDRESS, _words_outside(OpmMode.WORDS, 1, 0)),
    Fault("wide_outside", _ADDRESS, _words_outside(OpmMode.WORDS, 0, 1)),
    Fault("wide_sequence_outside", _ADDRESS, _words_outside(OpmMode.WORDS, 1, 1)),
    Fault("move_outside", _ADDRESS, _words_outside(OpmMode.MOVE, 0, 0)),
    Fault("far_outside", _ADDRESS, _far_outside),
    Fault("sums_outside", _ADDRESS, _sums_outside(0, 0)),
    Fault("sums_sequence_outside", _ADDRESS, _sums_outside(0, 1)),
    Fault("sums_list_outside", _ADDRESS, _sums_outside(1, 0)),
    Fault("indices_outside", _ADDRESS, _list_outside("idx_addr", far=False)),
    Fault("values_outside", _ADDRESS, _list_outside("dst1_addr", far=False)),
    Fault("full_indices_outside", _ADDRESS, _list_outside("idx_addr", far=False, lane=0)),
    Fault("full_values_outside", _ADDRESS, _list_outside("dst1_addr", far=False, lane=0)),
    Fault("indices_far_outside", _ADDRESS, _list_outside("idx_addr", far=True)),
    Fault("values_far_outside", _ADDRESS, _list_outside("dst1_addr", far=True)),
    Fault("appended_outside", _ADDRESS, _appended_outside),
    Fault("state_outside", _ADDRESS, _state_outside),
    Fault("gradient_outside", _ADDRESS, _gradient_outside("dst_addr")),
    Fault("state_gradient_outside", _ADDRESS, _gradient_outside("dst1_addr")),
)
