// Proof of dtv1_stream_fork with three takers: each gets every item exactly once, at any times, and
// the item leaves as soon as all have it.
module stream_fork #(
    localparam int unsigned TAKERS = 3
) (
    input logic              clk_i,
    input logic              valid_i,
    input logic [TAKERS-1:0] ready_i
);

  logic rst_n, ready;
  logic [TAKERS-1:0] valid;

  formal_reset u_reset (
      .clk_i,
      .rst_no(rst_n)
  );

  dtv1_stream_fork #(
      .N(TAKERS)
  ) dut (
      .clk_i,
      .rst_ni (rst_n),
      .valid_i,
      .ready_o(ready),
      .valid_o(valid),
      .ready_i
  );

  // Who has taken the item on offer in an earlier cycle, and how long there has been one.
  logic [TAKERS-1:0] has_q, takes;
  assign takes = valid & ready_i;

  always_ff @(posedge clk_i or negedge rst_n) begin : state
    if (!rst_n) has_q <= '0;
    else if (valid_i && ready) has_q <= '0;
    else has_q <= has_q | takes;
  end

  always_ff @(posedge clk_i) begin : properties
    if (rst_n) begin
      NotTwice_A : assert ((takes & has_q) == '0);
      NotLost_A : assert (!(valid_i && ready) || (takes | has_q) == '1);
      // Nobody waits for another one, and the source for nobody once all have the item.
      Offered_A : assert (valid == (has_q ^ {TAKERS{1'b1}}) || !valid_i);
      NoneMadeUp_A : assert (valid_i || valid == '0);
      Leaves_A : assert (!valid_i || ready == ((takes | has_q) == '1));
      // The inside.
      Done_A : assert (dut.done_q == has_q);
    end
  end

endmodule
