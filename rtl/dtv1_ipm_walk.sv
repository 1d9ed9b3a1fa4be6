// Walk through the loop nest of one instruction after another, for the units of the input module:
// steps outermost, then the columns of the step (in a sparse procedure the entries of its list),
// then, if by_word_i, row groups. No cycle is lost between points, steps and instructions while
// configurations and descriptors are there; a step with an empty list takes one cycle.
module dtv1_ipm_walk (
    input logic clk_i,
    input logic rst_ni,

    input logic cfg_valid_i,
    output logic cfg_ready_o,
    input dtv1_pkg::ipm_cfg_t cfg_i,
    input logic want_i,  // cfg_i is this unit's business; else only its lists pass
    input logic by_word_i,  // cfg_i is walked with row groups
    input logic bad_i,  // cfg_i asks for what there is not: the unit stops in its first step

    // One for each step of a sparse procedure, wanted or not.
    input  logic            desc_valid_i,
    output logic            desc_ready_o,
    input  dtv1_pkg::desc_t desc_i,

    output logic                 point_valid_o,
    input  logic                 point_ready_i,
    output dtv1_pkg::ipm_cfg_t   point_cfg_o,
    output dtv1_pkg::ipm_point_t point_o,

    output dtv1_pkg::err_e err_o
);

  localparam int unsigned CNT_W = dtv1_pkg::CNT_W;
  localparam int unsigned LANE_W = dtv1_pkg::LANE_W;
  localparam int unsigned SMEM_ADDR_W = dtv1_pkg::SMEM_ADDR_W;

  dtv1_pkg::ipm_cfg_t cfg_q;
  logic want_q, by_word_q;
  logic act_d, act_q;  // an instruction is walked
  logic step_d, step_q;  // ... and one of its steps
  logic skip_d, skip_q;  // ... in which there is nothing to do
  dtv1_pkg::err_e fault_q;  // what is wrong with all of it
  logic [CNT_W-1:0] cols_d, cols_q;  // columns of the step - 1
  logic [SMEM_ADDR_W:0] word_d, word_q;
  logic [LANE_W-1:0] lane_d, lane_q;
  dtv1_pkg::err_e err_d, err_q;

  function automatic logic is_sparse(input logic [3:0] proc);
    return proc inside {dtv1_pkg::PROC_MXV_SP, dtv1_pkg::PROC_MTXV_SP, dtv1_pkg::PROC_VXV_SP};
  endfunction

  logic running, advance, step_done, instr_done, load, want_step, next_sparse, next_want;
  logic fits, count_ok;
  dtv1_pkg::err_e fault, next_fault;
  logic [CNT_W-1:0] next_cols;
  logic [2:0] last;
  logic [2:0][CNT_W-1:0] cnt, bound;

  assign running  = err_q == dtv1_pkg::ERR_NONE;
  assign bound[0] = (by_word_q & ~skip_q) ? cfg_q.cnt0 : '0;
  assign bound[1] = cols_q;
  assign bound[2] = cfg_q.cnt2;

  dtv1_nest #(
      .WIDTH(CNT_W)
  ) u_nest (
      .clk_i,
      .rst_ni,
      .step_i (advance),
      .bound_i(bound),
      .cnt_o  (cnt),
      .last_o (last)
  );

  assign advance = running & step_q & (skip_q | point_ready_i);
  assign step_done = advance & last[0] & last[1];
  assign instr_done = step_done & last[2];
  assign cfg_ready_o = running & (~act_q | instr_done);
  assign load = cfg_valid_i & cfg_ready_o & (want_i | is_sparse(cfg_i.proc));

  // The next step: of this instruction, or the first one of the next.
  assign want_step = running & (load | (act_q & ~instr_done & (step_done | ~step_q)));
  assign next_sparse = is_sparse(load ? cfg_i.proc : cfg_q.proc);
  assign next_want = load ? want_i : want_q;
  assign fits = 32'(cfg_i.step) + 32'(cfg_i.cnt2) < dtv1_pkg::MAX_M;
  assign fault = bad_i ? dtv1_pkg::ERR_PROC : (fits ? dtv1_pkg::ERR_NONE : dtv1_pkg::ERR_ADDRESS);
  assign next_fault = load ? fault : fault_q;
  assign next_cols = load ? cfg_i.cnt1 : cfg_q.cnt1;
  assign desc_ready_o = want_step & next_sparse;
  assign count_ok = 32'(desc_i.count) <= 32'(next_cols) + 1;

  always_comb begin : next_state
    act_d  = (act_q & ~instr_done) | load;
    step_d = step_q & ~step_done;
    skip_d = skip_q;
    cols_d = cols_q;
    word_d = word_q;
    lane_d = lane_q;
    err_d  = err_q;
    if (want_step & (~next_sparse | desc_valid_i)) begin
      step_d = 1'b1;
      skip_d = ~next_want | (next_sparse & (desc_i.count == '0));
      cols_d = skip_d ? '0 : (next_sparse ? CNT_W'(desc_i.count - 1'b1) : next_cols);
      word_d = {1'b0, desc_i.word};
      lane_d = desc_i.lane;
      if (next_fault != dtv1_pkg::ERR_NONE) err_d = next_fault;
      else if (next_sparse & ~count_ok) err_d = dtv1_pkg::ERR_COUNT;
    end else if (advance & last[0]) begin
      {word_d, lane_d} = {word_q, lane_q} + 1'b1;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      act_q  <= 1'b0;
      step_q <= 1'b0;
      skip_q <= 1'b0;
      err_q  <= dtv1_pkg::ERR_NONE;
    end else begin
      act_q  <= act_d;
      step_q <= step_d;
      skip_q <= skip_d;
      err_q  <= err_d;
    end
  end

  always_ff @(posedge clk_i) begin : payload
    if (load) begin
      cfg_q     <= cfg_i;
      want_q    <= want_i;
      by_word_q <= by_word_i;
      fault_q   <= fault;
    end
    cols_q <= cols_d;
    word_q <= word_d;
    lane_q <= lane_d;
  end

  assign point_valid_o    = running & step_q & ~skip_q;
  assign point_cfg_o      = cfg_q;
  assign point_o.step     = cfg_q.step + dtv1_pkg::STEP_W'(cnt[2]);
  assign point_o.col      = cnt[1];
  assign point_o.grp      = cnt[0];
  assign point_o.grp_last = last[0];
  assign point_o.last     = &last;
  assign point_o.word     = word_q;
  assign point_o.lane     = lane_q;

  assign err_o            = err_q;

endmodule
