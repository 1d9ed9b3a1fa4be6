// Proof of dtv1_dep_gate: an instruction passes if and only if the one that it depends on has
// retired (and not too many are on their way), and then at once; with no dependency it never waits
// for a retirement unless as many are on their way as may be.
module dep_gate #(
    localparam int unsigned MOST  = 127,
    localparam int unsigned LEAST = 128
) (
    input logic       clk_i,
    input logic       valid_i,
    input logic [2:0] dep_i,
    input logic       ready_i,
    input logic       retire_i
);

  logic rst_n, ready, valid;

  formal_reset u_reset (
      .clk_i,
      .rst_no(rst_n)
  );

  dtv1_dep_gate dut (
      .clk_i,
      .rst_ni (rst_n),
      .valid_i,
      .ready_o(ready),
      .dep_i,
      .valid_o(valid),
      .ready_i,
      .retire_i
  );

  // The model: how many instructions have passed and how many have retired since the reset.
  int unsigned passed_q, retired_q;
  int   ahead;
  logic ended;  // the instruction that the one on offer depends on has retired

  assign ahead = int'(passed_q - retired_q);
  // Number passed_q is on offer; number passed_q - dep_i has retired when more than that have.
  assign ended = int'(retired_q - (passed_q - 32'(dep_i))) > 0;

  always_ff @(posedge clk_i or negedge rst_n) begin : model
    if (!rst_n) begin
      passed_q  <= 0;
      retired_q <= 0;
    end else begin
      passed_q  <= passed_q + 32'(valid_i && ready);
      retired_q <= retired_q + 32'(retire_i);
    end
  end

  always_ff @(posedge clk_i) begin : properties
    if (rst_n) begin
      // Instructions do not retire in such numbers before they pass.
      Retire_M : assume (!retire_i || ahead > -int'(LEAST));

      NotEarly_A : assert (!valid || dep_i == 0 || ended);
      NotLate_A : assert (!valid_i || valid == ((dep_i == 0) ? ahead < int'(MOST) : ended));
      Taken_A : assert ((valid_i && ready) == (valid && ready_i));
      NoneMadeUp_A : assert (valid_i || !valid);
      Most_A : assert (ahead <= int'(MOST) && ahead >= -int'(LEAST));
      // The inside.
      Count_A : assert (int'(dut.ahead_q) == ahead);
    end
  end

endmodule
