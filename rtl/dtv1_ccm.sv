// Compute core: one configuration for each instruction, a stream of operand words in, a stream of
// results out.
//
// The loop nest (dtv1_ccm_nest) pairs operand words with operations; each operation waits in one
// register until its accumulator and a place for its result are free, and then passes the PE array
// without a stop. All six matrix procedures and the elementwise one are described in docs/ccm.md
// with their streams, order and cycles.
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
    output logic [NUM_PE-1:0][RES_W-1:0] res_o,

    output logic                 idle_o,  // nothing is running or waiting
    output dtv1_pkg::err_e       err_o,   // cause of the stop; ERR_NONE while all is well
    output dtv1_pkg::ccm_event_t event_o
);

  localparam int unsigned ACC_W = dtv1_pkg::ACC_W;

  // Next operation from the loop nest.
  logic nest_valid, nest_ready, nest_busy;
  logic acc_ready;
  dtv1_pkg::ccm_op_t nest_op;
  logic [NUM_PE-1:0] nest_mask;
  logic wait_opd, wait_add, wait_cnt;

  dtv1_ccm_nest u_nest (
      .clk_i,
      .rst_ni,
      .enable_i  (acc_ready),
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
      .op_valid_o(nest_valid),
      .op_ready_i(nest_ready),
      .op_o      (nest_op),
      .op_mask_o (nest_mask),
      .busy_o    (nest_busy),
      .err_o,
      .wait_opd_o(wait_opd),
      .wait_add_o(wait_add),
      .wait_cnt_o(wait_cnt)
  );

  // Operation at the door of the PE array. Lanes past the last row count as zero.
  logic op_valid_q, fire, hazard, room;
  dtv1_pkg::ccm_op_t op_q;
  logic [NUM_PE-1:0][DATA_W-1:0] a_q, b_q;
  logic [NUM_PE-1:0][ACC_W-1:0] add_q;

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

  assign fire       = op_valid_q & ~hazard & (room | ~op_q.last);
  assign nest_ready = ~op_valid_q | fire;

  always_ff @(posedge clk_i or negedge rst_ni) begin : door_valid
    if (!rst_ni) op_valid_q <= 1'b0;
    else op_valid_q <= nest_valid | (op_valid_q & ~fire);
  end

  always_ff @(posedge clk_i) begin : door_payload
    if (nest_ready) begin
      op_q <= nest_op;
      for (int unsigned pe = 0; pe < NUM_PE; pe++) begin : mask
        a_q[pe]   <= nest_mask[pe] ? opd_a_i[pe] : '0;
        b_q[pe]   <= nest_mask[pe] ? opd_b_i[pe] : '0;
        add_q[pe] <= nest_mask[pe] ? addend[pe] : '0;
      end
    end
  end

  // PE array and accumulators.
  logic [NUM_PE-1:0][ACC_W-1:0] acc, par;
  logic [ACC_W-1:0] cas;
  logic par_valid, cas_valid, parallel;

  assign parallel = op_q.mode == dtv1_pkg::MODE_PARALLEL;

  dtv1_ccm_acc u_acc (
      .clk_i,
      .rst_ni,
      .valid_i   (fire),
      .parallel_i(parallel),
      .first_i   (op_q.first),
      .init_i    (op_q.init),
      .last_i    (op_q.last),
      .addr_i    (op_q.addr),
      .add_i     (add_q),
      .hazard_o  (hazard),
      .acc_o     (acc),
      .sum_i     (par),
      .ready_o   (acc_ready)
  );

  if (dtv1_pkg::FORMAT_FP) begin : gen_fp
    dtv1_macc_fp u_macc (
        .clk_i,
        .rst_ni,
        .valid_i    (fire),
        .mode_i     (op_q.mode),
        .zero_i     (op_q.zero),
        .neg_i      (op_q.neg),
        .last_i     (op_q.last),
        .a_i        (a_q),
        .b_i        (b_q),
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
        .valid_i    (fire),
        .mode_i     (op_q.mode),
        .zero_i     (op_q.zero),
        .neg_i      (op_q.neg),
        .last_i     (op_q.last),
        .a_i        (a_q),
        .b_i        (b_q),
        .acc_i      (acc),
        .par_valid_o(par_valid),
        .par_o      (par),
        .cas_valid_o(cas_valid),
        .cas_o      (cas)
    );
  end

  // Sums that are results leave; the others go back to the accumulators only.
  logic [dtv1_pkg::MUL_LAT+dtv1_pkg::ADD_LAT-1:0] last_q;
  logic out_busy;
  dtv1_pkg::ccm_order_t order;

  assign order.scalar    = op_q.mode == dtv1_pkg::MODE_CASCADE;
  assign order.act_scale = op_q.act_scale;
  assign order.func      = op_q.func;

  always_ff @(posedge clk_i) begin : last_pipe
    last_q <= {last_q[$high(last_q)-1:0], op_q.last};
  end

  dtv1_ccm_out u_out (
      .clk_i,
      .rst_ni,
      .book_valid_i(fire & op_q.last),
      .book_ready_o(room),
      .book_i      (order),
      .par_valid_i (par_valid & last_q[$high(last_q)]),
      .par_i       (par),
      .cas_valid_i (cas_valid),
      .cas_i       (cas),
      .res_valid_o,
      .res_ready_i,
      .res_scalar_o,
      .res_o,
      .busy_o      (out_busy)
  );

  assign idle_o           = acc_ready & ~nest_busy & ~op_valid_q & ~out_busy;

  assign event_o.mac      = fire & ~op_q.zero;
  assign event_o.wait_opd = wait_opd;
  assign event_o.wait_add = wait_add;
  assign event_o.wait_cnt = wait_cnt;
  assign event_o.wait_acc = op_valid_q & hazard;
  assign event_o.wait_out = op_valid_q & ~hazard & ~fire;

endmodule
