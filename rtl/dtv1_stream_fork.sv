// One valid/ready stream to N takers: each gets every item exactly once, each at its own time.
//
// The input is taken in the cycle in which the last taker takes the item, so nothing is stored but
// who has it already. `ready_o` depends on `ready_i` in the same cycle, `valid_o` on `valid_i`; the
// data go past this module. Without stalls one item a cycle passes.
`include "dtv1_assert.svh"

module dtv1_stream_fork #(
    parameter int unsigned N = 2
) (
    input  logic         clk_i,
    input  logic         rst_ni,
    input  logic         valid_i,
    output logic         ready_o,
    output logic [N-1:0] valid_o,
    input  logic [N-1:0] ready_i
);

  logic [N-1:0] done_d, done_q;  // takers that have the item on offer

  assign valid_o = {N{valid_i}} & ~done_q;
  assign ready_o = &(done_q | ready_i);
  assign done_d  = (valid_i && ready_o) ? '0 : done_q | (valid_o & ready_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin : done
    if (!rst_ni) done_q <= '0;
    else done_q <= done_d;
  end

  // Somebody still waits for the item on offer.
  `DTV1_ASSERT(Open_A, done_q != '1)

endmodule
