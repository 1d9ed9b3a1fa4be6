// PE array of the bf16 build: NUM_PE multipliers, NUM_PE accumulate adders and the cascade tree.
//
// Parallel and elementwise: each PE adds its product to its own accumulator operand. Cascade: the
// products of a word are reduced to one sum by a balanced tree over the lanes, and the sums of a
// column's row groups by a balanced tree over time. The array takes a word in any mode every cycle
// and never stalls; whoever drives it makes sure that the results can be taken (docs/ccm.md). The
// two kinds of result have separate adders, so a change of mode needs no drained pipeline.
`include "dtv1_assert.svh"

module dtv1_macc_fp
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
(
    input logic clk_i,
    input logic rst_ni,

    input logic valid_i,
    input dtv1_pkg::mode_e mode_i,
    input logic zero_i,  // the product is -0, the neutral element
    input logic neg_i,  // elementwise: subtract the product
    input logic last_i,  // cascade: last row group of the column
    input logic [NUM_PE-1:0][DATA_W-1:0] a_i,  // bf16
    input logic [NUM_PE-1:0][DATA_W-1:0] b_i,  // bf16
    input logic [NUM_PE-1:0][31:0] acc_i,  // float32, FP_MUL_LAT cycles after valid_i

    output logic                    par_valid_o,
    output logic [NUM_PE-1:0][31:0] par_o,        // float32
    output logic                    cas_valid_o,
    output logic [      31:0]       cas_o         // float32
);

  localparam int unsigned MUL_LAT = dtv1_pkg::FP_MUL_LAT;
  localparam int unsigned ADD_LAT = dtv1_pkg::FP_ADD_LAT;
  localparam int unsigned LANE_LEVELS = dtv1_pkg::LANE_W;
  localparam int unsigned GROUP_LEVELS = $clog2(dtv1_pkg::MAX_GROUPS);
  localparam int unsigned TREE_LAT = MUL_LAT + ADD_LAT * LANE_LEVELS;
  localparam int unsigned FRAC_W = 7;  // fraction of a bf16
  // -0 = -0 * 1 in bf16.
  localparam logic [DATA_W-1:0] MINUS_ZERO = 16'h8000;
  localparam logic [DATA_W-1:0] ONE = 16'h3F80;

  // Stage k of these holds what entered k+1 cycles ago.
  logic [MUL_LAT+ADD_LAT-1:0] par_valid_q;
  logic [TREE_LAT-1:0] cas_valid_q, cas_last_q;
  logic is_cascade;

  assign is_cascade = mode_i == dtv1_pkg::MODE_CASCADE;

  always_ff @(posedge clk_i or negedge rst_ni) begin : valid_pipe
    if (!rst_ni) begin
      par_valid_q <= '0;
      cas_valid_q <= '0;
    end else begin
      par_valid_q <= {par_valid_q[MUL_LAT+ADD_LAT-2:0], valid_i & ~is_cascade};
      cas_valid_q <= {cas_valid_q[TREE_LAT-2:0], valid_i & is_cascade};
    end
  end

  always_ff @(posedge clk_i) begin : last_pipe
    cas_last_q <= {cas_last_q[TREE_LAT-2:0], last_i};
  end

  // Products and their accumulation, lane by lane.
  logic [NUM_PE-1:0][31:0] prod;  // float32
  logic flip;

  assign flip = neg_i & (mode_i == dtv1_pkg::MODE_ELEMENTWISE);

  for (genvar pe = 0; pe < NUM_PE; pe++) begin : gen_pe
    logic [DATA_W-1:0] a, b;

    // The sign of the product is turned through its first operand. Sign and exponent are enough to
    // make it -0, so that nothing stands in front of the multiplier of the significands.
    assign a[FRAC_W-1:0] = a_i[pe][FRAC_W-1:0];
    assign b[FRAC_W-1:0] = b_i[pe][FRAC_W-1:0];
    assign a[DATA_W-1:FRAC_W] = zero_i ? MINUS_ZERO[DATA_W-1:FRAC_W] :
                                {a_i[pe][DATA_W-1] ^ flip, a_i[pe][DATA_W-2:FRAC_W]};
    assign b[DATA_W-1:FRAC_W] = zero_i ? ONE[DATA_W-1:FRAC_W] : b_i[pe][DATA_W-1:FRAC_W];

    dtv1_fp_mul u_mul (
        .clk_i,
        .a_i   (a),
        .b_i   (b),
        .prod_o(prod[pe])
    );

    dtv1_fp_add u_acc (
        .clk_i,
        .a_i  (prod[pe]),
        .b_i  (acc_i[pe]),
        .sum_o(par_o[pe])
    );
  end

  assign par_valid_o = par_valid_q[MUL_LAT+ADD_LAT-1];

  // Tree over the lanes: nodes 0 to NUM_PE-1 are the products, each later node adds two earlier
  // ones.
  logic [2*NUM_PE-2:0][31:0] node;  // float32

  assign node[NUM_PE-1:0] = prod;

  for (genvar n = 0; n < NUM_PE - 1; n++) begin : gen_lane_tree
    dtv1_fp_add u_add (
        .clk_i,
        .a_i  (node[2*n]),
        .b_i  (node[2*n+1]),
        .sum_o(node[NUM_PE+n])
    );
  end

  // Tree over the row groups of a column.
  logic [GROUP_LEVELS:0] grp_valid, grp_last;
  logic [GROUP_LEVELS:0][31:0] grp_sum;  // float32

  assign grp_valid[0] = cas_valid_q[TREE_LAT-1];
  assign grp_last[0]  = cas_last_q[TREE_LAT-1];
  assign grp_sum[0]   = node[2*NUM_PE-2];

  for (genvar l = 0; l < GROUP_LEVELS; l++) begin : gen_group_tree
    dtv1_fp_pair u_pair (
        .clk_i,
        .rst_ni,
        .valid_i(grp_valid[l]),
        .last_i (grp_last[l]),
        .data_i (grp_sum[l]),
        .valid_o(grp_valid[l+1]),
        .last_o (grp_last[l+1]),
        .data_o (grp_sum[l+1])
    );
  end

  assign cas_valid_o = grp_valid[GROUP_LEVELS];
  assign cas_o       = grp_sum[GROUP_LEVELS];

  // Enough levels stand for every column that the configuration allows: what leaves the last one is
  // the sum.
  `DTV1_ASSERT(SingleSum_A, !cas_valid_o || grp_last[GROUP_LEVELS])

endmodule
