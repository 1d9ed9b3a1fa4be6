"""Environment of dtv1_fault: units that run ahead of each other, a model in every cycle."""

from __future__ import annotations

from typing import Any, NamedTuple

from pyuvm import ConfigDB

from reneta.golden.ccm_types import ErrorCause
from reneta.golden.control_types import ErrorUnit
from reneta.verif.common.analysis import Predictor
from reneta.verif.common.base_env import CFG, BaseEnv, EnvCfg
from reneta.verif.common.coverage import CoverageBase, cross, point
from reneta.verif.common.port_monitor import PortMonitor
from reneta.verif.common.scoreboard import Scoreboard

# Units of the input module, in the order of their outputs.
INPUT_UNITS = (ErrorUnit.SRG0, ErrorUnit.SRG1, ErrorUnit.SRG2, ErrorUnit.DRG, ErrorUnit.DMX)
_ERR_W = 4


class Ports(NamedTuple):
    """All ports but clock and reset."""

    retire_i: int
    ipm_err_i: int
    ipm_num_i: int
    spm_err_i: int
    ccm_err_i: int
    ccm_num_i: int
    opm_err_i: int
    opm_settled_i: int
    wait_dram_i: int
    valid_o: int
    cause_o: int
    unit_o: int
    starved_o: int


class Found(NamedTuple):
    """A unit's error and the number of the instruction that it is about."""

    unit: ErrorUnit
    cause: ErrorCause
    number: int


class Verdict(NamedTuple):
    """What must show in a cycle: errors of which one is told, none where nothing is valid; starvation."""

    errors: tuple[tuple[ErrorCause, ErrorUnit], ...]
    starved: bool


class FaultMonitor(PortMonitor):
    """Watches all ports."""

    cycle_type = Ports


class FaultModel(Predictor):
    """An error counts when all instructions before its own have ended; it shows a cycle later."""

    def build_phase(self) -> None:
        """Look up the configuration."""
        super().build_phase()
        cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.seq_w = cfg.hw.seq_w
        self.reset()

    def reset(self) -> None:
        """Nothing has ended."""
        self.retired = 0
        self._next = Verdict((), False)

    def found(self, ports: Any) -> list[Found]:
        """Errors of the units, in a cycle."""
        mask = (1 << self.seq_w) - 1
        numbers = [ports.ipm_num_i >> self.seq_w * place & mask for place in range(len(INPUT_UNITS))]
        causes = [ports.ipm_err_i >> _ERR_W * place & 0xF for place in range(len(INPUT_UNITS))]
        found = [
            Found(unit, ErrorCause(cause), number)
            for unit, cause, number in zip(INPUT_UNITS, causes, numbers, strict=True)
            if cause
        ]
        if ports.spm_err_i:
            found.append(Found(ErrorUnit.SPM, ErrorCause.ADDRESS, numbers[0]))
        if ports.ccm_err_i:
            found.append(Found(ErrorUnit.CCM, ErrorCause(ports.ccm_err_i), ports.ccm_num_i))
        if ports.opm_settled_i:
            found.append(Found(ErrorUnit.OPM, ErrorCause(ports.opm_err_i), self.retired & mask))
        return found

    def write(self, ports: Any) -> None:
        """One cycle."""
        self.ap.write(self.announce(self._next))
        mask = (1 << self.seq_w) - 1
        now = [item for item in self.found(ports) if item.number == self.retired & mask]
        core = [item for item in now if item.unit is ErrorUnit.CCM]
        waits = ports.wait_dram_i and ports.ipm_num_i >> 4 * self.seq_w & mask == self.retired & mask
        # Of an instruction that the core refuses nothing else is of interest.
        told = () if ports.retire_i else tuple((item.cause, item.unit) for item in core or now)
        self._next = Verdict(told, bool(waits))
        self.retired += ports.retire_i

    def announce(self, verdict: Verdict) -> Verdict:
        """Verdicts on their way to the scoreboard; the negative test overrides this."""
        return verdict


class FaultBoard(Scoreboard):
    """Which of several errors of one instruction is told does not matter."""

    def same(self, expected: Verdict, actual: Any) -> bool:
        """One of them, or none."""
        told = (ErrorCause(actual.cause_o), ErrorUnit(actual.unit_o))
        right = told in expected.errors if expected.errors else not actual.valid_o
        return actual.valid_o == bool(expected.errors) and right and actual.starved_o == expected.starved

    def show(self, transaction: Any) -> str:
        """As it is."""
        return str(transaction)


class FaultCoverage(CoverageBase):
    """Who has an error, and whether it counts yet."""

    def build_phase(self) -> None:
        """There is no model yet."""
        super().build_phase()
        self.model: FaultModel | None = None

    def items(self) -> list[Any]:
        """Points and crosses of fault_cg."""
        units = [unit.name for unit in (*INPUT_UNITS, ErrorUnit.SPM, ErrorUnit.CCM, ErrorUnit.OPM)]
        return [
            point("fault_cg.cp_unit", lambda s: s.get("unit"), units),
            point("fault_cg.cp_when", lambda s: s.get("when"), ("ahead", "now")),
            point("fault_cg.cp_several", lambda s: s.get("several"), (True,)),
            point("fault_cg.cp_wrapped", lambda s: s.get("wrapped"), (True,)),
            point("fault_cg.cp_starved", lambda s: s.get("starved"), (True, False)),
            # The output module is the last: what it finds is about the oldest instruction.
            cross("fault_cg.cr_unit", ["fault_cg.cp_unit", "fault_cg.cp_when"], ignore=[("OPM", "ahead")]),
        ]

    def write(self, ports: Any) -> None:
        """One cycle, before the model goes on."""
        if self.model is None:
            return
        found, retired = self.model.found(ports), self.model.retired
        now = [item for item in found if item.number == retired % (1 << self.model.seq_w)]
        for item in found:
            self.sample({"unit": item.unit.name, "when": "now" if item in now else "ahead"})
        self.sample({"several": len(now) > 1, "wrapped": bool(now) and retired >= 1 << self.model.seq_w})
        if ports.wait_dram_i:
            self.sample({"starved": bool(ports.starved_o)})


class FaultEnv(BaseEnv):
    """The monitor, the model and the scoreboard."""

    def build_phase(self) -> None:
        """Make everything."""
        super().build_phase()
        self.cycles = FaultMonitor.create("cycles", self)
        self.model: FaultModel = self.add_predictor(FaultModel, "model")
        self.board = self.add_scoreboard(FaultBoard)
        self.coverage = FaultCoverage.create("coverage", self)

    def connect_phase(self) -> None:
        """Connect everything; coverage looks first."""
        self.coverage.model = self.model
        self.cycles.ap.connect(self.coverage.analysis_export)
        self.cycles.ap.connect(self.model.analysis_export)
        self.cycles.ap.connect(self.board.actual)
        self.model.ap.connect(self.board.expected)
