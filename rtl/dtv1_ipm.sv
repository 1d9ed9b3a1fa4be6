// Input module: feeds the compute core. Descriptor memory, index reads, operand reads, DRAM read
// commands and the joiner, with the FIFOs between them; no logic of its own.
//
// A configuration goes to every unit at once, through a FIFO for each, and so does every
// descriptor, so each unit runs as far ahead of the joiner as its FIFOs let it, and those that read
// the shared memories as far as the instruction's dependency lets them (docs/ipm.md).
module dtv1_ipm
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
  import dtv1_pkg::RES_W;
  import dtv1_pkg::SMEM_ADDR_W;
  import dtv1_pkg::LANE_W;
#(
    localparam int unsigned READERS = 3,
    localparam int unsigned UNITS   = 5
) (
    input logic clk_i,
    input logic rst_ni,

    input  logic               cfg_valid_i,
    output logic               cfg_ready_o,
    input  dtv1_pkg::ipm_cfg_t cfg_i,

    // From the output module: an instruction has ended; indices of a list that was just made.
    input  logic                       retire_i,
    input  logic                       direct_valid_i,
    output logic                       direct_ready_o,
    input  logic [dtv1_pkg::IDX_W-1:0] direct_idx_i,

    // Descriptor memory: host and output module.
    input  logic                                   host_valid_i,
    output logic                                   host_ready_o,
    input  logic                                   host_we_i,
    input  logic            [  dtv1_pkg::STEP_W:0] host_addr_i,
    input  logic            [                 3:0] host_be_i,
    input  logic            [                31:0] host_wdata_i,
    output logic                                   host_rvalid_o,
    output logic            [                31:0] host_rdata_o,
    input  logic                                   desc_valid_i,
    output logic                                   desc_ready_o,
    input  logic                                   desc_list_i,
    input  logic            [dtv1_pkg::STEP_W-1:0] desc_step_i,
    input  dtv1_pkg::desc_t                        desc_i,

    // SMEM channels 0 to 2.
    output logic [READERS-1:0]                              smem_req_valid_o,
    input  logic [READERS-1:0]                              smem_req_ready_i,
    output logic [READERS-1:0][SMEM_ADDR_W-1:0]             smem_req_addr_o,
    output logic [READERS-1:0][       LANE_W:0]             smem_req_sel_o,
    input  logic [READERS-1:0]                              smem_rsp_valid_i,
    output logic [READERS-1:0]                              smem_rsp_ready_o,
    input  logic [READERS-1:0][     NUM_PE-1:0][DATA_W-1:0] smem_rsp_data_i,

    // DRAM read commands and data.
    output logic                                       dm_cmd_valid_o,
    input  logic                                       dm_cmd_ready_i,
    output dtv1_pkg::dm_cmd_t                          dm_cmd_o,
    input  logic                                       dram_valid_i,
    output logic                                       dram_ready_o,
    input  logic              [NUM_PE-1:0][DATA_W-1:0] dram_i,

    // To the compute core: list counts, operands, and addends of EWISE.
    output logic                                   cnt_valid_o,
    input  logic                                   cnt_ready_i,
    output logic [dtv1_pkg::NZC_W-1:0]             cnt_o,
    output logic                                   opd_valid_o,
    input  logic                                   opd_ready_i,
    output logic [         NUM_PE-1:0][DATA_W-1:0] opd_a_o,
    output logic [         NUM_PE-1:0][DATA_W-1:0] opd_b_o,
    output logic [dtv1_pkg::IDX_W-1:0]             opd_idx_o,
    output logic                                   add_valid_o,
    input  logic                                   add_ready_i,
    output logic [         NUM_PE-1:0][ RES_W-1:0] add_o,

    // To the output module, beside the results.
    output logic                          side_valid_o,
    input  logic                          side_ready_i,
    output logic [NUM_PE-1:0][DATA_W-1:0] side0_o,
    output logic [NUM_PE-1:0][DATA_W-1:0] side1_o,

    // Why a unit stopped, and the number, modulo 2^SEQ_W from the reset on, of the instruction that it
    // is at; ERR_NONE while all is well. The descriptor memory stops at an instruction that is srg0's next.
    output dtv1_pkg::err_e [UNITS-1:0]                      err_o,
    output logic           [UNITS-1:0][dtv1_pkg::SEQ_W-1:0] num_o,
    output logic                                            spm_err_o,

    output logic wait_dram_o  // the joiner waits for a word from DRAM
);

  // Units, and takers of descriptors: the units and the compute core.
  localparam int unsigned SRG0 = 0;
  localparam int unsigned SRG1 = 1;
  localparam int unsigned SRG2 = 2;
  localparam int unsigned DRG = 3;
  localparam int unsigned DMX = 4;
  localparam int unsigned CCM = 5;
  localparam int unsigned TAKERS = UNITS + 1;
  localparam int unsigned CFG_DEPTH = 8;
  // As far as DRAM commands run ahead, with columns of one word and lists of one entry.
  localparam int unsigned DESC_DEPTH = dtv1_pkg::DRAM_AHEAD;
  localparam int unsigned IDX_DEPTH = dtv1_pkg::DRAM_AHEAD;
  // A whole vector of addends, so that the next list is read behind it at once.
  localparam int unsigned WORD_DEPTH = dtv1_pkg::MAX_GROUPS;
  // As many as results are on their way, so that operands never wait for the side stream.
  localparam int unsigned SIDE_DEPTH = dtv1_pkg::RES_DEPTH;

  // Configurations.
  logic [UNITS-1:0] cfg_in_valid, cfg_in_ready, cfg_out_valid, cfg_out_ready, cfg_valid, cfg_ready;
  dtv1_pkg::ipm_cfg_t [UNITS-1:0] cfg;
  logic [UNITS-1:0][$clog2(CFG_DEPTH+1)-1:0] unused_cfg_count;

  dtv1_stream_fork #(
      .N(UNITS)
  ) u_cfg_fork (
      .clk_i,
      .rst_ni,
      .valid_i(cfg_valid_i),
      .ready_o(cfg_ready_o),
      .valid_o(cfg_in_valid),
      .ready_i(cfg_in_ready)
  );

  for (genvar u = 0; u < UNITS; u++) begin : gen_cfg
    dtv1_fifo #(
        .WIDTH($bits(dtv1_pkg::ipm_cfg_t)),
        .DEPTH(CFG_DEPTH)
    ) u_fifo (
        .clk_i,
        .rst_ni,
        .clr_i  (1'b0),
        .valid_i(cfg_in_valid[u]),
        .ready_o(cfg_in_ready[u]),
        .data_i (cfg_i),
        .valid_o(cfg_out_valid[u]),
        .ready_i(cfg_out_ready[u]),
        .data_o (cfg[u]),
        .count_o(unused_cfg_count[u])
    );

    // Those that read SMEM and descriptors wait for what they read.
    if (u == SRG0 || u == SRG1 || u == SRG2) begin : gen_gate
      dtv1_dep_gate u_gate (
          .clk_i,
          .rst_ni,
          .valid_i(cfg_out_valid[u]),
          .ready_o(cfg_out_ready[u]),
          .dep_i  (cfg[u].dep),
          .valid_o(cfg_valid[u]),
          .ready_i(cfg_ready[u]),
          .retire_i
      );
    end else begin : gen_straight
      assign cfg_valid[u]     = cfg_out_valid[u];
      assign cfg_out_ready[u] = cfg_ready[u];
    end
  end

  // Where each unit is: the last instruction that it took. Channel 0 asks for lists far ahead of what
  // it reads and counts itself.
  logic [dtv1_pkg::SEQ_W-1:0] srg0_num;

  for (genvar u = 0; u < UNITS; u++) begin : gen_num
    if (u == SRG0) begin : gen_own
      assign num_o[u] = srg0_num;
    end else begin : gen_count
      logic [dtv1_pkg::SEQ_W-1:0] num_q;

      always_ff @(posedge clk_i or negedge rst_ni) begin : count
        if (!rst_ni) num_q <= '1;
        else if (cfg_valid[u] & cfg_ready[u]) num_q <= num_q + 1'b1;
      end

      assign num_o[u] = num_q;
    end
  end

  // Descriptors.
  logic cmd_valid, cmd_ready, cmd_list;
  logic [dtv1_pkg::STEP_W-1:0] cmd_first, cmd_last;
  logic spm_valid, spm_ready, unused_spm_last;
  dtv1_pkg::desc_t spm_desc;
  logic [TAKERS-1:0] desc_in_valid, desc_in_ready, desc_valid, desc_ready;
  dtv1_pkg::desc_t [TAKERS-1:0] desc;
  logic [TAKERS-1:0][$clog2(DESC_DEPTH+1)-1:0] unused_desc_count;

  dtv1_spm u_spm (
      .clk_i,
      .rst_ni,
      .host_valid_i,
      .host_ready_o,
      .host_we_i,
      .host_addr_i,
      .host_be_i,
      .host_wdata_i,
      .host_rvalid_o,
      .host_rdata_o,
      .w_valid_i   (desc_valid_i),
      .w_ready_o   (desc_ready_o),
      .w_list_i    (desc_list_i),
      .w_step_i    (desc_step_i),
      .w_desc_i    (desc_i),
      .cmd_valid_i (cmd_valid),
      .cmd_ready_o (cmd_ready),
      .cmd_list_i  (cmd_list),
      .cmd_first_i (cmd_first),
      .cmd_last_i  (cmd_last),
      .desc_valid_o(spm_valid),
      .desc_ready_i(spm_ready),
      .desc_o      (spm_desc),
      .desc_last_o (unused_spm_last),
      .err_o       (spm_err_o)
  );

  dtv1_stream_fork #(
      .N(TAKERS)
  ) u_desc_fork (
      .clk_i,
      .rst_ni,
      .valid_i(spm_valid),
      .ready_o(spm_ready),
      .valid_o(desc_in_valid),
      .ready_i(desc_in_ready)
  );

  for (genvar k = 0; k < TAKERS; k++) begin : gen_desc
    dtv1_fifo #(
        .WIDTH($bits(dtv1_pkg::desc_t)),
        .DEPTH(DESC_DEPTH)
    ) u_fifo (
        .clk_i,
        .rst_ni,
        .clr_i  (1'b0),
        .valid_i(desc_in_valid[k]),
        .ready_o(desc_in_ready[k]),
        .data_i (spm_desc),
        .valid_o(desc_valid[k]),
        .ready_i(desc_ready[k]),
        .data_o (desc[k]),
        .count_o(unused_desc_count[k])
    );
  end

  assign cnt_valid_o     = desc_valid[CCM];
  assign desc_ready[CCM] = cnt_ready_i;
  assign cnt_o           = desc[CCM].count;

  // Indices: to the joiner, the DRAM reader and the operand reader of channel 2.
  localparam int unsigned IDX_TAKERS = 3;
  logic [IDX_TAKERS-1:0] idx_in_valid, idx_in_ready, idx_valid, idx_ready;
  logic [dtv1_pkg::IDX_W-1:0] idx_in;
  logic [IDX_TAKERS-1:0][dtv1_pkg::IDX_W-1:0] idx;
  logic [IDX_TAKERS-1:0][$clog2(IDX_DEPTH+1)-1:0] unused_idx_count;

  logic word_in_valid, word_in_ready, word_valid, word_ready;
  logic [NUM_PE-1:0][DATA_W-1:0] word_in, word;
  logic [$clog2(WORD_DEPTH+1)-1:0] unused_word_count;

  dtv1_srg0 u_srg0 (
      .clk_i,
      .rst_ni,
      .cfg_valid_i    (cfg_valid[SRG0]),
      .cfg_ready_o    (cfg_ready[SRG0]),
      .cfg_i          (cfg[SRG0]),
      .cmd_valid_o    (cmd_valid),
      .cmd_ready_i    (cmd_ready),
      .cmd_list_o     (cmd_list),
      .cmd_first_o    (cmd_first),
      .cmd_last_o     (cmd_last),
      .desc_valid_i   (desc_valid[SRG0]),
      .desc_ready_o   (desc_ready[SRG0]),
      .desc_i         (desc[SRG0]),
      .req_valid_o    (smem_req_valid_o[0]),
      .req_ready_i    (smem_req_ready_i[0]),
      .req_addr_o     (smem_req_addr_o[0]),
      .req_sel_o      (smem_req_sel_o[0]),
      .rsp_valid_i    (smem_rsp_valid_i[0]),
      .rsp_ready_o    (smem_rsp_ready_o[0]),
      .rsp_data_i     (smem_rsp_data_i[0]),
      .direct_valid_i,
      .direct_ready_o,
      .direct_idx_i,
      .idx_dmx_valid_o(idx_in_valid[0]),
      .idx_dmx_ready_i(idx_in_ready[0]),
      .idx_drg_valid_o(idx_in_valid[1]),
      .idx_drg_ready_i(idx_in_ready[1]),
      .idx_srg_valid_o(idx_in_valid[2]),
      .idx_srg_ready_i(idx_in_ready[2]),
      .idx_o          (idx_in),
      .word_valid_o   (word_in_valid),
      .word_ready_i   (word_in_ready),
      .word_o         (word_in),
      .err_o          (err_o[SRG0]),
      .num_o          (srg0_num)
  );

  for (genvar k = 0; k < IDX_TAKERS; k++) begin : gen_idx
    dtv1_fifo #(
        .WIDTH(dtv1_pkg::IDX_W),
        .DEPTH(IDX_DEPTH)
    ) u_fifo (
        .clk_i,
        .rst_ni,
        .clr_i  (1'b0),
        .valid_i(idx_in_valid[k]),
        .ready_o(idx_in_ready[k]),
        .data_i (idx_in),
        .valid_o(idx_valid[k]),
        .ready_i(idx_ready[k]),
        .data_o (idx[k]),
        .count_o(unused_idx_count[k])
    );
  end

  // Words of addends.
  dtv1_fifo #(
      .WIDTH(NUM_PE * DATA_W),
      .DEPTH(WORD_DEPTH)
  ) u_word_fifo (
      .clk_i,
      .rst_ni,
      .clr_i  (1'b0),
      .valid_i(word_in_valid),
      .ready_o(word_in_ready),
      .data_i (word_in),
      .valid_o(word_valid),
      .ready_i(word_ready),
      .data_o (word),
      .count_o(unused_word_count)
  );

  // Operand reads and DRAM commands.
  logic col_done, unused_idx_ready;

  dtv1_srg #(
      .SECOND(1'b1)
  ) u_srg1 (
      .clk_i,
      .rst_ni,
      .cfg_valid_i (cfg_valid[SRG1]),
      .cfg_ready_o (cfg_ready[SRG1]),
      .cfg_i       (cfg[SRG1]),
      .desc_valid_i(desc_valid[SRG1]),
      .desc_ready_o(desc_ready[SRG1]),
      .desc_i      (desc[SRG1]),
      .idx_valid_i (1'b0),
      .idx_ready_o (unused_idx_ready),
      .idx_i       ('0),
      .req_valid_o (smem_req_valid_o[1]),
      .req_ready_i (smem_req_ready_i[1]),
      .req_addr_o  (smem_req_addr_o[1]),
      .req_sel_o   (smem_req_sel_o[1]),
      .err_o       (err_o[SRG1])
  );

  dtv1_srg #(
      .SECOND(1'b0)
  ) u_srg2 (
      .clk_i,
      .rst_ni,
      .cfg_valid_i (cfg_valid[SRG2]),
      .cfg_ready_o (cfg_ready[SRG2]),
      .cfg_i       (cfg[SRG2]),
      .desc_valid_i(desc_valid[SRG2]),
      .desc_ready_o(desc_ready[SRG2]),
      .desc_i      (desc[SRG2]),
      .idx_valid_i (idx_valid[2]),
      .idx_ready_o (idx_ready[2]),
      .idx_i       (idx[2]),
      .req_valid_o (smem_req_valid_o[2]),
      .req_ready_i (smem_req_ready_i[2]),
      .req_addr_o  (smem_req_addr_o[2]),
      .req_sel_o   (smem_req_sel_o[2]),
      .err_o       (err_o[SRG2])
  );

  dtv1_drg u_drg (
      .clk_i,
      .rst_ni,
      .cfg_valid_i (cfg_valid[DRG]),
      .cfg_ready_o (cfg_ready[DRG]),
      .cfg_i       (cfg[DRG]),
      .desc_valid_i(desc_valid[DRG]),
      .desc_ready_o(desc_ready[DRG]),
      .desc_i      (desc[DRG]),
      .idx_valid_i (idx_valid[1]),
      .idx_ready_o (idx_ready[1]),
      .idx_i       (idx[1]),
      .cmd_valid_o (dm_cmd_valid_o),
      .cmd_ready_i (dm_cmd_ready_i),
      .cmd_o       (dm_cmd_o),
      .col_done_i  (col_done),
      .err_o       (err_o[DRG])
  );

  logic side_in_valid, side_in_ready;
  logic [1:0][NUM_PE-1:0][DATA_W-1:0] side_in;
  logic [$clog2(SIDE_DEPTH+1)-1:0] unused_side_count;

  dtv1_dmx u_dmx (
      .clk_i,
      .rst_ni,
      .cfg_valid_i (cfg_valid[DMX]),
      .cfg_ready_o (cfg_ready[DMX]),
      .cfg_i       (cfg[DMX]),
      .desc_valid_i(desc_valid[DMX]),
      .desc_ready_o(desc_ready[DMX]),
      .desc_i      (desc[DMX]),
      .idx_valid_i (idx_valid[0]),
      .idx_ready_o (idx_ready[0]),
      .idx_i       (idx[0]),
      .dram_valid_i,
      .dram_ready_o,
      .dram_i,
      .src0_valid_i(smem_rsp_valid_i[2]),
      .src0_ready_o(smem_rsp_ready_o[2]),
      .src0_i      (smem_rsp_data_i[2]),
      .src1_valid_i(smem_rsp_valid_i[1]),
      .src1_ready_o(smem_rsp_ready_o[1]),
      .src1_i      (smem_rsp_data_i[1]),
      .src2_valid_i(word_valid),
      .src2_ready_o(word_ready),
      .src2_i      (word),
      .opd_valid_o,
      .opd_ready_i,
      .opd_a_o,
      .opd_b_o,
      .opd_idx_o,
      .add_valid_o,
      .add_ready_i,
      .add_o,
      .side_valid_o(side_in_valid),
      .side_ready_i(side_in_ready),
      .side0_o     (side_in[0]),
      .side1_o     (side_in[1]),
      .col_done_o  (col_done),
      .wait_dram_o,
      .err_o       (err_o[DMX])
  );

  dtv1_fifo #(
      .WIDTH(2 * NUM_PE * DATA_W),
      .DEPTH(SIDE_DEPTH)
  ) u_side_fifo (
      .clk_i,
      .rst_ni,
      .clr_i  (1'b0),
      .valid_i(side_in_valid),
      .ready_o(side_in_ready),
      .data_i (side_in),
      .valid_o(side_valid_o),
      .ready_i(side_ready_i),
      .data_o ({side1_o, side0_o}),
      .count_o(unused_side_count)
  );

endmodule
