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

  // Stage 1: take the operands, which may come late in the cycle (from a memory, through a choice).
  dtv1_pkg::func_e s1_func_q;
  logic [1:0][31:0] s1_x_q;  // float32

  // Stages 2 and 3, both lanes: which function it is. A table function is sigmoid or tanh.
  logic s2_table_d, s2_table_q, s3_table_q;
  logic s2_tanh_q, s3_tanh_q;

  assign s2_table_d = s1_func_q == dtv1_pkg::FUNC_SIGMOID || s1_func_q == dtv1_pkg::FUNC_TANH;

  always_ff @(posedge clk_i) begin : functions
    if (en_i) begin
      s1_func_q  <= func_i;
      s1_x_q     <= x_i;
      s2_table_q <= s2_table_d;
      s2_tanh_q  <= s1_func_q == dtv1_pkg::FUNC_TANH;
      s3_table_q <= s2_table_q;
      s3_tanh_q  <= s2_tanh_q;
    end
  end

  // Stage 3: table lookup.
  logic [1:0][15:0] s2_x;  // bf16
  logic [1:0] s3_below, s3_above;
  logic [1:0][14:0] s3_entry;  // bf16 without its sign

  dtv1_act_rom_fp u_rom (
      .clk_i,
      .en_i,
      .tanh_i (s2_tanh_q),
      .x_i    (s2_x),
      .below_o(s3_below),
      .above_o(s3_above),
      .entry_o(s3_entry)
  );

  for (genvar k = 0; k < 2; k++) begin : gen_lane
    // Stage 2: round for the table, or apply what needs none.
    logic [15:0] s2_rounded;  // bf16
    logic s2_nan;
    logic [31:0] s2_value_d, s2_value_q;  // float32

    dtv1_fp_round u_round (
        .x_i(s1_x_q[k]),
        .y_o(s2_rounded)
    );

    always_comb begin : prepare
      s2_nan = s1_x_q[k][30:23] == EXP_ONES && s1_x_q[k][22:0] != '0;
      unique case (s1_func_q)
        dtv1_pkg::FUNC_NONE: s2_value_d = s1_x_q[k];
        dtv1_pkg::FUNC_RELU: begin
          if (s2_nan) s2_value_d = FP32_NAN;
          else if (s1_x_q[k][31] || s1_x_q[k][30:23] == '0) s2_value_d = '0;
          else s2_value_d = s1_x_q[k];
        end
        default: s2_value_d = {s2_rounded, 16'b0};
      endcase
    end

    assign s2_x[k] = s2_value_q[31:16];

    // Stage 3: beside the lookup, find out whether a rounded operand is a NaN, which stays what it is.
    logic s3_nan_d, s3_nan_q;
    logic [31:0] s3_value_q;  // float32

    assign s3_nan_d = s2_value_q[30:16] == FP32_NAN[30:16];

    // Stage 4: choose. The table's entry comes late.
    logic [31:0] s4_value_d, s4_value_q;  // float32

    always_comb begin : choose
      s4_value_d = s3_value_q;
      if (s3_table_q && !s3_nan_q) begin
        if (s3_below[k]) begin
          if (!s3_tanh_q) s4_value_d = {1'b0, FP32_HALF};
        end else if (s3_above[k]) begin
          if (s3_tanh_q) s4_value_d = {s3_value_q[31], FP32_ONE};
          else s4_value_d = s3_value_q[31] ? '0 : {1'b0, FP32_ONE};
        end else begin
          s4_value_d = {s3_tanh_q && s3_value_q[31], s3_entry[k], 16'b0};
        end
      end
    end

    always_ff @(posedge clk_i) begin : pipeline
      if (en_i) begin
        s2_value_q <= s2_value_d;
        s3_value_q <= s2_value_q;
        s3_nan_q   <= s3_nan_d;
        s4_value_q <= s4_value_d;
      end
    end

    assign y_o[k] = s4_value_q;
  end

endmodule
