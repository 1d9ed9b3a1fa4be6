// Reset for a proof: low in the first cycle, high ever after.
module formal_reset (
    input  logic clk_i,
    output logic rst_no
);

  logic started_q;

  initial started_q = 1'b0;

  always_ff @(posedge clk_i) begin : start
    started_q <= 1'b1;
  end

  assign rst_no = started_q;

endmodule
