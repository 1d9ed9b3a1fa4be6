// Control of the compute core: takes configurations and list counts, walks the loop nest, and hands
// one operation a cycle to the datapath, together with the handshakes of the operand and addend
// words that it consumes.
//
// A configuration is taken (and checked) while the one before runs; between instructions and
// between steps no cycle is lost as long as the next configuration and list count are there. A step
// with an empty list costs one cycle, but in MxV, where its result still has to be sent out word by
// word. Where such a step ends an instruction it is an operation of its own, without operand and
// accumulator: that is also all that there is to IDLE. The last operation of a VXV says which
// accumulators are to be drained; the nest goes on with the next instruction.
//
// The decision that an operation goes, and with it a step or an instruction begins, is made within
// one cycle. What it depends on is therefore prepared in registers: the ends of the loops, and the
// properties of the next instruction.
module dtv1_ccm_nest
  import dtv1_pkg::CNT_W;
(
    input logic clk_i,
    input logic rst_ni,

    input logic enable_i,  // instructions may start

    input  logic               cfg_valid_i,
    output logic               cfg_ready_o,
    input  dtv1_pkg::ccm_cfg_t cfg_i,

    // One count for each step of a sparse procedure.
    input  logic                       cnt_valid_i,
    output logic                       cnt_ready_o,
    input  logic [dtv1_pkg::NZC_W-1:0] cnt_i,

    input  logic                       opd_valid_i,
    output logic                       opd_ready_o,
    input  logic [dtv1_pkg::IDX_W-1:0] opd_idx_i,

    input  logic add_valid_i,
    output logic add_ready_o,

    output logic                                         op_valid_o,
    input  logic                                         op_ready_i,
    output dtv1_pkg::ccm_op_t                            op_o,
    output logic              [dtv1_pkg::ACC_ADDR_W-1:0] op_offset_o,  // to be added to op_o.addr
    output logic              [    dtv1_pkg::NUM_PE-1:0] op_mask_o,    // lanes that hold elements

    output logic busy_o,
    output dtv1_pkg::err_e err_o,  // cause of the stop; ERR_NONE while all is well
    output logic [dtv1_pkg::SEQ_W-1:0] num_o,  // ... number of the instruction that it is about
    output logic wait_opd_o,
    output logic wait_add_o,
    output logic wait_cnt_o
);

  localparam int unsigned NUM_PE = dtv1_pkg::NUM_PE;
  localparam int unsigned ACC_ADDR_W = dtv1_pkg::ACC_ADDR_W;
  localparam int unsigned SIZE_W = 2 * CNT_W + 2;  // holds (2^CNT_W)^2

  // Procedures.
  typedef struct packed {
    logic idle;
    logic mxv;
    logic mtxv;
    logic vxv;
    logic ewise;
    logic acc;
  } proc_t;

  // Properties of an instruction.
  typedef struct packed {
    proc_t is;
    logic  sparse;
    logic  uses;         // sums are in accumulators
    logic  start_op;     // every operation starts a sum
    logic  start_step;   // ... of a step's first column
    logic  result_op;    // every operation gives a result
    logic  result_col;   // ... of a column's last row group
    logic  result_step;  // ... of a step's last column
    logic  keep;         // the accumulators keep sums that have left
    logic  act_scale;    // the sums have the scale of products of two activations
    logic  drains;       // the accumulators are sent out at the end
  } kind_t;

  function automatic proc_t proc_of(input logic [3:0] proc);
    proc_t result;
    result.idle  = proc == dtv1_pkg::PROC_IDLE;
    result.mxv   = proc inside {dtv1_pkg::PROC_MXV, dtv1_pkg::PROC_MXV_SP};
    result.mtxv  = proc inside {dtv1_pkg::PROC_MTXV, dtv1_pkg::PROC_MTXV_SP};
    result.vxv   = proc inside {dtv1_pkg::PROC_VXV, dtv1_pkg::PROC_VXV_SP};
    result.ewise = proc == dtv1_pkg::PROC_EWISE;
    result.acc   = proc == dtv1_pkg::PROC_ACC;
    return result;
  endfunction

  dtv1_pkg::err_e err_d, err_q;
  logic running_q;  // no error yet
  logic counts;  // another instruction is loaded
  logic [dtv1_pkg::SEQ_W-1:0] num_q;  // number of the one that was loaded last

  // Two configurations may wait: the later one as it came, the earlier one checked.
  dtv1_pkg::ccm_cfg_t in_q, pre_q;
  kind_t in_kind, pre_kind_q;
  dtv1_pkg::err_e in_err, pre_err_q;
  logic [2:0] in_single, pre_single_q;  // loops that have one pass
  logic [CNT_W:0] in_groups_q, pre_groups_q;
  logic [CNT_W:0] in_times_q;  // the accumulators take so many times the row groups
  logic pre_good_q;  // can be run, but for
  logic in_large, pre_large_q;  // more words than there are; apart, as it comes from a multiplier
  logic [ACC_ADDR_W-1:0] pre_words_q;  // accumulators; all of them are zero
  logic in_valid_d, in_valid_q, pre_valid_d, pre_valid_q;
  logic check;  // the later one moves up
  logic load;  // the earlier one leaves
  logic start;  // ... and runs
  proc_t in_proc;
  logic [SIZE_W-1:0] in_words;
  logic [ACC_ADDR_W:0] in_room;
  logic [CNT_W-1:0] new_times;
  logic in_held;  // EWISE with accumulators

  assign in_proc  = proc_of(in_q.proc);
  assign in_held  = in_proc.ewise & in_q.acc;
  assign in_words = SIZE_W'(in_groups_q) * SIZE_W'(in_times_q);
  assign in_large = in_kind.uses & (32'(in_words) > 32'(in_room));
  assign in_room  = (ACC_ADDR_W + 1)'(dtv1_pkg::ACC_WORDS) - (ACC_ADDR_W + 1)'(in_q.base);

  always_comb begin : accumulators_of_a_row_group
    new_times = cfg_i.cnt1;
    if (cfg_i.proc inside {dtv1_pkg::PROC_MXV, dtv1_pkg::PROC_MXV_SP}) new_times = '0;
    if (cfg_i.proc == dtv1_pkg::PROC_EWISE) new_times = cfg_i.cnt2;
  end

  // What has fewer loops has one pass of the others.
  assign in_single = {
    in_q.cnt2 == '0 || in_proc.idle || in_proc.acc,
    in_q.cnt1 == '0 || in_proc.idle,
    in_q.cnt0 == '0 || in_proc.idle
  };

  always_comb begin : properties
    in_kind.is = in_proc;
    in_kind.sparse = in_q.proc inside {
      dtv1_pkg::PROC_MXV_SP, dtv1_pkg::PROC_MTXV_SP, dtv1_pkg::PROC_VXV_SP
    };
    in_kind.uses = in_proc.mxv | in_proc.vxv | in_held | in_proc.acc;
    in_kind.start_op = in_proc.ewise & ~in_q.cont;
    in_kind.start_step = in_proc.mxv & ~in_q.cont;
    in_kind.result_op = in_proc.acc | (in_proc.ewise & ~(in_held & in_q.mute));
    in_kind.result_col = in_proc.mtxv;
    in_kind.result_step = in_proc.mxv & ~in_q.mute;
    in_kind.keep = in_q.hold;
    in_kind.act_scale = in_proc.vxv | in_proc.ewise | (in_proc.acc & in_q.act_scale);
    in_kind.drains = in_proc.vxv & in_q.drain;
  end

  always_comb begin : check_config
    in_err = dtv1_pkg::ERR_NONE;
    if (in_proc == '0) begin
      in_err = dtv1_pkg::ERR_PROC;
    end else if ((in_proc.mxv | in_proc.ewise) & in_q.init & in_q.cont) begin
      in_err = dtv1_pkg::ERR_PROC;
    end else if ((in_proc.mxv | in_proc.mtxv) && 32'(in_q.cnt0) >= dtv1_pkg::MAX_GROUPS) begin
      in_err = dtv1_pkg::ERR_SIZE;
    end else if (in_held && in_q.cnt1 != '0) begin
      in_err = dtv1_pkg::ERR_SIZE;
    end
  end

  assign check       = in_valid_q & (~pre_valid_q | load);
  assign cfg_ready_o = running_q & (~in_valid_q | check);
  assign in_valid_d  = (cfg_valid_i & cfg_ready_o) | (in_valid_q & ~check);
  assign pre_valid_d = check | (pre_valid_q & ~load);

  // Running instruction.
  dtv1_pkg::ccm_cfg_t cfg_q;
  kind_t kind_q;
  logic [1:0] single_q;  // row groups, columns
  logic [CNT_W:0] groups_q;
  logic [ACC_ADDR_W-1:0] top_q;  // its last accumulator
  logic unused_fields;  // looked at before they get here

  assign unused_fields = ^{cfg_q.proc, cfg_q.drain, cfg_q.acc, cfg_q.cont, cfg_q.hold, cfg_q.mute,
                           cfg_q.act_scale, kind_q.is.idle};

  logic act_d, act_q;  // an instruction runs
  logic step_d, step_q;  // one of its steps runs
  logic skip_d, skip_q;  // ... and has nothing to do
  logic skip_free;  // ... nor to end
  logic bad_d, bad_q;  // ... and has a list that is too long
  logic empty_d, empty_q;  // ... and has no operand
  logic [CNT_W-1:0] cols_d, cols_q;  // columns of the step - 1
  logic [ACC_ADDR_W-1:0] offset_d, offset_q;

  logic advance;  // the nest goes on
  logic step_done, instr_done;
  logic begin_step;
  logic [2:0] loop_start, loop_single, loop_step, first, last;
  logic [2:0][CNT_W-1:0] cnt, bound;
  logic unused_loops;

  assign unused_loops = ^{cnt[2], cnt[0], first[0], first[2]};

  assign bound        = {cfg_q.cnt2, cols_q, cfg_q.cnt0};
  assign loop_step    = {step_done, advance & last[0], advance};

  for (genvar l = 0; l < 3; l++) begin : gen_loop
    dtv1_ccm_loop #(
        .WIDTH(CNT_W)
    ) u_loop (
        .clk_i,
        .rst_ni,
        .start_i (loop_start[l]),
        .single_i(loop_single[l]),
        .step_i  (loop_step[l]),
        .bound_i (bound[l]),
        .cnt_o   (cnt[l]),
        .first_o (first[l]),
        .last_o  (last[l])
    );
  end

  assign step_done  = advance & last[0] & last[1];
  assign instr_done = advance & (&last);
  assign load       = enable_i & running_q & pre_valid_q & (~act_q | instr_done);
  assign start      = load & pre_good_q & ~pre_large_q;

  // The next step: of the running instruction, or the first one of the next.
  logic want_step, next_sparse, next_fills;
  logic [CNT_W-1:0] next_cols;
  logic [1:0] next_single;
  logic count_ok, pre_count_ok, cfg_count_ok, list_empty, list_single, list_skip;

  logic more_steps;  // the running instruction has another one and nothing in its place

  assign more_steps   = act_q & ((step_done & ~last[2]) | ~step_q);
  assign want_step    = running_q & (start | more_steps);
  assign next_sparse  = start ? pre_kind_q.sparse : kind_q.sparse;
  assign next_fills   = start ? pre_kind_q.result_step : kind_q.result_step;
  assign next_cols    = start ? pre_q.cnt1 : cfg_q.cnt1;
  assign next_single  = start ? pre_single_q[1:0] : single_q;
  assign cnt_ready_o  = want_step & next_sparse;
  assign begin_step   = want_step & (~next_sparse | cnt_valid_i);
  assign pre_count_ok = 32'(cnt_i) <= 32'(pre_q.cnt1) + 1;
  assign cfg_count_ok = 32'(cnt_i) <= 32'(cfg_q.cnt1) + 1;
  assign count_ok     = start ? pre_count_ok : cfg_count_ok;
  assign list_empty   = next_sparse & (cnt_i == '0);
  assign list_single  = cnt_i[dtv1_pkg::NZC_W-1:1] == '0;
  assign list_skip    = list_empty & ~next_fills;

  always_comb begin : next_state
    act_d   = (act_q & ~instr_done) | start;
    step_d  = step_q & ~step_done;
    skip_d  = skip_q;
    bad_d   = bad_q;
    empty_d = empty_q;
    cols_d  = cols_q;
    if (begin_step) begin
      step_d  = 1'b1;
      skip_d  = list_skip | (start & pre_kind_q.is.idle);
      bad_d   = next_sparse & ~count_ok;
      empty_d = list_empty | (start & pre_kind_q.is.idle);
      cols_d  = list_empty ? '0 : (next_sparse ? CNT_W'(cnt_i - 1'b1) : next_cols);
    end
  end

  always_comb begin : loop_bounds
    loop_start  = {start, {2{begin_step}}};
    loop_single = {pre_single_q[2], next_sparse ? list_single : next_single[1], next_single[0]};
    if (list_skip) loop_single[0] = 1'b1;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      in_valid_q  <= 1'b0;
      pre_valid_q <= 1'b0;
      act_q       <= 1'b0;
      step_q      <= 1'b0;
      skip_q      <= 1'b0;
      bad_q       <= 1'b0;
      empty_q     <= 1'b0;
      err_q       <= dtv1_pkg::ERR_NONE;
      running_q   <= 1'b1;
      num_q       <= '1;
    end else begin
      in_valid_q  <= in_valid_d;
      pre_valid_q <= pre_valid_d;
      act_q       <= act_d;
      step_q      <= step_d;
      skip_q      <= skip_d;
      bad_q       <= bad_d;
      empty_q     <= empty_d;
      err_q       <= err_d;
      running_q   <= err_d == dtv1_pkg::ERR_NONE;
      num_q       <= num_q + dtv1_pkg::SEQ_W'(counts);
    end
  end

  always_ff @(posedge clk_i) begin : payload
    if (cfg_valid_i & cfg_ready_o) begin
      in_q        <= cfg_i;
      in_groups_q <= (CNT_W + 1)'(cfg_i.cnt0) + 1'b1;
      in_times_q  <= (CNT_W + 1)'(new_times) + 1'b1;
    end
    if (check) begin
      pre_q        <= in_q;
      pre_kind_q   <= in_kind;
      pre_err_q    <= in_err;
      pre_good_q   <= in_err == dtv1_pkg::ERR_NONE;
      pre_single_q <= in_single;
      pre_large_q  <= in_large;
      pre_words_q  <= ACC_ADDR_W'(in_words);
      pre_groups_q <= in_groups_q;
    end
    if (start) begin
      cfg_q    <= pre_q;
      kind_q   <= pre_kind_q;
      single_q <= pre_single_q[1:0];
      groups_q <= pre_groups_q;
      top_q    <= pre_q.base + pre_words_q - 1'b1;
    end
    cols_q   <= cols_d;
    offset_q <= offset_d;
  end

  // Accumulators: the row groups of each column again, in EWISE one after another; what VXV adds for
  // the column is a factor and goes another way.
  always_comb begin : next_offset
    offset_d = offset_q;
    if (advance) offset_d = (last[0] & ~kind_q.is.ewise) ? cfg_q.base : offset_q + 1'b1;
    if (start) offset_d = pre_q.base;
  end

  // Operation of the current point of the nest.
  logic op_wanted, need_opd, need_add, opd_there, add_there, words_there;
  logic index_ok;
  logic [CNT_W-1:0] column;

  assign skip_free   = skip_q & ~last[2];
  assign op_wanted   = running_q & step_q & ~skip_free & ~bad_q;
  assign need_opd    = ~empty_q & ~kind_q.is.acc;
  assign need_add    = op_o.first & op_o.init;
  assign index_ok    = ~kind_q.sparse | (32'(opd_idx_i) <= 32'(cfg_q.cnt1));
  assign opd_there   = ~need_opd | (opd_valid_i & index_ok);
  assign add_there   = ~need_add | add_valid_i;

  assign op_valid_o  = op_wanted & opd_there & add_there;
  assign opd_ready_o = op_wanted & need_opd & index_ok & add_there & op_ready_i;
  assign add_ready_o = op_wanted & need_add & opd_there & op_ready_i;

  // A wrong index stops everything in the next cycle anyway and need not stop the nest.
  assign words_there = (~need_opd | opd_valid_i) & add_there;
  assign advance     = running_q & step_q & ~bad_q & (skip_free | (words_there & op_ready_i));

  assign column      = kind_q.sparse ? CNT_W'(opd_idx_i) : cnt[1];

  always_comb begin : operation
    op_o = '0;
    op_o.mode = dtv1_pkg::MODE_PARALLEL;
    if (kind_q.is.ewise) op_o.mode = dtv1_pkg::MODE_ELEMENTWISE;
    // Nothing enters the cascade but operands.
    if (kind_q.is.mtxv & ~skip_q) op_o.mode = dtv1_pkg::MODE_CASCADE;
    op_o.uses = kind_q.uses & ~skip_q;
    op_o.first = kind_q.start_op | (kind_q.start_step & first[1]);
    op_o.init = cfg_q.init & ~skip_q;
    op_o.result    = ~skip_q & (kind_q.result_op | (kind_q.result_col & last[0]) |
                                (kind_q.result_step & last[1]));
    op_o.clear = op_o.result & ~kind_q.keep;
    op_o.last = (&last) & ~kind_q.drains;
    op_o.book = op_o.result | op_o.last;
    op_o.zero = ~need_opd;
    op_o.neg = cfg_q.neg;
    op_o.act_scale = kind_q.act_scale;
    op_o.func = cfg_q.func;
    op_o.drain = (&last) & kind_q.drains;
    op_o.drain_first = cfg_q.base;
    op_o.drain_last = top_q;
    op_o.addr = (kind_q.is.vxv | kind_q.is.acc) ? ACC_ADDR_W'(column) * ACC_ADDR_W'(groups_q) : '0;
  end

  assign op_offset_o = offset_q;
  assign op_mask_o   = last[0] ? (NUM_PE'(2) << cfg_q.lanes) - 1'b1 : '1;

  // Errors stop everything before the faulty operation starts. The nest may leave an instruction with
  // the wrong index: then that error comes before any of the next one, whose number does not count.
  logic index_bad;

  assign index_bad = op_wanted & need_opd & opd_valid_i & ~index_ok;
  assign counts    = load & ~index_bad;

  always_comb begin : error
    err_d = err_q;
    if (running_q) begin
      if (index_bad) err_d = dtv1_pkg::ERR_INDEX;
      else if (step_q & bad_q) err_d = dtv1_pkg::ERR_COUNT;
      else if (load & ~pre_good_q) err_d = pre_err_q;
      else if (load & pre_large_q) err_d = dtv1_pkg::ERR_SIZE;
    end
  end

  assign err_o      = err_q;
  assign num_o      = num_q;
  assign busy_o     = in_valid_q | pre_valid_q | act_q;
  assign wait_opd_o = op_wanted & op_ready_i & need_opd & ~opd_valid_i;
  assign wait_add_o = op_wanted & op_ready_i & need_add & ~add_valid_i;
  assign wait_cnt_o = cnt_ready_o & ~cnt_valid_i;

endmodule
