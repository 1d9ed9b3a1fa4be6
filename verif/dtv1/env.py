"""Environment of dtv1: a host, a DRAM, the golden machine, a checker of the bus, scoreboards."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from reneta.golden import registers as regs
from reneta.golden.arrays import U8
from reneta.golden.lists import step_address
from reneta.verif.axi.channels import AddressBeat, DataBeat
from reneta.verif.axi.checker import AxiChecker
from reneta.verif.common.analysis import AnalysisImp
from reneta.verif.common.base_env import BaseEnv, EnvCfg
from reneta.verif.common.stalls import Stall
from reneta.verif.common.stream import Beat
from reneta.verif.common.stream_agent import Role, StreamAgent
from reneta.verif.dtv1 import dram, host
from reneta.verif.dtv1.course import Course, GoldenHost
from reneta.verif.dtv1.coverage import ChipCoverage
from reneta.verif.dtv1.host import WORD_BYTES, HostAgent, RegisterModel

MAX_BURST, WRITES = 64, 64
AXI = {
    "ar": AddressBeat._fields,
    "r": ("data", "resp", "last"),
    "aw": AddressBeat._fields,
    "w": DataBeat._fields,
    "b": ("resp",),
}
_MASTER = ("ar", "aw", "w")


@dataclass
class ChipCfg(EnvCfg):
    """Configuration of the environment.

    Attributes:
        faulty: whether the DRAM is the one with an end and with errors.
    """

    faulty: bool = False


class ChipEnv(BaseEnv):
    """All parts."""

    cfg: ChipCfg

    def build_phase(self) -> None:
        """Make everything."""
        super().build_phase()
        for port in ("m_axi_rid", "m_axi_bid"):
            getattr(self.cfg.dut, port).value = 0
        self.axi: dict[str, StreamAgent] = {}
        for channel, fields in AXI.items():
            role = Role.PASSIVE
            if self.cfg.faulty:
                role = Role.SINK if channel in _MASTER else Role.SOURCE
            self.axi[channel] = self._stream(role, dram.PREFIX, channel, fields)
        self.registers = {
            channel: self._stream(Role.PASSIVE, host.PREFIX, channel, fields)
            for channel, fields in host.CHANNELS.items()
        }
        self.host: HostAgent = HostAgent.create("host", self)
        kind = dram.FaultyDram if self.cfg.faulty else dram.RamDram
        self.dram = kind.create("dram", self)
        self.checker: AxiChecker = AxiChecker.create("checker", self)
        self.checker.word_bytes, self.checker.most_beats = self.cfg.hw.word_bytes, MAX_BURST
        self.checker.most_reads, self.checker.most_writes = self.cfg.hw.dram_ahead, WRITES
        self.golden: GoldenHost = GoldenHost.create("golden", self)
        self.register_model: RegisterModel = self.add_predictor(RegisterModel, "register_model")
        self.register_board = self.add_scoreboard(name="register_board")
        self.register_board.must_compare = False
        self.memory_board = self.add_scoreboard(name="memory_board")
        self.memory_board.must_compare = False
        self.coverage: ChipCoverage = ChipCoverage.create("coverage", self)
        self._seen = {
            "ar": AnalysisImp("ar_seen", self, self._asked),
            "r": AnalysisImp("r_seen", self, self._answered),
        }
        self.forget_reads()

    def _stream(self, role: Role, prefix: str, channel: str, fields: tuple[str, ...]) -> StreamAgent:
        name = f"{prefix}_{channel}"
        payload = {field: name + field for field in fields}
        return self.add_stream(role, name, f"{name}valid", f"{name}ready", payload)

    def connect_phase(self) -> None:
        """Connect everything."""
        for channel, agent in self.axi.items():
            self.checker.listen(channel, agent)
            if self.cfg.faulty:
                setattr(self.dram, channel, agent)
        if self.cfg.faulty:
            self.dram.listen()
        for channel, seen in self._seen.items():
            self.axi[channel].ap.connect(seen)
        for channel, agent in self.registers.items():
            agent.ap.connect(self.host.monitor.inputs[channel])
        self.host.ap.connect(self.register_model.analysis_export)
        self.host.ap.connect(self.coverage.analysis_export)
        self.register_model.ap.connect(self.register_board.expected)
        self.register_model.seen.connect(self.register_board.actual)

    def forget(self) -> None:
        """Besides: the bus, the host, what the golden machine holds."""
        super().forget()
        self.host.flush()
        self.dram.restart()
        self.checker.restart()
        self.golden.reset()
        self.forget_reads()

    def forget_reads(self) -> None:
        """Begin a new record of reads."""
        self._owed: list[int] = []
        self.reads: list[tuple[int, int]] = []

    def _asked(self, beat: Beat) -> None:
        self._owed += AddressBeat._make(beat).words(self.cfg.hw.word_bytes)

    def _answered(self, beat: Beat) -> None:
        self.reads.append((self._owed.pop(0), beat[1]))

    def set_stalls(self, channel: str, profile: Stall | str) -> None:
        """Change the profile of a channel of DRAM, or of all of the host's ("host")."""
        if channel == "host":
            self.host.driver.set_stalls(profile)
        else:
            self.dram.set_stalls(channel, profile)

    def compare_dram(self, course: Course, number: int, ignored: range = range(0)) -> None:
        """Compare DRAM with the golden machine's before instruction `number`.

        Words that hold on both sides what they held at the beginning are not worth a transaction.

        Args:
            course: the program's.
            number: of an instruction.
            ignored: bytes that may hold anything.
        """
        width = self.cfg.hw.word_bytes
        first, expected = course.job.dram, course.moments[number].dram
        actual = self.dram.image(len(first)).copy()
        where = slice(ignored.start, min(ignored.stop, len(first)))
        actual[where] = expected[where]
        changed = (expected != first) | (actual != first)
        places = np.unique(np.flatnonzero(changed) // width) * width
        for place in [*places.tolist(), 0]:
            self.memory_board.expected.write((place, _word(expected, place, width)))
            self.memory_board.actual.write((place, _word(actual, place, width)))

    async def compare_descriptors(self, course: Course, number: int, most: int = 16) -> None:
        """Compare descriptors that the program has written with the golden machine's, through the window.

        Args:
            course: the program's.
            number: of the instruction before which they are compared.
            most: of how many.
        """
        moment, hw = course.moments[number], self.cfg.hw
        known = moment.known.tolist()
        for place in known[:: max(1, len(known) // most)]:
            which, step = divmod(place, hw.max_m)
            address = regs.SPM_BASE + WORD_BYTES * step_address(which, step, hw)
            self.memory_board.expected.write((address, int(moment.spm[which, step])))
            self.memory_board.actual.write((address, await self.host.read(address)))


def _word(image: U8, place: int, width: int) -> int:
    return int.from_bytes(image[place : place + width].tobytes(), "little")
