// One level of a pairwise float32 reduction over time: adds the items of a set two by two in order
// of arrival and passes an odd last one up unchanged. A chain of these levels reduces a set of any
// length to one sum by a balanced tree, at one item a cycle, without a feedback path
// (docs/numerics.md, cascade reduction).
module dtv1_fp_pair (
    input logic clk_i,
    input logic rst_ni,

    input logic        valid_i,
    input logic        last_i,   // last item of its set
    input logic [31:0] data_i,   // float32

    output logic        valid_o,
    output logic        last_o,
    output logic [31:0] data_o    // float32
);

  localparam int unsigned ADD_LAT = dtv1_pkg::FP_ADD_LAT;
  localparam logic [31:0] MINUS_ZERO = 32'h8000_0000;  // x + (-0) is x for every x

  logic have_d, have_q;
  logic [31:0] held_q;
  logic        issue;
  logic [31:0] other;
  logic [ADD_LAT-1:0] valid_q, last_q;

  assign issue  = valid_i & (have_q | last_i);
  assign have_d = valid_i ? ~issue : have_q;
  assign other  = have_q ? held_q : MINUS_ZERO;

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      have_q  <= 1'b0;
      valid_q <= '0;
    end else begin
      have_q  <= have_d;
      valid_q <= {valid_q[ADD_LAT-2:0], issue};
    end
  end

  always_ff @(posedge clk_i) begin : payload
    if (valid_i) held_q <= data_i;
    last_q <= {last_q[ADD_LAT-2:0], last_i};
  end

  dtv1_fp_add u_add (
      .clk_i,
      .a_i  (data_i),
      .b_i  (other),
      .sum_o(data_o)
  );

  assign valid_o = valid_q[ADD_LAT-1];
  assign last_o  = last_q[ADD_LAT-1];

endmodule
