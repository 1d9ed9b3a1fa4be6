"""What dtv1_ctl shows in a cycle: one sample for all parts of the environment."""

from __future__ import annotations

from typing import NamedTuple

from reneta.golden.control_types import MachineState
from reneta.verif.common.port_monitor import PortMonitor


class Ports(NamedTuple):
    """The narrow ports; what is wide is read when it is handed over."""

    start_i: int
    pause_i: int
    resume_i: int
    step_i: int
    stop_i: int
    reset_i: int
    state_o: int
    cause_o: int
    unit_o: int
    pc_o: int
    done_o: int
    paused_o: int
    stopped_o: int
    failed_o: int
    host_req_i: int
    host_rd_ack_o: int
    host_wr_ack_o: int
    core_rst_no: int
    cfg_valid_o: int
    cfg_ready_i: int
    retire_i: int
    fault_valid_i: int
    fault_cause_i: int
    fault_unit_i: int
    starved_i: int
    ccm_event_i: int
    opm_event_i: int
    wait_dram_i: int
    spm_valid_o: int
    spm_ready_i: int
    spm_we_o: int
    fetch_cmd_valid_o: int
    fetch_cmd_ready_i: int
    fetch_valid_i: int
    fetch_ready_o: int
    move_o: int
    move_rd_cmd_valid_o: int
    move_rd_cmd_ready_i: int
    move_wr_cmd_valid_o: int
    move_wr_cmd_ready_i: int
    move_rd_valid_i: int
    move_rd_ready_o: int
    move_wr_valid_o: int
    move_wr_ready_i: int
    move_wr_last_o: int
    wr_pending_i: int
    read_i: int
    written_i: int
    dm_stop_o: int
    dm_idle_i: int
    rd_err_i: int
    wr_err_i: int

    @property
    def running(self) -> bool:
        """A program runs, and is not on its way to STOPPED or ERROR: then the bus is being stopped."""
        return self.state_o == MachineState.RUN and not self.dm_stop_o

    @property
    def launched(self) -> bool:
        """A program is started."""
        return self.state_o == MachineState.IDLE and bool(self.start_i or self.step_i) and not self.reset_i

    @property
    def dispatched(self) -> bool:
        """The engine takes an instruction."""
        return bool(self.cfg_valid_o and self.cfg_ready_i)


class PortsMonitor(PortMonitor):
    """Publishes them in every cycle out of reset."""

    cycle_type = Ports
