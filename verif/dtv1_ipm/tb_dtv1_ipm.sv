// dtv1_ipm with its shared memory, and behind it either the environment or the compute core.
module tb
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
  import dtv1_pkg::RES_W;
  import dtv1_pkg::SMEM_ADDR_W;
  import dtv1_pkg::LANE_W;
(
    input logic clk_i,
    input logic rst_ni,
    input logic core_i,    // operands go to the compute core
    input logic retires_i, // instructions end with retire_i, else as soon as they begin

    input  logic               cfg_valid_i,
    output logic               cfg_ready_o,
    input  dtv1_pkg::ipm_cfg_t cfg_i,

    input  logic               core_cfg_valid_i,
    output logic               core_cfg_ready_o,
    input  dtv1_pkg::ccm_cfg_t core_cfg_i,

    // Loading of the memories.
    input  logic                                  wr_valid_i,
    output logic                                  wr_ready_o,
    input  logic [   SMEM_ADDR_W-1:0]             wr_addr_i,
    input  logic [        NUM_PE-1:0][DATA_W-1:0] wr_data_i,
    input  logic                                  host_valid_i,
    output logic                                  host_ready_o,
    input  logic [dtv1_pkg::STEP_W:0]             host_addr_i,
    input  logic [              31:0]             host_wdata_i,

    output logic                                       dm_cmd_valid_o,
    input  logic                                       dm_cmd_ready_i,
    output dtv1_pkg::dm_cmd_t                          dm_cmd_o,
    input  logic                                       dram_valid_i,
    output logic                                       dram_ready_o,
    input  logic              [NUM_PE-1:0][DATA_W-1:0] dram_i,

    output logic                                   cnt_valid_o,
    input  logic                                   cnt_ready_i,
    output logic                                   cnt_ready_o,
    output logic [dtv1_pkg::NZC_W-1:0]             cnt_o,
    output logic                                   opd_valid_o,
    input  logic                                   opd_ready_i,
    output logic                                   opd_ready_o,
    output logic [         NUM_PE-1:0][DATA_W-1:0] opd_a_o,
    output logic [         NUM_PE-1:0][DATA_W-1:0] opd_b_o,
    output logic [dtv1_pkg::IDX_W-1:0]             opd_idx_o,

    output logic                                   add_valid_o,
    input  logic                                   add_ready_i,
    output logic                                   add_ready_o,
    output logic [         NUM_PE-1:0][ RES_W-1:0] add_o,
    output logic                                   side_valid_o,
    input  logic                                   side_ready_i,
    output logic [         NUM_PE-1:0][DATA_W-1:0] side0_o,
    output logic [         NUM_PE-1:0][DATA_W-1:0] side1_o,
    input  logic                                   direct_valid_i,
    output logic                                   direct_ready_o,
    input  logic [dtv1_pkg::IDX_W-1:0]             direct_idx_i,
    input  logic                                   retire_i,

    // What happened in a cycle: reads of SMEM accepted, a count taken, an instruction ended.
    output logic [2:0] read_o,
    output logic       count_o,
    output logic       retired_o,

    output logic                         res_valid_o,
    input  logic                         res_ready_i,
    output logic                         res_scalar_o,
    output logic [NUM_PE-1:0][RES_W-1:0] res_o,

    output dtv1_pkg::err_e [                4:0]                      err_o,
    output logic           [                4:0][dtv1_pkg::SEQ_W-1:0] num_o,
    output logic                                                      spm_err_o,
    output logic                                                      wait_dram_o,
    output dtv1_pkg::err_e                                            core_err_o,
    output logic           [dtv1_pkg::SEQ_W-1:0]                      core_num_o,
    output logic                                                      core_idle_o
);

  localparam int unsigned READERS = 3;
  localparam int unsigned WRITERS = 2;

  logic [READERS-1:0] req_valid, req_ready, rsp_valid, rsp_ready;
  logic [READERS-1:0][SMEM_ADDR_W-1:0] req_addr;
  logic [READERS-1:0][LANE_W:0] req_sel;
  logic [READERS-1:0][NUM_PE-1:0][DATA_W-1:0] rsp_data;
  logic core_opd_ready, core_cnt_ready, core_add_ready;
  logic unused_wr_ready, unused_rvalid, unused_desc_ready;
  logic [31:0] unused_rdata;
  logic [WRITERS-1:0] unused_busy;
  dtv1_pkg::ccm_event_t unused_event;
  logic res_valid, res_none, unused_res_last;

  assign opd_ready_o = core_i ? core_opd_ready : opd_ready_i;
  assign cnt_ready_o = core_i ? core_cnt_ready : cnt_ready_i;
  assign add_ready_o = core_i ? core_add_ready : add_ready_i;

  assign retired_o = retires_i ? retire_i : cfg_valid_i & cfg_ready_o;
  assign read_o = req_valid & req_ready;
  assign count_o = cnt_valid_o & cnt_ready_o;

  dtv1_ipm dut (
      .clk_i,
      .rst_ni,
      .cfg_valid_i,
      .cfg_ready_o,
      .cfg_i,
      .retire_i        (retired_o),
      .direct_valid_i,
      .direct_ready_o,
      .direct_idx_i,
      .host_valid_i,
      .host_ready_o,
      .host_we_i       (1'b1),
      .host_addr_i,
      .host_be_i       ('1),
      .host_wdata_i,
      .host_rvalid_o   (unused_rvalid),
      .host_rdata_o    (unused_rdata),
      .desc_valid_i    (1'b0),
      .desc_ready_o    (unused_desc_ready),
      .desc_list_i     (1'b0),
      .desc_step_i     ('0),
      .desc_i          ('0),
      .smem_req_valid_o(req_valid),
      .smem_req_ready_i(req_ready),
      .smem_req_addr_o (req_addr),
      .smem_req_sel_o  (req_sel),
      .smem_rsp_valid_i(rsp_valid),
      .smem_rsp_ready_o(rsp_ready),
      .smem_rsp_data_i (rsp_data),
      .dm_cmd_valid_o,
      .dm_cmd_ready_i,
      .dm_cmd_o,
      .dram_valid_i,
      .dram_ready_o,
      .dram_i,
      .cnt_valid_o,
      .cnt_ready_i     (cnt_ready_o),
      .cnt_o,
      .opd_valid_o,
      .opd_ready_i     (opd_ready_o),
      .opd_a_o,
      .opd_b_o,
      .opd_idx_o,
      .add_valid_o,
      .add_ready_i     (add_ready_o),
      .add_o,
      .side_valid_o,
      .side_ready_i,
      .side0_o,
      .side1_o,
      .err_o,
      .num_o,
      .spm_err_o,
      .wait_dram_o
  );

  dtv1_smem u_smem (
      .clk_i,
      .rst_ni,
      .rreq_valid_i(req_valid),
      .rreq_ready_o(req_ready),
      .rreq_addr_i (req_addr),
      .rreq_sel_i  (req_sel),
      .rrsp_valid_o(rsp_valid),
      .rrsp_ready_i(rsp_ready),
      .rrsp_data_o (rsp_data),
      .wreq_valid_i({1'b0, wr_valid_i}),
      .wreq_ready_o({unused_wr_ready, wr_ready_o}),
      .wreq_addr_i ({SMEM_ADDR_W'(0), wr_addr_i}),
      .wreq_sel_i  ('0),
      .wreq_data_i ({(NUM_PE * DATA_W)'(0), wr_data_i}),
      .wbusy_o     (unused_busy)
  );

  // Ends of instructions that are no results are of no interest here.
  assign res_valid_o = res_valid & ~res_none;

  dtv1_ccm u_core (
      .clk_i,
      .rst_ni,
      .cfg_valid_i(core_cfg_valid_i),
      .cfg_ready_o(core_cfg_ready_o),
      .cfg_i      (core_cfg_i),
      .cnt_valid_i(cnt_valid_o & core_i),
      .cnt_ready_o(core_cnt_ready),
      .cnt_i      (cnt_o),
      .opd_valid_i(opd_valid_o & core_i),
      .opd_ready_o(core_opd_ready),
      .opd_a_i    (opd_a_o),
      .opd_b_i    (opd_b_o),
      .opd_idx_i  (opd_idx_o),
      .add_valid_i(add_valid_o & core_i),
      .add_ready_o(core_add_ready),
      .add_i      (add_o),
      .res_valid_o(res_valid),
      .res_ready_i(res_ready_i | res_none),
      .res_scalar_o,
      .res_last_o (unused_res_last),
      .res_none_o (res_none),
      .res_o,
      .idle_o     (core_idle_o),
      .err_o      (core_err_o),
      .num_o      (core_num_o),
      .event_o    (unused_event)
  );

endmodule
