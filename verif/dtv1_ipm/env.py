"""Environment of dtv1_ipm: loads the memories, answers DRAM commands, and checks operands and results."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, field

import cocotb
from cocotb.task import Task
from cocotb.triggers import Event
from pyuvm import ConfigDB, uvm_subscriber

from reneta.golden.lists import step_address
from reneta.verif.common.analysis import AnalysisImp
from reneta.verif.common.base_env import CFG, BaseEnv, EnvCfg
from reneta.verif.common.stream import Beat
from reneta.verif.common.stream_agent import Role, StreamAgent
from reneta.verif.dtv1_ipm.coverage import FaultCoverage, InstructionCoverage, VectorCoverage
from reneta.verif.dtv1_ipm.predictor import OperandPredictor, packed
from reneta.verif.dtv1_ipm.problem import Images
from reneta.verif.dtv1_ipm.retire import CycleMonitor, GateCheck, Retirer
from reneta.verif.ipm.env import OutputScoreboard

DRAM_LATENCY = 40


@dataclass
class IpmEnvCfg(EnvCfg):
    """Adds the contents of the memories, where the operands go, and who ends instructions."""

    images: Images = field(default=None)  # type: ignore[assignment]  # every test sets it
    core: bool = False
    retires: bool = False

    def use_core(self, core: bool) -> None:
        """Send operands to the compute core, or to the environment."""
        self.core = core
        self.dut.core_i.value = int(core)

    def use_retirer(self, retires: bool) -> None:
        """Let instructions end when all of them was taken, or (without dependencies) when they begin."""
        self.retires = retires
        self.dut.retires_i.value = int(retires)


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


class RareScoreboard(OutputScoreboard):
    """Of a stream that need not bring anything."""

    must_compare = False


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
        add, side = {"add": "add_o"}, {"side0": "side0_o", "side1": "side1_o"}
        self.adds = self.add_stream(Role.PASSIVE, "add", "add_valid_o", "add_ready_o", add)
        self.add_sink = self.add_stream(Role.SINK, "add_sink", "add_valid_o", "add_ready_i", {}, False)
        self.sides = self.add_stream(Role.SINK, "side", "side_valid_o", "side_ready_i", side)
        self.handed = self.add_stream(
            Role.SOURCE, "direct", "direct_valid_i", "direct_ready_o", {"idx": "direct_idx_i"}
        )
        self.retires = self.add_stream(Role.SOURCE, "retire", "retire_i", None, {})
        self.results = self.add_stream(Role.SINK, "res", "res_valid_o", "res_ready_i", res)
        self.predictor = self.add_predictor(OperandPredictor)
        self.operands: OutputScoreboard = self.add_scoreboard(OutputScoreboard, "operands")
        self.counts: OutputScoreboard = self.add_scoreboard(RareScoreboard, "counts")
        self.addends: OutputScoreboard = self.add_scoreboard(RareScoreboard, "addends")
        self.side_beats: OutputScoreboard = self.add_scoreboard(RareScoreboard, "side beats")
        self.commands: OutputScoreboard = self.add_scoreboard(RareScoreboard, "commands")
        self.dram = Dram.create("dram_model", self)
        self.retirer = Retirer.create("retirer", self)
        self.gates = GateCheck.create("gates", self)
        self.cycles = CycleMonitor.create("cycles", self)
        self.accesses = AnalysisImp("accesses", self, self.gates.expect)
        self.ends = AnalysisImp("ends", self, self.retirer.announce)
        self.vectors = VectorCoverage.create("vector_coverage", self)
        self.coverage = [self._coverage("ipm_cg", False), self._coverage("e2e_cg", True)]
        self.faults = FaultCoverage.create("fault_coverage", self)

    @property
    def boards(self) -> tuple[OutputScoreboard, ...]:
        """All scoreboards."""
        return (self.operands, self.addends, self.side_beats, self.counts, self.commands)

    def _coverage(self, group: str, core: bool) -> InstructionCoverage:
        made: InstructionCoverage = InstructionCoverage.create(f"{group}_coverage", self)
        made.group, made.core, made.operands = group, core, self.operands
        return made

    def connect_phase(self) -> None:
        """Connect everything."""
        self.dram.agent = self.data
        self.cmds.ap.connect(self.dram.analysis_export)
        self.retirer.agent = self.retires
        self.retirer.streams = (self.opds, self.adds, self.sides, self.cnts)
        self.predictor.accesses.connect(self.accesses)
        self.predictor.ends.connect(self.ends)
        self.cycles.ap.connect(self.gates.analysis_export)
        self.cfgs.ap.connect(self.vectors.analysis_export)
        # Coverage first: it looks at what was awaited before this instruction.
        for coverage in self.coverage:
            self.cfgs.ap.connect(coverage.analysis_export)
        self.cfgs.ap.connect(self.predictor.analysis_export)
        self.predictor.ap.connect(self.operands.expected)
        self.predictor.counts.connect(self.counts.expected)
        self.predictor.commands.connect(self.commands.expected)
        self.predictor.addends.connect(self.addends.expected)
        self.predictor.sides.connect(self.side_beats.expected)
        self.adds.ap.connect(self.addends.actual)
        self.sides.ap.connect(self.side_beats.actual)
        self.opds.ap.connect(self.operands.actual)
        self.cnts.ap.connect(self.counts.actual)
        self.cmds.ap.connect(self.commands.actual)

    async def reset(self, cycles: int = 3) -> None:
        """Reset, with the DRAM and what ends instructions."""
        self.dram.stop()
        self.retirer.stop()
        await super().reset(cycles)
        self.dram.restart()

    def forget(self) -> None:
        """No instruction has begun."""
        super().forget()
        self.retirer.restart()
        self.gates.restart()

    def settled(self) -> bool:
        """All instructions have ended, too."""
        return super().settled() and not self.retirer.pending

    async def load(self, images: Images) -> None:
        """Write the used words and descriptors into the memories of the design."""
        hw = self.cfg.hw
        images.start()
        await self.loads.send([(addr, packed(images.smem[addr])) for addr in sorted(images.used)])
        await self.hosts.send(
            [(step_address(*key, hw), d.encode(hw)) for key, d in images.descriptors.items()]
        )
        while not self.settled():
            await self.cfg.clocking.cycles(4)
        await self.cfg.clocking.cycles(16)
