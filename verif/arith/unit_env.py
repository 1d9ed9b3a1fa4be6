"""Environment of a pipelined arithmetic unit: many copies side by side, so that a beat tests many vectors.

The testbench holds the copies and carries a valid bit alongside. An environment of its own adds a `UnitModel`
(the ports and the golden function) and a `VectorCoverage`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, ClassVar, NamedTuple

import numpy as np
from pyuvm import ConfigDB, uvm_analysis_port

from reneta.golden.arrays import Array
from reneta.verif.arith.bulk_coverage import VectorCoverage
from reneta.verif.arith.lanes import Lanes
from reneta.verif.common.analysis import Predictor
from reneta.verif.common.base_env import CFG, BaseEnv, EnvCfg
from reneta.verif.common.scoreboard import Scoreboard
from reneta.verif.common.stream import Beat
from reneta.verif.common.stream_agent import Role


@dataclass(frozen=True)
class Port:
    """A port of the testbench: its name and the format of its lanes."""

    signal: str
    lanes: Lanes


class Expected(NamedTuple):
    """What an output beat must be, and what it was computed from."""

    word: int
    operands: Mapping[str, Array]


class UnitModel(Predictor):
    """The unit's ports and its function.

    `ap` gives an `Expected` for each beat, `vectors` a mapping of all operands and the result.
    """

    def build_phase(self) -> None:
        """Look up the ports."""
        super().build_phase()
        cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.vectors = uvm_analysis_port("vectors", self)
        self.inputs = self.input_ports()
        self.output = self.output_port()
        self.counts = {
            name: len(getattr(cfg.dut, port.signal)) // port.lanes.width for name, port in self.inputs.items()
        }

    @staticmethod
    def input_ports() -> Mapping[str, Port]:
        """Operands by name."""
        raise NotImplementedError

    @staticmethod
    def output_port() -> Port:
        """The result."""
        raise NotImplementedError

    def compute(self, **operands: Array) -> Array:
        """Results of operands, lane by lane, in the output port's type."""
        raise NotImplementedError

    def write(self, beat: Beat) -> None:
        """One beat of operands."""
        operands = {
            name: port.lanes.unpack(word, self.counts[name])
            for (name, port), word in zip(self.inputs.items(), beat, strict=True)
        }
        result = self.compute(**operands)
        (word,) = self.output.lanes.pack(result[None])
        self.ap.write(Expected(word, operands))
        self.vectors.write({**operands, "result": result})


class Spoil(UnitModel):
    """For a negative test: put before a model, it makes one bit wrong in every seventh beat."""

    seen = 0

    def compute(self, **operands: Array) -> Array:
        """Flip the low bit of the last lane now and then."""
        result = super().compute(**operands).copy()
        self.seen += 1
        result.view(f"u{result.itemsize}")[-1] ^= self.seen % 7 == 0
        return result


class LaneScoreboard(Scoreboard):
    """Compares whole beats and shows the first lane that differs."""

    port: Port

    def same(self, expected: Expected, actual: Beat) -> bool:
        """Bit by bit."""
        self._lane = 0
        if expected.word == actual[0]:
            return True
        differing = expected.word ^ actual[0]
        self._lane = ((differing & -differing).bit_length() - 1) // self.port.lanes.width
        return False

    def show(self, transaction: Any) -> str:
        """The lane in hex, with its operands where they are known."""
        width = self.port.lanes.width
        digits = -(-width // 4)
        lane = getattr(self, "_lane", 0)
        word = transaction[0] >> lane * width & (1 << width) - 1
        text = f"{word:0{digits}x} in lane {lane}"
        if not isinstance(transaction, Expected):
            return text
        shown = {
            # A port may have fewer lanes than the result: one for several of them.
            name: values[lane * len(values) // self._count(transaction)]
            for name, values in transaction.operands.items()
        }
        return f"{text}, of " + ", ".join(f"{name}={hex(value)}" for name, value in shown.items())

    def _count(self, expected: Expected) -> int:
        return max(len(values) for values in expected.operands.values())


class UnitEnv(BaseEnv):
    """Source, passive output, model, scoreboard and coverage; subclasses name the last three's types.

    `enable` is a signal that freezes the whole pipeline while it is low. It is the ready of both streams: the
    sink's stalls are the freezes, and the monitors check that nothing moves.
    """

    model_type: ClassVar[type[UnitModel]]
    coverage_type: ClassVar[type[VectorCoverage]]
    enable: ClassVar[str | None] = None

    def build_phase(self) -> None:
        """Make everything."""
        super().build_phase()
        operands = {name: port.signal for name, port in self.model_type.input_ports().items()}
        result = self.model_type.output_port()
        self.source = self.add_stream(Role.SOURCE, "source", "valid_i", self.enable, operands)
        self.sink = self.add_stream(Role.SINK, "sink", "valid_o", self.enable, {"result": result.signal})
        self.model = self.add_predictor(self.model_type, "model")
        self.scoreboard = self.add_scoreboard(LaneScoreboard)
        self.scoreboard.port = result
        self.coverage = self.coverage_type.create("coverage", self)

    def connect_phase(self) -> None:
        """Connect everything."""
        self.source.ap.connect(self.model.analysis_export)
        self.model.ap.connect(self.scoreboard.expected)
        self.model.vectors.connect(self.coverage.analysis_export)
        self.sink.ap.connect(self.scoreboard.actual)

    @cached_property
    def lanes(self) -> int:
        """Vectors in a beat."""
        return int(max(self.model.counts.values()))

    @property
    def compared(self) -> int:
        """Vectors compared, those that fill up a last beat included."""
        return int(self.scoreboard.compared) * self.lanes

    async def send(self, **operands: Array) -> None:
        """Send vectors, as arrays [vectors] for each operand.

        An array that is too short begins again; of an operand that a beat has only once, one is for a beat.
        """
        counts = self.model.counts
        beats = max(-(-len(values) // counts[name]) for name, values in operands.items())
        words = [
            port.lanes.pack(np.resize(operands[name], (beats, counts[name])))
            for name, port in self.model.inputs.items()
        ]
        await self.source.send(zip(*words, strict=True))
