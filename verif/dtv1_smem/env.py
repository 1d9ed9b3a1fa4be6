"""Environment of dtv1_smem: an agent for each stream, and a model that is compared in every cycle."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from typing import Any, NamedTuple

from pyuvm import ConfigDB, uvm_analysis_port

from reneta.verif.common.analysis import Predictor
from reneta.verif.common.base_env import CFG, BaseEnv, EnvCfg
from reneta.verif.common.coverage import CoverageBase, cross, point
from reneta.verif.common.port_monitor import PortMonitor
from reneta.verif.common.scoreboard import Scoreboard
from reneta.verif.common.stream_agent import Role
from reneta.verif.dtv1_smem.model import (
    ANSWERS,
    BANKS,
    READERS,
    WRITERS,
    Grant,
    Outputs,
    Request,
    SmemModel,
    Waiting,
)

_READ = ("rreq{}_valid_i", "rreq{}_ready_o", "rreq{}_addr_i", "rreq{}_sel_i")
_ANSWER = ("rrsp{}_valid_o", "rrsp{}_ready_i", "rrsp{}_data_o")
_WRITE = ("wreq{}_valid_i", "wreq{}_ready_o", "wreq{}_addr_i", "wreq{}_sel_i", "wreq{}_data_i")


class Cycle(tuple[int, ...]):
    """What the ports show at one rising edge."""

    _fields = (
        *(name.format(r) for r in range(READERS) for name in _READ),
        *(name.format(r) for r in range(READERS) for name in _ANSWER),
        *(name.format(w) for w in range(WRITERS) for name in _WRITE),
        "wbusy_o",
    )

    @classmethod
    def _make(cls, values: Any) -> Cycle:
        return cls(values)

    def read(self, r: int) -> tuple[int, ...]:
        """Valid, ready, address and select of a read request."""
        return self[4 * r : 4 * r + 4]

    def answer(self, r: int) -> tuple[int, ...]:
        """Valid, ready and data of an answer."""
        first = 4 * READERS + 3 * r
        return self[first : first + 3]

    def write(self, w: int) -> tuple[int, ...]:
        """Valid, ready, address, select and data of a write request."""
        first = 7 * READERS + 5 * w
        return self[first : first + 5]


class SmemMonitor(PortMonitor):
    """Watches all ports."""

    cycle_type = Cycle


class Observation(NamedTuple):
    """What coverage wants to know of a cycle."""

    grants: list[Grant]
    waiting: list[Waiting]
    # Requests refused, by stream, and readers whose answers fill their places.
    refused: list[str]
    # Requests accepted, by stream.
    accepted: list[tuple[str, Request]]


class SmemPredictor(Predictor):
    """Runs the model along: `ap` gives the outputs of each cycle, `seen` what coverage wants to know."""

    def build_phase(self) -> None:
        """Look up the configuration."""
        super().build_phase()
        self.cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.seen = uvm_analysis_port("seen", self)
        self.reset()

    def reset(self) -> None:
        """Nothing waits, nothing is known."""
        self.model = SmemModel(self.cfg.hw)

    @property
    def pending(self) -> int:
        """What is under way."""
        return self.model.pending

    def write(self, cycle: Cycle) -> None:
        """One cycle."""
        model = self.model
        outputs = model.outputs()
        waiting = [model.waiting(bank) for bank in range(BANKS)]
        full = [f"answer{r}" for r, owed in enumerate(model.owed) if len(owed) == ANSWERS]
        grants = model.arbitrate()
        reads = [_accepted(cycle.read(r), outputs.rreq_ready[r]) for r in range(READERS)]
        writes = [_accepted(cycle.write(w), outputs.wreq_ready[w]) for w in range(WRITERS)]
        taken = [word is not None and bool(cycle.answer(r)[1]) for r, word in enumerate(outputs.answers)]
        model.advance(reads, writes, taken)
        self.ap.write(self.announce(outputs))
        refused = [f"read{r}" for r in range(READERS) if cycle.read(r)[0] and not outputs.rreq_ready[r]]
        refused += [f"write{w}" for w in range(WRITERS) if cycle.write(w)[0] and not outputs.wreq_ready[w]]
        accepted = [(f"read{r}", request) for r, request in enumerate(reads) if request]
        accepted += [(f"write{w}", request) for w, request in enumerate(writes) if request]
        self.seen.write(Observation(grants, waiting, refused + full, accepted))

    def announce(self, outputs: Outputs) -> Outputs:
        """Outputs on their way to the scoreboard; the negative test overrides this."""
        return outputs


def _accepted(port: Sequence[int], ready: bool) -> Request | None:
    return Request(*port[2:]) if port[0] and ready else None


class SmemScoreboard(Scoreboard):
    """Compares the model's outputs with the ports of the same cycle."""

    def same(self, expected: Outputs, actual: Cycle) -> bool:
        """Flags in every cycle; an answer's known bits while it is valid."""
        flags = all(
            actual.read(r)[1] == ready and actual.answer(r)[0] == (expected.answers[r] is not None)
            for r, ready in enumerate(expected.rreq_ready)
        ) and all(
            actual.write(w)[1] == ready and (actual[-1] >> w & 1) == expected.wbusy[w]
            for w, ready in enumerate(expected.wreq_ready)
        )
        return flags and all(
            word is None or not (actual.answer(r)[2] ^ word.bits) & word.known
            for r, word in enumerate(expected.answers)
        )

    def show(self, transaction: Any) -> str:
        """The fields that are compared."""
        if isinstance(transaction, Outputs):
            return str(transaction)
        reads = [transaction.read(r)[1] for r in range(READERS)]
        writes = [transaction.write(w)[1] for w in range(WRITERS)]
        answers = [
            f"0x{transaction.answer(r)[2]:x}" if transaction.answer(r)[0] else "none" for r in range(READERS)
        ]
        return f"rreq_ready={reads} wreq_ready={writes} wbusy={transaction[-1]:02b} answers={answers}"


