// DRAM read commands: one 72-bit DataMover command for each column of a matrix in DRAM, which lies
// there in one piece; MOVE takes the columns of all its steps one after another. Commands run ahead of the data by up to DRAM_AHEAD columns.
module dtv1_drg (
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

    output logic              cmd_valid_o,
    input  logic              cmd_ready_i,
    output dtv1_pkg::dm_cmd_t cmd_o,

    input logic col_done_i,  // the joiner has used the last word of a column

    output dtv1_pkg::err_e err_o
);

  localparam int unsigned CNT_W = dtv1_pkg::CNT_W;
  localparam int unsigned WORD_BYTES = dtv1_pkg::NUM_PE * dtv1_pkg::DATA_W / 8;
  localparam int unsigned FIRST_W = 3 * CNT_W;
  localparam int unsigned AHEAD_W = $clog2(dtv1_pkg::DRAM_AHEAD + 1);

  logic by_column, want;

  assign by_column = cfg_i.proc inside {
      dtv1_pkg::PROC_MXV, dtv1_pkg::PROC_MTXV, dtv1_pkg::PROC_MXV_SP, dtv1_pkg::PROC_MTXV_SP,
      dtv1_pkg::PROC_MOVE};
  assign want = by_column & cfg_i.src0_dram;

  logic point_valid, point_ready;
  dtv1_pkg::ipm_cfg_t cfg, unused_cfg;
  dtv1_pkg::ipm_point_t point, unused_point;

  assign unused_point = point;
  assign unused_cfg   = cfg;

  dtv1_ipm_walk u_walk (
      .clk_i,
      .rst_ni,
      .cfg_valid_i,
      .cfg_ready_o,
      .cfg_i,
      .want_i       (want),
      .by_word_i    (1'b0),
      .bad_i        (1'b0),
      .desc_valid_i,
      .desc_ready_o,
      .desc_i,
      .point_valid_o(point_valid),
      .point_ready_i(point_ready),
      .point_cfg_o  (cfg),
      .point_o      (point),
      .err_o
  );

  // Columns whose command is out and whose last word has not been used.
  logic [AHEAD_W-1:0] ahead_d, ahead_q;
  logic sparse, move, room, issue;
  logic cmd_valid_d, cmd_valid_q;
  dtv1_pkg::dm_cmd_t cmd_d, cmd_q;
  logic [CNT_W-1:0] column;
  logic [FIRST_W-1:0] first_word;  // of the column, in words
  logic [FIRST_W-1:0] moved_q;  // words of a MOVE that were asked for
  logic [CNT_W:0] words;

  assign sparse      = cfg.proc inside {dtv1_pkg::PROC_MXV_SP, dtv1_pkg::PROC_MTXV_SP};
  assign move        = cfg.proc == dtv1_pkg::PROC_MOVE;
  assign room        = (ahead_q != AHEAD_W'(dtv1_pkg::DRAM_AHEAD)) & (~cmd_valid_q | cmd_ready_i);
  assign point_ready = room & (~sparse | idx_valid_i);
  assign issue       = point_valid & point_ready;
  assign idx_ready_o = point_valid & sparse & room;
  assign ahead_d     = ahead_q + AHEAD_W'(issue) - AHEAD_W'(col_done_i);

  assign column      = sparse ? CNT_W'(idx_i) : point.col;
  assign words       = (CNT_W + 1)'(cfg.cnt0) + 1'b1;
  assign first_word  = move ? moved_q : FIRST_W'(column) * FIRST_W'(words);
  assign cmd_valid_d = issue | (cmd_valid_q & ~cmd_ready_i);

  always_comb begin : command
    cmd_d      = '0;
    cmd_d.addr = cfg.dram_addr + 32'(first_word) * WORD_BYTES;
    cmd_d.eof  = 1'b1;
    cmd_d.incr = 1'b1;
    cmd_d.btt  = $bits(cmd_d.btt)'(words) * WORD_BYTES[$bits(cmd_d.btt)-1:0];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      ahead_q     <= '0;
      cmd_valid_q <= 1'b0;
      moved_q     <= '0;
    end else begin
      ahead_q     <= ahead_d;
      cmd_valid_q <= cmd_valid_d;
      if (issue) moved_q <= (move & ~point.last) ? moved_q + FIRST_W'(words) : '0;
    end
  end

  always_ff @(posedge clk_i) begin : payload
    if (issue) cmd_q <= cmd_d;
  end

  assign cmd_valid_o = cmd_valid_q;
  assign cmd_o       = cmd_q;

endmodule
