// Shapes of dtv1_fifo that are proved, each with inputs of its own.
module fifo #(
    localparam int unsigned SHAPES = 8
) (
    input logic                   clk_i,
    input logic [SHAPES-1:0]      clr_i,
    input logic [SHAPES-1:0]      valid_i,
    input logic [SHAPES-1:0]      ready_i,
    input logic [SHAPES-1:0][1:0] data_i
);

  logic rst_n;

  formal_reset u_reset (
      .clk_i,
      .rst_no(rst_n)
  );

  for (genvar i = 0; i < SHAPES; i++) begin : gen_shape
    formal_fifo #(
        .DEPTH(i / 2 + 1),
        .FWFT (i % 2 == 0)
    ) u_proof (
        .clk_i,
        .rst_ni (rst_n),
        .clr_i  (clr_i[i]),
        .valid_i(valid_i[i]),
        .ready_i(ready_i[i]),
        .data_i (data_i[i])
    );
  end

endmodule
