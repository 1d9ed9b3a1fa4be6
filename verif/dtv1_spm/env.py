"""Environment of dtv1_spm: agents for its streams, and a model that is compared in every cycle."""

from __future__ import annotations

from collections import namedtuple
from typing import Any, NamedTuple

from pyuvm import ConfigDB, uvm_analysis_port

from reneta.golden.lists import Descriptor
from reneta.verif.common.analysis import Predictor
from reneta.verif.common.base_env import CFG, BaseEnv, EnvCfg
from reneta.verif.common.coverage import CoverageBase, cross, point
from reneta.verif.common.port_monitor import PortMonitor
from reneta.verif.common.scoreboard import Scoreboard
from reneta.verif.common.stream_agent import Role
from reneta.verif.dtv1_spm.model import Cycle, Inputs, Outputs, SpmModel

_OUTPUTS = (
    *("host_ready_o", "host_rvalid_o", "host_rdata_o", "w_ready_o", "cmd_ready_o"),
    *("desc_valid_o", "desc_o", "desc_last_o", "err_o"),
)


def _ports_type() -> Any:
    """A named tuple of all ports."""
    return namedtuple("Ports", (*Inputs._fields, *_OUTPUTS))


Ports = _ports_type()


class SpmMonitor(PortMonitor):
    """Watches all ports."""

    cycle_type = Ports


class Observation(NamedTuple):
    """The ports in a cycle, and what the model makes of it."""

    ports: Any
    cycle: Cycle


class SpmPredictor(Predictor):
    """Runs the model along: `ap` gives the outputs of each cycle, `seen` what coverage wants to know."""

    def build_phase(self) -> None:
        """Look up the configuration."""
        super().build_phase()
        self.cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.seen = uvm_analysis_port("seen", self)
        self.reset()

    def reset(self) -> None:
        """Nothing waits, nothing is known."""
        self.model = SpmModel(self.cfg.hw)

    @property
    def pending(self) -> int:
        """Descriptors under way."""
        return self.model.pending

    def write(self, ports: Any) -> None:
        """One cycle."""
        cycle = self.model.cycle(Inputs._make(ports[: len(Inputs._fields)]))
        self.ap.write(self.announce(cycle.outputs))
        self.seen.write(Observation(ports, cycle))

    def announce(self, outputs: Outputs) -> Outputs:
        """Outputs on their way to the scoreboard; the negative test overrides this."""
        return outputs


class SpmScoreboard(Scoreboard):
    """Compares the model's outputs with the ports of the same cycle."""

    def same(self, expected: Outputs, actual: Any) -> bool:
        """Flags in every cycle, known bits of what is valid."""
        answer, owed = expected.host_answer, expected.descriptor
        return (
            expected.host_ready in (None, bool(actual.host_ready_o))
            and actual.w_ready_o == 1
            and actual.cmd_ready_o == expected.cmd_ready
            and actual.err_o == expected.err
            and actual.host_rvalid_o == (answer is not None)
            and (answer is None or not (actual.host_rdata_o ^ answer.bits) & answer.known)
            and actual.desc_valid_o == (owed is not None)
            and (
                owed is None
                or (
                    actual.desc_last_o == owed.last and not (actual.desc_o ^ owed.word.bits) & owed.word.known
                )
            )
        )

    def show(self, transaction: Any) -> str:
        """The model's outputs as they are, of the ports the outputs."""
        if isinstance(transaction, Outputs):
            return str(transaction)
        return ", ".join(f"{name}=0x{getattr(transaction, name):x}" for name in _OUTPUTS)


