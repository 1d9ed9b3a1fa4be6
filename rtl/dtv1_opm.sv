// Output module: writes the results of the compute core to SMEM and DRAM, encodes vectors as lists of
// what moved, scatters the sums of the backward pass, moves words, and retires instructions
// (docs/opm.md).
//
// Instructions come one after another. One that has ended retires when everything that was taken is
// written: no queue of this module holds anything, SMEM has granted all writes, the descriptor
// memory has its descriptor. The indices that go straight to the input module do not count.
`include "dtv1_assert.svh"

module dtv1_opm
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
  import dtv1_pkg::RES_W;
  import dtv1_pkg::LANE_W;
  import dtv1_pkg::SMEM_ADDR_W;
#(
    localparam int unsigned WRITERS = 2
) (
    input logic clk_i,
    input logic rst_ni,

    input  logic               cfg_valid_i,
    output logic               cfg_ready_o,
    input  dtv1_pkg::opm_cfg_t cfg_i,

    // Results of the compute core.
    input  logic                         res_valid_i,
    output logic                         res_ready_o,
    input  logic                         res_scalar_i,
    input  logic                         res_last_i,    // ends its instruction
    input  logic                         res_none_i,    // no result
    input  logic [NUM_PE-1:0][RES_W-1:0] res_i,

    // What the input module sends along.
    input  logic                          side_valid_i,
    output logic                          side_ready_o,
    input  logic [NUM_PE-1:0][DATA_W-1:0] side0_i,
    input  logic [NUM_PE-1:0][DATA_W-1:0] side1_i,

    // SMEM write channels.
    output logic [WRITERS-1:0]                              wreq_valid_o,
    input  logic [WRITERS-1:0]                              wreq_ready_i,
    output logic [WRITERS-1:0][SMEM_ADDR_W-1:0]             wreq_addr_o,
    output logic [WRITERS-1:0][       LANE_W:0]             wreq_sel_o,
    output logic [WRITERS-1:0][     NUM_PE-1:0][DATA_W-1:0] wreq_data_o,
    input  logic [WRITERS-1:0]                              wbusy_i,

    // DRAM write commands and data.
    output logic                                       dm_cmd_valid_o,
    input  logic                                       dm_cmd_ready_i,
    output dtv1_pkg::dm_cmd_t                          dm_cmd_o,
    output logic                                       dram_valid_o,
    input  logic                                       dram_ready_i,
    output logic              [NUM_PE-1:0][DATA_W-1:0] dram_o,
    output logic                                       dram_last_o,     // of its command

    // Descriptors of lists.
    output logic                                   desc_valid_o,
    input  logic                                   desc_ready_i,
    output logic                                   desc_list_o,
    output logic            [dtv1_pkg::STEP_W-1:0] desc_step_o,
    output dtv1_pkg::desc_t                        desc_o,

    // Indices of lists, straight to the input module.
    output logic                       direct_valid_o,
    input  logic                       direct_ready_i,
    output logic [dtv1_pkg::IDX_W-1:0] direct_idx_o,

    output logic                 retire_o,   // an instruction, in this cycle
    output logic                 busy_o,
    output dtv1_pkg::err_e       err_o,      // why the module stopped; ERR_NONE while all is well
    output logic                 settled_o,  // it has stopped, and what came before has retired
    output dtv1_pkg::opm_event_t event_o
);

  localparam int unsigned CNT_W = dtv1_pkg::CNT_W;
  localparam int unsigned BTT_W = $bits(dm_cmd_o.btt);
  // Instructions that have ended and not retired.
  localparam int unsigned ENDED_W = 6;

  typedef logic [NUM_PE-1:0][DATA_W-1:0] word_t;

  // The stream says by itself what it carries.
  logic unused_scalar;
  assign unused_scalar = res_scalar_i;

  logic halt, hold, idle, held, instr_end;
  dtv1_pkg::err_e ctl_err, words_err, scatter_err, enc_err;
  dtv1_pkg::opm_cfg_t head, cfg;

  // The beat.
  logic beat_word_valid, beat_word_ready, beat_enc_valid, beat_scatter_valid, beat_scatter_ready;
  logic first, last, none, col_last, step_last, fill, filled, direct_room;
  logic [CNT_W-1:0] grp;
  logic [NUM_PE-1:0] mask;
  logic [NUM_PE-1:0][RES_W-1:0] raw;
  word_t elem, side0, side1;

  dtv1_opm_ctl u_ctl (
      .clk_i,
      .rst_ni,
      .cfg_valid_i,
      .cfg_ready_o,
      .cfg_i,
      .res_valid_i,
      .res_ready_o,
      .res_last_i,
      .res_none_i,
      .res_i,
      .side_valid_i,
      .side_ready_o,
      .side0_i,
      .side1_i,
      .halt_i         (halt),
      .hold_i         (hold),
      .idle_i         (idle),
      .direct_room_i  (direct_room),
      .held_o         (held),
      .head_o         (head),
      .end_o          (instr_end),
      .fill_o         (fill),
      .filled_i       (filled),
      .word_valid_o   (beat_word_valid),
      .word_ready_i   (beat_word_ready),
      .enc_valid_o    (beat_enc_valid),
      .scatter_valid_o(beat_scatter_valid),
      .scatter_ready_i(beat_scatter_ready),
      .beat_cfg_o     (cfg),
      .first_o        (first),
      .last_o         (last),
      .none_o         (none),
      .col_last_o     (col_last),
      .step_last_o    (step_last),
      .grp_o          (grp),
      .mask_o         (mask),
      .raw_o          (raw),
      .elem_o         (elem),
      .side0_o        (side0),
      .side1_o        (side1),
      .err_o          (ctl_err)
  );

  // Whole words, to SMEM and DRAM.
  logic pack_valid, pack_ready, pack_upper, pack_block_last, pack_step_last;
  word_t pack_word, words_word;
  logic words_valid, words_ready, words_ended, words_busy;
  logic [SMEM_ADDR_W-1:0] words_addr;
  logic cmd_valid, cmd_ready, data_valid, data_ready, data_last, dram_busy;
  logic [31:0] cmd_addr;
  logic [BTT_W-1:0] cmd_btt;

  dtv1_opm_pack u_pack (
      .clk_i,
      .rst_ni,
      .valid_i     (beat_word_valid),
      .ready_o     (beat_word_ready),
      .sums_i      (cfg.mode == dtv1_pkg::OPM_SUMS),
      .sparse_i    (cfg.sparse),
      .wide_i      (cfg.wide),
      .last_i      (last),
      .none_i      (none),
      .col_last_i  (col_last),
      .step_last_i (step_last),
      .raw_i       (raw),
      .elem_i      (elem),
      .valid_o     (pack_valid),
      .ready_i     (pack_ready),
      .upper_o     (pack_upper),
      .block_last_o(pack_block_last),
      .step_last_o (pack_step_last),
      .word_o      (pack_word)
  );

  dtv1_opm_words u_words (
      .clk_i,
      .rst_ni,
      .cfg_i       (cfg),
      .end_i       (beat_word_valid & beat_word_ready & last),
      .ended_o     (words_ended),
      .valid_i     (pack_valid),
      .ready_o     (pack_ready),
      .upper_i     (pack_upper),
      .block_last_i(pack_block_last),
      .step_last_i (pack_step_last),
      .word_i      (pack_word),
      .smem_valid_o(words_valid),
      .smem_ready_i(words_ready),
      .smem_addr_o (words_addr),
      .cmd_valid_o (cmd_valid),
      .cmd_ready_i (cmd_ready),
      .cmd_addr_o  (cmd_addr),
      .cmd_btt_o   (cmd_btt),
      .dram_valid_o(data_valid),
      .dram_ready_i(data_ready),
      .dram_last_o (data_last),
      .word_o      (words_word),
      .busy_o      (words_busy),
      .err_o       (words_err)
  );

  dtv1_opm_dram u_dram (
      .clk_i,
      .rst_ni,
      .cmd_valid_i (cmd_valid),
      .cmd_ready_o (cmd_ready),
      .cmd_addr_i  (cmd_addr),
      .cmd_btt_i   (cmd_btt),
      .data_valid_i(data_valid),
      .data_ready_o(data_ready),
      .data_last_i (data_last),
      .data_i      (words_word),
      .dm_cmd_valid_o,
      .dm_cmd_ready_i,
      .dm_cmd_o,
      .dram_valid_o,
      .dram_ready_i,
      .dram_o,
      .dram_last_o,
      .busy_o      (dram_busy)
  );

  // Scatter.
  logic zero_valid, zero_ready, scatter_ended, scatter_busy;
  logic [SMEM_ADDR_W-1:0] zero_addr;
  logic [WRITERS-1:0] lane_valid, lane_ready;
  logic [WRITERS-1:0][SMEM_ADDR_W-1:0] lane_addr;
  logic [WRITERS-1:0][DATA_W-1:0] lane_data;
  logic [LANE_W-1:0] lane;

  dtv1_opm_scatter u_scatter (
      .clk_i,
      .rst_ni,
      .fill_i      (fill),
      .filled_o    (filled),
      .fill_cfg_i  (head),
      .end_i       (instr_end),
      .ended_o     (scatter_ended),
      .valid_i     (beat_scatter_valid),
      .ready_o     (beat_scatter_ready),
      .last_i      (last),
      .none_i      (none),
      .raw_i       (raw[0]),
      .elem_i      (elem[0]),
      .s_i         (side0[0]),
      .idx_i       (side1[0]),
      .cfg_i       (cfg),
      .zero_valid_o(zero_valid),
      .zero_ready_i(zero_ready),
      .zero_addr_o (zero_addr),
      .lane_valid_o(lane_valid),
      .lane_ready_i(lane_ready),
      .lane_addr_o (lane_addr),
      .lane_o      (lane),
      .lane_data_o (lane_data),
      .busy_o      (scatter_busy),
      .err_o       (scatter_err)
  );

  // Delta encoder.
  logic state_valid, idx_valid, delta_valid, enc_ended, enc_busy;
  logic [SMEM_ADDR_W-1:0] state_addr, idx_addr, delta_addr;
  logic [NUM_PE-1:0][dtv1_pkg::IDX_W-1:0] idx;
  word_t state, delta;
  logic direct_in_valid, direct_busy;
  logic [NUM_PE-1:0] direct_fired;
  logic [ CNT_W-1:0] direct_grp;
  logic [  LANE_W:0] fired;

  dtv1_opm_enc u_enc (
      .clk_i,
      .rst_ni,
      .valid_i       (beat_enc_valid),
      .cfg_i         (cfg),
      .first_i       (first),
      .last_i        (last),
      .none_i        (none),
      .grp_i         (grp),
      .mask_i        (mask),
      .raw_i         (raw),
      .elem_i        (elem),
      .v_i           (side0),
      .state_i       (side1),
      .state_valid_o (state_valid),
      .state_addr_o  (state_addr),
      .state_o       (state),
      .idx_valid_o   (idx_valid),
      .idx_addr_o    (idx_addr),
      .idx_o         (idx),
      .delta_valid_o (delta_valid),
      .delta_addr_o  (delta_addr),
      .delta_o       (delta),
      .direct_valid_o(direct_in_valid),
      .direct_fired_o(direct_fired),
      .direct_grp_o  (direct_grp),
      .desc_valid_o,
      .desc_ready_i,
      .desc_list_o,
      .desc_step_o,
      .desc_o,
      .fired_o       (fired),
      .ended_o       (enc_ended),
      .busy_o        (enc_busy),
      .err_o         (enc_err)
  );

  dtv1_opm_direct u_direct (
      .clk_i,
      .rst_ni,
      .room_o (direct_room),
      .valid_i(direct_in_valid),
      .fired_i(direct_fired),
      .grp_i  (direct_grp),
      .direct_valid_o,
      .direct_ready_i,
      .direct_idx_o,
      .busy_o (direct_busy)
  );

  // SMEM channels.
  logic wr_busy;

  dtv1_opm_wr u_wr (
      .clk_i,
      .rst_ni,
      .word_valid_i (words_valid),
      .word_ready_o (words_ready),
      .word_addr_i  (words_addr),
      .word_i       (words_word),
      .zero_valid_i (zero_valid),
      .zero_ready_o (zero_ready),
      .zero_addr_i  (zero_addr),
      .lane_valid_i (lane_valid),
      .lane_ready_o (lane_ready),
      .lane_addr_i  (lane_addr),
      .lane_i       (lane),
      .lane_data_i  (lane_data),
      .state_valid_i(state_valid),
      .state_addr_i (state_addr),
      .state_i      (state),
      .idx_valid_i  (idx_valid),
      .idx_addr_i   (idx_addr),
      .idx_i        (idx),
      .delta_valid_i(delta_valid),
      .delta_addr_i (delta_addr),
      .delta_i      (delta),
      .wreq_valid_o,
      .wreq_ready_i,
      .wreq_addr_o,
      .wreq_sel_o,
      .wreq_data_o,
      .busy_o       (wr_busy)
  );

  // Retirement. Two more instructions may end when `hold` stops new beats.
  logic ended;
  logic [ENDED_W-1:0] ended_d, ended_q;
  dtv1_pkg::err_e err_d, err_q;

  assign idle = ~(beat_word_valid | beat_enc_valid | beat_scatter_valid | words_busy | dram_busy |
                  scatter_busy | enc_busy | wr_busy | (|wbusy_i));
  assign retire_o = idle & (ended_q != '0);
  assign ended = words_ended | enc_ended | scatter_ended;
  assign ended_d = ended_q + ENDED_W'(ended) - ENDED_W'(retire_o);
  assign hold = &ended_q[ENDED_W-1:1];
  assign halt = err_q != dtv1_pkg::ERR_NONE;

  // What the parts behind the front find is about an instruction before the one at the front, or the
  // same, and comes first.
  always_comb begin : error
    err_d = err_q;
    if (words_err != dtv1_pkg::ERR_NONE) err_d = words_err;
    else if (scatter_err != dtv1_pkg::ERR_NONE) err_d = scatter_err;
    else if (enc_err != dtv1_pkg::ERR_NONE) err_d = enc_err;
    else if (~halt) err_d = ctl_err;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : state_regs
    if (!rst_ni) begin
      ended_q <= '0;
      err_q   <= dtv1_pkg::ERR_NONE;
    end else begin
      ended_q <= ended_d;
      err_q   <= err_d;
    end
  end

  assign err_o             = err_q;
  assign settled_o         = halt & idle & (ended_q == '0);
  assign busy_o            = held | ~idle | (ended_q != '0) | direct_busy;
  assign event_o.fired     = fired;
  assign event_o.dram_word = dram_valid_o & dram_ready_i;
  assign event_o.stall     = res_valid_i & ~res_ready_o;

  `DTV1_ASSERT(Ended_A, !(&ended_q && ended && !retire_o))

endmodule
