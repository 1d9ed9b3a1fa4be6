"""Answers what a unit asks: for each beat of one stream, a beat of another, after some cycles."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

import cocotb
from cocotb.task import Task
from cocotb.triggers import Event
from pyuvm import uvm_subscriber

from reneta.verif.common.stream import Beat
from reneta.verif.common.stream_agent import StreamAgent


class Responder(uvm_subscriber):
    """Sends `answer(beat)` on an agent for each beat that it is given, in order; the agent's stalls delay it.

    `stop` before a reset of the environment, `restart` after it.
    """

    agent: StreamAgent
    answer: Callable[[Beat], Beat]

    def build_phase(self) -> None:
        """Nothing is asked."""
        self._asked: deque[Beat] = deque()
        self._more = Event()
        self._task: Task[None] | None = None

    async def run_phase(self) -> None:
        """Begin to answer."""
        self.restart()

    def write(self, beat: Beat) -> None:
        """Something is asked."""
        self._asked.append(beat)
        self._more.set()

    def stop(self) -> None:
        """Answer nothing more."""
        if self._task is not None:
            self._task.cancel()
            self._task = None

    def restart(self) -> None:
        """Forget what was asked and answer what will be."""
        self.stop()
        self._asked.clear()
        self._task = cocotb.start_soon(self._serve())

    @property
    def pending(self) -> int:
        """Questions without an answer."""
        return len(self._asked)

    async def _serve(self) -> None:
        while True:
            await self._more.wait()
            self._more.clear()
            answers = [self.answer(beat) for beat in self._asked]
            self._asked.clear()
            await self.agent.send(answers)
