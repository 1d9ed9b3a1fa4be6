// Many adders side by side; a valid bit goes alongside.
module tb #(
    parameter int unsigned LANES = 32
) (
    input  logic                   clk_i,
    input  logic                   rst_ni,
    input  logic                   valid_i,
    input  logic [LANES-1:0][31:0] a_i,
    input  logic [LANES-1:0][31:0] b_i,
    output logic                   valid_o,
    output logic [LANES-1:0][31:0] sum_o
);

  localparam int unsigned LAT = dtv1_pkg::FP_ADD_LAT;

  logic [LAT-1:0] valid_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin : valid_pipe
    if (!rst_ni) valid_q <= '0;
    else valid_q <= {valid_q[LAT-2:0], valid_i};
  end

  assign valid_o = valid_q[LAT-1];

  for (genvar k = 0; k < LANES; k++) begin : gen_lane
    dtv1_fp_add dut (
        .clk_i,
        .a_i  (a_i[k]),
        .b_i  (b_i[k]),
        .sum_o(sum_o[k])
    );
  end

endmodule
