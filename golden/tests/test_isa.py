"""Instructions as bits: round trips, published places of the fields, what is refused, programs in DRAM."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from reneta.golden import asm, isa
from reneta.golden.ccm_types import ErrorCause, Func, Proc
from reneta.golden.config import REPO, HwConfig, load_config
from reneta.golden.instruction import Instruction
from reneta.golden.ipm_types import Source
from reneta.golden.isa_types import INSN_BYTES, INSN_W
from reneta.golden.machine import Machine, MachineError, Traced

HW = load_config("bf16_pe16")
# The fields of the compute word need 80 bits in the largest machine.
LARGEST = HwConfig(name="large", format="bf16", num_pe=2, max_n=1024, max_m=4096, acc_words=2048)
WIDEST = HwConfig(name="wide", format="fxp16", num_pe=64, max_n=64, max_m=16, acc_words=64, smem_words=65536)
CONFIGS = [HW, load_config("fxp16_pe4"), load_config(REPO / "formal" / "tiny.yaml"), LARGEST, WIDEST]


@st.composite
def instructions(draw: st.DrawFn, hw: HwConfig) -> Instruction:
    """Any that is not refused."""
    values = {attr: draw(st.integers(0, (1 << w) - 1)) for attr, w in isa.widths(hw).items()}
    for attr in ("dram_src", "dram_dst"):
        values[attr] -= values[attr] % hw.word_bytes
    values["step"] = min(values["step"], hw.max_m - 1)
    values["cnt2"] = min(values["cnt2"], hw.max_m - 1 - values["step"])
    instruction = Instruction(**values, note="")
    if not instruction.moves_descriptors:
        return instruction
    return replace(instruction, to_smem=0, to_dram=1 - instruction.src0_dram)


configs = st.sampled_from(CONFIGS)
pairs = configs.flatmap(lambda hw: st.tuples(st.just(hw), instructions(hw)))


@given(pairs)
def test_bits_and_back(pair: tuple[HwConfig, Instruction]) -> None:
    hw, instruction = pair
    bits = isa.encode(instruction, hw)
    assert isa.decode(bits, hw) == instruction
    assert isa.from_words(isa.words(bits)) == bits < 1 << INSN_W


@given(pairs, st.text(st.characters(exclude_characters=";"), max_size=20))
def test_text_and_back(pair: tuple[HwConfig, Instruction], note: str) -> None:
    hw, instruction = pair
    line = asm.disassemble(replace(instruction, note=note))
    (back,) = asm.assemble(line, hw)
    assert back == instruction
    assert back.note == " ".join(note.split())


@given(configs, st.data())
def test_each_bit_is_a_field_or_refused(hw: HwConfig, data: st.DataObject) -> None:
    """Of bits that decode, the same ones are encoded: no two kinds of bits are one instruction."""
    bits = isa.encode(data.draw(instructions(hw)), hw) ^ 1 << data.draw(st.integers(0, INSN_W - 1))
    try:
        instruction = isa.decode(bits, hw)
    except isa.IllegalError:
        return
    assert isa.encode(instruction, hw) == bits


@pytest.mark.parametrize("hw", CONFIGS, ids=lambda hw: hw.name)
def test_fields_do_not_overlap(hw: HwConfig) -> None:
    end = 0
    for place in isa.layout(hw):
        assert place.position >= end
        assert 0 < place.used <= place.slot
        assert place.lsb + place.slot <= 64
        end = place.position + place.slot
    assert end <= INSN_W
    assert set(isa.widths(hw)) == {*asm.FIELDS, "proc"}


def test_published_places() -> None:
    """Names, order and widths of the three published words, written down by hand."""
    compute = [("paus", 1), ("dst0", 1), ("dst1", 1), ("src0", 1), ("src1", 1), ("n1", 8), ("cnt0", 8)]
    compute += [("cnt1", 8), ("cnt2", 8), ("func", 2), ("t", 8), ("nt", 9), ("proc", 4)]
    expected, lsb = [], 0
    for name, width in compute:
        expected.append((0, lsb, width, name))
        lsb += width
    for number, name in enumerate(("src0_addr", "src1_addr", "dst0_addr", "src2_addr")):
        expected.append((1, 16 * number, 16, name))
    expected += [(2, 0, 32, "dram_src"), (2, 32, 32, "dram_dst")]
    places = [(p.word, p.lsb, p.slot, p.field.name) for p in isa.layout(HW) if p.word < 3]
    assert places == expected


def test_an_instruction_by_hand() -> None:
    """100 x 256 of 4 gates: 25 row groups, of which the last has 4 lanes."""
    instruction = Instruction(
        Proc.EWISE,
        func=Func.TANH,
        cnt0=24,
        cnt1=255,
        lanes=3,
        step=7,
        stride=256,
        b_src=Source.SMEM,
        pause=1,
        src1_addr=0x1234,
        dram_dst=0xCAFE0000,
        head_lane=9,
    )
    n1 = 24 * 16 + 3 & 255
    compute = 7 << 56 | 256 << 47 | 7 << 39 | 3 << 37 | 255 << 21 | 24 << 13 | n1 << 5 | 1 << 4 | 1
    words = (compute, 0x1234 << 16, 0xCAFE0000 << 32, 0, 0, 9 << 16, 0, 0)
    assert isa.words(isa.encode(instruction, HW)) == words


def test_order_is_kept_where_the_compute_word_is_too_small() -> None:
    places = {place.field.name: (place.word, place.lsb) for place in isa.layout(LARGEST)}
    assert places["func"] == (0, 51)
    assert (places["t"], places["nt"], places["proc"]) == ((3, 32), (3, 44), (3, 57))


@pytest.mark.parametrize(
    ("bit", "cause"),
    [
        (60, ErrorCause.PROC),
        (3 * 64 + 27, ErrorCause.PROC),
        (3 * 64 + 32, ErrorCause.PROC),
        (511, ErrorCause.PROC),
        (9, ErrorCause.SIZE),  # N1 says that there are more rows than CNT0 does
        (13, ErrorCause.SIZE),
        (4 * 64 + 32 + 12, ErrorCause.SIZE),
        (64 + 13, ErrorCause.ADDRESS),
        (64 + 63, ErrorCause.ADDRESS),
        (5 * 64 + 16 + 4, ErrorCause.ADDRESS),
    ],
)
def test_wrong_bits_are_refused(bit: int, cause: ErrorCause) -> None:
    with pytest.raises(isa.IllegalError) as error:
        isa.decode(1 << bit, HW)
    assert error.value.cause == cause


def test_first_cause_is_told() -> None:
    for bits, cause in ((1 << 511 | 1 << 9 | 1 << 127, "PROC"), (1 << 9 | 1 << 127, "SIZE")):
        with pytest.raises(isa.IllegalError) as error:
            isa.decode(bits, HW)
        assert error.value.cause.name == cause


@pytest.mark.parametrize(
    ("instruction", "cause"),
    [
        (Instruction(Proc.IDLE, step=255, cnt2=255, src0_dram=1, dram_src=1), "NONE"),
        (Instruction(Proc.ACC, step=255, cnt2=1), "NONE"),
        (Instruction(Proc.MXV, step=254, cnt2=1), "NONE"),
        (Instruction(Proc.MXV, step=255, cnt2=1), "ADDRESS"),
        (Instruction(Proc.DELTA, step=254, cnt2=2), "ADDRESS"),
        (Instruction(11, step=1, cnt2=255), "ADDRESS"),
        (Instruction(Proc.IDLE, to_dram=1, dram_dst=16), "ADDRESS"),
        (Instruction(Proc.IDLE, dram_dst=16), "NONE"),
        (Instruction(Proc.ACC, to_dram=1, dram_dst=1 << 31 | 1), "ADDRESS"),
        *((Instruction(proc, src0_dram=1, dram_src=48), "ADDRESS") for proc in isa.DRAM_READERS),
        *((Instruction(proc, src0_dram=1, dram_src=64), "NONE") for proc in isa.DRAM_READERS),
        *((Instruction(proc, dram_src=48), "NONE") for proc in isa.DRAM_READERS),
        *((Instruction(proc, src0_dram=1, dram_src=48), "NONE") for proc in (Proc.VXV, Proc.EWISE, 15)),
        (Instruction(Proc.MOVE, spm=1), "PROC"),
        (Instruction(Proc.MOVE, spm=1, src0_dram=1, to_dram=1), "PROC"),
        (Instruction(Proc.MOVE, spm=1, src0_dram=1, to_smem=1), "PROC"),
        (Instruction(Proc.MOVE, spm=1, to_dram=1, to_smem=1, dram_dst=1), "PROC"),
        (Instruction(Proc.MOVE, spm=1, to_dram=1), "NONE"),
        (Instruction(Proc.MOVE, spm=1, src0_dram=1, dram_dst=1), "NONE"),
        (Instruction(Proc.MOVE, spm=1, src0_dram=1, dram_src=4), "ADDRESS"),
        (Instruction(Proc.MOVE, spm=1, to_dram=1, dram_dst=4), "ADDRESS"),
        (Instruction(Proc.MOVE, spm=1, src0_dram=1, step=1, cnt2=255), "ADDRESS"),
        (Instruction(Proc.ACC, spm=1), "NONE"),
    ],
)
def test_what_control_refuses(instruction: Instruction, cause: str) -> None:
    """Of instructions whose fields all fit."""
    bits = isa.encode(instruction, HW)
    if cause == "NONE":
        assert isa.decode(bits, HW) == instruction
        return
    with pytest.raises(isa.IllegalError) as error:
        isa.decode(bits, HW)
    assert error.value.cause.name == cause
    with pytest.raises(MachineError, match=cause):
        Machine(HW, 1024).execute(instruction)


def test_wrong_bits_are_told_before_what_they_say() -> None:
    """An accumulator past the end, in a MOVE of descriptors to nowhere; then both without that."""
    bits = isa.encode(Instruction(Proc.MOVE, spm=1), HW)
    for wrong, cause in ((1 << 4 * 64 + 63, "SIZE"), (1 << 4 * 64 + 15, "ADDRESS"), (0, "PROC")):
        with pytest.raises(isa.IllegalError) as error:
            isa.decode(bits | wrong, HW)
        assert error.value.cause.name == cause


def test_values_that_do_not_fit() -> None:
    for fields in ({"cnt0": 256}, {"lanes": 16}, {"src0_addr": 8192}, {"base": -1}, {"dep": 8}):
        with pytest.raises(ValueError, match="is not within 0 to"):
            isa.encode(Instruction(Proc.IDLE, **fields, note=""), HW)
    for words in ((0,) * 7, (0,) * 7 + (1 << 64,), (0,) * 7 + (-1,)):
        with pytest.raises(ValueError, match="8 words of 64 bits"):
            isa.from_words(words)


PROGRAM = [
    Instruction(Proc.EWISE, a_src=Source.ONE, b_src=Source.ONE, lanes=15, to_smem=1, dst0_addr=3, pause=1),
    Instruction(Proc.IDLE),
    Instruction(Proc.MOVE, src0_addr=3, lanes=15, to_dram=1, dram_dst=0),
]


def machine_with(program: list[Instruction], address: int) -> Machine:
    machine = Machine(HW, 1024)
    data = isa.image(program, HW)
    assert len(data) == INSN_BYTES * len(program)
    machine.dram[address : address + len(data)] = data
    return machine


def test_a_program_in_dram() -> None:
    machine, direct, trace = machine_with(PROGRAM, 128), Machine(HW, 1024), io.StringIO()
    machine.run_image(128, 3, trace)
    direct.run(PROGRAM)
    np.testing.assert_array_equal(machine.smem, direct.smem)
    assert machine.dram[:32].view(np.uint16).tolist() == [0x3F80] * 16
    lines = trace.getvalue().splitlines()
    assert lines[1:] == [
        "     1  IDLE",
        "     2  MOVE lanes=15 to_dram=1 src0_addr=3",
    ]
    assert [traced.instruction for traced in machine.steps(128, 2)] == PROGRAM[:2]
    machine.run_image(128, 0)


def test_a_program_stops_where_it_is_wrong() -> None:
    wrong = Instruction(Proc.MOVE, to_dram=1, dram_dst=1024)
    machine, trace = machine_with([PROGRAM[0], wrong, PROGRAM[2]], 0), io.StringIO()
    with pytest.raises(MachineError, match=r"stops at instruction 1: AXI") as error:
        machine.run_image(0, 3, trace)
    assert (error.value.cause, error.value.counter) == (ErrorCause.AXI, 1)
    assert trace.getvalue().splitlines()[1].endswith("MOVE to_dram=1 dram_dst=0x400  <- stops: AXI")
    assert machine.smem[3, 0] == 0x3F80
    assert list(machine.steps(0, 3))[1:] == [Traced(1, wrong, ErrorCause.AXI)]


@pytest.mark.parametrize(
    ("address", "length", "cause", "counter"),
    [
        (32, 1, "ADDRESS", 0),
        (1056, 1, "ADDRESS", 0),
        (1024, 1, "AXI", 0),
        (-64, 1, "AXI", 0),
        (960, 2, "AXI", 1),
    ],
)
def test_programs_that_are_not_in_memory(address: int, length: int, cause: str, counter: int) -> None:
    with pytest.raises(MachineError) as error:
        Machine(HW, 1024).run_image(address, length)
    assert (error.value.cause.name, error.value.counter) == (cause, counter)


def test_bits_that_are_no_instruction_stop_the_machine() -> None:
    machine = machine_with([Instruction(12), Instruction(Proc.IDLE)], 0)
    machine.dram[64 + 63] = 0x80
    for address, text in ((0, "PROC12"), (64, "no instruction: bits 0x8000")):
        trace = io.StringIO()
        with pytest.raises(MachineError, match="PROC"):
            machine.run_image(address, 1, trace)
        assert text in trace.getvalue()
