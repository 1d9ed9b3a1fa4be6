// An fxp16 accumulator rounded half to even and saturated to 16 bits; combinational.
//
// The sums of MxV and MTxV carry the fraction bits of a weight too many, those of VXV and EWISE the
// fraction bits of an activation: shift_i says which of the two to shift out.
module dtv1_fxp_round (
    // Signed, dtv1_pkg::FXP_ACC_W bits.
    input  logic [dtv1_pkg::FXP_ACC_W-1:0] acc_i,
    // 0: by FXP_WEIGHT_FRAC, 1: by FXP_ACT_FRAC.
    input  logic                           shift_i,
    // Signed, in the activation format.
    output logic [                   15:0] y_o
);

  localparam int unsigned W = dtv1_pkg::FXP_ACC_W;
  localparam int unsigned BY_WEIGHT = dtv1_pkg::FXP_WEIGHT_FRAC;
  localparam int unsigned BY_ACT = dtv1_pkg::FXP_ACT_FRAC;
  localparam logic [15:0] MOST = 16'h7FFF;
  localparam logic [15:0] LEAST = 16'h8000;

  // Two zeros below, so that a shift by 0 or 1 has places to round by as well.
  logic [W+1:0] padded;
  logic [W-1:0] whole;  // shifted, rounded down
  logic half, sticky;  // the first place cut off; any of those below it
  logic fits;  // rounded down, it needs no more than 16 bits
  logic [15:0] rounded;

  always_comb begin : round
    padded = {acc_i, 2'b0};
    whole = shift_i ? W'(signed'(acc_i) >>> BY_ACT) : W'(signed'(acc_i) >>> BY_WEIGHT);
    half = shift_i ? padded[BY_ACT+1] : padded[BY_WEIGHT+1];
    sticky = shift_i ? |padded[BY_ACT:0] : |padded[BY_WEIGHT:0];
    fits = whole[W-1:15] == '0 || whole[W-1:15] == '1;
    rounded = whole[15:0] + 16'(half && (sticky || whole[0]));
    if (!fits) begin
      y_o = whole[W-1] ? LEAST : MOST;
    end else if (rounded[15] && !whole[15]) begin
      y_o = MOST;
    end else begin
      y_o = rounded;
    end
  end

endmodule
