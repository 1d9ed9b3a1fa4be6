// Hands the indices of a list straight to the input module: takes for each word which lanes fired,
// gives one index a cycle. Holds the whole list of a vector.
`include "dtv1_assert.svh"

module dtv1_opm_direct
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::CNT_W;
  import dtv1_pkg::IDX_W;
#(
    // Words that may still come when `room_o` was high: one that is let in by it, and one before.
    localparam int unsigned ON_THE_WAY = 2
) (
    input logic clk_i,
    input logic rst_ni,

    output logic              room_o,
    input  logic              valid_i,
    input  logic [NUM_PE-1:0] fired_i,  // at least one
    input  logic [ CNT_W-1:0] grp_i,

    output logic             direct_valid_o,
    input  logic             direct_ready_i,
    output logic [IDX_W-1:0] direct_idx_o,

    output logic busy_o
);

  localparam int unsigned LANE_W = dtv1_pkg::LANE_W;
  localparam int unsigned WORDS = dtv1_pkg::MAX_N / NUM_PE;
  localparam int unsigned DEPTH = WORDS + ON_THE_WAY;
  localparam int unsigned OUT_DEPTH = 2;

  logic in_ready, word_valid, word_ready;
  logic [NUM_PE-1:0] word_fired, left_d, left_q, lowest;
  logic [CNT_W-1:0] word_grp, grp_d, grp_q;
  logic [LANE_W-1:0] lane;
  logic [$clog2(DEPTH+1)-1:0] count;
  logic idx_valid, idx_ready, pass, done;

  dtv1_fifo #(
      .WIDTH(NUM_PE + CNT_W),
      .DEPTH(DEPTH)
  ) u_words (
      .clk_i,
      .rst_ni,
      .clr_i  (1'b0),
      .valid_i,
      .ready_o(in_ready),
      .data_i ({fired_i, grp_i}),
      .valid_o(word_valid),
      .ready_i(word_ready),
      .data_o ({word_fired, word_grp}),
      .count_o(count)
  );

  assign room_o     = 32'(count) < WORDS;

  // Lanes of the present word that have not been handed over, the lowest first.
  assign idx_valid  = left_q != '0;
  assign lowest     = left_q & (~left_q + 1'b1);
  assign pass       = idx_valid & idx_ready;
  assign done       = pass & (left_q == lowest);
  assign word_ready = ~idx_valid | done;

  always_comb begin : encode
    lane = '0;
    for (int unsigned l = 0; l < NUM_PE; l++) begin
      if (lowest[l]) lane |= LANE_W'(l);
    end
  end

  always_comb begin : next
    left_d = left_q;
    grp_d  = grp_q;
    if (pass) left_d = left_q & ~lowest;
    if (word_valid & word_ready) begin
      left_d = word_fired;
      grp_d  = word_grp;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) left_q <= '0;
    else left_q <= left_d;
  end

  always_ff @(posedge clk_i) begin : payload
    grp_q <= grp_d;
  end

  dtv1_smem_fifo #(
      .WIDTH(IDX_W),
      .DEPTH(OUT_DEPTH)
  ) u_out (
      .clk_i,
      .rst_ni,
      .valid_i(idx_valid),
      .ready_o(idx_ready),
      .data_i (IDX_W'({grp_q, lane})),
      .valid_o(direct_valid_o),
      .ready_i(direct_ready_i),
      .data_o (direct_idx_o)
  );

  assign busy_o = (count != '0) | idx_valid | direct_valid_o;

  `DTV1_ASSERT(Room_A, !valid_i || in_ready)

endmodule
