// Assertions on one valid/ready stream, for simulation and formal tools; to synthesis the module is
// empty.
//
// What is offered stays: `valid_i` does not fall and the data do not change before `ready_i`.
`include "dtv1_assert.svh"

module dtv1_stream_check #(
    parameter int unsigned WIDTH = 1
) (
    input logic             clk_i,
    input logic             rst_ni,
    input logic             valid_i,
    input logic             ready_i,
    input logic [WIDTH-1:0] data_i
);

`ifdef SYNTHESIS
  logic unused_inputs;
  assign unused_inputs = ^{clk_i, rst_ni, valid_i, ready_i, data_i};
`else
  logic waits_q;  // an item was offered and not taken
  logic [WIDTH-1:0] data_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin : wait_reg
    if (!rst_ni) waits_q <= 1'b0;
    else waits_q <= valid_i && !ready_i;
  end

  always_ff @(posedge clk_i) begin : data_reg
    data_q <= data_i;
  end

  `DTV1_ASSERT(Stays_A, !waits_q || valid_i)
  `DTV1_ASSERT(Stable_A, !waits_q || data_i == data_q)
`endif

endmodule
