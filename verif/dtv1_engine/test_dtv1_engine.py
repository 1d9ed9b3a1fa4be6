"""Tests of dtv1_engine: delta layers, forward and backward, bit for bit; reset; what a step costs."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from itertools import pairwise
from typing import ClassVar

import numpy as np
import pyuvm

from reneta.golden.ccm_types import Proc
from reneta.verif.common.base_test import BaseTest
from reneta.verif.common.hw import np_rng, rng
from reneta.verif.common.stalls import Stall
from reneta.verif.dtv1_engine.env import EngineEnv, Moment, mover
from reneta.verif.dtv1_engine.layer import Layer, Task, matrix_words, prepare, with_sparsity


class EngineTest(BaseTest):
    """Loads a layer through the machine's own moves, runs it, and compares all memories."""

    env_type = EngineEnv
    env: EngineEnv
    timeout_cycles = 4_000_000
    profiles: ClassVar[tuple[Stall, ...]] = (Stall.NONE, Stall.LIGHT)

    def load(self, layer: Layer) -> None:
        """Put a layer's images into the DRAM, that of SMEM behind all else."""
        hw, machine = self.cfg.hw, layer.machine
        smem_bytes = hw.smem_words * hw.num_pe * 2
        self.image, self.dump = layer.spare, layer.spare + smem_bytes
        machine.dram[self.image : self.dump] = machine.smem.reshape(-1).view(np.uint8)
        self.env.dram.words = machine.dram.view(np.uint16).reshape(-1, hw.num_pe).copy()
        choose = rng("profiles", self.clocking.now())
        for agent in self.env.streams.values():
            agent.set_stalls(choose.choice(self.profiles))

    async def run_layer(self, layer: Layer) -> list[Moment]:
        """Run a layer, compare, and say when each of its instructions began and ended."""
        self.load(layer)
        # The layer's first instructions may read what the move brings.
        program = [replace(layer.program[0], dep=1), *layer.program[1:]]
        rest = mover(self.cfg.hw, self.dump, to_smem=False)
        moments = await self.env.execute([mover(self.cfg.hw, self.image, to_smem=True)])
        moments = await self.env.execute(program)
        await self.env.execute([rest])
        layer.machine.run([*layer.program, rest])
        await self.env.compare(layer.machine)
        return moments

    async def run_task(self, task: Task) -> None:
        """Run a random layer."""
        await self.run_layer(prepare(self.cfg.hw, task, np_rng(task, self.clocking.now())))


@pyuvm.test()
class LstmForwardTest(EngineTest):
    """20 steps of a delta LSTM: sizes that fill words and that do not, thresholds from 0 to never."""

    async def body(self) -> None:
        """Several layers."""
        pe = self.cfg.hw.num_pe
        await self.run_task(Task("lstm", pe + 3, 2 * pe, 20, (0.2, 0.05)))
        await self.run_task(Task("lstm", 3, pe + 1, 5, (0.0, 0.0)))
        await self.run_task(Task("lstm", pe, 5, 3, (90.0, 90.0)))


@pyuvm.test()
class GruForwardTest(EngineTest):
    """20 steps of a delta GRU."""

    async def body(self) -> None:
        """Several layers."""
        pe = self.cfg.hw.num_pe
        await self.run_task(Task("gru", pe + 3, 2 * pe, 20, (0.2, 0.05)))
        await self.run_task(Task("gru", 3, pe + 1, 5, (0.0, 0.0)))


@pyuvm.test()
class LstmTrainingTest(EngineTest):
    """20 steps of a delta LSTM forward, then back, with the weight gradients."""

    async def body(self) -> None:
        """Several layers."""
        pe = self.cfg.hw.num_pe
        await self.run_task(Task("lstm", pe + 3, pe + 2, 20, (0.2, 0.05), train=True))
        await self.run_task(Task("lstm", 2, 2 * pe, 4, (0.0, 0.0), train=True))


@pyuvm.test()
class HeavyTest(EngineTest):
    """A short training under heavy stalls of the DRAM and of the instructions."""

    profiles = (Stall.HEAVY, Stall.BURST, Stall.STARVED)

    async def body(self) -> None:
        """One layer."""
        await self.run_task(Task("lstm", 5, self.cfg.hw.num_pe + 1, 3, (0.1, 0.05), train=True))


