// Way out of the compute core: brings the results of the parallel and the cascade adders, which
// differ in latency, into the order of their operations, applies the function (and in the fxp16
// build rounding), and hands them on.
//
// An operation that gives a result reserves its place when it starts (book_*), so the adders never
// wait: book_ready_o is low while RES_DEPTH results are in flight or waiting.
`include "dtv1_assert.svh"

module dtv1_ccm_out
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::ACC_W;
  import dtv1_pkg::RES_W;
(
    input logic clk_i,
    input logic rst_ni,

    input  logic                 book_valid_i,
    output logic                 book_ready_o,
    input  dtv1_pkg::ccm_order_t book_i,

    input logic                         par_valid_i,
    input logic [NUM_PE-1:0][ACC_W-1:0] par_i,
    input logic                         cas_valid_i,
    input logic [ ACC_W-1:0]            cas_i,

    output logic                         res_valid_o,
    input  logic                         res_ready_i,
    output logic                         res_scalar_o,  // a single sum, in lane 0
    output logic [NUM_PE-1:0][RES_W-1:0] res_o,

    output logic busy_o
);

  localparam int unsigned DEPTH = dtv1_pkg::RES_DEPTH;
  localparam int unsigned ACT_LAT = dtv1_pkg::ACT_LAT;
  localparam int unsigned PAIRS = NUM_PE / 2;  // an activation unit serves two lanes

  // Places in order of operations, and results of each kind.
  dtv1_pkg::ccm_order_t head;
  logic head_valid, take;
  logic [$clog2(DEPTH+1)-1:0] places, unused_par_count, unused_cas_count;
  logic par_valid, par_ready, cas_valid, cas_ready;
  logic [NUM_PE-1:0][ACC_W-1:0] par_word;
  logic [ACC_W-1:0] cas_sum;

  dtv1_fifo #(
      .WIDTH($bits(dtv1_pkg::ccm_order_t)),
      .DEPTH(DEPTH)
  ) u_order (
      .clk_i,
      .rst_ni,
      .clr_i  (1'b0),
      .valid_i(book_valid_i),
      .ready_o(book_ready_o),
      .data_i (book_i),
      .valid_o(head_valid),
      .ready_i(take),
      .data_o (head),
      .count_o(places)
  );

  dtv1_fifo #(
      .WIDTH(NUM_PE * ACC_W),
      .DEPTH(DEPTH)
  ) u_par (
      .clk_i,
      .rst_ni,
      .clr_i  (1'b0),
      .valid_i(par_valid_i),
      .ready_o(par_ready),
      .data_i (par_i),
      .valid_o(par_valid),
      .ready_i(take & ~head.scalar),
      .data_o (par_word),
      .count_o(unused_par_count)
  );

  dtv1_fifo #(
      .WIDTH(ACC_W),
      .DEPTH(DEPTH)
  ) u_cas (
      .clk_i,
      .rst_ni,
      .clr_i  (1'b0),
      .valid_i(cas_valid_i),
      .ready_o(cas_ready),
      .data_i (cas_i),
      .valid_o(cas_valid),
      .ready_i(take & head.scalar),
      .data_o (cas_sum),
      .count_o(unused_cas_count)
  );

  // The functions' pipeline moves when its last stage is free or leaves.
  logic move;
  logic [NUM_PE-1:0][ACC_W-1:0] raw;
  logic [ACT_LAT-1:0] valid_q, scalar_q;

  assign move = ~valid_q[ACT_LAT-1] | res_ready_i;
  assign take = head_valid & (head.scalar ? cas_valid : par_valid) & move;

  always_comb begin : select
    raw = par_word;
    if (head.scalar) raw[0] = cas_sum;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : valid_pipe
    if (!rst_ni) valid_q <= '0;
    else if (move) valid_q <= {valid_q[ACT_LAT-2:0], take};
  end

  always_ff @(posedge clk_i) begin : scalar_pipe
    if (move) scalar_q <= {scalar_q[ACT_LAT-2:0], head.scalar};
  end

  for (genvar p = 0; p < PAIRS; p++) begin : gen_pair
    if (dtv1_pkg::FORMAT_FP) begin : gen_fp
      logic unused_act_scale;
      assign unused_act_scale = head.act_scale;

      dtv1_act_fp u_act (
          .clk_i,
          .en_i  (move),
          .func_i(head.func),
          .x_i   (raw[2*p+:2]),
          .y_o   (res_o[2*p+:2])
      );
    end else begin : gen_fxp
      dtv1_act_fxp u_act (
          .clk_i,
          .en_i   (move),
          .func_i (head.func),
          .shift_i(head.act_scale),
          .x_i    (raw[2*p+:2]),
          .y_o    (res_o[2*p+:2])
      );
    end
  end

  assign res_valid_o  = valid_q[ACT_LAT-1];
  assign res_scalar_o = scalar_q[ACT_LAT-1];
  assign busy_o       = (places != '0) | (valid_q != '0);

  `DTV1_ASSERT(ParRoom_A, !par_valid_i || par_ready)
  `DTV1_ASSERT(CasRoom_A, !cas_valid_i || cas_ready)

endmodule
