"""From a started program to all that must come of it: dispatches, fetches, moves, contents of memories."""

from __future__ import annotations

from typing import NamedTuple

from pyuvm import ConfigDB, uvm_analysis_port

from reneta.verif.common.analysis import Predictor
from reneta.verif.common.base_env import CFG, EnvCfg
from reneta.verif.dtv1_ctl.memory import DescriptorMemory
from reneta.verif.dtv1_ctl.mover import Mover
from reneta.verif.dtv1_ctl.plan import EMPTY, Contents, Move, Plan, plan_of
from reneta.verif.dtv1_ctl.ports import Ports


class After(NamedTuple):
    """What moves have changed when some instructions have ended."""

    words: dict[int, int]
    entries: dict[int, int]


class ProgramModel(Predictor):
    """Reads a program out of DRAM when it starts.

    `ap` announces configurations, `fetches`, `loads` and `stores` commands, `words` what moves write, `plans`
    the program itself.

    Attributes:
        plan: the present program.
    """

    mover: Mover
    memory: DescriptorMemory

    def build_phase(self) -> None:
        """Make the outputs; there is no program."""
        super().build_phase()
        cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.dut, self.hw = cfg.dut, cfg.hw
        self.fetches = uvm_analysis_port("fetches", self)
        self.loads = uvm_analysis_port("loads", self)
        self.stores = uvm_analysis_port("stores", self)
        self.plans = uvm_analysis_port("plans", self)
        self.words = uvm_analysis_port("words", self)
        self.plan: Plan = EMPTY

    def reset(self) -> None:
        """No program."""
        self.plan = EMPTY
        self._after = [After({}, {})]
        self._descriptors = list(self.memory.words)

    def write(self, _: Ports) -> None:
        """A program starts."""
        dut = self.dut
        address, length = int(dut.prog_addr_i.value), int(dut.prog_len_i.value)
        self.plan = plan_of(address, length, self.mover.word, self.hw)
        for bits in self.plan.fetches():
            self.fetches.write((bits,))
        self._descriptors = list(self.memory.words)
        contents = Contents(self.hw, self.mover.word, self._descriptors.__getitem__)
        self._after = [After({}, {})]
        self.plans.write(self.plan)
        for step in self.plan.steps:
            if step.cfg is not None:
                self.ap.write(self.announce(step.cfg))
            if step.move is not None:
                self._move(step.move, contents)
                self._after.append(After(dict(contents.words), dict(contents.entries)))
            else:
                self._after.append(self._after[-1])

    def announce(self, cfg: tuple[int, int, int]) -> tuple[int, int, int]:
        """Configurations on their way to the scoreboard; the negative test overrides this."""
        return cfg

    def _move(self, move: Move, contents: Contents) -> None:
        (self.stores if move.store else self.loads).write((move.command(self.hw),))
        words = contents.carry_out(move)
        for number, word in enumerate(words, 1):
            self.words.write((word, int(number == len(words))))

    def memories(self, ended: int) -> tuple[dict[int, int], dict[int, int]]:
        """What must be in DRAM and the descriptor memory when so many instructions have ended, by address.

        The first instruction that has not ended may have done a part of its work. Descriptors of the upper
        half of the steps are the host's.
        """
        after, step = self._after[min(ended, len(self._after) - 1)], self.plan.step(ended)
        move = None if step is None else step.move
        words = {a: w for a, w in after.words.items() if move is None or a not in move.addresses}
        half = max(1, self.hw.max_m // 2)
        entries = {
            place: after.entries.get(place, descriptor)
            for place, descriptor in enumerate(self._descriptors)
            if place % (1 << self.hw.step_w) < half and (move is None or place not in move.entries)
        }
        return words, entries
