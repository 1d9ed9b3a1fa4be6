"""The golden machine against the models of its units: word by word, unit after unit, the same memories."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from reneta.golden import ipm, ipm_join
from reneta.golden.arith import arithmetic
from reneta.golden.arrays import U16, Array
from reneta.golden.ccm import Ccm
from reneta.golden.ccm_types import ErrorCause, Func, Proc
from reneta.golden.config import HwConfig, load_config
from reneta.golden.instruction import Instruction
from reneta.golden.ipm_types import IpmCfg, Source
from reneta.golden.lists import Descriptor, pack_lists
from reneta.golden.machine import Machine, MachineError
from reneta.golden.matrix import NonzeroList
from reneta.golden.opm import LaneWrites, Opm, word_bits

DRAM_BYTES = 1 << 16


class SlowMachine:
    """The units' transaction models, one after the other, on copies of a machine's memories."""

    def __init__(self, machine: Machine) -> None:
        self.hw = machine.hw
        self.smem, self.spm, self.dram = machine.smem.copy(), machine.spm.copy(), machine.dram.copy()
        self.ccm, self.opm = Ccm(machine.hw), Opm(machine.hw)
        self.direct: list[int] = []

    def execute(self, instruction: Instruction) -> None:
        cfg, core, out = instruction.units(self.hw)
        joined = list(self._joined(cfg))
        operands = [word for column in joined for word in column.operands]
        sides = [beat for column in joined for beat in column.sides]
        counts = [d.count for d in self._descriptors(cfg)] if ipm.is_sparse(cfg) else []
        results = self.ccm.execute(
            core,
            counts,
            self._words([word.a for word in operands]).view(self.ccm.arith.operand_dtype),
            self._words([word.b for word in operands]).view(self.ccm.arith.operand_dtype),
            np.array([word.idx for word in operands], np.int64),
            self._addends([word for column in joined for word in column.addends]),
        )
        side0, side1 = (self._words([beat[k] for beat in sides]) for k in range(2))
        scatters = bool(instruction.scatter)
        written = self.opm.run(
            out,
            results.lanes[:, 0] if results.scalar else results.lanes,
            side0[:, 0] if scatters else side0,
            side1[:, 0] if scatters else side1,
        )
        for write in written.writes:
            if isinstance(write, LaneWrites):
                for addr, lane, value in zip(*write, strict=True):
                    self.smem[addr, lane] = value
            else:
                for addr, word in zip(*write, strict=True):
                    self.smem[addr] = word
        if written.descriptor is not None:
            self.spm[out.list, out.step] = written.descriptor.encode(self.hw)
        self.direct += written.indices
        if written.dram is not None:
            data = written.dram.reshape(-1).view(np.uint8)
            self.dram[out.dram_addr : out.dram_addr + len(data)] = data

    def _descriptors(self, cfg: IpmCfg) -> list[Descriptor]:
        steps = range(cfg.step, cfg.step + cfg.cnt2 + 1)
        return [Descriptor.decode(int(self.spm[cfg.list, step]), self.hw) for step in steps]

    def _joined(self, cfg: IpmCfg) -> Iterator[ipm_join.Joined]:
        kind, hw = ipm.kind_of(cfg), self.hw
        if kind is None:
            return
        for column in ipm.walk(cfg, self._descriptors(cfg), hw):
            index = ipm.matrix_column(cfg, column)
            if ipm.is_sparse(cfg):
                listed = self._read([ipm.index_read(cfg, column, hw)])[0]
                index = self.direct.pop(0) if cfg.direct else listed
            matrix = kind in (Proc.MXV, Proc.MTXV, Proc.MOVE)
            if matrix and cfg.src0_dram:
                first = self._dram_column(cfg, index)
            elif ipm.wanted(ipm.Unit.FIRST, cfg):
                first = self._read(ipm.first_reads(cfg, column, index, hw))
            else:
                first = []
            element = 0
            if ipm.lists_sides(cfg):
                element = self._read(ipm.first_reads(cfg, column, index, hw))[0]
            second, third = [], []
            if ipm.wanted(ipm.Unit.SECOND, cfg):
                second = self._read(ipm.second_reads(cfg, column, hw))
            if kind == Proc.EWISE and ipm.wanted(ipm.Unit.INDEX, cfg):
                third = self._read(ipm.addend_reads(cfg, column, hw))
            yield ipm_join.join(cfg, index, first, second, third, hw, element)

    def _read(self, reads: Iterator[ipm.Read] | list[ipm.Read]) -> list[int]:
        answers = []
        for addr, sel in reads:
            word = self.smem[addr]
            answers.append(int(word[sel & self.hw.num_pe - 1]) if sel else word_bits(word))
        return answers

    def _dram_column(self, cfg: IpmCfg, index: int) -> list[int]:
        command = ipm.dram_command(cfg, index, self.hw)
        addr, length = command >> 32 & (1 << 32) - 1, command & (1 << 23) - 1
        words = self.dram[addr : addr + length].view(np.uint16).reshape(-1, self.hw.num_pe)
        return [word_bits(word) for word in words]

    def _words(self, words: list[int]) -> U16:
        lanes = [[word >> 16 * lane & 0xFFFF for lane in range(self.hw.num_pe)] for word in words]
        return np.array(lanes, np.uint16).reshape(-1, self.hw.num_pe)

    def _addends(self, words: list[int]) -> Array:
        width, mask = self.hw.res_w, (1 << self.hw.res_w) - 1
        lanes = [[word >> width * lane & mask for lane in range(self.hw.num_pe)] for word in words]
        return self.ccm.arith.from_bits(np.array(lanes).reshape(-1, self.hw.num_pe))


class Program:
    """Random instructions that a machine can run; SMEM's first quarter is read, the rest written."""

    def __init__(self, hw: HwConfig, seed: int) -> None:
        self.hw, self.rng = hw, np.random.default_rng(seed)
        self.machine = Machine(hw, DRAM_BYTES)
        arith = arithmetic(hw)
        values = arith.encode(self.rng.standard_normal(self.machine.smem.shape) * 3)
        self.machine.smem[:] = values.view(np.uint16)
        weights = arith.encode(self.rng.standard_normal(DRAM_BYTES // 2), weight=True)
        self.machine.dram[:] = weights.view(np.uint8)
        self.indices = hw.smem_words // 8

    def number(self, low: int, high: int) -> int:
        return int(self.rng.integers(low, high + 1))

    def flags(self, *names: str) -> dict[str, int]:
        return {name: self.number(0, 1) for name in names}

    def instruction(self) -> Instruction:
        hw, quarter = self.hw, self.hw.smem_words // 4
        proc = Proc(self.number(0, len(Proc) - 1))
        step, steps, columns = self.number(0, 3), self.number(0, 2), self.number(0, 11)
        drawn = Instruction(
            proc,
            func=int(self.rng.choice(list(Func))),
            cnt0=self.number(0, 4),
            cnt1=columns,
            cnt2=steps,
            lanes=self.number(0, hw.num_pe - 1),
            step=step,
            stride=self.number(step + steps + 1, 9),
            base=self.number(0, 9),
            list=self.number(0, 1),
            src0_addr=self.number(0, quarter // 4),
            src1_addr=self.number(0, quarter // 4),
            src2_addr=self.number(0, quarter // 4),
            dst0_addr=quarter + self.number(0, quarter),
            dst1_addr=2 * quarter + self.number(0, quarter),
            dram_src=2 * hw.num_pe * self.number(0, 20),
            dram_dst=DRAM_BYTES // 2 + 2 * hw.num_pe * self.number(0, 20),
            note="",
            **self.flags("src0_dram", "to_smem", "to_dram", "cont", "hold", "act_scale", "neg"),
        )
        if proc.sparse:
            return self._sparse(drawn)
        match proc:
            case Proc.MXV:
                return replace(drawn, seq=self.number(0, 1), wide=self._wide())
            case Proc.VXV | Proc.ACC:
                return replace(drawn, wide=self._wide())
            case Proc.EWISE:
                return self._ewise(drawn)
            case Proc.MOVE:
                seq = self.number(0, 1)
                return replace(drawn, seq=seq, cnt1=0 if seq else drawn.cnt1)
            case Proc.DELTA:
                append = self.number(0, 1)
                theta = int(self.rng.choice([0, 0x3F80 if hw.is_fp else 200]))
                head = {"head_word": self.number(0, 3), "head_lane": self.number(0, hw.num_pe - 1)}
                drawn = replace(drawn, cnt1=0, cnt2=0, append=append, theta=theta, c_seq=1, func=0, cont=0)
                drawn = replace(drawn, src0_addr=3 * quarter + self.number(0, quarter // 2))
                return replace(drawn, note="", **head)
        return drawn

    def _wide(self) -> int:
        return self.number(0, 1) if self.hw.is_fp else 0

    def _ewise(self, drawn: Instruction) -> Instruction:
        third = [Source.ZERO, Source.ONE, Source.SMEM, Source.SAME, *[Source.WIDE] * self.hw.is_fp]
        acc = self.number(0, 1)
        c_src = int(self.rng.choice(third))
        return replace(
            drawn,
            cnt1=0,
            a_src=int(self.rng.choice([Source.ZERO, Source.ONE, Source.SMEM])),
            b_src=int(self.rng.choice([Source.ZERO, Source.ONE, Source.SMEM, Source.SAME])),
            c_src=c_src,
            acc=acc,
            cont=acc and drawn.cont and c_src == Source.ZERO,
            wide=self._wide(),
            note="",
            **self.flags("a_seq", "b_seq", "c_seq", "seq"),
        )

    def _sparse(self, drawn: Instruction) -> Instruction:
        """With lists for its steps, and sometimes a scatter."""
        hw, size = self.hw, drawn.cnt1 + 1
        region = self.number(0, 5)
        fired = (self.rng.random(size) < self.rng.choice([0, 0.4, 1]) for _ in range(drawn.cnt2 + 1))
        indices = [np.flatnonzero(fires).astype(np.uint16) for fires in fired]
        # The values are what stands in memory anyway.
        packed = pack_lists([NonzeroList(found, found) for found in indices], hw, start=region)
        self.machine.smem[self.indices : self.indices + len(packed.indices)] = packed.indices
        for number, descriptor in enumerate(packed.descriptors):
            self.machine.spm[drawn.list, drawn.step + number] = descriptor.encode(hw)
        drawn = replace(drawn, src2_addr=self.indices)
        if drawn.proc != Proc.MTXV_SP:
            return replace(drawn, wide=self._wide())
        scatter = drawn.src0_dram and drawn.cnt2 == 0 and self.number(0, 1)
        return replace(drawn, scatter=int(scatter))


@pytest.mark.parametrize("name", ["bf16_pe4", "bf16_pe16", "fxp16_pe4", "fxp16_pe16"])
@pytest.mark.parametrize("seed", range(4))
def test_random_programs(name: str, seed: int) -> None:
    """After each instruction, all memories and accumulators are what the units' models make of them."""
    program = Program(load_config(name), seed)
    machine, slow = program.machine, SlowMachine(program.machine)
    procs = set()
    for _ in range(120):
        instruction = program.instruction()
        slow.smem[:], slow.spm[:] = machine.smem, machine.spm
        slow.execute(instruction)
        machine.execute(instruction)
        procs.add(instruction.proc)
        message = f"{instruction}"
        np.testing.assert_array_equal(machine.smem, slow.smem, message)
        np.testing.assert_array_equal(machine.spm, slow.spm, message)
        np.testing.assert_array_equal(machine.dram, slow.dram, message)
        np.testing.assert_array_equal(machine.core.acc.view(np.uint32), slow.ccm.acc.view(np.uint32), message)
    assert procs == set(Proc)


@pytest.mark.parametrize("proc", [Proc.MXV, Proc.VXV])
@pytest.mark.parametrize("cont", [0, 1])
def test_lanes_past_the_end(proc: Proc, cont: int) -> None:
    """They add zero to what the accumulators hold, -0 too, whatever the vector's element is."""
    hw = load_config("bf16_pe4")
    machine = Machine(hw, DRAM_BYTES)
    slow = SlowMachine(machine)
    # NaN, infinite, negative and +0 elements; operands of which every lane is 1.
    machine.smem[:8, :] = np.array([0x7FC0, 0xFF80, 0xBF80, 0, 0x3F80, 0x3F80, 0x3F80, 0x3F80])[:, None]
    slow.smem[:] = machine.smem
    for core in (machine.core, slow.ccm):
        core.acc[:8] = np.array([-0.0, 1.0, np.inf, -np.inf], np.float32)
    instruction = Instruction(proc, cnt1=3, lanes=1, stride=1, src0_addr=4, src1_addr=0, cont=cont)
    if proc == Proc.VXV:
        instruction = replace(instruction, cnt1=0, cnt2=3, src0_addr=4, src1_addr=0, stride=4)
    slow.execute(instruction)
    machine.execute(instruction)
    np.testing.assert_array_equal(machine.core.acc.view(np.uint32), slow.ccm.acc.view(np.uint32))


def test_indices_handed_over() -> None:
    """A sparse procedure that takes the indices from the encoder, and one that reads them."""
    hw = load_config("bf16_pe4")
    machine, again = Machine(hw, DRAM_BYTES), Machine(hw, DRAM_BYTES)
    arith = arithmetic(hw)
    data = arith.encode(np.random.default_rng(1).standard_normal(DRAM_BYTES // 2)).view(np.uint8)
    encode = Instruction(Proc.DELTA, cnt0=1, lanes=1, theta=0x3E80, src2_addr=4, src1_addr=20, dst0_addr=20)
    encode = replace(encode, c_seq=1, stride=1, src0_addr=30, dst1_addr=40)
    multiply = Instruction(
        Proc.MXV_SP, cnt0=1, cnt1=5, lanes=3, src0_dram=1, src2_addr=30, src1_addr=40, to_smem=1, dst0_addr=60
    )
    for number, one in enumerate((machine, again)):
        one.dram[:] = data
        one.smem[4:6] = arith.encode(np.array([[0.5, 0.1, -2, 0.2], [1, 3, 9, 9]]))
        one.run([replace(encode, direct=number), replace(multiply, direct=number)])
    assert machine.descriptor(0, 0) == Descriptor(0, 0, 4)
    assert machine.smem[60:62].any()
    np.testing.assert_array_equal(machine.smem, again.smem)
    with pytest.raises(ValueError, match="waits for ever"):
        again.execute(replace(multiply, direct=1))


VECTOR = Instruction(Proc.EWISE, a_src=Source.SMEM, to_smem=1)
DESCRIPTORS = Instruction(Proc.MOVE, spm=1)
SPARSE = Instruction(Proc.MXV_SP, cnt1=3, src0_dram=1, to_smem=1)


@pytest.mark.parametrize(
    ("instruction", "cause"),
    [
        (Instruction(11), ErrorCause.PROC),
        (Instruction(15, to_smem=1), ErrorCause.PROC),
        (replace(VECTOR, a_src=Source.SAME), ErrorCause.PROC),
        (replace(VECTOR, a_src=Source.WIDE), ErrorCause.PROC),
        (replace(VECTOR, b_src=Source.WIDE), ErrorCause.PROC),
        (replace(VECTOR, acc=1, cont=1, c_src=Source.ONE), ErrorCause.PROC),
        (Instruction(Proc.MTXV_SP, cnt1=3, scatter=1), ErrorCause.PROC),
        (replace(VECTOR, src0_addr=8191 * 4 + 3, cnt0=1), ErrorCause.ADDRESS),
        (replace(VECTOR, dst0_addr=8191 * 4 + 3, cnt0=1), ErrorCause.ADDRESS),
        (replace(VECTOR, step=255, cnt2=1), ErrorCause.ADDRESS),
        (Instruction(Proc.MOVE, src0_dram=1, dram_src=DRAM_BYTES, to_smem=1), ErrorCause.AXI),
        (Instruction(Proc.MOVE, dram_dst=DRAM_BYTES, to_dram=1), ErrorCause.AXI),
        (Instruction(Proc.MOVE, cnt2=1, dram_dst=DRAM_BYTES - 8, to_dram=1), ErrorCause.AXI),
        (Instruction(Proc.MXV, cnt1=1, src0_dram=1, dram_src=DRAM_BYTES - 8, to_smem=1), ErrorCause.AXI),
        (replace(DESCRIPTORS, cnt2=2, src0_dram=1, dram_src=DRAM_BYTES - 8), ErrorCause.AXI),
        (replace(DESCRIPTORS, cnt2=2, to_dram=1, dram_dst=DRAM_BYTES - 8), ErrorCause.AXI),
        (Instruction(Proc.MOVE, dram_dst=2, to_dram=1), ErrorCause.ADDRESS),
        (Instruction(Proc.MXV, cnt0=255, base=16384 - 255), ErrorCause.SIZE),
        (Instruction(Proc.ACC, cnt0=7, cnt1=3, base=16384 - 31), ErrorCause.SIZE),
        (replace(SPARSE, step=1), ErrorCause.COUNT),
        (replace(SPARSE, src2_addr=1), ErrorCause.INDEX),
    ],
)
def test_errors(instruction: Instruction, cause: ErrorCause) -> None:
    hw = load_config("bf16_pe4")
    machine = Machine(hw, DRAM_BYTES)
    machine.spm[0, :2] = [Descriptor(0, 0, 3).encode(hw), Descriptor(0, 0, 5).encode(hw)]
    machine.smem[:2] = [[0, 1, 2, 3], [0, 1, 4, 0]]
    machine.run([VECTOR, SPARSE])
    with pytest.raises(MachineError) as error:
        machine.execute(instruction)
    assert error.value.cause == cause


def test_dram_addresses_go_on_at_zero() -> None:
    """The second word behind the end of the address space is word 1."""
    hw = load_config("bf16_pe4")
    machine = Machine(hw, DRAM_BYTES)
    machine.dram[8:16] = range(8)
    matrix = Instruction(Proc.MXV_SP, cnt1=3, lanes=3, src0_dram=1, dram_src=(1 << 32) - 16, to_smem=1)
    machine.smem[0, 0], machine.smem[9] = 3, 0x3F80
    machine.spm[0, 0] = Descriptor(0, 0, 1).encode(hw)
    machine.execute(replace(matrix, src1_addr=9, dst0_addr=10))
    assert machine.smem[10].tolist() == [0x0100, 0x0302, 0x0504, 0x0706]


@pytest.mark.parametrize("num_pe", [2, 4, 16])
@pytest.mark.parametrize(("step", "steps"), [(0, 1), (5, 2), (9, 3), (0, 256), (255, 1), (239, 17)])
def test_descriptors_move(num_pe: int, step: int, steps: int) -> None:
    """To DRAM and, at another place, back into the other list; what is beside them stays."""
    hw = HwConfig(name="small", format="bf16", num_pe=num_pe, max_n=256, max_m=256, acc_words=1024)
    rng = np.random.default_rng(steps)
    machine = Machine(hw, DRAM_BYTES)
    machine.spm[:] = rng.integers(0, 1 << hw.desc_w, machine.spm.shape)
    machine.dram[:] = rng.integers(0, 256, DRAM_BYTES)
    lists, dram = machine.spm.copy(), machine.dram.copy()
    move = replace(DESCRIPTORS, step=step, cnt2=steps - 1, cnt0=7, cnt1=9, lanes=1, seq=1, wide=1)
    machine.execute(replace(move, list=1, to_dram=1, dram_dst=128, dram_src=1))
    size = -(-4 * steps // (2 * num_pe)) * 2 * num_pe
    written = b"".join(int(word).to_bytes(4, "little") for word in lists[1, step : step + steps])
    dram[128 : 128 + size] = np.frombuffer(written.ljust(size, b"\0"), np.uint8)
    np.testing.assert_array_equal(machine.dram, dram)
    np.testing.assert_array_equal(machine.spm, lists)

    # The bits above a descriptor, and what is behind the last one, mean nothing.
    machine.dram[128 : 128 + 4 * steps].view("<u4")[:] |= 0xFFFFFFFF << hw.desc_w & 0xFFFFFFFF
    machine.dram[128 + 4 * steps : 128 + size] = 255
    machine.execute(replace(move, list=0, src0_dram=1, dram_src=128, dram_dst=1))
    lists[0, step : step + steps] = lists[1, step : step + steps]
    np.testing.assert_array_equal(machine.spm, lists)


def test_fences_and_flags_change_nothing() -> None:
    hw = load_config("bf16_pe4")
    one, other = Machine(hw, DRAM_BYTES), Machine(hw, DRAM_BYTES)
    ones = replace(VECTOR, a_src=Source.ONE, b_src=Source.ONE)
    one.run([ones])
    other.run([replace(ones, fence=1, spm=1, pause=1)])
    np.testing.assert_array_equal(one.smem, other.smem)