STREAMS = [*(f"read{r}" for r in range(READERS)), *(f"write{w}" for w in range(WRITERS))]
# Two accesses of one bank to one address, one cycle after the other or further apart.
_PAIRS = [f"{first}_{second}" for first in ("write", "read") for second in ("write", "read")]
RACES = [f"{pair}_{distance}" for pair in _PAIRS for distance in ("next", "near")]
# Accesses that still count as near: a read's way through the bank.
_NEAR = 4


class SmemCoverage(CoverageBase):
    """Requests, grants, rivals, races and full queues."""

    def build_phase(self) -> None:
        """Look up the configuration."""
        env_cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.hw = env_cfg.hw
        self._past: deque[Grant] = deque(maxlen=2 * _NEAR)
        super().build_phase()

    def items(self) -> list[Any]:
        """Points and crosses of smem_cg."""
        actions = ("none", "read", "write")
        rivals = [f"{w}w{r}r" for w in range(WRITERS + 1) for r in range(READERS + 1) if w or r]
        lanes = range(self.hw.num_pe)
        return [
            point("smem_cg.cp_stream", lambda s: s.get("stream"), STREAMS),
            point("smem_cg.cp_kind", lambda s: s.get("kind"), ["word", "lane"]),
            point("smem_cg.cp_bank", lambda s: s.get("bank"), range(BANKS)),
            point("smem_cg.cp_lane_read", lambda s: s.get("lane_read"), lanes),
            point("smem_cg.cp_lane_write", lambda s: s.get("lane_write"), lanes),
            point("smem_cg.cp_address", lambda s: s.get("address"), ["first", "last", "middle"]),
            point("smem_cg.cp_low_bank", lambda s: s.get("low"), actions),
            point("smem_cg.cp_high_bank", lambda s: s.get("high"), actions),
            point("smem_cg.cp_rivals", lambda s: s.get("rivals"), rivals),
            point("smem_cg.cp_race", lambda s: s.get("race"), RACES),
            point("smem_cg.cp_same_address_waits", lambda s: s.get("tie"), ["write_read", "write_write"]),
            point(
                "smem_cg.cp_full",
                lambda s: s.get("full"),
                [*STREAMS, *(f"answer{r}" for r in range(READERS))],
            ),
            cross("smem_cg.cr_request", ["smem_cg.cp_stream", "smem_cg.cp_kind", "smem_cg.cp_bank"]),
            cross("smem_cg.cr_banks", ["smem_cg.cp_low_bank", "smem_cg.cp_high_bank"]),
        ]

    def write(self, seen: Observation) -> None:
        """One cycle: a sample for each thing that happened."""
        for stream, request in seen.accepted:
            self.sample(self._request(stream, request))
        for name in seen.refused:
            self.sample({"full": name})
        actions = ["none"] * BANKS
        for grant in seen.grants:
            actions[self._bank(grant.request)] = "write" if grant.write else "read"
        self.sample({"low": actions[0], "high": actions[1]})
        for writes, reads in seen.waiting:
            self.sample({"rivals": f"{len(writes)}w{len(reads)}r"})
            wanted = [request.addr for request in writes.values()]
            if any(request.addr in wanted for request in reads.values()):
                self.sample({"tie": "write_read"})
            if len(wanted) > len(set(wanted)):
                self.sample({"tie": "write_write"})
        self._races(seen.grants)

    def _request(self, stream: str, request: Request) -> dict[str, Any]:
        lane = request.sel & self.hw.num_pe - 1 if request.sel >> self.hw.lane_w else None
        size = self.hw.smem_words // BANKS
        place = {0: "first", size - 1: "last"}.get(request.addr % size, "middle")
        return {
            "stream": stream,
            "kind": "word" if lane is None else "lane",
            "bank": self._bank(request),
            "lane_read" if stream.startswith("read") else "lane_write": lane,
            "address": place,
        }

    def _races(self, grants: list[Grant]) -> None:
        for grant in grants:
            for past in self._past:
                distance = grant.cycle - past.cycle
                if past.request.addr == grant.request.addr and 0 < distance <= _NEAR:
                    pair = "_".join("write" if g.write else "read" for g in (past, grant))
                    self.sample({"race": f"{pair}_{'next' if distance == 1 else 'near'}"})
        self._past.extend(grants)

    def _bank(self, request: Request) -> int:
        return request.addr >> self.hw.smem_addr_w - 1