class SpmCoverage(CoverageBase):
    """Accesses, waits, commands and what the descriptors say."""

    def build_phase(self) -> None:
        """Look up the configuration."""
        env_cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.hw = env_cfg.hw
        super().build_phase()

    def items(self) -> list[Any]:
        """Points and crosses of spm_cg."""
        return [
            point("spm_cg.cp_list", lambda s: s.get("list"), (0, 1)),
            point("spm_cg.cp_length", lambda s: s.get("length"), ("one", "two", "some", "all")),
            point("spm_cg.cp_count", lambda s: s.get("count"), ("none", "one", "some", "all")),
            point("spm_cg.cp_host", lambda s: s.get("host"), ("read", "write")),
            point("spm_cg.cp_enables", lambda s: s.get("enables"), range(16)),
            point("spm_cg.cp_host_waits", lambda s: s.get("host_waits"), ("module", "machine", "collision")),
            point("spm_cg.cp_machine_waits", lambda s: s.get("machine_waits"), ("module", "host")),
            point("spm_cg.cp_follows", lambda s: s.get("follows"), (True,)),
            point("spm_cg.cp_full", lambda s: s.get("full"), ("commands", "descriptors")),
            point("spm_cg.cp_error", lambda s: s.get("error"), (True,)),
            cross("spm_cg.cr_command", ["spm_cg.cp_list", "spm_cg.cp_length"]),
        ]

    def write(self, seen: Observation) -> None:
        """One cycle."""
        ports, cycle = seen
        sample: dict[str, Any] = {
            "host_waits": cycle.host_waits,
            "machine_waits": cycle.machine_waits,
            "follows": cycle.follows,
            "error": cycle.outputs.err,
        }
        if ports.cmd_valid_i:
            sample["full"] = None if ports.cmd_ready_o else "commands"
            sample["list"] = ports.cmd_list_i
            steps = ports.cmd_last_i - ports.cmd_first_i + 1
            sample["length"] = {1: "one", 2: "two", self.hw.max_m: "all"}.get(steps, "some")
        if ports.desc_valid_o and not ports.desc_ready_i:
            sample["full"] = "descriptors"
        if ports.desc_valid_o:
            count = Descriptor.decode(ports.desc_o, self.hw).count
            sample["count"] = {0: "none", 1: "one", self.hw.max_n: "all"}.get(count, "some")
        if ports.host_valid_i and ports.host_ready_o:
            sample["host"] = "write" if ports.host_we_i else "read"
            sample["enables"] = ports.host_be_i if ports.host_we_i else None
        self.sample(sample)


class SpmEnv(BaseEnv):
    """Sources for host, output module and commands, a sink for descriptors, the model and its scoreboard."""

    def build_phase(self) -> None:
        """Make everything."""
        super().build_phase()
        host = {"we": "host_we_i", "addr": "host_addr_i", "be": "host_be_i", "wdata": "host_wdata_i"}
        write = {"list": "w_list_i", "step": "w_step_i", "desc": "w_desc_i"}
        command = {"list": "cmd_list_i", "first": "cmd_first_i", "last": "cmd_last_i"}
        descriptor = {"desc": "desc_o", "last": "desc_last_o"}
        self.host = self.add_stream(Role.SOURCE, "host", "host_valid_i", "host_ready_o", host)
        self.module = self.add_stream(Role.SOURCE, "module", "w_valid_i", "w_ready_o", write)
        self.commands = self.add_stream(Role.SOURCE, "commands", "cmd_valid_i", "cmd_ready_o", command)
        self.descs = self.add_stream(Role.SINK, "descs", "desc_valid_o", "desc_ready_i", descriptor)
        self.cycles = SpmMonitor.create("cycles", self)
        self.predictor = self.add_predictor(SpmPredictor)
        self.board = self.add_scoreboard(SpmScoreboard)
        self.coverage = SpmCoverage.create("coverage", self)

    def connect_phase(self) -> None:
        """Connect everything."""
        self.cycles.ap.connect(self.predictor.analysis_export)
        self.cycles.ap.connect(self.board.actual)
        self.predictor.ap.connect(self.board.expected)
        self.predictor.seen.connect(self.coverage.analysis_export)
