// Many activation units side by side, two lanes each; a valid bit goes alongside.
module tb #(
    parameter int unsigned UNITS = 16
) (
    input  logic                                                   clk_i,
    input  logic                                                   rst_ni,
    input  logic                                                   en_i,
    input  logic                                                   valid_i,
    input  dtv1_pkg::func_e                                        func_i,
    input  logic                                                   shift_i,
    input  logic            [2*UNITS-1:0][dtv1_pkg::FXP_ACC_W-1:0] x_i,
    output logic                                                   valid_o,
    output logic            [2*UNITS-1:0][                   15:0] y_o
);

  localparam int unsigned LAT = dtv1_pkg::ACT_LAT;

  logic [LAT-1:0] valid_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin : valid_pipe
    if (!rst_ni) valid_q <= '0;
    else if (en_i) valid_q <= {valid_q[LAT-2:0], valid_i};
  end

  assign valid_o = valid_q[LAT-1];

  for (genvar k = 0; k < UNITS; k++) begin : gen_unit
    dtv1_act_fxp dut (
        .clk_i,
        .en_i,
        .func_i,
        .shift_i,
        .x_i(x_i[2*k+:2]),
        .y_o(y_o[2*k+:2])
    );
  end

endmodule
