// PE array of the fxp16 build: NUM_PE multipliers, NUM_PE accumulate adders and the cascade tree.
//
// The modes and the interface are those of dtv1_macc_fp; sums are exact, so their order does not
// matter.
module dtv1_macc_fxp
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
  import dtv1_pkg::FXP_ACC_W;
(
    input logic clk_i,
    input logic rst_ni,

    input logic valid_i,
    input dtv1_pkg::mode_e mode_i,
    input logic zero_i,  // the product is zero
    input logic neg_i,  // elementwise: subtract the product
    input logic last_i,  // cascade: last row group of the column
    input logic [NUM_PE-1:0][DATA_W-1:0] a_i,  // two's complement
    input logic [NUM_PE-1:0][DATA_W-1:0] b_i,  // two's complement
    input logic [NUM_PE-1:0][FXP_ACC_W-1:0] acc_i,  // FXP_MUL_LAT cycles after valid_i

    output logic                                par_valid_o,
    output logic [   NUM_PE-1:0][FXP_ACC_W-1:0] par_o,
    output logic                                cas_valid_o,
    output logic [FXP_ACC_W-1:0]                cas_o
);

  localparam int unsigned MUL_LAT = dtv1_pkg::FXP_MUL_LAT;
  localparam int unsigned ADD_LAT = dtv1_pkg::FXP_ADD_LAT;
  localparam int unsigned LANE_LEVELS = dtv1_pkg::LANE_W;
  localparam int unsigned PROD_W = 2 * DATA_W;
  localparam int unsigned SUM_W = PROD_W + LANE_LEVELS;  // holds the sum of NUM_PE products
  localparam int unsigned TREE_LAT = MUL_LAT + LANE_LEVELS;

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

  // Products and their accumulation, lane by lane. The product's own register keeps the DSP block's
  // path short; the second stage turns the sign, which always fits: no product is beyond +-2^30.
  logic [NUM_PE-1:0][PROD_W-1:0] prod_q, term_q;
  logic zero_q, neg_q;

  always_ff @(posedge clk_i) begin : sign_pipe
    zero_q <= zero_i;
    neg_q  <= neg_i & (mode_i == dtv1_pkg::MODE_ELEMENTWISE);
  end

  for (genvar pe = 0; pe < NUM_PE; pe++) begin : gen_pe
    always_ff @(posedge clk_i) begin : multiply
      prod_q[pe] <= $signed(a_i[pe]) * $signed(b_i[pe]);
      term_q[pe] <= zero_q ? '0 : (neg_q ? -prod_q[pe] : prod_q[pe]);
    end

    always_ff @(posedge clk_i) begin : accumulate
      par_o[pe] <= acc_i[pe] + FXP_ACC_W'($signed(term_q[pe]));
    end
  end

  assign par_valid_o = par_valid_q[MUL_LAT+ADD_LAT-1];

  // Tree over the lanes: nodes 0 to NUM_PE-1 are the products, each later node adds two earlier
  // ones.
  logic [2*NUM_PE-2:0][SUM_W-1:0] node_q;

  for (genvar pe = 0; pe < NUM_PE; pe++) begin : gen_leaf
    assign node_q[pe] = SUM_W'($signed(term_q[pe]));
  end

  for (genvar n = 0; n < NUM_PE - 1; n++) begin : gen_lane_tree
    always_ff @(posedge clk_i) begin : add
      node_q[NUM_PE+n] <= node_q[2*n] + node_q[2*n+1];
    end
  end

  // Sum over the row groups of a column.
  logic start_q, done_q;
  logic [FXP_ACC_W-1:0] sum_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin : group_state
    if (!rst_ni) begin
      start_q <= 1'b1;
      done_q  <= 1'b0;
    end else begin
      if (cas_valid_q[TREE_LAT-1]) start_q <= cas_last_q[TREE_LAT-1];
      done_q <= cas_valid_q[TREE_LAT-1] & cas_last_q[TREE_LAT-1];
    end
  end

  always_ff @(posedge clk_i) begin : group_sum
    if (cas_valid_q[TREE_LAT-1]) begin
      sum_q <= (start_q ? '0 : sum_q) + FXP_ACC_W'($signed(node_q[2*NUM_PE-2]));
    end
  end

  assign cas_valid_o = done_q;
  assign cas_o       = sum_q;

endmodule
