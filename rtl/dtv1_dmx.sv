// Joins the streams of the input module into what the compute core and the output module take:
// operand words, the first operand from DRAM or SMEM channel 2, the second from SMEM channel 1 (a
// word, or one value for all lanes), with the column index as tag; in EWISE addends from SMEM
// channel 0; and what goes past the core on the side stream (docs/ipm.md).
//
// All that belongs to one word waits in one register, from where each stream takes its part.
`include "dtv1_assert.svh"

module dtv1_dmx
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
  import dtv1_pkg::RES_W;
(
    input logic clk_i,
    input logic rst_ni,

    input  logic               cfg_valid_i,
    output logic               cfg_ready_o,
    input  dtv1_pkg::ipm_cfg_t cfg_i,

    input  logic            desc_valid_i,
    output logic            desc_ready_o,
    input  dtv1_pkg::desc_t desc_i,

    // Columns of sparse procedures.
    input  logic                       idx_valid_i,
    output logic                       idx_ready_o,
    input  logic [dtv1_pkg::IDX_W-1:0] idx_i,

    input  logic                          dram_valid_i,
    output logic                          dram_ready_o,
    input  logic [NUM_PE-1:0][DATA_W-1:0] dram_i,
    input  logic                          src0_valid_i,
    output logic                          src0_ready_o,
    input  logic [NUM_PE-1:0][DATA_W-1:0] src0_i,
    input  logic                          src1_valid_i,
    output logic                          src1_ready_o,
    input  logic [NUM_PE-1:0][DATA_W-1:0] src1_i,
    input  logic                          src2_valid_i,
    output logic                          src2_ready_o,
    input  logic [NUM_PE-1:0][DATA_W-1:0] src2_i,

    output logic                                   opd_valid_o,
    input  logic                                   opd_ready_i,
    output logic [         NUM_PE-1:0][DATA_W-1:0] opd_a_o,
    output logic [         NUM_PE-1:0][DATA_W-1:0] opd_b_o,
    output logic [dtv1_pkg::IDX_W-1:0]             opd_idx_o,
    output logic                                   add_valid_o,
    input  logic                                   add_ready_i,
    output logic [         NUM_PE-1:0][ RES_W-1:0] add_o,
    output logic                                   side_valid_o,
    input  logic                                   side_ready_i,
    output logic [         NUM_PE-1:0][DATA_W-1:0] side0_o,
    output logic [         NUM_PE-1:0][DATA_W-1:0] side1_o,

    output logic col_done_o,  // the last word of a column from DRAM was used
    output logic wait_dram_o, // a word from DRAM is wanted and is not there

    output dtv1_pkg::err_e err_o
);

  typedef logic [NUM_PE-1:0][DATA_W-1:0] word_t;
  typedef logic [NUM_PE-1:0][RES_W-1:0] sums_t;

  // 1.0 in the format of activations, or the largest number where that is smaller.
  localparam logic [DATA_W-1:0] ONE = dtv1_pkg::FORMAT_FP ? 16'h3f80 :
      (dtv1_pkg::FXP_ACT_FRAC < DATA_W - 1) ? DATA_W'(1) << dtv1_pkg::FXP_ACT_FRAC : 16'h7fff;

  function automatic word_t constant(input logic [2:0] source);
    return (source == dtv1_pkg::SOURCE_ONE) ? {NUM_PE{ONE}} : '0;
  endfunction

  // A word is awaited also where there is no such source: none comes, as the unit that should read it
  // has stopped.
  function automatic logic is_read(input logic [2:0] source);
    return ~(source inside {dtv1_pkg::SOURCE_ZERO, dtv1_pkg::SOURCE_ONE, dtv1_pkg::SOURCE_SAME});
  endfunction

  // What there is to do; what goes to the output module must fit the procedure.
  logic known, side_ok;

  assign known = ((cfg_i.proc >= dtv1_pkg::PROC_MXV) & (cfg_i.proc <= dtv1_pkg::PROC_EWISE)) |
                 (cfg_i.proc == dtv1_pkg::PROC_MOVE);

  always_comb begin : check
    unique case (cfg_i.side)
      dtv1_pkg::SIDE_NONE: side_ok = cfg_i.proc != dtv1_pkg::PROC_MOVE;
      dtv1_pkg::SIDE_VECTOR:
      side_ok = (cfg_i.proc == dtv1_pkg::PROC_EWISE) & (cfg_i.c_src != dtv1_pkg::SOURCE_WIDE);
      dtv1_pkg::SIDE_LIST: side_ok = (cfg_i.proc == dtv1_pkg::PROC_MTXV_SP) & cfg_i.src0_dram;
      default: side_ok = cfg_i.proc == dtv1_pkg::PROC_MOVE;
    endcase
  end

  logic point_valid, point_ready;
  dtv1_pkg::ipm_cfg_t cfg, unused_cfg;
  dtv1_pkg::ipm_point_t point, unused_point;

  assign unused_cfg   = cfg;
  assign unused_point = point;

  dtv1_ipm_walk u_walk (
      .clk_i,
      .rst_ni,
      .cfg_valid_i,
      .cfg_ready_o,
      .cfg_i,
      .want_i       (known),
      .by_word_i    (1'b1),
      .bad_i        (~side_ok),
      .desc_valid_i,
      .desc_ready_o,
      .desc_i,
      .point_valid_o(point_valid),
      .point_ready_i(point_ready),
      .point_cfg_o  (cfg),
      .point_o      (point),
      .err_o
  );

  // What a word is made of. A value for all lanes, and the index, stay until the last row group of the
  // column; an element for the side stream comes with it.
  logic sparse, mtxv, vxv, ewise, move, wide, listed, from_dram;
  logic need0, need1, need2, all_there, room, low, go;
  logic half_q;  // the lower half of a wide addend is there

  assign sparse = cfg.proc inside {
      dtv1_pkg::PROC_MXV_SP, dtv1_pkg::PROC_MTXV_SP, dtv1_pkg::PROC_VXV_SP};
  assign mtxv = cfg.proc inside {dtv1_pkg::PROC_MTXV, dtv1_pkg::PROC_MTXV_SP};
  assign vxv = cfg.proc inside {dtv1_pkg::PROC_VXV, dtv1_pkg::PROC_VXV_SP};
  assign ewise = cfg.proc == dtv1_pkg::PROC_EWISE;
  assign move = cfg.proc == dtv1_pkg::PROC_MOVE;
  assign wide = ewise & (cfg.c_src == dtv1_pkg::SOURCE_WIDE);
  assign listed = (cfg.side == dtv1_pkg::SIDE_LIST) & point.grp_last;
  assign from_dram = cfg.src0_dram & ~vxv & ~ewise;

  always_comb begin : needs
    need0 = ~from_dram | listed;
    need1 = ~move;
    need2 = 1'b0;
    if (ewise) begin
      need0 = is_read(cfg.a_src) | (cfg.a_src == dtv1_pkg::SOURCE_SAME);
      need1 = is_read(cfg.b_src);
      need2 = is_read(cfg.c_src);
    end
  end

  assign all_there = (~from_dram | dram_valid_i) & (~need0 | src0_valid_i) &
                     (~need1 | src1_valid_i) & (~need2 | src2_valid_i) & (~sparse | idx_valid_i);
  assign low = point_valid & wide & ~half_q & src2_valid_i & room;
  assign point_ready = all_there & room & (~wide | half_q);
  assign go = point_valid & point_ready;

  assign dram_ready_o = go & from_dram;
  assign src0_ready_o = go & need0;
  assign src1_ready_o = go & need1 & (mtxv | ewise | point.grp_last);
  assign src2_ready_o = (go & need2) | low;
  assign idx_ready_o = go & sparse & point.grp_last;
  assign col_done_o = go & from_dram & point.grp_last;
  assign wait_dram_o = point_valid & from_dram & ~dram_valid_i;

  // The register: three streams take from it, each what is for it.
  localparam int unsigned OPD = 0;
  localparam int unsigned ADD = 1;
  localparam int unsigned SIDE = 2;
  logic [2:0] for_d, for_q, ready;

  assign for_d[OPD] = ~move;
  assign for_d[ADD] = ewise & (cfg.c_src != dtv1_pkg::SOURCE_ZERO);
  assign for_d[SIDE] = (cfg.side inside {dtv1_pkg::SIDE_VECTOR, dtv1_pkg::SIDE_RAW}) | listed;
  assign ready = {side_ready_i, add_ready_i, opd_ready_i};
  assign room = (for_q & ~ready) == '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      for_q  <= '0;
      half_q <= 1'b0;
    end else begin
      for_q  <= go ? for_d : for_q & ~ready;
      half_q <= (half_q & ~go) | low;
    end
  end

  word_t a_d, b_d, c_d, a_q, b_q;
  sums_t add_d, add_q;
  logic [dtv1_pkg::IDX_W-1:0] idx_q;
  logic [1:0] side_q;

  always_comb begin : words
    a_d = from_dram ? dram_i : src0_i;
    b_d = mtxv ? src1_i : {NUM_PE{src1_i[0]}};
    if (ewise) begin
      if (~need0) a_d = constant(cfg.a_src);
      b_d = need1 ? src1_i : (cfg.b_src == dtv1_pkg::SOURCE_SAME) ? a_d : constant(cfg.b_src);
    end
  end

  always_comb begin : addend
    c_d = a_d;
    if (listed) c_d = word_t'(src0_i[0]);
    else if (need2) c_d = src2_i;
    else if (ewise & (cfg.c_src != dtv1_pkg::SOURCE_SAME)) c_d = constant(cfg.c_src);
  end

  if (dtv1_pkg::FORMAT_FP) begin : gen_fp
    // A wide addend is an array of float32 in two words.
    localparam int unsigned HALF = NUM_PE / 2;

    for (genvar lane = 0; lane < NUM_PE; lane++) begin : gen_lane
      localparam int unsigned FIRST = 2 * (lane % HALF);
      assign add_d[lane]   = wide ? src2_i[FIRST+1:FIRST] : {c_d[lane], DATA_W'(0)};
      assign side0_o[lane] = add_q[lane][RES_W-1:DATA_W];
    end

    always_ff @(posedge clk_i) begin : payload
      if (low | (go & ~wide)) add_q[HALF-1:0] <= add_d[HALF-1:0];
      if (go) add_q[NUM_PE-1:HALF] <= add_d[NUM_PE-1:HALF];
    end
  end else begin : gen_fxp
    assign add_d   = c_d;
    assign side0_o = add_q;

    always_ff @(posedge clk_i) begin : payload
      if (go) add_q <= add_d;
    end
  end

  always_ff @(posedge clk_i) begin : payload
    if (go) begin
      a_q    <= a_d;
      b_q    <= b_d;
      idx_q  <= sparse ? idx_i : dtv1_pkg::IDX_W'(point.col);
      side_q <= cfg.side;
    end
  end

  always_comb begin : second_side
    unique case (side_q)
      dtv1_pkg::SIDE_VECTOR: side1_o = b_q;
      dtv1_pkg::SIDE_LIST: side1_o = word_t'(idx_q);
      default: side1_o = '0;
    endcase
  end

  assign opd_valid_o  = for_q[OPD];
  assign opd_a_o      = a_q;
  assign opd_b_o      = b_q;
  assign opd_idx_o    = idx_q;
  assign add_valid_o  = for_q[ADD];
  assign add_o        = add_q;
  assign side_valid_o = for_q[SIDE];

  // The other half of a wide addend finds the register empty.
  `DTV1_ASSERT(Half_A, !half_q || for_q == '0)

endmodule
