// Way out of the compute core: brings the results of the parallel and the cascade adders, which
// differ in latency, into the order of their operations, applies the function (and in the fxp16
// build rounding), and hands them on.
//
// An operation that gives a result, or ends its instruction without one, reserves its place when it
// enters the PE array, so the adders never wait: room_o is low while (almost) RES_DEPTH of these are
// in flight or waiting. It comes from a register and is meant for an operation that reserves its
// place a cycle later, one a cycle.
`include "dtv1_assert.svh"

module dtv1_ccm_out
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::ACC_W;
  import dtv1_pkg::RES_W;
(
    input logic clk_i,
    input logic rst_ni,

    output logic                 room_o,
    input  logic                 book_valid_i,
    input  dtv1_pkg::ccm_order_t book_i,

    input logic                         par_valid_i,
    input logic [NUM_PE-1:0][ACC_W-1:0] par_i,
    input logic                         cas_valid_i,
    input logic [ ACC_W-1:0]            cas_i,

    output logic                         res_valid_o,
    input  logic                         res_ready_i,
    output logic                         res_scalar_o,  // a single sum, in lane 0
    output logic                         res_last_o,    // ends its instruction
    output logic                         res_none_o,    // no result, only the end
    output logic [NUM_PE-1:0][RES_W-1:0] res_o,

    output logic busy_o
);

  localparam int unsigned DEPTH = dtv1_pkg::RES_DEPTH;
  localparam int unsigned ACT_LAT = dtv1_pkg::ACT_LAT;
  localparam int unsigned PAIRS = NUM_PE / 2;  // an activation unit serves two lanes

  // Places that a count does not show which is a cycle old: those of the operation that asks, of the
  // one before, and of the one that reserves its place now.
  localparam int unsigned UNSEEN = 3;

  // Places in order of operations, and results of each kind.
  dtv1_pkg::ccm_order_t head;
  logic head_valid, take;
  logic [$clog2(DEPTH+1)-1:0] places, unused_par_count, unused_cas_count;
  logic book_ready, room_q;
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
      .ready_o(book_ready),
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
      .ready_i(take & ~head.none & ~head.scalar),
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
      .ready_i(take & ~head.none & head.scalar),
      .data_o (cas_sum),
      .count_o(unused_cas_count)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin : room
    if (!rst_ni) room_q <= 1'b0;
    else room_q <= 32'(places) <= DEPTH - UNSEEN;
  end

  assign room_o = room_q;

  // The functions' pipeline moves unless a result waits behind it, in a register of its own: so
  // res_ready_i does not reach the pipeline's many registers.
  logic move;
  logic [NUM_PE-1:0][ACC_W-1:0] raw;
  logic [ACT_LAT-1:0] valid_q, scalar_q, last_q, none_q;
  logic spare_valid_q, spare_scalar_q, spare_last_q, spare_none_q;
  logic [NUM_PE-1:0][RES_W-1:0] spare_q, res;

  assign move = ~spare_valid_q;
  assign take = head_valid & (head.none | (head.scalar ? cas_valid : par_valid)) & move;

  always_comb begin : select
    raw = par_word;
    if (head.scalar) raw[0] = cas_sum;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : valid_pipe
    if (!rst_ni) begin
      valid_q       <= '0;
      spare_valid_q <= 1'b0;
    end else begin
      if (move) valid_q <= {valid_q[ACT_LAT-2:0], take};
      spare_valid_q <= res_valid_o & ~res_ready_i;
    end
  end

  always_ff @(posedge clk_i) begin : mark_pipe
    if (move) begin
      scalar_q       <= {scalar_q[ACT_LAT-2:0], head.scalar};
      last_q         <= {last_q[ACT_LAT-2:0], head.last};
      none_q         <= {none_q[ACT_LAT-2:0], head.none};
      spare_q        <= res;
      spare_scalar_q <= scalar_q[ACT_LAT-1];
      spare_last_q   <= last_q[ACT_LAT-1];
      spare_none_q   <= none_q[ACT_LAT-1];
    end
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
          .y_o   (res[2*p+:2])
      );
    end else begin : gen_fxp
      dtv1_act_fxp u_act (
          .clk_i,
          .en_i   (move),
          .func_i (head.func),
          .shift_i(head.act_scale),
          .x_i    (raw[2*p+:2]),
          .y_o    (res[2*p+:2])
      );
    end
  end

  assign res_valid_o  = spare_valid_q | valid_q[ACT_LAT-1];
  assign res_scalar_o = spare_valid_q ? spare_scalar_q : scalar_q[ACT_LAT-1];
  assign res_last_o   = spare_valid_q ? spare_last_q : last_q[ACT_LAT-1];
  assign res_none_o   = spare_valid_q ? spare_none_q : none_q[ACT_LAT-1];
  assign res_o        = spare_valid_q ? spare_q : res;
  assign busy_o       = (places != '0) | (valid_q != '0) | spare_valid_q;

  `DTV1_ASSERT(BookRoom_A, !book_valid_i || book_ready)
  `DTV1_ASSERT(ParRoom_A, !par_valid_i || par_ready)
  `DTV1_ASSERT(CasRoom_A, !cas_valid_i || cas_ready)

endmodule
