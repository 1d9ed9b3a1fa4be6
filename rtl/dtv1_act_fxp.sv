// Functions on the way out of the fxp16 build, two lanes: none, ReLU, sigmoid, tanh.
//
// The accumulators are rounded to the activation format first; the functions' results are correctly
// rounded (half to even) and saturated. The lanes share one table (dtv1_act_rom_fxp), which has a
// port for each and holds the results for x >= 0: sigmoid(-x) = 1 - sigmoid(x), tanh(-x) = -tanh(x).
// Latency dtv1_pkg::ACT_LAT (4) cycles in which en_i is high; en_i low freezes all stages. No reset.
module dtv1_act_fxp (
    input  logic                                           clk_i,
    input  logic                                           en_i,
    input  dtv1_pkg::func_e                                func_i,
    // How far to shift the accumulators, as in dtv1_fxp_round.
    input  logic                                           shift_i,
    // Signed accumulators.
    input  logic            [1:0][dtv1_pkg::FXP_ACC_W-1:0] x_i,
    // Signed, in the activation format.
    output logic            [1:0][                   15:0] y_o
);

  localparam logic [15:0] FXP_ONE = 16'd1 << dtv1_pkg::FXP_ACT_FRAC;

  // Stages 1 to 3 for both lanes: which function it is. A table function is sigmoid or tanh.
  logic s1_table_d, s1_table_q, s2_table_q, s3_table_q;
  logic s1_tanh_q, s2_tanh_q, s3_tanh_q;

  assign s1_table_d = func_i == dtv1_pkg::FUNC_SIGMOID || func_i == dtv1_pkg::FUNC_TANH;

  always_ff @(posedge clk_i) begin : functions
    if (en_i) begin
      s1_table_q <= s1_table_d;
      s1_tanh_q  <= func_i == dtv1_pkg::FUNC_TANH;
      s2_table_q <= s1_table_q;
      s2_tanh_q  <= s1_tanh_q;
      s3_table_q <= s2_table_q;
      s3_tanh_q  <= s2_tanh_q;
    end
  end

  // Stages 2 and 3: table lookup.
  logic [1:0][15:0] s1_x;  // signed, activation format
  logic [1:0][15:0] s3_entry;  // unsigned, activation format

  dtv1_act_rom_fxp u_rom (
      .clk_i,
      .en_i,
      .tanh_i (s1_tanh_q),
      .x_i    (s1_x),
      .entry_o(s3_entry)
  );

  for (genvar k = 0; k < 2; k++) begin : gen_lane
    // Stage 1: round.
    logic [15:0] s1_rounded;
    logic [15:0] s1_value_d, s1_value_q;  // signed, activation format

    dtv1_fxp_round u_round (
        .acc_i(x_i[k]),
        .shift_i,
        .y_o  (s1_rounded)
    );

    always_comb begin : prepare
      s1_value_d = s1_rounded;
      if (func_i == dtv1_pkg::FUNC_RELU && x_i[k][dtv1_pkg::FXP_ACC_W-1]) s1_value_d = '0;
    end

    assign s1_x[k] = s1_value_q;

    // Stages 2 and 3: wait for the table.
    logic [15:0] s2_value_q, s3_value_q;  // signed, activation format

    // Stage 4: mirror and choose.
    logic [15:0] s4_mirrored;  // the function of -x
    logic [15:0] s4_value_d, s4_value_q;  // signed, activation format

    always_comb begin : mirror
      s4_mirrored = (s3_tanh_q ? '0 : FXP_ONE) - s3_entry[k];
      if (!s3_table_q) s4_value_d = s3_value_q;
      else s4_value_d = s3_value_q[15] ? s4_mirrored : s3_entry[k];
    end

    always_ff @(posedge clk_i) begin : pipeline
      if (en_i) begin
        s1_value_q <= s1_value_d;
        s2_value_q <= s1_value_q;
        s3_value_q <= s2_value_q;
        s4_value_q <= s4_value_d;
      end
    end

    assign y_o[k] = s4_value_q;
  end

endmodule
