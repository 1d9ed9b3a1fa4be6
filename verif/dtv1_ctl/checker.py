"""Rules of docs/ctl.md, cycle by cycle: states, interrupts, program counter, stops, errors, resets.

What may happen is checked at once; what must happen has some cycles for it. How far the program is, and the
rules of dispatch, are in `progress`.
"""

from __future__ import annotations

from pyuvm import ConfigDB, uvm_analysis_port, uvm_subscriber

from reneta.golden.ccm_types import ErrorCause
from reneta.golden.control_types import ErrorUnit, MachineState
from reneta.verif.common.base_env import CFG, EnvCfg
from reneta.verif.common.clocking import Clocking
from reneta.verif.dtv1_ctl.counters import COUNT_W, Count, Counters
from reneta.verif.dtv1_ctl.mover import Mover
from reneta.verif.dtv1_ctl.plan import EMPTY
from reneta.verif.dtv1_ctl.ports import Ports
from reneta.verif.dtv1_ctl.predictor import ProgramModel
from reneta.verif.dtv1_ctl.progress import Progress, Reason

IDLE, RUN, PAUSED, STOPPED, ERROR, RESET = MachineState
# Cycles within which what can happen does: a fetched instruction has to be put together and decoded.
_GRACE = 20
# Counters are looked at now and then, and when the program stands.
_LOOK = 8
_NO_ERROR: Reason = (ErrorCause.NONE, ErrorUnit.NOBODY)
# Which interrupt tells a change of state: done, paused, stopped, failed.
_PULSES = {(RUN, IDLE): 0, (RUN, PAUSED): 1, (RUN, STOPPED): 2, (RUN, ERROR): 3}


