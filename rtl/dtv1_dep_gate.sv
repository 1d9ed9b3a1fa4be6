// Holds an instruction back until the one `dep_i` places before it has ended (retired), so that it
// reads what that one wrote; with `dep_i` zero it does not wait. Stands in front of each unit that
// reads the shared memories.
//
// Whatever it waits for, no more than MOST instructions pass that have not retired. An instruction
// that is not the unit's business may retire before it has passed here.
`include "dtv1_assert.svh"

module dtv1_dep_gate #(
    localparam int unsigned COUNT_W = 8,
    localparam int unsigned MOST = 2 ** (COUNT_W - 1) - 1
) (
    input logic clk_i,
    input logic rst_ni,

    input  logic       valid_i,
    output logic       ready_o,
    input  logic [2:0] dep_i,

    output logic valid_o,
    input  logic ready_i,

    input logic retire_i  // an instruction has retired
);

  logic signed [COUNT_W-1:0] ahead_d, ahead_q;  // passed and not retired
  logic open, pass;

  assign open = (dep_i == '0) ? ahead_q != COUNT_W'(MOST) : ahead_q < $signed(COUNT_W'(dep_i));
  assign valid_o = valid_i & open;
  assign ready_o = ready_i & open;
  assign pass = valid_i & ready_o;

  always_comb begin : count
    ahead_d = ahead_q;
    if (pass & ~retire_i) ahead_d = ahead_q + 1'b1;
    else if (retire_i & ~pass) ahead_d = ahead_q - 1'b1;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) ahead_q <= '0;
    else ahead_q <= ahead_d;
  end

  // So many have retired before they passed as never come to be.
  `DTV1_ASSERT(Count_A, !retire_i || ahead_q != {1'b1, (COUNT_W - 1)'(0)})

endmodule
