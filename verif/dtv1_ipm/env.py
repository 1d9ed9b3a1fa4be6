"""Environment of dtv1_ipm: loads the memories, answers DRAM commands, and checks operands and results."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field

import cocotb
import numpy as np
from cocotb.task import Task
from cocotb.triggers import Event
from pyuvm import ConfigDB, uvm_analysis_port, uvm_subscriber

from reneta.golden.arrays import Array
from reneta.golden.ccm_types import ErrorCause
from reneta.golden.ipm import (
    Column,
    IpmError,
    Read,
    Unit,
    by_word,
    check_index,
    dram_command,
    first_reads,
    index_read,
    is_sparse,
    needs_index,
    second_reads,
    second_words,
    walk,
    wanted,
)
from reneta.golden.ipm_join import operand_words
from reneta.golden.ipm_types import IpmCfg
from reneta.golden.lists import step_address
from reneta.verif.common.analysis import Predictor
from reneta.verif.common.base_env import CFG, BaseEnv, EnvCfg
from reneta.verif.common.stream import Beat
from reneta.verif.common.stream_agent import Role, StreamAgent
from reneta.verif.dtv1_ipm.coverage import FaultCoverage, InstructionCoverage
from reneta.verif.dtv1_ipm.problem import Images
from reneta.verif.ipm.env import OutputScoreboard

DRAM_LATENCY = 40


@dataclass
class IpmEnvCfg(EnvCfg):
    """Adds the contents of the memories and where the operands go."""

    images: Images = field(default=None)  # type: ignore[assignment]  # every test sets it
    core: bool = False

    def use_core(self, core: bool) -> None:
        """Send operands to the compute core, or to the environment."""
        self.core = core
        self.dut.core_i.value = int(core)


def packed(lanes: Array) -> int:
    """Lanes as one packed vector, lane 0 lowest."""
    return int.from_bytes(np.ascontiguousarray(lanes).tobytes(), "little")


class Dram(uvm_subscriber):
    """Answers each command with its words, the first of them DRAM_LATENCY cycles later at the earliest."""

    agent: StreamAgent

    def build_phase(self) -> None:
        """Look up the configuration."""
        self.cfg: IpmEnvCfg = ConfigDB().get(self, "", CFG)
        self._asked: deque[tuple[int, int, int]] = deque()
        self._more = Event()
        self._task: Task[None] | None = None

    def stop(self) -> None:
        """Answer nothing more."""
        if self._task is not None:
            self._task.cancel()

    def restart(self) -> None:
        """Forget all commands and answer what comes."""
        self.stop()
        self._asked.clear()
        self._task = cocotb.start_soon(self._serve())

    def write(self, beat: Beat) -> None:
        """Take a command: bytes to transfer in the low 23 bits, the address from bit 32 on."""
        command = beat[0]
        word_bytes = self.cfg.hw.num_pe * 2
        first = (command >> 32 & 0xFFFF_FFFF) // word_bytes
        self._asked.append((self.cfg.clocking.now(), first, (command & 0x7F_FFFF) // word_bytes))
        self._more.set()

    async def _serve(self) -> None:
        while True:
            while not self._asked:
                self._more.clear()
                await self._more.wait()
            asked, first, count = self._asked.popleft()
            # Two cycles pass between a monitor's view and a driver's beat.
            await self.cfg.clocking.cycles(asked + DRAM_LATENCY - 2 - self.cfg.clocking.now())
            words = self.cfg.images.dram[first : first + count]
            await self.agent.send([(packed(word),) for word in words])


class OperandPredictor(Predictor):
    """From each configuration the operand words, the counts and the DRAM commands that it must cause.

    `ap` gives operands, `counts` list counts, `commands` DRAM commands. A unit that stops gives nothing more;
    `causes` says why. Counts and commands run ahead, so after a stop fewer may come than were announced.
    """

    def build_phase(self) -> None:
        """Make the outputs."""
        super().build_phase()
        self.cfg: IpmEnvCfg = ConfigDB().get(self, "", CFG)
        self.hw = self.cfg.hw
        self.counts = uvm_analysis_port("counts", self)
        self.commands = uvm_analysis_port("commands", self)
        self.reset()

    def reset(self) -> None:
        """Nothing has stopped."""
        self.causes: dict[Unit, ErrorCause] = {}
        # Steps that are not in the descriptor memory were asked for.
        self.no_steps = False
        # Units that give nothing more: stopped, or waiting for what does not come.
        self._silent: set[Unit] = set()

    @property
    def errors(self) -> int:
        """The error output: the cause of each unit, the first one lowest."""
        width = 4
        return sum(self.causes.get(unit, 0) << width * number for number, unit in enumerate(Unit))

    def write(self, beat: Beat) -> None:
        """One configuration was accepted."""
        cfg = IpmCfg.unpack(beat[0], self.hw)
        if self.no_steps:
            return
        if is_sparse(cfg) and cfg.step + cfg.cnt2 >= self.hw.max_m:
            self.no_steps = True
            return
        descriptors = self.cfg.images.listed(cfg) if is_sparse(cfg) else []
        for descriptor in descriptors:
            self.counts.write((descriptor.count,))
        try:
            for column in walk(cfg, descriptors, self.hw):
                self._column(cfg, column)
        except IpmError as stop:
            # Every unit takes every descriptor, but no unit the steps of what is not its business.
            for unit in Unit:
                if is_sparse(cfg) or wanted(unit, cfg):
                    self._stop(unit, stop.cause)

    def _stop(self, unit: Unit, cause: ErrorCause) -> None:
        self.causes.setdefault(unit, cause)
        self._silent.add(unit)

    def _column(self, cfg: IpmCfg, column: Column) -> None:
        index = column.number
        if is_sparse(cfg):
            indices = self._until_stop(Unit.INDEX, self._indices(cfg, column))
            if not indices:
                self._silent |= {unit for unit in Unit if needs_index(unit, cfg)}
                return
            index = indices[0]
        if wanted(Unit.DRAM, cfg):
            first = self._until_stop(Unit.DRAM, self._column_of_dram(dram_command(cfg, index, self.hw)))
        else:
            first = self._until_stop(Unit.FIRST, map(self._answer, first_reads(cfg, column, index, self.hw)))
        second = self._until_stop(Unit.SECOND, map(self._answer, second_reads(cfg, column, self.hw)))
        if Unit.JOIN in self._silent:
            return
        if len(first) <= cfg.cnt0 or len(second) < second_words(cfg):
            self._silent.add(Unit.JOIN)
        if by_word(Unit.SECOND, cfg):
            count = min(len(first), len(second))
            first, second = first[:count], second[:count]
        if first and second:
            for word in operand_words(cfg, index, first, second, self.hw):
                self.ap.write(tuple(word))

    def _indices(self, cfg: IpmCfg, column: Column) -> Iterator[int]:
        """The index of a list entry."""
        index = self._answer(index_read(cfg, column, self.hw))
        check_index(cfg, index)
        yield index

    def _until_stop(self, unit: Unit, items: Iterable[int]) -> list[int]:
        """What a unit gives until it stops."""
        given: list[int] = []
        if unit in self._silent:
            return given
        try:
            for item in items:
                given.append(item)
        except IpmError as stop:
            self._stop(unit, stop.cause)
        return given

    def _answer(self, read: Read) -> int:
        """What the memory answers."""
        if not read.sel:
            return packed(self.cfg.images.smem[read.addr])
        return int(self.cfg.images.smem[read.addr, read.sel & self.hw.num_pe - 1])

    def _column_of_dram(self, command: int) -> Iterator[int]:
        """Words that a command brings."""
        self.commands.write((command,))
        word_bytes = self.hw.num_pe * 2
        first = (command >> 32 & 0xFFFF_FFFF) // word_bytes
        count = (command & 0x7F_FFFF) // word_bytes
        yield from map(packed, self.cfg.images.dram[first : first + count])


class IpmEnv(BaseEnv):
    """Sources for configurations and memory contents, the DRAM, sinks for operands, counts and results."""

    def build_phase(self) -> None:
        """Make everything."""
        super().build_phase()
        opd = {"a": "opd_a_o", "b": "opd_b_o", "idx": "opd_idx_o"}
        res = {"scalar": "res_scalar_o", "lanes": "res_o"}
        self.cfgs = self.add_stream(Role.SOURCE, "cfg", "cfg_valid_i", "cfg_ready_o", {"cfg": "cfg_i"})
        self.core_cfgs = self.add_stream(
            Role.SOURCE, "core_cfg", "core_cfg_valid_i", "core_cfg_ready_o", {"cfg": "core_cfg_i"}
        )
        self.loads = self.add_stream(
            Role.SOURCE, "wr", "wr_valid_i", "wr_ready_o", {"addr": "wr_addr_i", "data": "wr_data_i"}
        )
        self.hosts = self.add_stream(
            Role.SOURCE,
            "host",
            "host_valid_i",
            "host_ready_o",
            {"addr": "host_addr_i", "data": "host_wdata_i"},
        )
        self.cmds = self.add_stream(
            Role.SINK, "dm_cmd", "dm_cmd_valid_o", "dm_cmd_ready_i", {"cmd": "dm_cmd_o"}
        )
        self.data = self.add_stream(Role.SOURCE, "dram", "dram_valid_i", "dram_ready_o", {"data": "dram_i"})
        # The handshake is what the input module sees, whoever takes the word.
        self.opds = self.add_stream(Role.PASSIVE, "opd", "opd_valid_o", "opd_ready_o", opd)
        self.cnts = self.add_stream(Role.PASSIVE, "cnt", "cnt_valid_o", "cnt_ready_o", {"cnt": "cnt_o"})
        self.opd_sink = self.add_stream(Role.SINK, "opd_sink", "opd_valid_o", "opd_ready_i", {}, False)
        self.cnt_sink = self.add_stream(Role.SINK, "cnt_sink", "cnt_valid_o", "cnt_ready_i", {}, False)
        self.results = self.add_stream(Role.SINK, "res", "res_valid_o", "res_ready_i", res)
        self.predictor = self.add_predictor(OperandPredictor)
        self.operands: OutputScoreboard = self.add_scoreboard(OutputScoreboard, "operands")
        self.counts: OutputScoreboard = self.add_scoreboard(OutputScoreboard, "counts")
        self.commands: OutputScoreboard = self.add_scoreboard(OutputScoreboard, "commands")
        self.dram = Dram.create("dram_model", self)
        self.coverage = [self._coverage("ipm_cg", False), self._coverage("e2e_cg", True)]
        self.faults = FaultCoverage.create("fault_coverage", self)

    def _coverage(self, group: str, core: bool) -> InstructionCoverage:
        made: InstructionCoverage = InstructionCoverage.create(f"{group}_coverage", self)
        made.group, made.core, made.operands = group, core, self.operands
        return made

    def connect_phase(self) -> None:
        """Connect everything."""
        self.dram.agent = self.data
        self.cmds.ap.connect(self.dram.analysis_export)
        # Coverage first: it looks at what was awaited before this instruction.
        for coverage in self.coverage:
            self.cfgs.ap.connect(coverage.analysis_export)
        self.cfgs.ap.connect(self.predictor.analysis_export)
        self.predictor.ap.connect(self.operands.expected)
        self.predictor.counts.connect(self.counts.expected)
        self.predictor.commands.connect(self.commands.expected)
        self.opds.ap.connect(self.operands.actual)
        self.cnts.ap.connect(self.counts.actual)
        self.cmds.ap.connect(self.commands.actual)

    async def reset(self, cycles: int = 3) -> None:
        """Reset, with the DRAM."""
        self.dram.stop()
        await super().reset(cycles)
        self.dram.restart()

    async def load(self, images: Images) -> None:
        """Write the used words and descriptors into the memories of the design."""
        hw = self.cfg.hw
        await self.loads.send([(addr, packed(images.smem[addr])) for addr in sorted(images.used)])
        await self.hosts.send(
            [(step_address(*key, hw), d.encode(hw)) for key, d in images.descriptors.items()]
        )
        while not self.settled():
            await self.cfg.clocking.cycles(4)
        await self.cfg.clocking.cycles(16)
