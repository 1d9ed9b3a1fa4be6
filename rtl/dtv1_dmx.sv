// Joins the streams of the input module into operand words for the compute core: the first operand
// from DRAM or SMEM channel 2, the second from SMEM channel 1 (a word, or one value for all lanes),
// and the column index as tag.
module dtv1_dmx
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
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

    output logic                                   opd_valid_o,
    input  logic                                   opd_ready_i,
    output logic [         NUM_PE-1:0][DATA_W-1:0] opd_a_o,
    output logic [         NUM_PE-1:0][DATA_W-1:0] opd_b_o,
    output logic [dtv1_pkg::IDX_W-1:0]             opd_idx_o,

    output logic col_done_o,  // the last word of a column from DRAM was used

    output dtv1_pkg::err_e err_o
);

  logic known;

  assign known = (cfg_i.proc >= dtv1_pkg::PROC_MXV) & (cfg_i.proc <= dtv1_pkg::PROC_VXV_SP);

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
      .desc_valid_i,
      .desc_ready_o,
      .desc_i,
      .point_valid_o(point_valid),
      .point_ready_i(point_ready),
      .point_cfg_o  (cfg),
      .point_o      (point),
      .err_o
  );

  // A word leaves when all that it is made of is there. A value for all lanes, and the index, stay
  // until the last row group of the column.
  logic sparse, mtxv, vxv, from_dram, all_there, room, go;
  logic valid_q;

  assign sparse = cfg.proc inside {
      dtv1_pkg::PROC_MXV_SP, dtv1_pkg::PROC_MTXV_SP, dtv1_pkg::PROC_VXV_SP};
  assign mtxv = cfg.proc inside {dtv1_pkg::PROC_MTXV, dtv1_pkg::PROC_MTXV_SP};
  assign vxv = cfg.proc inside {dtv1_pkg::PROC_VXV, dtv1_pkg::PROC_VXV_SP};
  assign from_dram = cfg.src0_dram & ~vxv;
  assign all_there = (from_dram ? dram_valid_i : src0_valid_i) & src1_valid_i &
                     (~sparse | idx_valid_i);
  assign room = ~valid_q | opd_ready_i;
  assign point_ready = all_there & room;
  assign go = point_valid & point_ready;

  assign dram_ready_o = go & from_dram;
  assign src0_ready_o = go & ~from_dram;
  assign src1_ready_o = go & (mtxv | point.grp_last);
  assign idx_ready_o = go & sparse & point.grp_last;
  assign col_done_o = go & from_dram & point.grp_last;

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) valid_q <= 1'b0;
    else valid_q <= go | (valid_q & ~opd_ready_i);
  end

  logic [NUM_PE-1:0][DATA_W-1:0] a_q, b_q;
  logic [dtv1_pkg::IDX_W-1:0] idx_q;

  always_ff @(posedge clk_i) begin : payload
    if (go) begin
      a_q   <= from_dram ? dram_i : src0_i;
      b_q   <= mtxv ? src1_i : {NUM_PE{src1_i[0]}};
      idx_q <= sparse ? idx_i : dtv1_pkg::IDX_W'(point.col);
    end
  end

  assign opd_valid_o = valid_q;
  assign opd_a_o     = a_q;
  assign opd_b_o     = b_q;
  assign opd_idx_o   = idx_q;

endmodule
