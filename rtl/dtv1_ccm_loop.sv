// One counter of the compute core's loop nest: counts from zero to its bound and then starts again.
//
// What the control asks for, whether the counter is at its start and at its bound, comes from
// registers and not from comparators: it decides within the same cycle about the next step and the
// next instruction.
module dtv1_ccm_loop #(
    parameter int unsigned WIDTH = 8
) (
    input logic clk_i,
    input logic rst_ni,

    // A new bound holds from the next cycle on; the counter is, or arrives, at zero.
    input logic start_i,
    input logic single_i, // ... the bound is zero

    input logic             step_i,  // go on
    input logic [WIDTH-1:0] bound_i, // count - 1

    output logic [WIDTH-1:0] cnt_o,
    output logic             first_o,  // the counter is zero
    output logic             last_o    // the counter is at its bound
);

  logic [WIDTH-1:0] cnt_d, cnt_q;
  logic first_d, first_q, last_d, last_q;

  assign cnt_d = last_q ? '0 : cnt_q + 1'b1;

  always_comb begin : flags
    first_d = first_q;
    last_d  = last_q;
    if (step_i) begin
      first_d = last_q;
      // Behind the bound comes zero, which is the bound again where the two were one.
      last_d  = last_q ? first_q : cnt_d == bound_i;
    end
    if (start_i) last_d = single_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : count
    if (!rst_ni) cnt_q <= '0;
    else if (step_i) cnt_q <= cnt_d;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : flag_regs
    if (!rst_ni) begin
      first_q <= 1'b1;
      last_q  <= 1'b0;
    end else begin
      first_q <= first_d;
      last_q  <= last_d;
    end
  end

  assign cnt_o   = cnt_q;
  assign first_o = first_q;
  assign last_o  = last_q;

endmodule