class Checker(uvm_subscriber):
    """Follows the machine.

    `launches` announces the cycle in which a program starts, `changes` (old state, new state, ports of the
    old one), `settled` how many instructions have ended when memories are complete, `errors` (cause, unit).

    Attributes:
        progress: the present program.
        counters: what was counted.
    """

    mover: Mover
    model: ProgramModel

    def build_phase(self) -> None:
        """Make the outputs."""
        cfg: EnvCfg = ConfigDB().get(self, "", CFG)
        self.dut = cfg.dut
        self.launches = uvm_analysis_port("launches", self)
        self.changes = uvm_analysis_port("changes", self)
        self.settled = uvm_analysis_port("settled", self)
        self.errors = uvm_analysis_port("errors", self)
        self.counters = Counters()

    def connect_phase(self) -> None:
        """The mover is known now."""
        self.progress = Progress(self.mover)
        self.restart()

    def restart(self) -> None:
        """A hard reset."""
        self.counters.clear()
        self.progress.launch(EMPTY, False)
        self._before: Ports | None = None
        self._follow = set(MachineState)
        self._reasons: set[Reason] = set()
        # Why the bus is being stopped: errors that may be told, or none for a stop by the host.
        self._halting: set[Reason] = set()
        self._error = _NO_ERROR
        # The bus has become quiet since it was asked to; the engine has been reset since.
        self._quiet = self._clean = True
        self._overdue = 0

    def write(self, ports: Ports) -> None:
        """One cycle."""
        before, progress = self._before, self.progress
        if before is not None:
            began, ended = progress.moves(before, ports)
            self.counters.late(ended, began)
            self._change(before, ports)
            self._bus(before, ports)
        self._errors(ports)
        if not ports.core_rst_no:
            progress.launch(EMPTY, False)
            self.counters.clear()
        if ports.pc_o != progress.ended:
            progress.fail(f"PC is {ports.pc_o}, not {progress.ended}")
        if ports.core_rst_no:
            progress.offer(before, ports)
            progress.fetch(ports)
        self._count(ports)
        self._plan(ports)
        progress.advance(ports)
        if ports.launched:
            self.launches.write(ports)
            progress.launch(self.model.plan, bool(ports.step_i and not ports.start_i))
        self._before = ports

    def _plan(self, ports: Ports) -> None:
        """What may follow this cycle, and what must before long."""
        progress, state = self.progress, MachineState(ports.state_o)
        offers = ports.cfg_valid_o and progress.next is not None
        rest = progress.calm and not ports.wr_pending_i and not offers
        pauses = ports.running and rest and progress.pausing
        ends = ports.running and rest and not progress.pausing and progress.dispatched == progress.plan.length
        self._reasons = set(progress.reasons(ports)) if ports.running else set()
        halts = state == RUN and ports.dm_stop_o and ports.dm_idle_i
        self._follow = self._states(ports, bool(pauses), bool(ends), bool(halts))
        due = (
            pauses or ends or halts or self._reasons or (state == RESET and (self._clean or ports.dm_idle_i))
        )
        self._overdue = self._overdue + 1 if due else 0
        if self._overdue > _GRACE:
            progress.fail(f"state stays {state.name}")

    def _states(self, ports: Ports, pauses: bool, ends: bool, halts: bool) -> set[MachineState]:
        """States that may follow."""
        state = MachineState(ports.state_o)
        if ports.reset_i and state != RESET:
            return {RESET}
        if state == RESET:
            return {RESET, IDLE} if self._clean else {RESET}
        if state == RUN and ports.dm_stop_o:
            return {RUN} | ({ERROR if self._halting else STOPPED} if halts else set())
        if state == RUN and not ports.stop_i:
            return {RUN} | ({PAUSED} if pauses else set()) | ({IDLE} if ends else set())
        begins = ports.launched or (state == PAUSED and (ports.stop_i or ports.resume_i or ports.step_i))
        return {RUN} if begins else {state}

    def _change(self, before: Ports, ports: Ports) -> None:
        """The state that was, the state that is, and the interrupts between them."""
        old, new = MachineState(before.state_o), MachineState(ports.state_o)
        if new not in self._follow:
            allowed = " or ".join(state.name for state in sorted(self._follow))
            self.progress.fail(f"{new.name} follows {old.name}, not {allowed}")
        pulses = (before.done_o, before.paused_o, before.stopped_o, before.failed_o)
        told = _PULSES.get((old, new))
        if pulses != tuple(int(number == told) for number in range(len(pulses))):
            self.progress.fail(f"interrupts are {pulses} between {old.name} and {new.name}")
        if old == new:
            return
        self.changes.write((old, new, before))
        if old == RUN and new in (IDLE, PAUSED, ERROR):
            self.settled.write(self.progress.ended)

    def _bus(self, before: Ports, ports: Ports) -> None:
        """The bus is stopped for a reset, for the host or for an error, and for nothing else."""
        progress, state = self.progress, MachineState(ports.state_o)
        begins = state == RUN and ports.dm_stop_o and not before.dm_stop_o
        stopped = before.stop_i and (before.running or before.state_o == PAUSED) and not before.reset_i
        if stopped and not begins:
            progress.fail("a stop has no effect")
        if begins and not stopped and not self._reasons:
            progress.fail("the program is stopped for no reason")
        if begins:
            self._halting = set() if stopped else self._reasons
        if ports.dm_stop_o and state in (IDLE, PAUSED):
            progress.fail("the data mover is stopped")
        if not ports.dm_stop_o and state in (STOPPED, ERROR, RESET) and ports.core_rst_no:
            progress.fail("the data mover is not stopped")
        if state == RESET and before.state_o != RESET:
            self._clean = False
        if not ports.core_rst_no:
            if state != RESET or not self._quiet:
                progress.fail("the engine is reset while it works or the bus is not quiet")
            self._clean = True
        self._quiet = bool(not ports.core_rst_no or (ports.dm_stop_o and (self._quiet or ports.dm_idle_i)))

    def _errors(self, ports: Ports) -> None:
        """Cause and unit are there in ERROR only, and stay."""
        shown = (ErrorCause(ports.cause_o), ErrorUnit(ports.unit_o))
        if ports.state_o != ERROR:
            self._error = _NO_ERROR
        elif self._error == _NO_ERROR:
            if shown not in self._halting:
                self.progress.fail(f"the error is {shown}, not one of {self._halting}")
            self._error = shown
            self.errors.write(shown)
        if shown != self._error:
            self.progress.fail(f"the error is {shown}, not {self._error}")

    def _count(self, ports: Ports) -> None:
        self.counters.cycle(ports)
        if ports.state_o != RESET and Clocking.now() % _LOOK == 0:
            shown = int(self.dut.count_o.value)
            for count in Count:
                value, due = shown >> COUNT_W * count & (1 << COUNT_W) - 1, self.counters.due[count]
                if value != due:
                    self.progress.fail(f"{count.name} is {value}, not {due}")
        if ports.launched:
            self.counters.clear()
