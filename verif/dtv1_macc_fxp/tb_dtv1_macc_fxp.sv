// The PE array with all that belongs to a word at one time: the accumulators, which the array wants
// when the products are there, are delayed here.
module tb
  import dtv1_pkg::NUM_PE;
(
    input  logic                                                               clk_i,
    input  logic                                                               rst_ni,
    input  logic                                                               valid_i,
    input  dtv1_pkg::mode_e                                                    mode_i,
    input  logic                                                               zero_i,
    input  logic                                                               neg_i,
    input  logic                                                               last_i,
    input  logic            [             NUM_PE-1:0][                   15:0] a_i,
    input  logic            [             NUM_PE-1:0][                   15:0] b_i,
    input  logic            [             NUM_PE-1:0][dtv1_pkg::FXP_ACC_W-1:0] acc_i,
    output logic                                                               par_valid_o,
    output logic            [             NUM_PE-1:0][dtv1_pkg::FXP_ACC_W-1:0] par_o,
    output logic                                                               cas_valid_o,
    output logic            [dtv1_pkg::FXP_ACC_W-1:0]                          cas_o
);

  localparam int unsigned LAT = dtv1_pkg::FXP_MUL_LAT;

  logic [LAT-1:0][NUM_PE-1:0][dtv1_pkg::FXP_ACC_W-1:0] acc_q;

  always_ff @(posedge clk_i) begin : acc_pipe
    acc_q <= {acc_q[LAT-2:0], acc_i};
  end

  dtv1_macc_fxp dut (
      .clk_i,
      .rst_ni,
      .valid_i,
      .mode_i,
      .zero_i,
      .neg_i,
      .last_i,
      .a_i,
      .b_i,
      .acc_i(acc_q[LAT-1]),
      .par_valid_o,
      .par_o,
      .cas_valid_o,
      .cas_o
  );

endmodule
