// Functions on the way out of the fxp16 build, two lanes: none, ReLU, sigmoid, tanh.
//
// The accumulators are rounded to the activation format first; the functions' results are correctly
// rounded (half to even) and saturated. The lanes share one table (dtv1_act_rom_fxp), which has a
// port for each.
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

  // Stage 1: take the operands, which may come late in the cycle (from a memory, through a choice).
  dtv1_pkg::func_e s1_func_q;
  logic s1_shift_q;
  logic [1:0][dtv1_pkg::FXP_ACC_W-1:0] s1_x_q;  // signed accumulators

  // Stages 2 and 3, both lanes: which function it is. A table function is sigmoid or tanh.
  logic s2_table_d, s2_table_q, s3_table_q, s2_tanh_q;

  assign s2_table_d = s1_func_q == dtv1_pkg::FUNC_SIGMOID || s1_func_q == dtv1_pkg::FUNC_TANH;

  always_ff @(posedge clk_i) begin : functions
    if (en_i) begin
      s1_func_q  <= func_i;
      s1_shift_q <= shift_i;
      s1_x_q     <= x_i;
      s2_table_q <= s2_table_d;
      s2_tanh_q  <= s1_func_q == dtv1_pkg::FUNC_TANH;
      s3_table_q <= s2_table_q;
    end
  end

  // Stage 3: table lookup.
  logic [1:0][15:0] s2_x;  // signed, activation format
  logic [1:0][15:0] s3_entry;  // signed, activation format

  dtv1_act_rom_fxp u_rom (
      .clk_i,
      .en_i,
      .tanh_i (s2_tanh_q),
      .x_i    (s2_x),
      .entry_o(s3_entry)
  );

  for (genvar k = 0; k < 2; k++) begin : gen_lane
    // Stage 2: round.
    logic [15:0] s2_rounded;
    logic [15:0] s2_value_d, s2_value_q;  // signed, activation format

    dtv1_fxp_round u_round (
        .acc_i  (s1_x_q[k]),
        .shift_i(s1_shift_q),
        .y_o    (s2_rounded)
    );

    always_comb begin : prepare
      s2_value_d = s2_rounded;
      if (s1_func_q == dtv1_pkg::FUNC_RELU && s1_x_q[k][dtv1_pkg::FXP_ACC_W-1]) s2_value_d = '0;
    end

    assign s2_x[k] = s2_value_q;

    // Stage 3: wait for the table. Stage 4: choose; the table's entry comes late.
    logic [15:0] s3_value_q;  // signed, activation format
    logic [15:0] s4_value_d, s4_value_q;  // signed, activation format

    assign s4_value_d = s3_table_q ? s3_entry[k] : s3_value_q;

    always_ff @(posedge clk_i) begin : pipeline
      if (en_i) begin
        s2_value_q <= s2_value_d;
        s3_value_q <= s2_value_q;
        s4_value_q <= s4_value_d;
      end
    end

    assign y_o[k] = s4_value_q;
  end

endmodule
