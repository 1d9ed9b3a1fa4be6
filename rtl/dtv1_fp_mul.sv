// Product of two bf16 numbers, exact in float32.
//
// Subnormal operands count as zero of their sign; a product too small for a normal float32 is a zero
// of its sign, one too large an infinity; infinity times zero, and any NaN, give 0x7FC00000.
// Latency dtv1_pkg::FP_MUL_LAT (2), one product per cycle, no reset: the parent carries valid.
module dtv1_fp_mul (
    input  logic        clk_i,
    input  logic [15:0] a_i,    // bf16
    input  logic [15:0] b_i,    // bf16
    output logic [31:0] prod_o  // float32
);

  localparam logic [7:0] EXP_ONES = 8'hFF;
  localparam logic [31:0] FP32_NAN = 32'h7FC0_0000;
  // Exponents of zero and infinity in stage 1's form.
  localparam logic [8:0] EXP_ZERO = 9'd128;
  localparam logic [8:0] EXP_INF = EXP_ZERO + 9'd255;

  // Stage 1: product of the significands (a DSP block) and sum of the exponents.
  logic a_zero, b_zero, a_inf, b_inf, a_nan, b_nan;
  logic [15:0] s1_sig_d, s1_sig_q;  // unsigned Q2.14, in [1, 4) for normal operands
  logic [8:0] s1_exp_d, s1_exp_q;  // biased exponent of a product in [1, 2), plus 128
  logic s1_sign_d, s1_sign_q;
  logic s1_zero_d, s1_zero_q, s1_inf_d, s1_inf_q, s1_nan_d, s1_nan_q;

  always_comb begin : multiply
    a_zero = a_i[14:7] == '0;
    b_zero = b_i[14:7] == '0;
    a_inf = a_i[14:7] == EXP_ONES && a_i[6:0] == '0;
    b_inf = b_i[14:7] == EXP_ONES && b_i[6:0] == '0;
    a_nan = a_i[14:7] == EXP_ONES && a_i[6:0] != '0;
    b_nan = b_i[14:7] == EXP_ONES && b_i[6:0] != '0;

    s1_sig_d = 16'({1'b1, a_i[6:0]}) * 16'({1'b1, b_i[6:0]});
    // The sum has twice the bias of 127, that is the bias and 127; one more makes it 128.
    s1_exp_d = 9'(a_i[14:7]) + 9'(b_i[14:7]) + 9'd1;
    s1_sign_d = a_i[15] ^ b_i[15];
    s1_zero_d = a_zero || b_zero;
    s1_inf_d = a_inf || b_inf;
    s1_nan_d = a_nan || b_nan || (a_inf && b_zero) || (a_zero && b_inf);
  end

  // Stage 2: normalise, and replace what is out of range or special.
  logic s2_carry;  // the significand lies in [2, 4)
  logic s2_small, s2_large;  // the exponent is out of range
  logic [ 7:0] s2_exp;  // biased exponent of the product
  logic [22:0] s2_mant;  // fraction bits of float32
  logic [31:0] s2_prod_d, s2_prod_q;

  always_comb begin : normalise
    s2_carry = s1_sig_q[15];
    s2_small = s1_exp_q < EXP_ZERO || (s1_exp_q == EXP_ZERO && !s2_carry);
    s2_large = s1_exp_q >= EXP_INF || (s1_exp_q == EXP_INF - 9'd1 && s2_carry);
    s2_exp   = 8'(s1_exp_q - EXP_ZERO) + 8'(s2_carry);
    s2_mant  = s2_carry ? {s1_sig_q[14:0], 8'b0} : {s1_sig_q[13:0], 9'b0};
    if (s1_nan_q) begin
      s2_prod_d = FP32_NAN;
    end else if (s1_inf_q || (s2_large && !s1_zero_q)) begin
      s2_prod_d = {s1_sign_q, EXP_ONES, 23'b0};
    end else if (s1_zero_q || s2_small) begin
      s2_prod_d = {s1_sign_q, 31'b0};
    end else begin
      s2_prod_d = {s1_sign_q, s2_exp, s2_mant};
    end
  end

  always_ff @(posedge clk_i) begin : pipeline
    s1_sig_q  <= s1_sig_d;
    s1_exp_q  <= s1_exp_d;
    s1_sign_q <= s1_sign_d;
    s1_zero_q <= s1_zero_d;
    s1_inf_q  <= s1_inf_d;
    s1_nan_q  <= s1_nan_d;
    s2_prod_q <= s2_prod_d;
  end

  assign prod_o = s2_prod_q;

endmodule
