// Control: takes the host's commands, fetches a program, dispatches its instructions to the engine, carries
// out moves of descriptors itself, and stops cleanly: at the end, at a pause, by the host, by an error
// (docs/ctl.md).
//
// Instructions are dispatched as fast as the engine takes them; what waits for an earlier one waits in the
// units that read (dtv1_dep_gate). Control itself holds an instruction back where it is marked with a
// fence, and around moves of descriptors: then everything before has ended and is in DRAM.
module dtv1_ctl
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
#(
    localparam int unsigned ADDR_W = 32,
    localparam int unsigned LEN_W = 32,
    localparam int unsigned COUNTERS = 10,
    localparam int unsigned COUNT_W = 48,
    localparam int unsigned SPM_ADDR_W = 15
) (
    input logic clk_i,
    input logic rst_ni,

    // Registers: commands (each for a cycle), program, state, what has happened (each for a cycle).
    input  logic                                         start_i,
    input  logic                                         pause_i,
    input  logic                                         resume_i,
    input  logic                                         step_i,
    input  logic                                         stop_i,
    input  logic                                         reset_i,
    input  logic             [  ADDR_W-1:0]              prog_addr_i,
    input  logic             [   LEN_W-1:0]              prog_len_i,
    output dtv1_pkg::state_e                             state_o,
    output dtv1_pkg::err_e                               cause_o,
    output dtv1_pkg::unit_e                              unit_o,
    output logic             [   LEN_W-1:0]              pc_o,
    output logic             [COUNTERS-1:0][COUNT_W-1:0] count_o,
    output logic                                         done_o,
    output logic                                         paused_o,
    output logic                                         stopped_o,
    output logic                                         failed_o,

    // The host's window of the descriptor memory.
    input  logic                  host_req_i,
    input  logic                  host_is_wr_i,
    input  logic [SPM_ADDR_W-1:0] host_addr_i,
    input  logic [          31:0] host_data_i,
    input  logic [          31:0] host_biten_i,
    output logic                  host_rd_ack_o,
    output logic [          31:0] host_rd_data_o,
    output logic                  host_wr_ack_o,

    // Engine.
    output logic                                      core_rst_no,    // also resets the data mover
    output logic                                      cfg_valid_o,
    input  logic                                      cfg_ready_i,
    output dtv1_pkg::ipm_cfg_t                        ipm_cfg_o,
    output dtv1_pkg::ccm_cfg_t                        ccm_cfg_o,
    output dtv1_pkg::opm_cfg_t                        opm_cfg_o,
    input  logic                                      retire_i,
    input  logic                                      fault_valid_i,
    input  dtv1_pkg::err_e                            fault_cause_i,
    input  dtv1_pkg::unit_e                           fault_unit_i,
    input  logic                                      starved_i,
    input  dtv1_pkg::ccm_event_t                      ccm_event_i,
    input  dtv1_pkg::opm_event_t                      opm_event_i,
    input  logic                                      wait_dram_i,
    output logic                                      spm_valid_o,
    input  logic                                      spm_ready_i,
    output logic                                      spm_we_o,
    output logic                 [dtv1_pkg::STEP_W:0] spm_addr_o,
    output logic                 [               3:0] spm_be_o,
    output logic                 [              31:0] spm_wdata_o,
    input  logic                 [              31:0] spm_rdata_i,

    // DRAM: reads of the instruction fetch, reads and writes of moves.
    output logic                                       fetch_cmd_valid_o,
    input  logic                                       fetch_cmd_ready_i,
    output dtv1_pkg::dm_cmd_t                          fetch_cmd_o,
    input  logic                                       fetch_valid_i,
    output logic                                       fetch_ready_o,
    output logic                                       move_o,               // a move is under way
    output logic                                       move_rd_cmd_valid_o,
    input  logic                                       move_rd_cmd_ready_i,
    output logic                                       move_wr_cmd_valid_o,
    input  logic                                       move_wr_cmd_ready_i,
    output dtv1_pkg::dm_cmd_t                          move_cmd_o,
    input  logic                                       move_rd_valid_i,
    output logic                                       move_rd_ready_o,
    input  logic              [NUM_PE-1:0][DATA_W-1:0] rd_data_i,
    output logic                                       move_wr_valid_o,
    input  logic                                       move_wr_ready_i,
    output logic              [NUM_PE-1:0][DATA_W-1:0] move_wr_data_o,
    output logic                                       move_wr_last_o,
    input  logic                                       wr_pending_i,
    input  logic                                       read_i,
    input  logic                                       written_i,

    // Data mover.
    output logic           dm_stop_o,
    input  logic           dm_idle_i,
    input  dtv1_pkg::err_e rd_err_i,
    input  dtv1_pkg::err_e wr_err_i
);

  localparam int unsigned INSN_ADDR_W = $clog2(dtv1_pkg::INSN_BYTES);
  localparam int unsigned RESET_CYCLES = 4;
  localparam int unsigned RESET_W = $clog2(RESET_CYCLES);

  typedef enum logic [2:0] {
    IDLE,
    RUN,
    PAUSED,
    HALT,  // the bus becomes quiet, then STOPPED or ERROR
    STOPPED,
    ERROR,
    FLUSH,  // the bus becomes quiet, then RESET
    RESET
  } ctl_state_e;

  ctl_state_e state_d, state_q;
  logic running;
  logic prog_bad;  // an address that is not one of an instruction

  assign running  = state_q == RUN;
  assign prog_bad = prog_addr_i[INSN_ADDR_W-1:0] != '0;

  // Fetched instructions, decoded into a register.
  logic launch, insn_valid, insn_ready, fetch_starved;
  dtv1_pkg::insn_t insn;

  dtv1_ctl_fetch u_fetch (
      .clk_i,
      .rst_ni      (core_rst_no),
      .start_i     (launch),
      .addr_i      (prog_addr_i),
      .length_i    (prog_bad ? '0 : prog_len_i),
      .cmd_valid_o (fetch_cmd_valid_o),
      .cmd_ready_i (fetch_cmd_ready_i),
      .cmd_o       (fetch_cmd_o),
      .rd_valid_i  (fetch_valid_i),
      .rd_ready_o  (fetch_ready_o),
      .rd_data_i,
      .insn_valid_o(insn_valid),
      .insn_ready_i(insn_ready),
      .insn_o      (insn),
      .starved_o   (fetch_starved)
  );

  dtv1_pkg::ipm_cfg_t ipm_cfg;
  dtv1_pkg::ccm_cfg_t ccm_cfg;
  dtv1_pkg::opm_cfg_t opm_cfg;
  dtv1_pkg::err_e insn_err;
  logic insn_spm;

  dtv1_ctl_decode u_decode (
      .insn_i   (insn),
      .ipm_cfg_o(ipm_cfg),
      .ccm_cfg_o(ccm_cfg),
      .opm_cfg_o(opm_cfg),
      .spm_o    (insn_spm),
      .err_o    (insn_err)
  );

  logic head_valid_q, head_take, head_spm_q, head_fence_q, head_pause_q;
  dtv1_pkg::err_e head_err_q;

  assign insn_ready = ~head_valid_q | head_take;

  always_ff @(posedge clk_i or negedge core_rst_no) begin : head_valid
    if (!core_rst_no) head_valid_q <= 1'b0;
    else head_valid_q <= insn_valid | (head_valid_q & ~head_take);
  end

  always_ff @(posedge clk_i) begin : head
    if (insn_valid & insn_ready) begin
      ipm_cfg_o    <= ipm_cfg;
      ccm_cfg_o    <= ccm_cfg;
      opm_cfg_o    <= opm_cfg;
      head_spm_q   <= insn_spm;
      head_fence_q <= insn.fence;
      head_pause_q <= insn.paus;
      head_err_q   <= insn_err;
    end
  end

  // Where the program is: instructions that were given away, and that have ended.
  logic [LEN_W-1:0] issued_q, retired_q, length_q;
  logic prog_bad_q;  // ... of the program that was started
  logic begun_q, pausing_q, stepping_q, to_error_q;
  logic all_ended, quiet, one_ended, moving_q, move_start, move_done, move_busy;

  assign all_ended = retired_q == issued_q;
  assign quiet     = all_ended & ~wr_pending_i & ~moving_q;

  // Dispatch. What is offered stays on offer: some of the engine's parts may have taken it already.
  logic offer_q, may, dispatch;

  assign may = running & ~pausing_q & head_valid_q & (head_err_q == dtv1_pkg::ERR_NONE) &
               (quiet | ~(head_fence_q | head_spm_q)) & ~moving_q;
  assign cfg_valid_o = offer_q | (may & ~head_spm_q);
  assign dispatch = cfg_valid_o & cfg_ready_i;
  assign move_start = may & head_spm_q & ~offer_q;
  assign move_done = moving_q & ~move_busy & ~wr_pending_i;
  assign head_take = dispatch | move_done;
  assign one_ended = running & (retire_i | move_done);

  dtv1_pkg::opm_cfg_t unused_opm;
  assign unused_opm = opm_cfg_o;

  logic move_starved, move_spm_valid, move_spm_ready, move_spm_we;
  logic [dtv1_pkg::STEP_W:0] move_spm_addr;
  logic [31:0] move_spm_wdata;

  dtv1_ctl_move u_move (
      .clk_i,
      .rst_ni        (core_rst_no),
      .start_i       (move_start),
      .store_i       (opm_cfg_o.to_dram),
      .list_i        (opm_cfg_o.list),
      .step_i        (opm_cfg_o.step),
      .count_i       (opm_cfg_o.cnt2),
      .addr_i        (opm_cfg_o.to_dram ? opm_cfg_o.dram_addr : ipm_cfg_o.dram_addr),
      .busy_o        (move_busy),
      .starved_o     (move_starved),
      .spm_valid_o   (move_spm_valid),
      .spm_ready_i   (move_spm_ready),
      .spm_we_o      (move_spm_we),
      .spm_addr_o    (move_spm_addr),
      .spm_wdata_o   (move_spm_wdata),
      .spm_rdata_i,
      .rd_cmd_valid_o(move_rd_cmd_valid_o),
      .rd_cmd_ready_i(move_rd_cmd_ready_i),
      .wr_cmd_valid_o(move_wr_cmd_valid_o),
      .wr_cmd_ready_i(move_wr_cmd_ready_i),
      .cmd_o         (move_cmd_o),
      .rd_valid_i    (move_rd_valid_i),
      .rd_ready_o    (move_rd_ready_o),
      .rd_data_i,
      .wr_valid_o    (move_wr_valid_o),
      .wr_ready_i    (move_wr_ready_i),
      .wr_data_o     (move_wr_data_o),
      .wr_last_o     (move_wr_last_o)
  );

  assign move_o = moving_q;

  dtv1_ctl_spm u_spm (
      .clk_i,
      .rst_ni,
      .req_i       (host_req_i),
      .req_is_wr_i (host_is_wr_i),
      .req_addr_i  (host_addr_i),
      .req_data_i  (host_data_i),
      .req_biten_i (host_biten_i),
      .rd_ack_o    (host_rd_ack_o),
      .rd_data_o   (host_rd_data_o),
      .wr_ack_o    (host_wr_ack_o),
      .move_valid_i(move_spm_valid),
      .move_ready_o(move_spm_ready),
      .move_we_i   (move_spm_we),
      .move_addr_i (move_spm_addr),
      .move_wdata_i(move_spm_wdata),
      .spm_valid_o,
      .spm_ready_i,
      .spm_we_o,
      .spm_addr_o,
      .spm_be_o,
      .spm_wdata_o,
      .spm_rdata_i
  );

  // Errors. Each is told when all before the faulty instruction has ended, and stays until the reset. A
  // write that fails may be of an instruction that has ended: it stops the program where it is.
  // Reads fail for all alike, so it is the first instruction without its words that cannot go on; words that
  // came before the error may still be on their way to it.
  logic fault, fault_go, write_fault, read_fault;
  dtv1_pkg::err_e fault_cause, cause_q;
  dtv1_pkg::unit_e fault_unit, unit_q;

  assign write_fault = wr_err_i != dtv1_pkg::ERR_NONE;
  assign read_fault  = (rd_err_i != dtv1_pkg::ERR_NONE) &
                       (starved_i | move_starved |
                        (all_ended & ~head_valid_q & fetch_starved & ~pausing_q));

  always_comb begin : errors
    fault = 1'b1;
    fault_cause = dtv1_pkg::ERR_ADDRESS;
    fault_unit = dtv1_pkg::UNIT_CTL;
    if (write_fault) begin
      fault_cause = wr_err_i;
      fault_unit  = dtv1_pkg::UNIT_WRITE;
    end else if (fault_valid_i) begin
      fault_cause = fault_cause_i;
      fault_unit  = fault_unit_i;
    end else if (read_fault) begin
      fault_cause = rd_err_i;
      fault_unit  = dtv1_pkg::UNIT_READ;
    end else if (head_valid_q & (head_err_q != dtv1_pkg::ERR_NONE) & all_ended & ~pausing_q) begin
      fault_cause = head_err_q;
    end else if (~prog_bad_q) begin
      fault = 1'b0;
    end
  end

  // What has ended gets to its place in DRAM first.
  assign fault_go = running & fault & (write_fault | ~wr_pending_i);

  // States.
  logic ended, pause_now, reset_end;
  logic [RESET_W-1:0] reset_cnt_q;

  assign ended     = running & quiet & (issued_q == length_q) & ~offer_q;
  assign pause_now = running & quiet & pausing_q & ~offer_q;
  assign launch    = (state_q == IDLE) & core_rst_no & (start_i | step_i) & ~reset_i;
  assign reset_end = reset_cnt_q == RESET_W'(RESET_CYCLES - 1);

  always_comb begin : next_state
    state_d = state_q;
    unique case (state_q)
      IDLE: if (launch) state_d = RUN;
      RUN: begin
        if (stop_i | fault_go) state_d = HALT;
        else if (pause_now) state_d = PAUSED;
        else if (ended) state_d = IDLE;
      end
      PAUSED: begin
        if (stop_i) state_d = HALT;
        else if (resume_i | step_i) state_d = RUN;
      end
      HALT: if (dm_idle_i) state_d = to_error_q ? ERROR : STOPPED;
      FLUSH: if (dm_idle_i) state_d = RESET;
      RESET: if (reset_end) state_d = IDLE;
      default: state_d = state_q;
    endcase
    if (reset_i & (state_q != RESET)) state_d = FLUSH;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      state_q     <= IDLE;
      reset_cnt_q <= '0;
      core_rst_no <= 1'b0;
      issued_q    <= '0;
      retired_q   <= '0;
      length_q    <= '0;
      prog_bad_q  <= 1'b0;
      begun_q     <= 1'b0;
      pausing_q   <= 1'b0;
      stepping_q  <= 1'b0;
      to_error_q  <= 1'b0;
      offer_q     <= 1'b0;
      moving_q    <= 1'b0;
      cause_q     <= dtv1_pkg::ERR_NONE;
      unit_q      <= dtv1_pkg::UNIT_NOBODY;
    end else begin
      state_q     <= state_d;
      reset_cnt_q <= (state_q == RESET) ? reset_cnt_q + 1'b1 : '0;
      core_rst_no <= state_q != RESET;

      if (launch) begin
        issued_q   <= '0;
        retired_q  <= '0;
        length_q   <= prog_len_i;
        prog_bad_q <= prog_bad & (prog_len_i != '0);
        begun_q    <= 1'b0;
      end else begin
        issued_q  <= issued_q + LEN_W'(dispatch | move_start);
        retired_q <= retired_q + LEN_W'(one_ended);
        begun_q   <= begun_q | dispatch | move_start;
      end

      // A pause that was asked for ends with the pause, or with the program.
      if (state_q == RUN) begin
        if (pause_i | ((dispatch | move_start) & (stepping_q | head_pause_q))) pausing_q <= 1'b1;
      end else begin
        pausing_q <= 1'b0;
      end
      // With a command that means nothing here, it is still a step.
      if (state_q == IDLE) stepping_q <= ~start_i;
      if (state_q == PAUSED) stepping_q <= ~resume_i;
      if (running | (state_q == PAUSED)) to_error_q <= running & ~stop_i;

      offer_q  <= cfg_valid_o & ~cfg_ready_i;
      moving_q <= move_start | (moving_q & ~move_done);

      if (fault_go & ~stop_i) begin
        cause_q <= fault_cause;
        unit_q  <= fault_unit;
      end

      // The engine forgets all, and so does what is known of it.
      if (state_q == RESET) begin
        issued_q   <= '0;
        retired_q  <= '0;
        prog_bad_q <= 1'b0;
        offer_q    <= 1'b0;
        moving_q   <= 1'b0;
        to_error_q <= 1'b0;
        cause_q    <= dtv1_pkg::ERR_NONE;
        unit_q     <= dtv1_pkg::UNIT_NOBODY;
      end
    end
  end

  // Until the reset has reached the data mover.
  assign dm_stop_o = state_q inside {HALT, STOPPED, ERROR, FLUSH, RESET};
  assign pc_o      = retired_q;
  assign cause_o   = (state_q == ERROR) ? cause_q : dtv1_pkg::ERR_NONE;
  assign unit_o    = (state_q == ERROR) ? unit_q : dtv1_pkg::UNIT_NOBODY;
  assign done_o    = (state_q == RUN) & (state_d == IDLE);
  assign paused_o  = (state_q == RUN) & (state_d == PAUSED);
  assign stopped_o = (state_q == HALT) & (state_d == STOPPED);
  assign failed_o  = (state_q == HALT) & (state_d == ERROR);

  always_comb begin : shown_state
    unique case (state_q)
      // The engine's reset ends a cycle later, and a program can be started then.
      IDLE: state_o = core_rst_no ? dtv1_pkg::STATE_IDLE : dtv1_pkg::STATE_RESET;
      PAUSED: state_o = dtv1_pkg::STATE_PAUSED;
      STOPPED: state_o = dtv1_pkg::STATE_STOPPED;
      ERROR: state_o = dtv1_pkg::STATE_ERROR;
      FLUSH, RESET: state_o = dtv1_pkg::STATE_RESET;
      default: state_o = dtv1_pkg::STATE_RUN;
    endcase
  end

  dtv1_ctl_count u_count (
      .clk_i,
      .rst_ni,
      .clear_i (launch | (state_q == RESET)),
      .run_i   (running),
      .pause_i (state_q == PAUSED),
      .begun_i (begun_q | dispatch | move_start),
      .ccm_event_i,
      .opm_event_i,
      .wait_dram_i,
      .read_i,
      .written_i,
      .retire_i(one_ended),
      .count_o
  );

endmodule
