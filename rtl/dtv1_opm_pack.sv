// From beats to memory words: a word of narrow results passes as it is, one of wide (float32) results
// becomes two, and single sums are collected, NUM_PE to a word. The last word of a step, or in list
// order of the instruction, is filled up with zeros. A word leaves in the cycle of the beat that
// completes it.
module dtv1_opm_pack
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
  import dtv1_pkg::RES_W;
(
    input logic clk_i,
    input logic rst_ni,

    input  logic                          valid_i,
    output logic                          ready_o,
    input  logic                          sums_i,
    input  logic                          sparse_i,
    input  logic                          wide_i,
    input  logic                          last_i,
    input  logic                          none_i,
    input  logic                          col_last_i,
    input  logic                          step_last_i,
    input  logic [NUM_PE-1:0][ RES_W-1:0] raw_i,
    input  logic [NUM_PE-1:0][DATA_W-1:0] elem_i,

    output logic                          valid_o,
    input  logic                          ready_i,
    output logic                          upper_o,       // the second word of wide results
    output logic                          block_last_o,  // the DRAM command's data end here
    output logic                          step_last_o,
    output logic [NUM_PE-1:0][DATA_W-1:0] word_o
);

  localparam int unsigned LANE_W = dtv1_pkg::LANE_W;

  logic [NUM_PE-1:0][DATA_W-1:0] sums_d, sums_q, sums_now, halves;
  logic [LANE_W-1:0] lane_d, lane_q;  // where the next sum goes
  logic upper_d, upper_q;
  logic pass, complete, step_end;

  if (dtv1_pkg::FORMAT_FP) begin : gen_halves
    logic [1:0][NUM_PE-1:0][DATA_W-1:0] both;
    assign both   = raw_i;
    assign halves = both[upper_q];
  end else begin : gen_no_halves
    logic unused_raw;
    assign unused_raw = ^raw_i;
    assign halves = elem_i;
  end

  always_comb begin : collect
    sums_now = sums_q;
    if (!none_i) sums_now[lane_q] = elem_i[0];
  end

  assign ready_o  = ready_i & (~wide_i | upper_q | none_i);
  assign pass     = valid_i & ready_o;
  assign step_end = step_last_i & ~sparse_i;
  assign complete = (~none_i & (&lane_q | step_end)) | last_i;

  always_comb begin : word
    upper_o      = upper_q;
    word_o       = wide_i ? halves : elem_i;
    valid_o      = valid_i & ~none_i;
    block_last_o = col_last_i & (~wide_i | upper_q);
    step_last_o  = step_last_i;
    if (sums_i) begin
      word_o       = sums_now;
      valid_o      = valid_i & complete & ~(none_i & (lane_q == '0));
      block_last_o = sparse_i | step_end;
      step_last_o  = step_end;
    end
  end

  always_comb begin : next
    sums_d  = sums_q;
    lane_d  = lane_q;
    upper_d = upper_q;
    if (valid_o & ready_i & wide_i) upper_d = ~upper_q;
    if (pass & sums_i) begin
      sums_d = complete ? '0 : sums_now;
      lane_d = complete ? '0 : lane_q + 1'b1;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      sums_q  <= '0;
      lane_q  <= '0;
      upper_q <= 1'b0;
    end else begin
      sums_q  <= sums_d;
      lane_q  <= lane_d;
      upper_q <= upper_d;
    end
  end

endmodule
