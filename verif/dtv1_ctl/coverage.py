"""Coverage of dtv1_ctl: commands by state, changes of state, errors, programs, moves, what a stop met."""

from __future__ import annotations

from typing import Any

from pyuvm import ConfigDB

from reneta.golden.ccm_types import ErrorCause
from reneta.golden.control_types import ErrorUnit, MachineState
from reneta.verif.common.analysis import AnalysisImp
from reneta.verif.common.base_env import CFG, EnvCfg
from reneta.verif.common.coverage import CoverageBase, cross, point, range_point
from reneta.verif.dtv1_ctl.plan import Plan
from reneta.verif.dtv1_ctl.ports import Ports

COMMANDS = ("start", "pause", "resume", "step", "stop", "reset")
# Sets of commands written together of which one goes before the others, and where that shows.
TOGETHER = (
    ("IDLE", "start+step"),
    ("IDLE", "start+reset"),
    ("IDLE", "resume+step"),
    ("RUN", "pause+stop"),
    ("RUN", "stop+reset"),
    ("PAUSED", "resume+step"),
    ("PAUSED", "resume+stop"),
    ("PAUSED", "step+stop"),
    ("PAUSED", "start+step"),
    ("PAUSED", "stop+reset"),
)
_CHANGES = (
    *("IDLE-RUN", "RUN-IDLE", "RUN-PAUSED", "PAUSED-RUN", "RUN-STOPPED", "RUN-ERROR", "RESET-IDLE"),
    *(f"{state.name}-RESET" for state in MachineState if state != MachineState.RESET),
)
_ERRORS = (
    *("PROC-CTL", "SIZE-CTL", "ADDRESS-CTL", "AXI-READ", "AXI-WRITE"),
    *(f"UNIT-{unit.name}" for unit in ErrorUnit if ErrorUnit.CTL < unit < ErrorUnit.READ),
)
_LENGTHS = {"none": (0, 0), "one": (1, 1), "few": (2, 16), "many": (17, 1 << 32)}


class ControlCoverage(CoverageBase):
    """Inputs: each cycle, `changes` and `errors` of the checker, `plans` of the model."""

    def build_phase(self) -> None:
        """Make the inputs."""
        cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.hw = cfg.hw
        super().build_phase()
        self.changes = AnalysisImp("changes", self, self._change)
        self.errors = AnalysisImp("errors", self, self._error)
        self.plans = AnalysisImp("plans", self, self._plan)

    def items(self) -> list[Any]:
        """Points and crosses of control_cg."""
        states = [state.name for state in MachineState]
        firsts = range(max(1, self.hw.word_bytes // 64))
        return [
            point("control_cg.cp_state", lambda s: s.get("state"), states),
            point("control_cg.cp_command", lambda s: s.get("command"), COMMANDS),
            point("control_cg.cp_together", lambda s: s.get("together"), ["/".join(t) for t in TOGETHER]),
            point("control_cg.cp_change", lambda s: s.get("change"), _CHANGES),
            point("control_cg.cp_error", lambda s: s.get("error"), _ERRORS),
            range_point("control_cg.cp_length", lambda s: s.get("length", -1), _LENGTHS),
            point("control_cg.cp_first", lambda s: s.get("first"), firsts),
            point("control_cg.cp_direction", lambda s: s.get("direction"), ("load", "store")),
            point("control_cg.cp_count", lambda s: s.get("count"), ("one", "whole", "part", "all")),
            point("control_cg.cp_met", lambda s: s.get("met"), ("offer", "move", "fetch", "paused")),
            point("control_cg.cp_retract", lambda s: s.get("retract"), ("pause", "stop", "error")),
            point("control_cg.cp_host", lambda s: s.get("host"), (*states, "move")),
            cross("control_cg.cr_command", ["control_cg.cp_state", "control_cg.cp_command"]),
            cross("control_cg.cr_move", ["control_cg.cp_direction", "control_cg.cp_count"]),
        ]

    def write(self, ports: Ports) -> None:
        """Commands and accesses of the host in a cycle."""
        given = [name for name in COMMANDS if getattr(ports, f"{name}_i")]
        state = MachineState(ports.state_o).name
        if len(given) == 1:
            self.sample({"state": state, "command": given[0]})
            self._interrupt(given[0], ports)
        elif given:
            self.sample({"together": f"{state}/{'+'.join(given)}"})
        if ports.host_req_i:
            self.sample({"host": "move" if ports.move_o else state})

    def _interrupt(self, command: str, ports: Ports) -> None:
        """What a command comes in between."""
        offered = ports.running and ports.cfg_valid_o and not ports.cfg_ready_i
        if offered and command in ("pause", "stop"):
            self.sample({"retract": command})
        if command != "stop":
            return
        if ports.running and ports.move_o:
            self.sample({"met": "move"})
        elif ports.running:
            self.sample({"met": "offer" if offered else "fetch"})
        elif ports.state_o == MachineState.PAUSED:
            self.sample({"met": "paused"})

    def _change(self, change: tuple[MachineState, MachineState, Ports]) -> None:
        old, new, ports = change
        self.sample({"change": f"{old.name}-{new.name}"})
        if new == MachineState.ERROR and ports.cfg_valid_o:
            self.sample({"retract": "error"})

    def _error(self, error: tuple[ErrorCause, ErrorUnit]) -> None:
        cause, unit = error
        inside = ErrorUnit.CTL < unit < ErrorUnit.READ
        self.sample({"error": f"{'UNIT' if inside else cause.name}-{unit.name}"})

    def _plan(self, plan: Plan) -> None:
        self.sample({"length": plan.length, "first": plan.first})
        for step in plan.steps:
            if step.move is not None:
                direction = "store" if step.move.store else "load"
                self.sample({"direction": direction, "count": self._count(len(step.move.entries))})

    def _count(self, count: int) -> str:
        if count == 1:
            return "one"
        if count == max(1, self.hw.max_m // 2):
            return "all"
        return "part" if count * 4 % self.hw.word_bytes else "whole"
