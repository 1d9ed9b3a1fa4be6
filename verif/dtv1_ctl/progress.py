"""How far the present program is, and the rules of dispatch, fetch and moves (docs/ctl.md)."""

from __future__ import annotations

from collections.abc import Iterator

from reneta.golden.ccm_types import ErrorCause
from reneta.golden.control_types import ErrorUnit, MachineState
from reneta.verif.common.clocking import Clocking
from reneta.verif.dtv1_ctl.mover import FETCH, MOVE, Mover
from reneta.verif.dtv1_ctl.plan import EMPTY, Move, Plan, Step
from reneta.verif.dtv1_ctl.ports import Ports

# Blocks that may be asked for, besides that of the instruction that waits to be dispatched.
AHEAD = 16

Reason = tuple[ErrorCause, ErrorUnit]


class Progress:
    """Follows one program; every call is for a cycle, in the order `moves`, `offer`, `fetch`, `advance`.

    Attributes:
        plan: the program.
        dispatched: its instructions that the engine has taken, or that have begun as moves.
        ended: its instructions that have ended.
        pausing: nothing is dispatched before the host says so.
        deepest: most blocks that were ever asked for ahead.
        held: why instructions had to wait, over all programs.
    """

    def __init__(self, mover: Mover) -> None:
        """No program."""
        self._mover = mover
        self.deepest = 0
        self.held: set[str] = set()
        self.launch(EMPTY, False)

    def launch(self, plan: Plan, stepping: bool) -> None:
        """A program starts."""
        self.plan = plan
        self.dispatched = self.ended = 0
        self.pausing = False
        self._stepping = stepping
        self._asked = self._fetched = self._moved = 0

    def fail(self, text: str) -> None:
        """A rule is broken.

        Raises:
            AssertionError: always.
        """
        where = f"cycle {Clocking.now()}, {self.ended} of {self.plan.length} instructions have ended"
        raise AssertionError(f"{where}: {text}")

    @property
    def next(self) -> Step | None:
        """The instruction that is to be dispatched next."""
        return self.plan.step(self.dispatched)

    @property
    def oldest(self) -> Step | None:
        """The first one that has not ended."""
        return self.plan.step(self.ended)

    @property
    def calm(self) -> bool:
        """All that was dispatched has ended."""
        return self.dispatched == self.ended

    def moves(self, before: Ports, ports: Ports) -> tuple[bool, bool]:
        """Whether a move of descriptors began and whether one ended in the cycle before: it shows now."""
        move = self._present_move()
        began = bool(ports.move_o and not before.move_o)
        ended = move is not None and before.running and ports.pc_o == self.ended + 1
        if began:
            self._begin_move(before)
        if move is not None and ended:
            if self._moved != len(move.addresses) or before.wr_pending_i:
                self.fail("a move has ended before its words are moved")
            self.ended += 1
        return began, ended

    def _begin_move(self, before: Ports) -> None:
        step = self.next
        if step is None or step.move is None or not before.running or self._paused_before:
            self.fail("a move of descriptors has begun that is not due")
        if not self.calm or before.wr_pending_i:
            self.fail("a move has begun before all before it is in DRAM")
        self._take()

    def _present_move(self) -> Move | None:
        """The move that is under way."""
        oldest = self.oldest
        return oldest.move if oldest is not None and self.dispatched == self.ended + 1 else None

    def _take(self) -> None:
        step = self.next
        self.pausing |= self._stepping or bool(step and step.pause)
        self.dispatched += 1
        self._moved = 0

    def offer(self, before: Ports | None, ports: Ports) -> None:
        """An offer begins only when its instruction may be dispatched; then it stays (its agent looks)."""
        stays = before is not None and before.cfg_valid_o and not before.cfg_ready_i
        if stays or not ports.cfg_valid_o:
            return
        step = self.next
        if step is None or step.cfg is None:
            self.fail("something is offered that is not for the engine")
        if not ports.running or self.pausing:
            self.fail("an instruction is offered although the program does not go on")
        previous = self.plan.step(self.dispatched - 1) if self.dispatched else None
        waits = bool(step and step.fence) or bool(previous and previous.move)
        if waits and (not self.calm or ports.wr_pending_i):
            self.fail("an instruction is offered before all before it is in DRAM")

    def fetch(self, ports: Ports) -> None:
        """A block is asked for."""
        if not (ports.fetch_cmd_valid_o and ports.fetch_cmd_ready_i):
            return
        self._asked += 1
        ahead = self._asked - self.plan.block_of(self.dispatched)
        self.deepest = max(self.deepest, ahead)
        if ahead > AHEAD + 1:
            self.fail(f"{ahead} blocks are asked for ahead")

    def advance(self, ports: Ports) -> None:
        """What this cycle changes."""
        self._paused_before = self.pausing
        self._note_holds(ports)
        self._fetched += bool(ports.fetch_valid_i and ports.fetch_ready_o)
        taken = ports.move_rd_valid_i and ports.move_rd_ready_o
        self._moved += bool(taken or (ports.move_wr_valid_o and ports.move_wr_ready_i))
        self.ended += bool(ports.running and ports.retire_i)
        if ports.dispatched:
            self._take()
        self.pausing |= bool(ports.running and ports.pause_i)
        if ports.state_o != MachineState.RUN:
            self.pausing = False
        if ports.state_o == MachineState.PAUSED and (ports.step_i or ports.resume_i):
            self._stepping = not ports.resume_i

    def _note_holds(self, ports: Ports) -> None:
        step = self.next
        if not ports.running or step is None or not (step.fence or step.move):
            return
        kind = "move" if step.move else "fence"
        if not self.calm:
            self.held.add(f"{kind}, instructions")
        elif ports.wr_pending_i:
            self.held.add(f"{kind}, writes")

    def reasons(self, ports: Ports) -> Iterator[Reason]:
        """Errors that are to be told in this cycle of a running program."""
        if ports.wr_err_i:
            yield ErrorCause(ports.wr_err_i), ErrorUnit.WRITE
        if ports.wr_pending_i:
            return
        if ports.fault_valid_i:
            yield ErrorCause(ports.fault_cause_i), ErrorUnit(ports.fault_unit_i)
        if not self.plan.aligned and self.plan.length:
            yield ErrorCause.ADDRESS, ErrorUnit.CTL
        step = self.oldest
        if step is not None and step.cause and self.calm and not self.pausing and not self._unfetched:
            yield step.cause, ErrorUnit.CTL
        if ports.rd_err_i and (ports.starved_i if self._in_engine else self._lacks_words):
            yield ErrorCause(ports.rd_err_i), ErrorUnit.READ

    @property
    def _in_engine(self) -> bool:
        step = self.oldest
        return step is not None and step.cfg is not None and not self.calm

    @property
    def _unfetched(self) -> bool:
        """The oldest instruction has not come, and no word of it waits to be taken."""
        words = self._fetched + self._mover.waiting(FETCH)
        return words * self._mover.hw.word_bytes // self.plan.block_bytes <= self.plan.block_of(self.ended)

    @property
    def _lacks_words(self) -> bool:
        """No unit has the oldest instruction: it could not be fetched, or it is a move without its words."""
        if self.calm:
            return not self.pausing and self.ended < self.plan.length and self._unfetched
        move = self._present_move()
        if move is None or move.store:
            return False
        return self._moved < len(move.addresses) and not self._mover.waiting(MOVE)
