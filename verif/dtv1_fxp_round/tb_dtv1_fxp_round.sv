// Many rounding units side by side, each followed by a register, and a valid bit alongside.
module tb #(
    parameter int unsigned LANES = 64
) (
    input  logic                                      clk_i,
    input  logic                                      rst_ni,
    input  logic                                      valid_i,
    input  logic                                      shift_i,
    input  logic [LANES-1:0][dtv1_pkg::FXP_ACC_W-1:0] acc_i,
    output logic                                      valid_o,
    output logic [LANES-1:0][                   15:0] y_o
);

  logic valid_q;
  logic [LANES-1:0][15:0] y_d, y_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin : valid_pipe
    if (!rst_ni) valid_q <= 1'b0;
    else valid_q <= valid_i;
  end

  always_ff @(posedge clk_i) begin : results
    y_q <= y_d;
  end

  assign valid_o = valid_q;
  assign y_o = y_q;

  for (genvar k = 0; k < LANES; k++) begin : gen_lane
    dtv1_fxp_round dut (
        .acc_i(acc_i[k]),
        .shift_i,
        .y_o  (y_d[k])
    );
  end

endmodule
