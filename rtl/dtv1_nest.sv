// Nest of three loop counters, the innermost first: each counts from zero to its bound and then
// starts again while the next outer one moves on. The bounds may change when the nest is at its
// start.
module dtv1_nest #(
    parameter int unsigned WIDTH = 8
) (
    input logic clk_i,
    input logic rst_ni,

    input logic step_i,  // go on to the next point

    input logic [2:0][WIDTH-1:0] bound_i,  // count - 1 of each loop, [0] innermost

    output logic [2:0][WIDTH-1:0] cnt_o,
    output logic [2:0]            last_o  // this loop is at its bound
);

  logic [2:0][WIDTH-1:0] cnt_d, cnt_q;
  logic [2:0] step;

  assign step[0] = step_i;
  assign step[1] = step[0] & last_o[0];
  assign step[2] = step[1] & last_o[1];

  for (genvar l = 0; l < 3; l++) begin : gen_loop
    assign last_o[l] = cnt_q[l] == bound_i[l];
    assign cnt_d[l]  = last_o[l] ? '0 : cnt_q[l] + 1'b1;

    always_ff @(posedge clk_i or negedge rst_ni) begin : count
      if (!rst_ni) cnt_q[l] <= '0;
      else if (step[l]) cnt_q[l] <= cnt_d[l];
    end
  end

  assign cnt_o = cnt_q;

endmodule
