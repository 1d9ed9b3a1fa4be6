// Depths of dtv1_smem_fifo that are proved, each with inputs of its own.
module smem_fifo #(
    localparam int unsigned DEPTHS = 5
) (
    input logic                   clk_i,
    input logic [DEPTHS-1:0]      valid_i,
    input logic [DEPTHS-1:0]      ready_i,
    input logic [DEPTHS-1:0][1:0] data_i
);

  logic rst_n;

  formal_reset u_reset (
      .clk_i,
      .rst_no(rst_n)
  );

  for (genvar i = 0; i < DEPTHS; i++) begin : gen_depth
    formal_smem_fifo #(
        .DEPTH(i + 1)
    ) u_proof (
        .clk_i,
        .rst_ni (rst_n),
        .valid_i(valid_i[i]),
        .ready_i(ready_i[i]),
        .data_i (data_i[i])
    );
  end

endmodule
