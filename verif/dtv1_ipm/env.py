"""Environment of dtv1_ipm: loads the memories, answers DRAM commands, and checks operands and results."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field
from typing import Any

import cocotb
import numpy as np
from cocotb.task import Task
from cocotb.triggers import Event
from pyuvm import ConfigDB, uvm_analysis_port, uvm_subscriber

from reneta.golden.arrays import Array
from reneta.golden.ccm_types import Proc
from reneta.golden.ipm import (
    Unit,
    dram_command,
    first_reads,
    index_read,
    is_sparse,
    operand_words,
    second_reads,
    walk,
    wanted,
)
from reneta.golden.ipm_types import IpmCfg
from reneta.golden.lists import Descriptor, step_address
from reneta.verif.common.analysis import Predictor
from reneta.verif.common.base_env import CFG, BaseEnv, EnvCfg
from reneta.verif.common.coverage import CoverageBase, cross, point
from reneta.verif.common.stream import Beat
from reneta.verif.common.stream_agent import Role, StreamAgent
from reneta.verif.dtv1_ipm.problem import PROCS, Images

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

    def restart(self) -> None:
        """Forget all commands."""
        if self._task is not None:
            self._task.cancel()
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

    `ap` gives operands, `counts` list counts, `commands` DRAM commands.
    """

    def build_phase(self) -> None:
        """Make the outputs."""
        super().build_phase()
        self.cfg: IpmEnvCfg = ConfigDB().get(self, "", CFG)
        self.hw = self.cfg.hw
        self.counts = uvm_analysis_port("counts", self)
        self.commands = uvm_analysis_port("commands", self)

    def write(self, beat: Beat) -> None:
        """One configuration was accepted."""
        cfg = IpmCfg.unpack(beat[0], self.hw)
        descriptors = self._descriptors(cfg)
        for descriptor in descriptors:
            self.counts.write((descriptor.count,))
        for column in walk(cfg, descriptors, self.hw):
            index = column.number
            if is_sparse(cfg):
                read = index_read(cfg, column, self.hw)
                index = self._lane(read.addr, read.sel)
            if wanted(Unit.DRAM, cfg):
                command = dram_command(cfg, index, self.hw)
                self.commands.write((command,))
                first = self._dram(command)
            else:
                first = [
                    packed(self.cfg.images.smem[r.addr]) for r in first_reads(cfg, column, index, self.hw)
                ]
            second = [
                self._lane(read.addr, read.sel) if read.sel else packed(self.cfg.images.smem[read.addr])
                for read in second_reads(cfg, column, self.hw)
            ]
            for word in operand_words(cfg, index, first, second, self.hw):
                self.ap.write(tuple(word))

    def _descriptors(self, cfg: IpmCfg) -> list[Descriptor]:
        steps = range(cfg.step, cfg.step + cfg.cnt2 + 1) if is_sparse(cfg) else ()
        return [self.cfg.images.descriptors[cfg.list, step] for step in steps]

    def _lane(self, addr: int, sel: int) -> int:
        return int(self.cfg.images.smem[addr, sel & self.hw.num_pe - 1])

    def _dram(self, command: int) -> list[int]:
        word_bytes = self.hw.num_pe * 2
        first = (command >> 32 & 0xFFFF_FFFF) // word_bytes
        count = (command & 0x7F_FFFF) // word_bytes
        return [packed(word) for word in self.cfg.images.dram[first : first + count]]


class InstructionCoverage(CoverageBase):
    """Procedures, where the first operand came from, and list lengths."""

    def build_phase(self) -> None:
        """Look up the configuration."""
        self.cfg: IpmEnvCfg = ConfigDB().get(self, "", CFG)
        super().build_phase()

    def items(self) -> list[Any]:
        """Points and crosses of ipm_cg."""
        names = [proc.name for proc in PROCS]
        dense = [proc.name for proc in PROCS if not proc.sparse]
        return [
            point("ipm_cg.cp_proc", lambda s: s[0], names),
            point("ipm_cg.cp_source", lambda s: s[1], ["dram", "smem"]),
            point("ipm_cg.cp_count", lambda s: s[2], ["none", "one", "some", "all"]),
            point("ipm_cg.cp_list", lambda s: s[3], ["straddles", "ends_at_last_lane"]),
            cross("ipm_cg.cr_proc_source", ["ipm_cg.cp_proc", "ipm_cg.cp_source"]),
            cross(
                "ipm_cg.cr_proc_count",
                ["ipm_cg.cp_proc", "ipm_cg.cp_count"],
                [(name, None) for name in dense],
            ),
        ]

    def write(self, beat: Beat) -> None:
        """One configuration."""
        hw = self.cfg.hw
        cfg = IpmCfg.unpack(beat[0], hw)
        name = Proc(cfg.proc).name
        source = "dram" if cfg.src0_dram else "smem"
        if not is_sparse(cfg):
            self.sample((name, source, "", ""))
            return
        for step in range(cfg.step, cfg.step + cfg.cnt2 + 1):
            listed = self.cfg.images.descriptors[cfg.list, step]
            lengths = {0: "none", 1: "one", cfg.cnt1 + 1: "all"}
            end = listed.lane + listed.count
            shape = "straddles" if end > hw.num_pe else "ends_at_last_lane" if end == hw.num_pe else ""
            self.sample((name, source, lengths.get(listed.count, "some"), shape if listed.count else ""))


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
        self.operands = self.add_scoreboard(name="operands")
        self.counts = self.add_scoreboard(name="counts")
        self.commands = self.add_scoreboard(name="commands")
        self.dram = Dram.create("dram_model", self)
        self.coverage = InstructionCoverage.create("coverage", self)

    def connect_phase(self) -> None:
        """Connect everything."""
        self.dram.agent = self.data
        self.cmds.ap.connect(self.dram.analysis_export)
        self.cfgs.ap.connect(self.predictor.analysis_export)
        self.cfgs.ap.connect(self.coverage.analysis_export)
        self.predictor.ap.connect(self.operands.expected)
        self.predictor.counts.connect(self.counts.expected)
        self.predictor.commands.connect(self.commands.expected)
        self.opds.ap.connect(self.operands.actual)
        self.cnts.ap.connect(self.counts.actual)
        self.cmds.ap.connect(self.commands.actual)

    async def reset(self, cycles: int = 3) -> None:
        """Reset, with the DRAM."""
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