@pyuvm.test()
class DirectTest(EngineTest):
    """The indices of Δh go straight from the encoder to the multiplication."""

    async def body(self) -> None:
        """One layer of each kind."""
        for kind in ("lstm", "gru"):
            task = Task(kind, 5, self.cfg.hw.num_pe + 1, 6, (0.1, 0.05))
            layer = prepare(self.cfg.hw, task, np_rng(kind))
            program = [
                replace(i, direct=1) if i.list == 1 and i.proc in (Proc.DELTA, Proc.MXV_SP) else i
                for i in layer.program
            ]
            await self.run_layer(replace(layer, program=program))


@pyuvm.test()
class ResetTest(EngineTest):
    """A reset in the middle of a layer; then it runs from the beginning."""

    async def body(self) -> None:
        """Twice stopped, then run."""
        task = Task("lstm", 5, self.cfg.hw.num_pe + 1, 4, (0.1, 0.05))
        for _ in range(2):
            layer = prepare(self.cfg.hw, task, np_rng("reset"))
            self.load(layer)
            await self.env.execute([mover(self.cfg.hw, self.image, to_smem=True)])
            sending = self.env.start(layer.program)
            await self.clocking.cycles(rng("reset", self.clocking.now()).randint(100, 900))
            sending.cancel()
            await self.env.reset()
        await self.run_task(task)


@pyuvm.test()
class BudgetTest(EngineTest):
    """What the steps of a layer cost: at most a quarter of the cycles is not matrix work (PE arrays of 16).

    Layers of 128 inputs and 128 units (of MAX_N where that is less) with 80 % sparsity, a DRAM of 40
    cycles latency and then a word a cycle.
    """

    profiles = (Stall.NONE,)
    STEPS = 6
    SPARSITY = 0.8
    SHARE = 0.25

    async def body(self) -> None:
        """Forward and backward of an LSTM, forward of a GRU."""
        size = min(128, self.cfg.hw.max_n)
        for kind, train in (("lstm", True), ("gru", False)):
            task = Task(kind, size, size, self.STEPS, train=train)
            task = with_sparsity(self.cfg.hw, task, np_rng("budget"), self.SPARSITY)
            layer = prepare(self.cfg.hw, task, np_rng("budget"))
            self.report([f"{kind}, {size} inputs, {size} units, thresholds {task.thetas}"])
            moments = await self.run_layer(layer)
            self.report(self.table(task, layer, moments))

    def table(self, task: Task, layer: Layer, moments: list[Moment]) -> Iterable[str]:
        """Cycles of the middle steps, forward and backward.

        The lists of single steps are longer or shorter than those of the sparsity asked for, so the share of
        other work is that in a step with as much matrix work as the sparsity means.
        """
        program, rows = layer.program, (4 if task.kind == "lstm" else 3) * task.units
        nominal = rows * (task.inputs + task.units) * (1 - self.SPARSITY) / self.cfg.hw.num_pe
        yield f"{'pass':8} {'step':>4} {'cycles':>7} {'matrix words':>12} {'other cycles':>12} {'share':>6}"
        # A step forward begins with the multiplication of its inputs, one back ends with theirs. The first
        # step has no part of the hidden state: its way back does not count.
        forward = [n - 1 for n, i in enumerate(program) if (i.proc, i.list) == (Proc.MXV_SP, 0)]
        backward = [n for n, i in enumerate(program) if (i.proc, i.list) == (Proc.MTXV_SP, 0)][:-1]
        for name, ends in (("forward", forward[1:]), ("backward", backward)):
            for step, (before, end) in enumerate(pairwise(ends), 1):
                cycles = moments[end].ended - moments[before].ended
                words = sum(matrix_words(i, layer.machine) for i in program[before + 1 : end + 1])
                share = (cycles - words) / (cycles - words + nominal)
                yield f"{name:8} {step:4} {cycles:7} {words:12} {cycles - words:12} {share:6.1%}"
                if self.cfg.hw.num_pe == 16:
                    assert share <= self.SHARE, f"{name} step {step}: {share:.1%} is not matrix work"
