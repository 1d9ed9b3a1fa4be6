// Arbiter of one bank of the shared memory: at most one grant a cycle, writes first, round robin
// among the writes and among the reads.
//
// The grant depends on the requests of the same cycle. A write waits for one grant of each other
// writer at most, and a read, once no write asks, for one grant of each other reader at most.
`include "dtv1_assert.svh"

module dtv1_smem_arb #(
    parameter int unsigned WRITERS = 2,
    parameter int unsigned READERS = 3
) (
    input  logic               clk_i,
    input  logic               rst_ni,
    input  logic [WRITERS-1:0] wreq_i,
    output logic [WRITERS-1:0] wgnt_o,
    input  logic [READERS-1:0] rreq_i,
    output logic [READERS-1:0] rgnt_o
);

  // Those after the one that was granted last: they come before the others.
  logic [WRITERS-1:0] wafter_d, wafter_q, wpick;
  logic [READERS-1:0] rafter_d, rafter_q, rpick;

  assign wpick  = |(wreq_i & wafter_q) ? wreq_i & wafter_q : wreq_i;
  assign rpick  = |(rreq_i & rafter_q) ? rreq_i & rafter_q : rreq_i;

  // The lowest one.
  assign wgnt_o = wpick & (~wpick + WRITERS'(1));
  assign rgnt_o = |wreq_i ? '0 : rpick & (~rpick + READERS'(1));

  always_comb begin : next
    wafter_d = wafter_q;
    rafter_d = rafter_q;
    if (|wgnt_o) wafter_d = ~(wgnt_o | (wgnt_o - WRITERS'(1)));
    if (|rgnt_o) rafter_d = ~(rgnt_o | (rgnt_o - READERS'(1)));
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : turn
    if (!rst_ni) begin
      wafter_q <= '0;
      rafter_q <= '0;
    end else begin
      wafter_q <= wafter_d;
      rafter_q <= rafter_d;
    end
  end

  `DTV1_ASSERT(OneGrant_A, $onehot0({wgnt_o, rgnt_o}))
  `DTV1_ASSERT(Requested_A, ((wgnt_o & ~wreq_i) == '0) && ((rgnt_o & ~rreq_i) == '0))
  `DTV1_ASSERT(NoIdle_A, (|{wgnt_o, rgnt_o}) == (|{wreq_i, rreq_i}))

endmodule
