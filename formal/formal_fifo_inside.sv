// What holds inside a dtv1_smem_fifo or dtv1_fifo, for proofs of what it is a part of.
module formal_fifo_inside #(
    parameter int unsigned DEPTH = 4
) (
    input logic clk_i,
    input logic rst_ni,
    input logic [31:0] count_i,
    input logic ahead_i,  // the oldest word is in the output register (dtv1_fifo, FWFT = 1)
    input logic [31:0] raddr_i,
    input logic [31:0] waddr_i
);

  always_ff @(posedge clk_i) begin : properties
    if (rst_ni) begin
      Count_A : assert (count_i <= DEPTH && 32'(ahead_i) <= count_i);
      Range_A : assert (raddr_i < DEPTH && waddr_i < DEPTH);
      Pointers_A : assert (waddr_i == (raddr_i + count_i - 32'(ahead_i)) % DEPTH);
    end
  end

endmodule
