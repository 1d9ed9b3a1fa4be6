// The engine: input module, compute core, output module and shared memory; wiring, and the FIFOs of
// configurations, only.
//
// An instruction is one configuration for each of the three modules, taken together. The output
// module tells the input module how many instructions have ended, so that one that depends on an
// earlier one waits for it (dtv1_dep_gate). Units that stop say at which instruction; the fault is
// told when all instructions before it have ended (dtv1_fault).
module dtv1_engine
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
  import dtv1_pkg::RES_W;
  import dtv1_pkg::SMEM_ADDR_W;
  import dtv1_pkg::LANE_W;
#(
    localparam int unsigned READERS   = 3,
    localparam int unsigned WRITERS   = 2,
    localparam int unsigned IPM_UNITS = 5
) (
    input logic clk_i,
    input logic rst_ni,

    // Instructions.
    input logic cfg_valid_i,
    output logic cfg_ready_o,
    input dtv1_pkg::ipm_cfg_t ipm_cfg_i,
    input dtv1_pkg::ccm_cfg_t ccm_cfg_i,
    input dtv1_pkg::opm_cfg_t opm_cfg_i,
    output logic retire_o,  // one instruction has ended, all that it wrote is in memory

    // Descriptor memory, from the host.
    input  logic                      host_valid_i,
    output logic                      host_ready_o,
    input  logic                      host_we_i,
    input  logic [dtv1_pkg::STEP_W:0] host_addr_i,
    input  logic [               3:0] host_be_i,
    input  logic [              31:0] host_wdata_i,
    output logic                      host_rvalid_o,
    output logic [              31:0] host_rdata_o,

    // DRAM: commands and data of the reads and of the writes.
    output logic                                       rd_cmd_valid_o,
    input  logic                                       rd_cmd_ready_i,
    output dtv1_pkg::dm_cmd_t                          rd_cmd_o,
    input  logic                                       rd_valid_i,
    output logic                                       rd_ready_o,
    input  logic              [NUM_PE-1:0][DATA_W-1:0] rd_data_i,
    output logic                                       wr_cmd_valid_o,
    input  logic                                       wr_cmd_ready_i,
    output dtv1_pkg::dm_cmd_t                          wr_cmd_o,
    output logic                                       wr_valid_o,
    input  logic                                       wr_ready_i,
    output logic              [NUM_PE-1:0][DATA_W-1:0] wr_data_o,
    output logic                                       wr_last_o,

    output logic idle_o,  // core and output module have nothing to do

    // The oldest instruction that has not ended cannot: why, and who says so.
    output logic            fault_valid_o,
    output dtv1_pkg::err_e  fault_cause_o,
    output dtv1_pkg::unit_e fault_unit_o,
    output logic            starved_o,      // it waits for a word from DRAM

    output dtv1_pkg::ccm_event_t ccm_event_o,
    output dtv1_pkg::opm_event_t opm_event_o,
    output logic                 wait_dram_o   // an operand waits for a word from DRAM
);

  localparam int unsigned MODULES = 3;
  localparam int unsigned CFG_DEPTH = 8;

  logic [MODULES-1:0] fork_valid, fork_ready;

  dtv1_stream_fork #(
      .N(MODULES)
  ) u_fork (
      .clk_i,
      .rst_ni,
      .valid_i(cfg_valid_i),
      .ready_o(cfg_ready_o),
      .valid_o(fork_valid),
      .ready_i(fork_ready)
  );

  // The input module has FIFOs of its own.
  logic ccm_cfg_valid, ccm_cfg_ready, opm_cfg_valid, opm_cfg_ready;
  dtv1_pkg::ccm_cfg_t ccm_cfg;
  dtv1_pkg::opm_cfg_t opm_cfg;
  logic [$clog2(CFG_DEPTH+1)-1:0] ccm_cfgs, opm_cfgs;

  dtv1_fifo #(
      .WIDTH($bits(dtv1_pkg::ccm_cfg_t)),
      .DEPTH(CFG_DEPTH)
  ) u_ccm_cfg (
      .clk_i,
      .rst_ni,
      .clr_i  (1'b0),
      .valid_i(fork_valid[1]),
      .ready_o(fork_ready[1]),
      .data_i (ccm_cfg_i),
      .valid_o(ccm_cfg_valid),
      .ready_i(ccm_cfg_ready),
      .data_o (ccm_cfg),
      .count_o(ccm_cfgs)
  );

  dtv1_fifo #(
      .WIDTH($bits(dtv1_pkg::opm_cfg_t)),
      .DEPTH(CFG_DEPTH)
  ) u_opm_cfg (
      .clk_i,
      .rst_ni,
      .clr_i  (1'b0),
      .valid_i(fork_valid[2]),
      .ready_o(fork_ready[2]),
      .data_i (opm_cfg_i),
      .valid_o(opm_cfg_valid),
      .ready_i(opm_cfg_ready),
      .data_o (opm_cfg),
      .count_o(opm_cfgs)
  );

  // Shared memory.
  logic [READERS-1:0] rreq_valid, rreq_ready, rrsp_valid, rrsp_ready;
  logic [READERS-1:0][SMEM_ADDR_W-1:0] rreq_addr;
  logic [READERS-1:0][LANE_W:0] rreq_sel;
  logic [READERS-1:0][NUM_PE-1:0][DATA_W-1:0] rrsp_data;
  logic [WRITERS-1:0] wreq_valid, wreq_ready, wbusy;
  logic [WRITERS-1:0][SMEM_ADDR_W-1:0] wreq_addr;
  logic [WRITERS-1:0][LANE_W:0] wreq_sel;
  logic [WRITERS-1:0][NUM_PE-1:0][DATA_W-1:0] wreq_data;

  dtv1_smem u_smem (
      .clk_i,
      .rst_ni,
      .rreq_valid_i(rreq_valid),
      .rreq_ready_o(rreq_ready),
      .rreq_addr_i (rreq_addr),
      .rreq_sel_i  (rreq_sel),
      .rrsp_valid_o(rrsp_valid),
      .rrsp_ready_i(rrsp_ready),
      .rrsp_data_o (rrsp_data),
      .wreq_valid_i(wreq_valid),
      .wreq_ready_o(wreq_ready),
      .wreq_addr_i (wreq_addr),
      .wreq_sel_i  (wreq_sel),
      .wreq_data_i (wreq_data),
      .wbusy_o     (wbusy)
  );

  // Input module.
  logic desc_valid, desc_ready, desc_list;
  logic [dtv1_pkg::STEP_W-1:0] desc_step;
  dtv1_pkg::desc_t desc;
  logic direct_valid, direct_ready;
  logic [dtv1_pkg::IDX_W-1:0] direct_idx;
  logic cnt_valid, cnt_ready, opd_valid, opd_ready, add_valid, add_ready, side_valid, side_ready;
  logic [dtv1_pkg::NZC_W-1:0] cnt;
  logic [NUM_PE-1:0][DATA_W-1:0] opd_a, opd_b, side0, side1;
  logic [dtv1_pkg::IDX_W-1:0] opd_idx;
  logic [NUM_PE-1:0][RES_W-1:0] add;
  dtv1_pkg::err_e [IPM_UNITS-1:0] ipm_err;
  logic [IPM_UNITS-1:0][dtv1_pkg::SEQ_W-1:0] ipm_num;
  logic spm_err;

  dtv1_ipm u_ipm (
      .clk_i,
      .rst_ni,
      .cfg_valid_i     (fork_valid[0]),
      .cfg_ready_o     (fork_ready[0]),
      .cfg_i           (ipm_cfg_i),
      .retire_i        (retire_o),
      .host_valid_i,
      .host_ready_o,
      .host_we_i,
      .host_addr_i,
      .host_be_i,
      .host_wdata_i,
      .host_rvalid_o,
      .host_rdata_o,
      .desc_valid_i    (desc_valid),
      .desc_ready_o    (desc_ready),
      .desc_list_i     (desc_list),
      .desc_step_i     (desc_step),
      .desc_i          (desc),
      .direct_valid_i  (direct_valid),
      .direct_ready_o  (direct_ready),
      .direct_idx_i    (direct_idx),
      .smem_req_valid_o(rreq_valid),
      .smem_req_ready_i(rreq_ready),
      .smem_req_addr_o (rreq_addr),
      .smem_req_sel_o  (rreq_sel),
      .smem_rsp_valid_i(rrsp_valid),
      .smem_rsp_ready_o(rrsp_ready),
      .smem_rsp_data_i (rrsp_data),
      .dm_cmd_valid_o  (rd_cmd_valid_o),
      .dm_cmd_ready_i  (rd_cmd_ready_i),
      .dm_cmd_o        (rd_cmd_o),
      .dram_valid_i    (rd_valid_i),
      .dram_ready_o    (rd_ready_o),
      .dram_i          (rd_data_i),
      .cnt_valid_o     (cnt_valid),
      .cnt_ready_i     (cnt_ready),
      .cnt_o           (cnt),
      .opd_valid_o     (opd_valid),
      .opd_ready_i     (opd_ready),
      .opd_a_o         (opd_a),
      .opd_b_o         (opd_b),
      .opd_idx_o       (opd_idx),
      .add_valid_o     (add_valid),
      .add_ready_i     (add_ready),
      .add_o           (add),
      .side_valid_o    (side_valid),
      .side_ready_i    (side_ready),
      .side0_o         (side0),
      .side1_o         (side1),
      .err_o           (ipm_err),
      .num_o           (ipm_num),
      .spm_err_o       (spm_err),
      .wait_dram_o
  );

  // Compute core.
  logic res_valid, res_ready, res_scalar, res_last, res_none, ccm_idle;
  logic [NUM_PE-1:0][RES_W-1:0] res;
  dtv1_pkg::err_e ccm_err;
  logic [dtv1_pkg::SEQ_W-1:0] ccm_num;

  dtv1_ccm u_ccm (
      .clk_i,
      .rst_ni,
      .cfg_valid_i (ccm_cfg_valid),
      .cfg_ready_o (ccm_cfg_ready),
      .cfg_i       (ccm_cfg),
      .cnt_valid_i (cnt_valid),
      .cnt_ready_o (cnt_ready),
      .cnt_i       (cnt),
      .opd_valid_i (opd_valid),
      .opd_ready_o (opd_ready),
      .opd_a_i     (opd_a),
      .opd_b_i     (opd_b),
      .opd_idx_i   (opd_idx),
      .add_valid_i (add_valid),
      .add_ready_o (add_ready),
      .add_i       (add),
      .res_valid_o (res_valid),
      .res_ready_i (res_ready),
      .res_scalar_o(res_scalar),
      .res_last_o  (res_last),
      .res_none_o  (res_none),
      .res_o       (res),
      .idle_o      (ccm_idle),
      .err_o       (ccm_err),
      .num_o       (ccm_num),
      .event_o     (ccm_event_o)
  );

  // Output module.
  logic opm_busy, opm_settled;
  dtv1_pkg::err_e opm_err;

  dtv1_opm u_opm (
      .clk_i,
      .rst_ni,
      .cfg_valid_i   (opm_cfg_valid),
      .cfg_ready_o   (opm_cfg_ready),
      .cfg_i         (opm_cfg),
      .res_valid_i   (res_valid),
      .res_ready_o   (res_ready),
      .res_scalar_i  (res_scalar),
      .res_last_i    (res_last),
      .res_none_i    (res_none),
      .res_i         (res),
      .side_valid_i  (side_valid),
      .side_ready_o  (side_ready),
      .side0_i       (side0),
      .side1_i       (side1),
      .wreq_valid_o  (wreq_valid),
      .wreq_ready_i  (wreq_ready),
      .wreq_addr_o   (wreq_addr),
      .wreq_sel_o    (wreq_sel),
      .wreq_data_o   (wreq_data),
      .wbusy_i       (wbusy),
      .dm_cmd_valid_o(wr_cmd_valid_o),
      .dm_cmd_ready_i(wr_cmd_ready_i),
      .dm_cmd_o      (wr_cmd_o),
      .dram_valid_o  (wr_valid_o),
      .dram_ready_i  (wr_ready_i),
      .dram_o        (wr_data_o),
      .dram_last_o   (wr_last_o),
      .desc_valid_o  (desc_valid),
      .desc_ready_i  (desc_ready),
      .desc_list_o   (desc_list),
      .desc_step_o   (desc_step),
      .desc_o        (desc),
      .direct_valid_o(direct_valid),
      .direct_ready_i(direct_ready),
      .direct_idx_o  (direct_idx),
      .retire_o,
      .busy_o        (opm_busy),
      .err_o         (opm_err),
      .settled_o     (opm_settled),
      .event_o       (opm_event_o)
  );

  // Errors.
  dtv1_fault u_fault (
      .clk_i,
      .rst_ni,
      .retire_i     (retire_o),
      .ipm_err_i    (ipm_err),
      .ipm_num_i    (ipm_num),
      .spm_err_i    (spm_err),
      .ccm_err_i    (ccm_err),
      .ccm_num_i    (ccm_num),
      .opm_err_i    (opm_err),
      .opm_settled_i(opm_settled),
      .wait_dram_i  (wait_dram_o),
      .valid_o      (fault_valid_o),
      .cause_o      (fault_cause_o),
      .unit_o       (fault_unit_o),
      .starved_o
  );

  assign idle_o = ccm_idle & ~opm_busy & (ccm_cfgs == '0) & (opm_cfgs == '0);

endmodule
