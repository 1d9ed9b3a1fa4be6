"""Environment of dtv1_engine: runs programs, plays the DRAM, compares all memories with the golden model."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass, replace

import cocotb
import numpy as np
from cocotb.task import Task
from cocotb.triggers import Event
from pyuvm import ConfigDB, uvm_subscriber

from reneta.golden.arrays import U16, Array
from reneta.golden.ccm_types import Proc
from reneta.golden.config import HwConfig
from reneta.golden.instruction import Instruction
from reneta.golden.lists import step_address
from reneta.golden.machine import Machine
from reneta.golden.opm import word_bits
from reneta.verif.common.analysis import AnalysisImp
from reneta.verif.common.base_env import CFG, BaseEnv, EnvCfg
from reneta.verif.common.clocking import Clocking
from reneta.verif.common.stream import Beat
from reneta.verif.common.stream_agent import Role, StreamAgent

DRAM_LATENCY = 40


class Dram(uvm_subscriber):
    """The DRAM: answers read commands in order, and takes the data of write commands.

    Attributes:
        words: the contents, uint16[words, NUM_PE].
        latency: cycles from a read command to its first word at the earliest.
    """

    reader: StreamAgent

    def build_phase(self) -> None:
        """Make the input of write commands and that of their data."""
        cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.hw, self.clocking = cfg.hw, cfg.clocking
        self.words: U16 = np.zeros((0, self.hw.num_pe), np.uint16)
        self.latency = DRAM_LATENCY
        self.write_commands = AnalysisImp("write_commands", self, self._write_command)
        self.write_data = AnalysisImp("write_data", self, self._write_data)
        self._reads: deque[tuple[int, slice]] = deque()
        self._places: deque[tuple[int, bool]] = deque()
        self._data: deque[Beat] = deque()
        self._more = Event()
        self._task: Task[None] | None = None

    def restart(self) -> None:
        """Forget what is under way, and answer what comes."""
        for waiting in (self._reads, self._places, self._data):
            waiting.clear()
        if self._task is not None:
            self._task.cancel()
        self._task = cocotb.start_soon(self._serve())

    @property
    def idle(self) -> bool:
        """Whether all data of write commands have come."""
        return not self._places and not self._data

    def write(self, beat: Beat) -> None:
        """Take a read command."""
        self._reads.append((self.clocking.now(), self._block(beat[0])))
        self._more.set()

    def _block(self, command: int) -> slice:
        """The words that a DataMover command names: bytes in the low 23 bits, the address from bit 32 on."""
        word_bytes = self.hw.num_pe * 2
        address, length = command >> 32 & 0xFFFF_FFFF, command & 0x7F_FFFF
        assert address % word_bytes == 0, f"DRAM address 0x{address:x} is not at a word"
        assert length % word_bytes == 0, f"{length} bytes are not whole words"
        assert address + length <= self.words.size * 2, f"DRAM has no byte 0x{address + length - 1:x}"
        return slice(address // word_bytes, (address + length) // word_bytes)

    def _write_command(self, beat: Beat) -> None:
        block = self._block(beat[0])
        self._places.extend((word, word == block.stop - 1) for word in range(block.start, block.stop))
        self._store()

    def _write_data(self, beat: Beat) -> None:
        self._data.append(beat)
        self._store()

    def _store(self) -> None:
        while self._places and self._data:
            (place, ends), (data, last) = self._places.popleft(), self._data.popleft()
            assert bool(last) == ends, f"data for DRAM word {place} say last={last}"
            self.words[place] = np.frombuffer(data.to_bytes(self.hw.num_pe * 2, "little"), "<u2")

    async def _serve(self) -> None:
        while True:
            while not self._reads:
                self._more.clear()
                await self._more.wait()
            asked, block = self._reads.popleft()
            # Two cycles pass between a monitor's view and a driver's beat.
            await self.clocking.cycles(asked + self.latency - 2 - self.clocking.now())
            await self.reader.send([(word_bits(word),) for word in self.words[block]])


@dataclass(frozen=True)
class Moment:
    """When an instruction was dispatched, and when it had ended; cycles."""

    dispatched: int
    ended: int


class Log(uvm_subscriber):
    """Notes the cycles of dispatch (its own input) and end (`ends`) of instructions."""

    def build_phase(self) -> None:
        """Make the inputs."""
        self.ends = AnalysisImp("ends", self, self._end)
        self.reset()

    def reset(self) -> None:
        """Forget all."""
        self._dispatched: list[int] = []
        self._ended: list[int] = []

    def write(self, beat: Beat) -> None:  # noqa: ARG002  (that one passed is all that counts)
        """An instruction was dispatched."""
        self._dispatched.append(Clocking.now())

    def _end(self, beat: Beat) -> None:  # noqa: ARG002
        self._ended.append(Clocking.now())

    @property
    def ended(self) -> int:
        """Instructions that have ended."""
        return len(self._ended)

    def last(self, count: int) -> list[Moment]:
        """The last `count` instructions, all ended."""
        pairs = zip(self._dispatched, self._ended, strict=True)
        return [Moment(*pair) for pair in pairs][-count:]


def mover(hw: HwConfig, base: int, to_smem: bool) -> Instruction:
    """The instruction that moves the whole of SMEM from or to DRAM at byte address `base`."""
    groups = min(1 << hw.cnt_w, hw.smem_words)
    whole = Instruction(Proc.MOVE, cnt0=groups - 1, cnt1=hw.smem_words // groups - 1)
    if to_smem:
        return replace(whole, src0_dram=1, dram_src=base, to_smem=1)
    # What is moved may have been written by the instruction in front of it.
    return replace(whole, to_dram=1, dram_dst=base, dep=1)


class EngineEnv(BaseEnv):
    """Agents on every port, the DRAM, and a scoreboard of memory words."""

    def build_phase(self) -> None:
        """Make the parts."""
        super().build_phase()
        configurations = {"ipm": "ipm_cfg_i", "ccm": "ccm_cfg_i", "opm": "opm_cfg_i"}
        self.instructions = self.add_stream(Role.SOURCE, "cfg", "cfg_valid_i", "cfg_ready_o", configurations)
        self.retired = self.add_stream(Role.PASSIVE, "retire", "retire_o", None, {})
        host = {"we": "host_we_i", "addr": "host_addr_i", "be": "host_be_i", "wdata": "host_wdata_i"}
        self.host = self.add_stream(Role.SOURCE, "host", "host_valid_i", "host_ready_o", host)
        self.answers = self.add_stream(
            Role.PASSIVE, "host_answer", "host_rvalid_o", None, {"rdata": "host_rdata_o"}
        )
        self.rd_cmd = self.add_stream(
            Role.SINK, "rd_cmd", "rd_cmd_valid_o", "rd_cmd_ready_i", {"cmd": "rd_cmd_o"}
        )
        self.rd = self.add_stream(Role.SOURCE, "rd", "rd_valid_i", "rd_ready_o", {"data": "rd_data_i"})
        self.wr_cmd = self.add_stream(
            Role.SINK, "wr_cmd", "wr_cmd_valid_o", "wr_cmd_ready_i", {"cmd": "wr_cmd_o"}
        )
        data = {"data": "wr_data_o", "last": "wr_last_o"}
        self.wr = self.add_stream(Role.SINK, "wr", "wr_valid_o", "wr_ready_i", data)
        self.dram: Dram = Dram.create("dram", self)
        self.log: Log = Log.create("log", self)
        self.memory = self.add_scoreboard(name="memory")
        self.descriptors = self.add_scoreboard(name="descriptors")

    def connect_phase(self) -> None:
        """Connect the DRAM, the log and the descriptors."""
        self.dram.reader = self.rd
        self.rd_cmd.ap.connect(self.dram.analysis_export)
        self.wr_cmd.ap.connect(self.dram.write_commands)
        self.wr.ap.connect(self.dram.write_data)
        self.instructions.ap.connect(self.log.analysis_export)
        self.retired.ap.connect(self.log.ends)
        self.answers.ap.connect(self.descriptors.actual)

    def forget(self) -> None:
        """Also the DRAM's commands and the log."""
        super().forget()
        self.dram.restart()
        self.log.reset()

    def errors(self) -> dict[str, int]:
        """Cause and unit of a fault, by port; empty while all is well."""
        dut = self.cfg.dut
        if not int(dut.fault_valid_o.value):
            return {}
        return {port: int(getattr(dut, port).value) for port in ("fault_cause_o", "fault_unit_o")}

    def start(self, program: Sequence[Instruction]) -> Task[None]:
        """Dispatch instructions in the background."""
        packed = (
            [cfg.pack(self.cfg.hw) for cfg in instruction.units(self.cfg.hw)] for instruction in program
        )
        return cocotb.start_soon(self.instructions.send([tuple(words) for words in packed]))

    async def execute(self, program: Sequence[Instruction]) -> list[Moment]:
        """Run instructions to the end of the last one; when each began and ended.

        Raises:
            AssertionError: a unit stopped, or nothing ended for long.
        """
        hw, target = self.cfg.hw, self.log.ended + len(program)
        self.start(program)
        quiet, seen = 0, -1
        while self.log.ended < target or not self.dram.idle:
            await self.cfg.clocking.cycles(16)
            activity = (self.log.ended, self.rd.monitor.count, self.wr.monitor.count)
            progress = sum(activity)
            quiet, seen = (0 if progress != seen else quiet + 16), progress
            assert not self.errors(), f"units stopped after {self.log.ended} instructions: {self.errors()}"
            assert quiet < 4 * hw.smem_words + self.PATIENCE, (
                f"instruction {self.log.ended - target + len(program)} of {len(program)} does not end"
            )
        return self.log.last(len(program))

    async def compare(self, machine: Machine) -> None:
        """Compare DRAM, and the descriptors through the host's port, with a golden machine."""
        expected: Array = machine.dram.view(np.uint16).reshape(self.dram.words.shape)
        for word, (golden, real) in enumerate(zip(expected, self.dram.words, strict=True)):
            self.memory.expected.write((word, word_bits(golden)))
            self.memory.actual.write((word, word_bits(real)))
        hw = self.cfg.hw
        reads = []
        for which in (0, 1):
            for step in np.flatnonzero(machine.spm[which]):
                self.descriptors.expected.write((int(machine.spm[which, step]),))
                reads.append((0, step_address(which, int(step), hw), 0, 0))
        await self.host.send(reads)
        await self.drain()