class SmemEnv(BaseEnv):
    """Sources for requests, sinks for answers, a monitor of every cycle, the model and its scoreboard."""

    def build_phase(self) -> None:
        """Make everything."""
        super().build_phase()
        self.reads, self.answers, self.writes = [], [], []
        for r in range(READERS):
            valid, ready, addr, sel = (name.format(r) for name in _READ)
            self.reads.append(
                self.add_stream(Role.SOURCE, f"read{r}", valid, ready, {"addr": addr, "sel": sel})
            )
            valid, ready, data = (name.format(r) for name in _ANSWER)
            self.answers.append(self.add_stream(Role.SINK, f"answer{r}", valid, ready, {"data": data}))
        for w in range(WRITERS):
            valid, ready, addr, sel, data = (name.format(w) for name in _WRITE)
            payload = {"addr": addr, "sel": sel, "data": data}
            self.writes.append(self.add_stream(Role.SOURCE, f"write{w}", valid, ready, payload))
        self.cycles = SmemMonitor.create("cycles", self)
        self.predictor = self.add_predictor(SmemPredictor)
        self.board = self.add_scoreboard(SmemScoreboard)
        self.coverage = SmemCoverage.create("coverage", self)

    def connect_phase(self) -> None:
        """Connect everything."""
        self.cycles.ap.connect(self.predictor.analysis_export)
        self.cycles.ap.connect(self.board.actual)
        self.predictor.ap.connect(self.board.expected)
        self.predictor.seen.connect(self.coverage.analysis_export)
