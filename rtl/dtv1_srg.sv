// Operand reads on SMEM channel 1 (SECOND = 1: the second operand of each procedure) or channel 2
// (SECOND = 0: the first operand where it does not come from DRAM). Turns the points of the loop
// nest into read requests; the answers go to the joiner.
//
//   channel  procedure            request                                       for each
//   1        MxV, VXV             lane: element col of the vector of the step    column
//   1        MxV_SP, VXV_SP       lane: the list's value                         column
//   1        MTxV, MTxV_SP        word: row group of the vector of the step      word
//   2        MxV, MTxV (_SP)      word: row group of the column of the matrix    word
//   2        VXV, VXV_SP          word: row group of the vector of the step      word
//   2        MTxV_SP, side LIST   lane: element idx of the vector at src0_addr   column
//   2        MOVE                 word: one after another                        word
//   1, 2     EWISE                word: row group of the step, or one after      word
//                                 another
module dtv1_srg #(
    parameter bit SECOND = 1'b1
) (
    input logic clk_i,
    input logic rst_ni,

    input  logic               cfg_valid_i,
    output logic               cfg_ready_o,
    input  dtv1_pkg::ipm_cfg_t cfg_i,

    input  logic            desc_valid_i,
    output logic            desc_ready_o,
    input  dtv1_pkg::desc_t desc_i,

    // Columns of sparse procedures (channel 2 only).
    input  logic                       idx_valid_i,
    output logic                       idx_ready_o,
    input  logic [dtv1_pkg::IDX_W-1:0] idx_i,

    output logic                             req_valid_o,
    input  logic                             req_ready_i,
    output logic [dtv1_pkg::SMEM_ADDR_W-1:0] req_addr_o,
    output logic [       dtv1_pkg::LANE_W:0] req_sel_o,

    output dtv1_pkg::err_e err_o
);

  localparam int unsigned SMEM_ADDR_W = dtv1_pkg::SMEM_ADDR_W;
  localparam int unsigned LANE_W = dtv1_pkg::LANE_W;
  localparam int unsigned CNT_W = dtv1_pkg::CNT_W;
  localparam int unsigned STRIDE_W = dtv1_pkg::STEP_W + 1;
  localparam int unsigned FULL_W = CNT_W + 1 + ((CNT_W > STRIDE_W) ? CNT_W : STRIDE_W) + 2;

  typedef struct packed {
    logic mxv;
    logic mtxv;
    logic vxv;
    logic ewise;
    logic move;
    logic sparse;
    logic list;    // the side stream needs an element for each column of a matrix in DRAM
  } kind_t;

  function automatic kind_t kind_of(input logic [3:0] proc, input logic src0_dram,
                                    input logic [1:0] side);
    kind_t result;
    result.mxv = proc inside {dtv1_pkg::PROC_MXV, dtv1_pkg::PROC_MXV_SP};
    result.mtxv = proc inside {dtv1_pkg::PROC_MTXV, dtv1_pkg::PROC_MTXV_SP};
    result.vxv = proc inside {dtv1_pkg::PROC_VXV, dtv1_pkg::PROC_VXV_SP};
    result.ewise = proc == dtv1_pkg::PROC_EWISE;
    result.move = proc == dtv1_pkg::PROC_MOVE;
    result.sparse = proc inside {
      dtv1_pkg::PROC_MXV_SP, dtv1_pkg::PROC_MTXV_SP, dtv1_pkg::PROC_VXV_SP
    };
    result.list = (proc == dtv1_pkg::PROC_MTXV_SP) & src0_dram & (side == dtv1_pkg::SIDE_LIST);
    return result;
  endfunction

  kind_t new_kind, kind, unused_kind;
  logic [2:0] source;
  logic want, by_word, bad;
  dtv1_pkg::err_e err_d, err_q, walk_err;

  assign new_kind = kind_of(cfg_i.proc, cfg_i.src0_dram, cfg_i.side);
  assign unused_kind = new_kind | kind;
  // An operand that is not read concerns this unit only where there is no such source.
  assign source = SECOND ? cfg_i.b_src : cfg_i.a_src;
  assign bad = new_kind.ewise & ~(source inside {dtv1_pkg::SOURCE_ZERO, dtv1_pkg::SOURCE_ONE,
                                                 dtv1_pkg::SOURCE_SMEM}) &
               ~(SECOND & (source == dtv1_pkg::SOURCE_SAME));

  always_comb begin : wanted
    want = new_kind.ewise & (bad | (source == dtv1_pkg::SOURCE_SMEM));
    by_word = 1'b1;
    if (SECOND) begin
      want |= new_kind.mxv | new_kind.mtxv | new_kind.vxv;
      by_word = new_kind.mtxv | new_kind.ewise;
    end else begin
      want |= new_kind.vxv | new_kind.list;
      want |= (new_kind.mxv | new_kind.mtxv | new_kind.move) & ~cfg_i.src0_dram;
      by_word = ~new_kind.list;
    end
  end

  logic point_valid, point_ready;
  dtv1_pkg::ipm_cfg_t cfg, unused_cfg;
  dtv1_pkg::ipm_point_t point;

  assign unused_cfg = cfg;

  dtv1_ipm_walk u_walk (
      .clk_i,
      .rst_ni,
      .cfg_valid_i,
      .cfg_ready_o,
      .cfg_i,
      .want_i       (want),
      .by_word_i    (by_word),
      .bad_i        (bad),
      .desc_valid_i,
      .desc_ready_o,
      .desc_i,
      .point_valid_o(point_valid),
      .point_ready_i(point_ready),
      .point_cfg_o  (cfg),
      .point_o      (point),
      .err_o        (walk_err)
  );

  // Address: base + block * stride + offset.
  logic by_list, by_count, matrix, need_idx, here, ok;
  logic [CNT_W-1:0] column, block;
  logic [SMEM_ADDR_W-1:0] base;
  logic [STRIDE_W-1:0] stride;
  logic [SMEM_ADDR_W:0] offset;
  logic [SMEM_ADDR_W:0] count_q;  // words of the instruction that were asked for
  logic [FULL_W+SMEM_ADDR_W-1:0] addr;

  assign kind     = kind_of(cfg.proc, cfg.src0_dram, cfg.side);
  assign by_list  = SECOND & kind.sparse & ~kind.mtxv;
  assign by_count = kind.move | (kind.ewise & ~(SECOND ? cfg.b_seq : cfg.a_seq));
  assign matrix   = ~SECOND & (kind.mxv | kind.mtxv);
  assign need_idx = matrix & kind.sparse;
  assign column   = need_idx ? CNT_W'(idx_i) : point.col;
  assign base     = SECOND ? cfg.src1_addr : cfg.src0_addr;

  always_comb begin : address
    // The vector of a step: groups of elements, all steps of a group together.
    block  = point.grp;
    stride = cfg.stride;
    offset = (SMEM_ADDR_W + 1)'(point.step);
    if (by_count) begin
      stride = '0;
      offset = count_q;
    end else if (kind.list & ~SECOND) begin
      stride = '0;
      offset = (SMEM_ADDR_W + 1)'(column >> LANE_W);
    end else if (matrix) begin
      block  = column;
      stride = STRIDE_W'(cfg.cnt0) + 1'b1;
      offset = (SMEM_ADDR_W + 1)'(point.grp);
    end else if (by_list) begin
      stride = '0;
      offset = point.word;
    end else if (SECOND & ~kind.mtxv & ~kind.ewise) begin
      block = CNT_W'(point.col >> LANE_W);
    end
  end

  assign addr = $bits(
      addr
  )'(base) + $bits(
      addr
  )'(offset) + $bits(
      addr
  )'(block) * $bits(
      addr
  )'(stride);
  assign ok = addr[$high(addr):SMEM_ADDR_W] == '0;
  assign here = point_valid & (~need_idx | idx_valid_i);
  assign req_valid_o = here & ok;
  assign req_addr_o = addr[SMEM_ADDR_W-1:0];
  assign point_ready = req_ready_i & ok & (~need_idx | idx_valid_i);
  assign idx_ready_o = point_valid & need_idx & point_ready & point.grp_last;

  always_comb begin : select
    req_sel_o = '0;
    if (SECOND & ~kind.mtxv & ~kind.ewise) begin
      req_sel_o = {1'b1, kind.sparse ? point.lane : LANE_W'(point.col)};
    end else if (~SECOND & kind.list) begin
      req_sel_o = {1'b1, LANE_W'(column)};
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : count
    if (!rst_ni) count_q <= '0;
    else if (req_valid_o & req_ready_i) begin
      count_q <= (by_count & ~point.last) ? count_q + 1'b1 : '0;
    end
  end

  always_comb begin : error
    err_d = err_q;
    if (walk_err != dtv1_pkg::ERR_NONE) err_d = walk_err;
    else if (here & ~ok) err_d = dtv1_pkg::ERR_ADDRESS;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : error_state
    if (!rst_ni) err_q <= dtv1_pkg::ERR_NONE;
    else err_q <= err_d;
  end

  assign err_o = err_q;

endmodule
