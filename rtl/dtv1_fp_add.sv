// Sum of two float32 numbers, rounded to nearest even.
//
// Subnormal operands count as zero of their sign, a sum too small for a normal number is a zero of its
// sign; x + (-x) = +0, (-0) + (-0) = -0; infinity minus infinity, and any NaN, give 0x7FC00000.
// Latency dtv1_pkg::FP_ADD_LAT (4), one sum per cycle, no reset: the parent carries valid.
//
// Two paths, so that no stage holds both a long shift and a carry chain. A difference of operands
// whose exponents differ by at most one may lose many leading bits but needs no rounding (near
// path); every other sum moves by at most one place when normalised, but is rounded (far path).
module dtv1_fp_add (
    input  logic        clk_i,
    input  logic [31:0] a_i,    // float32
    input  logic [31:0] b_i,    // float32
    output logic [31:0] sum_o   // float32
);

  localparam logic [7:0] EXP_ONES = 8'hFF;
  localparam logic [30:0] FP32_NAN = 31'h7FC0_0000;
  // Significand and guard, round and sticky places of the far path.
  localparam int unsigned FAR_W = 27;
  // Significand and the one place by which the near path aligns.
  localparam int unsigned NEAR_W = 25;

  // Stage 1: order the operands by magnitude.
  logic s1_a_less, s1_a_normal, s1_b_normal, s1_a_ones, s1_b_ones;
  logic [7:0] s1_dist_d, s1_dist_q;  // distance of the exponents
  logic [7:0] s1_exp_d, s1_exp_q;  // biased exponent of the larger operand
  logic [22:0] s1_big_d, s1_big_q;  // fraction of the larger operand
  logic [23:0] s1_small_d, s1_small_q;  // unsigned Q1.23, zero for zeros and subnormals
  logic s1_nan_d, s1_nan_q;
  logic s1_sub_d, s1_sub_q;  // the signs differ
  logic s1_sign_d, s1_sign_q;  // of the sum
  logic s1_zsign_d, s1_zsign_q;  // of a sum that is exactly zero

  always_comb begin : order
    s1_a_less = a_i[30:0] < b_i[30:0];
    s1_a_normal = a_i[30:23] != '0;
    s1_b_normal = b_i[30:23] != '0;
    {s1_sign_d, s1_exp_d, s1_big_d} = s1_a_less ? b_i : a_i;
    if (s1_a_less) begin
      s1_dist_d  = b_i[30:23] - a_i[30:23];
      s1_small_d = s1_a_normal ? {1'b1, a_i[22:0]} : '0;
    end else begin
      s1_dist_d  = a_i[30:23] - b_i[30:23];
      s1_small_d = s1_b_normal ? {1'b1, b_i[22:0]} : '0;
    end
    s1_sub_d = a_i[31] ^ b_i[31];
    s1_zsign_d = a_i[31] & b_i[31];

    s1_a_ones = a_i[30:23] == EXP_ONES;
    s1_b_ones = b_i[30:23] == EXP_ONES;
    s1_nan_d = (s1_a_ones && a_i[22:0] != '0) || (s1_b_ones && b_i[22:0] != '0)
               || (s1_a_ones && s1_b_ones && s1_sub_d);
  end

  // Stage 2: align the smaller operand (far), subtract (near). Where the larger operand is zero or
  // subnormal its significand is wrong, but stage 3 then puts zero in place of all sums.
  logic [23:0] s2_big_d, s2_big_q;  // unsigned Q1.23
  logic [FAR_W-1:0] s2_far_d, s2_far_q;  // unsigned Q1.26, aligned to the larger one
  logic [NEAR_W-1:0] s2_near_d, s2_near_q;  // unsigned Q1.24, difference
  logic [7:0] s2_exp_q;
  logic s2_close_d, s2_close_q;  // the exponents differ by at most one
  logic s2_sub_q, s2_sign_q, s2_zsign_q, s2_nan_q;

  // Shift right by 0 to 31 places; the last place collects all that leaves.
  function automatic logic [FAR_W-1:0] shift_sticky(logic [FAR_W-1:0] value, logic [4:0] places);
    logic [FAR_W-1:0] out;
    logic lost;
    out  = value;
    lost = 1'b0;
    // Large distances first: the last steps, which come late, then have few places to collect.
    for (int k = 4; k >= 0; k--) begin
      if (places[k]) begin
        lost |= |(out & ((FAR_W'(1) << (1 << k)) - FAR_W'(1)));
        out = out >> (1 << k);
      end
    end
    return out | FAR_W'(lost);
  endfunction

  always_comb begin : align
    s2_big_d = {1'b1, s1_big_q};
    s2_close_d = s1_dist_q[7:1] == '0;
    // At a distance of 32 and more only the sticky place is left.
    s2_far_d = s1_dist_q[7:5] != '0 ? FAR_W'(s1_small_q[23]) :
        shift_sticky({s1_small_q, 3'b0}, s1_dist_q[4:0]);
    s2_near_d = {s2_big_d, 1'b0} - (s1_dist_q[0] ? {1'b0, s1_small_q} : {s1_small_q, 1'b0});
  end

  // Stage 3: add or subtract and normalise (far), count the leading zeros (near).
  logic [FAR_W:0] s3_far;  // unsigned Q2.26
  logic [22:0] s3_far_mant_d, s3_far_mant_q;
  logic s3_half_d, s3_half_q, s3_sticky_d, s3_sticky_q;  // what the rounding cuts off
  logic [7:0] s3_far_exp_d, s3_far_exp_q;
  logic [7:0] s3_near_exp_d, s3_near_exp_q;  // exponent of a difference with one leading zero
  logic [22:0] s3_near_q;  // the difference without its two leading places
  logic [4:0] s3_shift_d, s3_shift_q;  // places that take its leading one to the second place
  logic [NEAR_W-1:0] s3_too_small;
  logic s3_normal;  // the near difference is large enough for a normal number
  logic s3_near_path_d, s3_near_path_q, s3_nan_q;
  logic s3_inf_d, s3_inf_q, s3_zero, s3_flush_d, s3_flush_q, s3_sign_d, s3_sign_q;

  always_comb begin : add
    s3_far = {1'b0, s2_big_q, 3'b0} + ({1'b0, s2_far_q} ^ {(FAR_W + 1) {s2_sub_q}})
             + (FAR_W + 1)'(s2_sub_q);
    s3_near_exp_d = s2_exp_q - 8'd1;
    if (s3_far[FAR_W]) begin
      s3_far_exp_d = s2_exp_q + 8'd1;
      {s3_far_mant_d, s3_half_d} = s3_far[FAR_W-1:3];
      s3_sticky_d = |s3_far[2:0];
    end else if (s3_far[FAR_W-1]) begin
      s3_far_exp_d = s2_exp_q;
      {s3_far_mant_d, s3_half_d} = s3_far[FAR_W-2:2];
      s3_sticky_d = |s3_far[1:0];
    end else begin
      s3_far_exp_d = s3_near_exp_d;
      {s3_far_mant_d, s3_half_d} = s3_far[FAR_W-3:1];
      s3_sticky_d = s3_far[0];
    end

    s3_shift_d = '0;
    for (int unsigned k = 0; k < NEAR_W - 1; k++) begin
      if (s2_near_q[k]) s3_shift_d = 5'(NEAR_W - 2 - k);
    end
    // Place k holds a leading one that is still normal if k + exponent >= NEAR_W.
    s3_too_small = {NEAR_W{1'b1}} >> s2_exp_q[4:0];
    s3_normal = s2_exp_q[7:5] != '0 || (s2_near_q & ~s3_too_small) != '0;

    // Without a leading zero the difference needs rounding: that is the far path's.
    s3_near_path_d = s2_sub_q && s2_close_q && !s2_near_q[NEAR_W-1];
    s3_zero = s2_exp_q == '0 || (s3_near_path_d && s2_near_q == '0);
    s3_flush_d = s3_zero || (s3_near_path_d && !s3_normal);
    s3_inf_d = s2_exp_q == EXP_ONES;
    s3_sign_d = !s2_nan_q && (s3_zero ? s2_zsign_q : s2_sign_q);
  end

  // Stage 4: round (far), normalise (near), choose.
  logic s4_up, s4_inf;
  logic [30:0] s4_far;  // float32 without its sign
  logic [30:0] s4_near;  // float32 without its sign
  logic [31:0] s4_sum_d, s4_sum_q;

  always_comb begin : round
    s4_up   = s3_half_q && (s3_sticky_q || s3_far_mant_q[0]);
    // A carry out of the fraction moves the exponent on, up to infinity.
    s4_far  = {s3_far_exp_q, s3_far_mant_q} + 31'(s4_up);
    s4_inf  = s3_inf_q || (!s3_near_path_q && s3_far_exp_q == EXP_ONES);
    s4_near = {s3_near_exp_q - 8'(s3_shift_q), s3_near_q << s3_shift_q};

    if (s3_nan_q) begin
      s4_sum_d = {s3_sign_q, FP32_NAN};
    end else if (s3_flush_q) begin
      s4_sum_d = {s3_sign_q, 31'b0};
    end else if (s4_inf) begin
      s4_sum_d = {s3_sign_q, EXP_ONES, 23'b0};
    end else begin
      s4_sum_d = {s3_sign_q, s3_near_path_q ? s4_near : s4_far};
    end
  end

  always_ff @(posedge clk_i) begin : pipeline
    s1_dist_q <= s1_dist_d;
    s1_exp_q <= s1_exp_d;
    s1_big_q <= s1_big_d;
    s1_small_q <= s1_small_d;
    s1_nan_q <= s1_nan_d;
    s1_sub_q <= s1_sub_d;
    s1_sign_q <= s1_sign_d;
    s1_zsign_q <= s1_zsign_d;

    s2_big_q <= s2_big_d;
    s2_far_q <= s2_far_d;
    s2_near_q <= s2_near_d;
    s2_close_q <= s2_close_d;
    s2_exp_q <= s1_exp_q;
    s2_sub_q <= s1_sub_q;
    s2_sign_q <= s1_sign_q;
    s2_zsign_q <= s1_zsign_q;
    s2_nan_q <= s1_nan_q;

    s3_far_mant_q <= s3_far_mant_d;
    s3_half_q <= s3_half_d;
    s3_sticky_q <= s3_sticky_d;
    s3_far_exp_q <= s3_far_exp_d;
    s3_near_exp_q <= s3_near_exp_d;
    s3_shift_q <= s3_shift_d;
    s3_near_path_q <= s3_near_path_d;
    s3_inf_q <= s3_inf_d;
    s3_flush_q <= s3_flush_d;
    s3_sign_q <= s3_sign_d;
    s3_near_q <= s2_near_q[22:0];
    s3_nan_q <= s2_nan_q;

    s4_sum_q <= s4_sum_d;
  end

  assign sum_o = s4_sum_q;

endmodule
