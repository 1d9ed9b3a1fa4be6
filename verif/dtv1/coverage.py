"""Coverage of dtv1: what programs had, commands in which states, errors, pauses, stalls of handshakes."""

from __future__ import annotations

from typing import Any

from cocotb.triggers import ClockCycles
from pyuvm import ConfigDB

from reneta.golden import registers as regs
from reneta.golden.ccm_types import ErrorCause, Proc
from reneta.golden.control_types import ErrorUnit, MachineState
from reneta.golden.isa import DRAM_READERS
from reneta.verif.common.base_env import CFG, EnvCfg
from reneta.verif.common.coverage import CoverageBase, cross, point
from reneta.verif.dtv1.course import Course
from reneta.verif.dtv1.host import Access

COMMANDS = ("start", "pause", "resume", "step", "stop", "reset")
STATES = ("IDLE", "RUN", "PAUSED", "STOPPED", "ERROR")
PAUSES = ("Paus", "pause", "step")
_SAMPLE_CYCLES = 7
# Answers to writes are always taken.
_BUS = ("ar", "r", "aw", "w")
# Control refuses what these would find.
_SILENT = (ErrorUnit.NOBODY, ErrorUnit.DRG, ErrorUnit.SPM)


class ChipCoverage(CoverageBase):
    """Takes register accesses; the tests tell the rest."""

    def build_phase(self) -> None:
        """Look up the configuration."""
        super().build_phase()
        cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self._dut, self._clocking = cfg.dut, cfg.clocking

    def items(self) -> list[Any]:
        """Points and crosses of chip_cg."""
        causes = [cause.name for cause in ErrorCause if cause is not ErrorCause.NONE]
        units = [unit.name for unit in ErrorUnit if unit not in _SILENT]
        return [
            point("chip_cg.cp_proc", lambda s: s.get("proc"), [proc.name for proc in Proc]),
            point("chip_cg.cp_matrix", lambda s: s.get("matrix"), ("DRAM", "SMEM")),
            point("chip_cg.cp_reader", lambda s: s.get("reader"), [Proc(proc).name for proc in DRAM_READERS]),
            point("chip_cg.cp_dest", lambda s: s.get("dest"), ("none", "SMEM", "DRAM", "both")),
            point("chip_cg.cp_descriptors", lambda s: s.get("descriptors"), ("from DRAM", "to DRAM")),
            point("chip_cg.cp_wait", lambda s: s.get("wait"), ("none", "dep", "fence")),
            point("chip_cg.cp_command", lambda s: s.get("command"), COMMANDS),
            point("chip_cg.cp_state", lambda s: s.get("state"), STATES),
            point("chip_cg.cp_cause", lambda s: s.get("cause"), causes),
            point("chip_cg.cp_unit", lambda s: s.get("unit"), units),
            point("chip_cg.cp_pause", lambda s: s.get("pause"), PAUSES),
            point("chip_cg.cp_stall", lambda s: s.get("stall"), _BUS),
            point("chip_cg.cp_met", lambda s: s.get("met"), ("nothing", "reads", "writes", "both")),
            point("chip_cg.cp_window", lambda s: s.get("window"), ("read", "write")),
            cross("chip_cg.cr_matrix", ["chip_cg.cp_reader", "chip_cg.cp_matrix"]),
            cross("chip_cg.cr_command", ["chip_cg.cp_state", "chip_cg.cp_command"]),
        ]

    def write(self, access: Access) -> None:
        """A register access: those of the descriptor memory's window."""
        if access.address >= regs.SPM_BASE:
            self.sample({"window": "write" if access.write else "read"})

    async def run_phase(self) -> None:
        """Look at the handshakes now and then."""
        pairs = [
            (name, getattr(self._dut, f"m_axi_{name}valid"), getattr(self._dut, f"m_axi_{name}ready"))
            for name in _BUS
        ]
        while pairs:
            await ClockCycles(self._clocking.clk, _SAMPLE_CYCLES)
            for pair in list(pairs):
                name, valid, ready = pair
                if valid.value and not ready.value:
                    self.sample({"stall": name})
                    pairs.remove(pair)

    def program(self, course: Course) -> None:
        """Instructions of a program that have ended."""
        for one in course.instructions[: course.counter]:
            proc = Proc(one.proc)
            sample = {"proc": proc.name, "wait": "fence" if one.fence else "dep" if one.dep else "none"}
            if one.moves_descriptors:
                sample["descriptors"] = "from DRAM" if one.src0_dram else "to DRAM"
            else:
                if proc in DRAM_READERS:
                    sample["reader"] = proc.name
                    sample["matrix"] = "DRAM" if one.src0_dram else "SMEM"
                sample["dest"] = ("none", "SMEM", "DRAM", "both")[one.to_smem + 2 * one.to_dram]
            self.sample(sample)

    def command(self, state: MachineState, command: str) -> None:
        """A command in a state."""
        self.sample({"state": state.name, "command": command})

    def error(self, cause: ErrorCause, unit: ErrorUnit) -> None:
        """An error was told."""
        self.sample({"cause": cause.name, "unit": unit.name})

    def pause(self, kind: str) -> None:
        """A program was paused, for one of PAUSES."""
        self.sample({"pause": kind})

    def stop(self, reads: int, writes: int) -> None:
        """A stop or a reset met bursts in flight."""
        met = ("nothing", "reads", "writes", "both")[bool(reads) + 2 * bool(writes)]
        self.sample({"met": met})
