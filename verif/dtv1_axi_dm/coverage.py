"""Coverage of dtv1_axi_dm: commands, bursts, answers, bursts in flight, and what a stop met."""

from __future__ import annotations

from functools import partial
from typing import Any

from pyuvm import ConfigDB

from reneta.verif.axi.channels import PAGE, Resp
from reneta.verif.common.analysis import AnalysisImp
from reneta.verif.common.base_env import CFG, EnvCfg
from reneta.verif.common.coverage import CoverageBase, cross, point, range_point
from reneta.verif.common.stream import Beat
from reneta.verif.dtv1_axi_dm.predictor import Command, max_burst

_DEPTHS = {"most": (64, 64)}
_STARTS = ("first", "second", "middle", "last")
_REFUSED = ("address", "length", "empty", "type")
_DIRECTIONS = ("read", "write")


class MoverCoverage(CoverageBase):
    """Inputs: `commands` by direction, `channels` by name of the AXI channel."""

    def build_phase(self) -> None:
        """Look up the configuration, make the inputs."""
        cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self._word, self._burst_words = cfg.hw.num_pe * 2, max_burst(cfg.hw)
        super().build_phase()
        self.commands = {
            name: AnalysisImp(f"{name}s", self, partial(self._command, name)) for name in _DIRECTIONS
        }
        handlers = {"ar": self._burst, "aw": self._burst, "w": self._ignore, "r": self._r, "b": self._b}
        self.channels = {name: AnalysisImp(f"{name}_in", self, handler) for name, handler in handlers.items()}

    def items(self) -> list[Any]:
        """Points and crosses of mover_cg."""
        burst = self._burst_words
        lengths = {
            "one": (1, 1),
            "two": (2, 2),
            "less": (3, burst - 1),
            "burst": (burst, burst),
            "more": (burst + 1, 4 * burst),
            "many": (4 * burst + 1, 1 << 23),
        }
        return [
            point("mover_cg.cp_direction", lambda s: s.get("direction"), _DIRECTIONS),
            range_point("mover_cg.cp_length", lambda s: s.get("length", 0), lengths),
            point("mover_cg.cp_start", lambda s: s.get("start"), _STARTS),
            point("mover_cg.cp_pages", lambda s: s.get("pages"), (1, 2, 3)),
            point("mover_cg.cp_refused", lambda s: s.get("refused"), _REFUSED),
            range_point("mover_cg.cp_beats", lambda s: s.get("beats", 0), {"one": (1, 1), "some": (2, 256)}),
            point("mover_cg.cp_read_answer", lambda s: s.get("rresp"), (Resp.OKAY, Resp.SLVERR, Resp.DECERR)),
            point(
                "mover_cg.cp_write_answer", lambda s: s.get("bresp"), (Resp.OKAY, Resp.SLVERR, Resp.DECERR)
            ),
            range_point("mover_cg.cp_reads", lambda s: s.get("reads", 0), _DEPTHS),
            range_point("mover_cg.cp_writes", lambda s: s.get("writes", 0), _DEPTHS),
            point("mover_cg.cp_stop", lambda s: s.get("stop"), ("nothing", "reads", "writes", "both")),
            cross(
                "mover_cg.cr_command", ["mover_cg.cp_direction", "mover_cg.cp_length", "mover_cg.cp_start"]
            ),
            cross("mover_cg.cr_refused", ["mover_cg.cp_direction", "mover_cg.cp_refused"]),
        ]

    def _command(self, direction: str, beat: Beat) -> None:
        command, word = Command.decode(beat[0]), self._word
        sample: dict[str, Any] = {"direction": direction}
        if command.legal(word):
            place = command.address % PAGE // word
            last = PAGE // word - 1
            sample["start"] = {0: "first", 1: "second", last: "last"}.get(place, "middle")
            sample["length"] = command.length // word
            sample["pages"] = min(3, (command.address % PAGE + command.length - 1) // PAGE + 1)
        elif not command.incr:
            sample["refused"] = "type"
        elif command.length == 0:
            sample["refused"] = "empty"
        else:
            sample["refused"] = "address" if command.address % word else "length"
        self.sample(sample)

    def _burst(self, beat: Beat) -> None:
        self.sample({"beats": beat[1] + 1})

    def _ignore(self, _: Beat) -> None:
        """Words written tell nothing."""

    def _r(self, beat: Beat) -> None:
        self.sample({"rresp": beat[1]})

    def _b(self, beat: Beat) -> None:
        self.sample({"bresp": beat[0]})

    def depth(self, reads: int, writes: int) -> None:
        """Most bursts in flight in a test."""
        self.sample({"reads": reads, "writes": writes})

    def stop(self, reads: int, writes: int) -> None:
        """A stop met bursts in flight."""
        met = {
            (True, True): "both",
            (True, False): "reads",
            (False, True): "writes",
            (False, False): "nothing",
        }
        self.sample({"stop": met[bool(reads), bool(writes)]})
