// Compute core: one configuration for each instruction, a stream of operand words in, a stream of
// results out.
//
// The loop nest (dtv1_ccm_nest) pairs operand words with operations; each operation waits at a door
// (dtv1_ccm_door) until its accumulator and a place for its result are free, and then passes the PE
// array without a stop. Beside the operations a drain (dtv1_ccm_drain) sends out the sums of a VXV that
// has ended. All six matrix procedures and the elementwise one are described in docs/ccm.md
// with their streams, order and cycles.
`include "dtv1_assert.svh"

module dtv1_ccm
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
  import dtv1_pkg::RES_W;
(
    input logic clk_i,
    input logic rst_ni,

    input  logic               cfg_valid_i,
    output logic               cfg_ready_o,
    input  dtv1_pkg::ccm_cfg_t cfg_i,

    // List counts: one for each step of a sparse procedure.
    input  logic                       cnt_valid_i,
    output logic                       cnt_ready_o,
    input  logic [dtv1_pkg::NZC_W-1:0] cnt_i,

    // Operand words, and for sparse procedures the column that they belong to.
    input  logic                                   opd_valid_i,
    output logic                                   opd_ready_o,
    input  logic [         NUM_PE-1:0][DATA_W-1:0] opd_a_i,
    input  logic [         NUM_PE-1:0][DATA_W-1:0] opd_b_i,
    input  logic [dtv1_pkg::IDX_W-1:0]             opd_idx_i,

    // Addend words, for instructions with init.
    input  logic                         add_valid_i,
    output logic                         add_ready_o,
    input  logic [NUM_PE-1:0][RES_W-1:0] add_i,

    // Results: words of NUM_PE, or a single sum in lane 0.
    output logic                         res_valid_o,
    input  logic                         res_ready_i,
    output logic                         res_scalar_o,
    output logic                         res_last_o,    // ends its instruction
    output logic                         res_none_o,    // no result, only the end
    output logic [NUM_PE-1:0][RES_W-1:0] res_o,

    output logic idle_o,  // nothing is running or waiting
    output dtv1_pkg::err_e err_o,  // cause of the stop; ERR_NONE while all is well
    output logic [dtv1_pkg::SEQ_W-1:0] num_o,  // ... number of the instruction that it is about
    output dtv1_pkg::ccm_event_t event_o
);

  localparam int unsigned ACC_W = dtv1_pkg::ACC_W;

  // Next operation from the loop nest.
  logic nest_valid, nest_ready, nest_busy;
  logic acc_ready;
  dtv1_pkg::ccm_op_t nest_op;
  logic [dtv1_pkg::ACC_ADDR_W-1:0] nest_offset;
  logic [NUM_PE-1:0] nest_mask;
  logic wait_opd, wait_add, wait_cnt;

  dtv1_ccm_nest u_nest (
      .clk_i,
      .rst_ni,
      .enable_i   (acc_ready),
      .cfg_valid_i,
      .cfg_ready_o,
      .cfg_i,
      .cnt_valid_i,
      .cnt_ready_o,
      .cnt_i,
      .opd_valid_i,
      .opd_ready_o,
      .opd_idx_i,
      .add_valid_i,
      .add_ready_o,
      .op_valid_o (nest_valid),
      .op_ready_i (nest_ready),
      .op_o       (nest_op),
      .op_offset_o(nest_offset),
      .op_mask_o  (nest_mask),
      .busy_o     (nest_busy),
      .err_o,
      .num_o,
      .wait_opd_o (wait_opd),
      .wait_add_o (wait_add),
      .wait_cnt_o (wait_cnt)
  );

  // The addend at the scale of the accumulator.
  logic [NUM_PE-1:0][ACC_W-1:0] addend;

  for (genvar pe = 0; pe < NUM_PE; pe++) begin : gen_addend
    if (dtv1_pkg::FORMAT_FP) begin : gen_fp
      assign addend[pe] = add_i[pe];
    end else begin : gen_fxp
      logic [ACC_W-1:0] extended;

      assign extended = ACC_W'($signed(add_i[pe]));
      assign addend[pe] = nest_op.act_scale ? extended << dtv1_pkg::FXP_ACT_FRAC :
                                              extended << dtv1_pkg::FXP_WEIGHT_FRAC;
    end
  end

  // Lanes past the last row count as zero.
  logic [NUM_PE-1:0][DATA_W-1:0] a_masked, b_masked, a, b;
  logic [NUM_PE-1:0][ACC_W-1:0] add_masked, add;

  for (genvar pe = 0; pe < NUM_PE; pe++) begin : gen_mask
    assign a_masked[pe]   = nest_mask[pe] ? opd_a_i[pe] : '0;
    assign b_masked[pe]   = nest_mask[pe] ? opd_b_i[pe] : '0;
    assign add_masked[pe] = nest_mask[pe] ? addend[pe] : '0;
  end

  // Operation that leaves the door, and a cycle later, in registers, at the PE array.
  logic go, valid_q, room, door_busy;
  dtv1_pkg::ccm_op_t door_op, op_q;
  dtv1_pkg::ccm_drain_t drain_left;
  logic unused_op;

  dtv1_ccm_door #(
      .WIDTH($bits({a, b, add}))
  ) u_door (
      .clk_i,
      .rst_ni,
      .op_valid_i(nest_valid),
      .op_ready_o(nest_ready),
      .op_i      (nest_op),
      .offset_i  (nest_offset),
      .word_i    ({a_masked, b_masked, add_masked}),
      .room_i    (room),
      .drain_i   (drain_left),
      .go_o      (go),
      .op_o      (door_op),
      .word_o    ({a, b, add}),
      .wait_acc_o(event_o.wait_acc),
      .wait_out_o(event_o.wait_out),
      .busy_o    (door_busy)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin : op_valid
    if (!rst_ni) valid_q <= 1'b0;
    else valid_q <= go;
  end

  always_ff @(posedge clk_i) begin : op_payload
    op_q <= door_op;
  end

  assign unused_op = ^{op_q.uses, op_q.first, op_q.init, op_q.clear, op_q.addr, op_q.drain,
                       op_q.drain_first, op_q.drain_last};

  // What sends out the accumulators of a VXV that has ended.
  logic drain_read, drain_book, drain_valid, drain_clear;
  logic [dtv1_pkg::ACC_ADDR_W-1:0] drain_addr, drain_clear_addr;
  logic [NUM_PE-1:0][ACC_W-1:0] drain_word;
  dtv1_pkg::ccm_order_t drain_order;

  dtv1_ccm_drain u_drain (
      .clk_i,
      .rst_ni,
      .start_i     (go & door_op.drain),
      .first_i     (door_op.drain_first),
      .last_i      (door_op.drain_last),
      .func_i      (door_op.func),
      .used_i      (go & door_op.uses),
      .used_bank_i (door_op.addr[0]),
      .room_i      (room),
      .read_o      (drain_read),
      .read_addr_o (drain_addr),
      .book_o      (drain_book),
      .order_o     (drain_order),
      .word_o      (drain_valid),
      .clear_o     (drain_clear),
      .clear_addr_o(drain_clear_addr),
      .left_o      (drain_left)
  );

  // PE array and accumulators.
  logic [NUM_PE-1:0][ACC_W-1:0] acc, par;
  logic [ACC_W-1:0] cas;
  logic par_valid, cas_valid;

  dtv1_ccm_acc u_acc (
      .clk_i,
      .rst_ni,
      .valid_i(go),
      .uses_i(door_op.uses),
      .first_i(door_op.first),
      .init_i(door_op.init),
      .clear_i(door_op.clear),
      .addr_i(door_op.addr),
      .add_i(add),
      .drain_read_i(drain_read),
      .drain_addr_i(drain_addr),
      .drain_o(drain_word),
      .drain_clear_i(drain_clear),
      .drain_clear_addr_i(drain_clear_addr),
      .acc_o(acc),
      .sum_i(par),
      .ready_o(acc_ready)
  );

  if (dtv1_pkg::FORMAT_FP) begin : gen_fp
    dtv1_macc_fp u_macc (
        .clk_i,
        .rst_ni,
        .valid_i    (valid_q),
        .mode_i     (op_q.mode),
        .zero_i     (op_q.zero),
        .neg_i      (op_q.neg),
        .last_i     (op_q.result),
        .a_i        (a),
        .b_i        (b),
        .acc_i      (acc),
        .par_valid_o(par_valid),
        .par_o      (par),
        .cas_valid_o(cas_valid),
        .cas_o      (cas)
    );
  end else begin : gen_fxp
    dtv1_macc_fxp u_macc (
        .clk_i,
        .rst_ni,
        .valid_i    (valid_q),
        .mode_i     (op_q.mode),
        .zero_i     (op_q.zero),
        .neg_i      (op_q.neg),
        .last_i     (op_q.result),
        .a_i        (a),
        .b_i        (b),
        .acc_i      (acc),
        .par_valid_o(par_valid),
        .par_o      (par),
        .cas_valid_o(cas_valid),
        .cas_o      (cas)
    );
  end

  // Sums that are results leave; the others go back to the accumulators only. What is drained goes
  // the same way: results before it have left the adders, those behind it are still to come.
  logic [dtv1_pkg::MUL_LAT+dtv1_pkg::ADD_LAT-1:0] result_q;
  logic out_busy, op_book, sum_leaves;
  dtv1_pkg::ccm_order_t order;

  assign op_book         = valid_q & op_q.book;
  assign sum_leaves      = par_valid & result_q[$high(result_q)];

  assign order.scalar    = op_q.mode == dtv1_pkg::MODE_CASCADE;
  assign order.none      = ~op_q.result;
  assign order.last      = op_q.last;
  assign order.act_scale = op_q.act_scale;
  assign order.func      = op_q.func;

  always_ff @(posedge clk_i) begin : result_pipe
    result_q <= {result_q[$high(result_q)-1:0], op_q.result};
  end

  dtv1_ccm_out u_out (
      .clk_i,
      .rst_ni,
      .room_o      (room),
      .book_valid_i(op_book | drain_book),
      .book_i      (drain_book ? drain_order : order),
      .par_valid_i (sum_leaves | drain_valid),
      .par_i       (drain_valid ? drain_word : par),
      .cas_valid_i (cas_valid),
      .cas_i       (cas),
      .res_valid_o,
      .res_ready_i,
      .res_scalar_o,
      .res_last_o,
      .res_none_o,
      .res_o,
      .busy_o      (out_busy)
  );

  assign idle_o = acc_ready & ~nest_busy & ~door_busy & ~valid_q & ~drain_left.busy & ~out_busy;

  assign event_o.mac = go & ~door_op.zero;
  assign event_o.wait_opd = wait_opd;
  assign event_o.wait_add = wait_add;
  assign event_o.wait_cnt = wait_cnt;

  `DTV1_ASSERT(OneBooks_A, !(op_book && drain_book))
  `DTV1_ASSERT(OneLeaves_A, !(sum_leaves && drain_valid))

endmodule
