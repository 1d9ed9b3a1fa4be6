// SMEM channel 0: index lists, and the addends of EWISE. Asks the descriptor memory for the lists of
// each sparse instruction, reads their indices one lane at a time (or, `direct`, takes them from the
// output module), checks them, and hands each to the units that need it. Words of addends go to the
// joiner as they are.
//
// Instructions are served in their order, so an answer that waits for its taker never waits for one
// behind it. What is wrong stops by itself: a bad index is never taken, a read outside the memory
// never asked for. What is on offer then, and all that was read before, still goes its way.
module dtv1_srg0 (
    input logic clk_i,
    input logic rst_ni,

    input  logic               cfg_valid_i,
    output logic               cfg_ready_o,
    input  dtv1_pkg::ipm_cfg_t cfg_i,

    // Request for the descriptors of all steps of an instruction.
    output logic                        cmd_valid_o,
    input  logic                        cmd_ready_i,
    output logic                        cmd_list_o,
    output logic [dtv1_pkg::STEP_W-1:0] cmd_first_o,
    output logic [dtv1_pkg::STEP_W-1:0] cmd_last_o,

    input  logic            desc_valid_i,
    output logic            desc_ready_o,
    input  dtv1_pkg::desc_t desc_i,

    output logic                                                   req_valid_o,
    input  logic                                                   req_ready_i,
    output logic [dtv1_pkg::SMEM_ADDR_W-1:0]                       req_addr_o,
    output logic [       dtv1_pkg::LANE_W:0]                       req_sel_o,
    input  logic                                                   rsp_valid_i,
    output logic                                                   rsp_ready_o,
    input  logic [     dtv1_pkg::NUM_PE-1:0][dtv1_pkg::DATA_W-1:0] rsp_data_i,

    // Indices from the output module.
    input  logic                       direct_valid_i,
    output logic                       direct_ready_o,
    input  logic [dtv1_pkg::IDX_W-1:0] direct_idx_i,

    // Indices: to the joiner all, to the DRAM and SMEM readers those of what they read.
    output logic                       idx_dmx_valid_o,
    input  logic                       idx_dmx_ready_i,
    output logic                       idx_drg_valid_o,
    input  logic                       idx_drg_ready_i,
    output logic                       idx_srg_valid_o,
    input  logic                       idx_srg_ready_i,
    output logic [dtv1_pkg::IDX_W-1:0] idx_o,

    // Words of addends.
    output logic                                              word_valid_o,
    input  logic                                              word_ready_i,
    output logic [dtv1_pkg::NUM_PE-1:0][dtv1_pkg::DATA_W-1:0] word_o,

    output dtv1_pkg::err_e err_o,
    output logic [dtv1_pkg::SEQ_W-1:0] num_o  // number of the instruction that err_o is about
);

  localparam int unsigned DATA_W = dtv1_pkg::DATA_W;
  localparam int unsigned SEQ_W = dtv1_pkg::SEQ_W;
  localparam int unsigned READS = 16;  // outstanding reads: more than the memory's way takes
  localparam int unsigned LISTS = 4;  // instructions whose descriptors are asked for ahead

  dtv1_pkg::err_e err_d, err_q, walk_err;

  // A sparse instruction asks for its descriptors at once and then waits for its turn.
  logic sparse, addend, bad, mine, wait_valid, wait_ready, cfg_valid, cfg_ready;
  dtv1_pkg::ipm_cfg_t cfg;
  logic [$clog2(LISTS+1)-1:0] unused_waiting;
  // Numbers, modulo 2^SEQ_W, of the instruction that is offered, that waits, that is walked.
  logic [SEQ_W-1:0] taken_q, wait_num, num_q;

  assign sparse      = cfg_i.proc inside {
      dtv1_pkg::PROC_MXV_SP, dtv1_pkg::PROC_MTXV_SP, dtv1_pkg::PROC_VXV_SP};
  assign addend = (cfg_i.proc == dtv1_pkg::PROC_EWISE) &
                  ~(cfg_i.c_src inside {dtv1_pkg::SOURCE_ZERO, dtv1_pkg::SOURCE_ONE,
                                        dtv1_pkg::SOURCE_SAME});
  assign mine = sparse | addend;
  assign cmd_valid_o = cfg_valid_i & sparse & wait_ready;
  assign cmd_list_o = cfg_i.list;
  assign cmd_first_o = cfg_i.step;
  assign cmd_last_o = cfg_i.step + dtv1_pkg::STEP_W'(cfg_i.cnt2);
  assign wait_valid = cfg_valid_i & mine & (~sparse | cmd_ready_i);
  assign cfg_ready_o = ~mine | (wait_ready & (~sparse | cmd_ready_i));

  dtv1_fifo #(
      .WIDTH($bits(dtv1_pkg::ipm_cfg_t) + SEQ_W),
      .DEPTH(LISTS)
  ) u_wait (
      .clk_i,
      .rst_ni,
      .clr_i  (1'b0),
      .valid_i(wait_valid),
      .ready_o(wait_ready),
      .data_i ({cfg_i, taken_q}),
      .valid_o(cfg_valid),
      .ready_i(cfg_ready),
      .data_o ({cfg, wait_num}),
      .count_o(unused_waiting)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin : numbers
    if (!rst_ni) begin
      taken_q <= '0;
      num_q   <= '0;
    end else begin
      if (cfg_valid_i & cfg_ready_o) taken_q <= taken_q + 1'b1;
      if (cfg_valid & cfg_ready) num_q <= wait_num;
    end
  end

  // One read for each list entry; one, or two, for each word of an addend.
  logic point_valid, point_ready, by_word;
  dtv1_pkg::ipm_cfg_t point_cfg, unused_cfg;
  dtv1_pkg::ipm_point_t point, unused_point;

  assign by_word = cfg.proc == dtv1_pkg::PROC_EWISE;
  assign bad = by_word & ~(cfg.c_src == dtv1_pkg::SOURCE_SMEM) &
               ~(dtv1_pkg::FORMAT_FP & (cfg.c_src == dtv1_pkg::SOURCE_WIDE));
  assign unused_cfg = point_cfg;
  assign unused_point = point;

  dtv1_ipm_walk u_walk (
      .clk_i,
      .rst_ni,
      .cfg_valid_i  (cfg_valid),
      .cfg_ready_o  (cfg_ready),
      .cfg_i        (cfg),
      .want_i       (1'b1),
      .by_word_i    (by_word),
      .bad_i        (bad),
      .desc_valid_i,
      .desc_ready_o,
      .desc_i,
      .point_valid_o(point_valid),
      .point_ready_i(point_ready),
      .point_cfg_o  (point_cfg),
      .point_o      (point),
      .err_o        (walk_err)
  );

  // What comes next: a word, or an index, which was read or not.
  typedef struct packed {
    logic word;
    logic direct;
    logic to_drg;
    logic to_srg;
    logic [dtv1_pkg::CNT_W-1:0] highest;
    logic [SEQ_W-1:0] num;
  } tag_t;

  tag_t tag_in, tag;
  logic tag_push, tag_room, tag_valid, tag_take;
  logic [$clog2(READS+1)-1:0] unused_reads;
  logic addr_ok, more, read, vxv, listed;

  assign vxv = point_cfg.proc == dtv1_pkg::PROC_VXV_SP;
  assign listed = (point_cfg.proc == dtv1_pkg::PROC_MTXV_SP) &
                  (point_cfg.side == dtv1_pkg::SIDE_LIST);
  assign tag_in.word = point_cfg.proc == dtv1_pkg::PROC_EWISE;
  assign tag_in.direct = ~tag_in.word & point_cfg.direct;
  assign tag_in.to_drg = ~vxv & point_cfg.src0_dram;
  assign tag_in.to_srg = ~vxv & (~point_cfg.src0_dram | listed);
  assign tag_in.highest = point_cfg.cnt1;
  assign tag_in.num = num_q;

  dtv1_srg0_place u_place (
      .clk_i,
      .rst_ni,
      .cfg_i  (point_cfg),
      .point_i(point),
      .read_i (tag_push),
      .ok_o   (addr_ok),
      .addr_o (req_addr_o),
      .sel_o  (req_sel_o),
      .more_o (more)
  );

  assign read = ~tag_in.direct;
  assign req_valid_o = point_valid & tag_room & read & addr_ok;
  assign tag_push = point_valid & tag_room & (~read | (req_ready_i & addr_ok));
  assign point_ready = tag_room & (~read | (req_ready_i & addr_ok)) & ~more;

  dtv1_fifo #(
      .WIDTH($bits(tag_t)),
      .DEPTH(READS)
  ) u_tags (
      .clk_i,
      .rst_ni,
      .clr_i  (1'b0),
      .valid_i(tag_push),
      .ready_o(tag_room),
      .data_i (tag_in),
      .valid_o(tag_valid),
      .ready_i(tag_take),
      .data_o (tag),
      .count_o(unused_reads)
  );

  // Indices, checked and shared out.
  logic [DATA_W-1:0] index;
  logic index_valid, index_ok, idx_ready, index_take, word_take;
  logic [2:0] needed, fork_valid;

  assign index = tag.direct ? DATA_W'(direct_idx_i) : rsp_data_i[0];
  assign index_valid = tag_valid & ~tag.word & (tag.direct ? direct_valid_i : rsp_valid_i);
  assign index_ok = 32'(index) <= 32'(tag.highest);
  assign index_take = index_valid & index_ok & idx_ready;
  assign needed = {tag.to_srg, tag.to_drg, 1'b1};

  assign word_valid_o = rsp_valid_i & tag_valid & tag.word;
  assign word_take = word_valid_o & word_ready_i;
  assign word_o = rsp_data_i;

  assign tag_take = index_take | word_take;
  assign rsp_ready_o = word_take | (index_take & ~tag.direct);
  assign direct_ready_o = index_take & tag.direct;

  dtv1_stream_fork #(
      .N(3)
  ) u_fork (
      .clk_i,
      .rst_ni,
      .valid_i(index_valid & index_ok),
      .ready_o(idx_ready),
      .valid_o(fork_valid),
      .ready_i({idx_srg_ready_i, idx_drg_ready_i, idx_dmx_ready_i} | ~needed)
  );

  assign {idx_srg_valid_o, idx_drg_valid_o, idx_dmx_valid_o} = fork_valid & needed;
  assign idx_o = dtv1_pkg::IDX_W'(index);

  // An index that comes back may belong to an instruction before the one that is walked: what is wrong
  // with it comes first.
  logic [SEQ_W-1:0] err_num_d, err_num_q;

  always_comb begin : error
    err_d = err_q;
    err_num_d = err_num_q;
    if (index_valid & ~index_ok) begin
      err_d = dtv1_pkg::ERR_INDEX;
      err_num_d = tag.num;
    end else if (err_q == dtv1_pkg::ERR_NONE) begin
      err_num_d = num_q;
      if (walk_err != dtv1_pkg::ERR_NONE) err_d = walk_err;
      else if (point_valid & read & ~addr_ok) err_d = dtv1_pkg::ERR_ADDRESS;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : error_state
    if (!rst_ni) begin
      err_q     <= dtv1_pkg::ERR_NONE;
      err_num_q <= '0;
    end else begin
      err_q     <= err_d;
      err_num_q <= err_num_d;
    end
  end

  assign err_o = err_q;
  assign num_o = err_num_q;

endmodule
