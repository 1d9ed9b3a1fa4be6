// Functions on the way out of the bf16 build, two lanes: none, ReLU, sigmoid, tanh.
//
// None passes float32 through unchanged; ReLU gives +0 for what is negative, and canonical float32;
// sigmoid and tanh round to bf16 first and give the correctly rounded bf16 as a float32.
// The lanes share one table (dtv1_act_rom_fp), which has a port for each.
// Latency dtv1_pkg::ACT_LAT (4) cycles in which en_i is high; en_i low freezes all stages. No reset.
module dtv1_act_fp (
    input  logic                        clk_i,
    input  logic                        en_i,
    input  dtv1_pkg::func_e             func_i,
    input  logic            [1:0][31:0] x_i,     // float32
    output logic            [1:0][31:0] y_o      // float32
);

  localparam logic [7:0] EXP_ONES = 8'hFF;
  localparam logic [31:0] FP32_NAN = 32'h7FC0_0000;
  localparam logic [30:0] FP32_HALF = 31'h3F00_0000;
  localparam logic [30:0] FP32_ONE = 31'h3F80_0000;

  // Stages 1 to 3 for both lanes: which function it is. A table function is sigmoid or tanh.
  logic s1_func_table_d, s1_func_table_q, s2_func_table_q;
  logic s1_tanh_q, s2_tanh_q;

  assign s1_func_table_d = func_i == dtv1_pkg::FUNC_SIGMOID || func_i == dtv1_pkg::FUNC_TANH;

  always_ff @(posedge clk_i) begin : functions
    if (en_i) begin
      s1_func_table_q <= s1_func_table_d;
      s1_tanh_q <= func_i == dtv1_pkg::FUNC_TANH;
      s2_func_table_q <= s1_func_table_q;
      s2_tanh_q <= s1_tanh_q;
    end
  end

  // Stages 2 and 3: table lookup.
  logic [1:0][15:0] s1_x;  // bf16
  logic [1:0] s2_below, s2_above;
  logic [1:0][14:0] s3_entry;  // bf16 without its sign

  dtv1_act_rom_fp u_rom (
      .clk_i,
      .en_i,
      .tanh_i (s1_tanh_q),
      .x_i    (s1_x),
      .below_o(s2_below),
      .above_o(s2_above),
      .entry_o(s3_entry)
  );

  for (genvar k = 0; k < 2; k++) begin : gen_lane
    // Stage 1: round for the table, or apply what needs none.
    logic [15:0] s1_rounded;  // bf16
    logic s1_nan;
    logic [31:0] s1_value_d, s1_value_q;  // float32

    dtv1_fp_round u_round (
        .x_i(x_i[k]),
        .y_o(s1_rounded)
    );

    always_comb begin : prepare
      s1_nan = x_i[k][30:23] == EXP_ONES && x_i[k][22:0] != '0;
      unique case (func_i)
        dtv1_pkg::FUNC_NONE: s1_value_d = x_i[k];
        dtv1_pkg::FUNC_RELU: begin
          if (s1_nan) s1_value_d = FP32_NAN;
          else if (x_i[k][31] || x_i[k][30:23] == '0) s1_value_d = '0;
          else s1_value_d = x_i[k];
        end
        default: s1_value_d = {s1_rounded, 16'b0};
      endcase
    end

    assign s1_x[k] = s1_value_q[31:16];

    // Stage 2: wait for the ranges; a NaN stays what it is.
    logic s2_nan_d, s2_nan_q;
    logic [31:0] s2_value_q;  // float32

    assign s2_nan_d = s1_value_q[30:16] == FP32_NAN[30:16];

    // Stage 3: results outside the table.
    logic s3_table_d, s3_table_q;  // the result is the table's entry, with the value's sign
    logic [31:0] s3_value_d, s3_value_q;  // float32

    always_comb begin : outside
      s3_table_d = s2_func_table_q && !s2_nan_q && !s2_below[k] && !s2_above[k];
      s3_value_d = s2_value_q;
      if (s2_func_table_q && !s2_nan_q) begin
        if (s2_below[k]) begin
          if (!s2_tanh_q) s3_value_d = {1'b0, FP32_HALF};
        end else if (s2_above[k]) begin
          if (s2_tanh_q) s3_value_d = {s2_value_q[31], FP32_ONE};
          else s3_value_d = s2_value_q[31] ? '0 : {1'b0, FP32_ONE};
        end else begin
          s3_value_d[31] = s2_tanh_q && s2_value_q[31];
        end
      end
    end

    // Stage 4: choose.
    logic [31:0] s4_value_d, s4_value_q;  // float32

    assign s4_value_d = s3_table_q ? {s3_value_q[31], s3_entry[k], 16'b0} : s3_value_q;

    always_ff @(posedge clk_i) begin : pipeline
      if (en_i) begin
        s1_value_q <= s1_value_d;
        s2_value_q <= s1_value_q;
        s2_nan_q   <= s2_nan_d;
        s3_value_q <= s3_value_d;
        s3_table_q <= s3_table_d;
        s4_value_q <= s4_value_d;
      end
    end

    assign y_o[k] = s4_value_q;
  end

endmodule
