// float32 rounded to bf16, to nearest even; combinational.
//
// Subnormal operands give a zero of their sign, what is too large gives infinity, any NaN 0x7FC0.
module dtv1_fp_round (
    input  logic [31:0] x_i,  // float32
    output logic [15:0] y_o   // bf16
);

  localparam logic [7:0] EXP_ONES = 8'hFF;
  localparam logic [15:0] BF16_NAN = 16'h7FC0;

  logic up;
  logic [14:0] rounded;  // bf16 without its sign

  always_comb begin : round
    up = x_i[15] && (x_i[14:0] != '0 || x_i[16]);
    // A carry out of the fraction moves the exponent on, up to infinity.
    rounded = x_i[30:16] + 15'(up);
    if (x_i[30:23] == EXP_ONES && x_i[22:0] != '0) begin
      y_o = BF16_NAN;
    end else if (x_i[30:23] == '0) begin
      y_o = {x_i[31], 15'b0};
    end else begin
      y_o = {x_i[31], rounded};
    end
  end

endmodule
