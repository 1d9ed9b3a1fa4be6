// DTV1, the whole machine: registers, control, engine and data mover. Wiring only.
//
// Outside it has an AXI4-Lite port for the registers (docs/registers.md), one AXI4 master for DRAM, whose
// data are words of NUM_PE lanes, and an interrupt. All is in one clock domain; the reset may come at any
// time and is taken back by the blocks' own flip-flops.
module dtv1
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
#(
    localparam int unsigned REG_ADDR_W = 16,
    localparam int unsigned REG_DATA_W = 32,
    localparam int unsigned AXI_ADDR_W = 32,
    localparam int unsigned AXI_LEN_W = 8,
    localparam int unsigned AXI_ID_W = 1,
    localparam int unsigned STRB_W = NUM_PE * DATA_W / 8
) (
    input  logic clk_i,
    input  logic rst_ni,
    output logic irq_o,

    // Registers.
    input  logic                    s_axil_awvalid_i,
    output logic                    s_axil_awready_o,
    input  logic [  REG_ADDR_W-1:0] s_axil_awaddr_i,
    input  logic [             2:0] s_axil_awprot_i,
    input  logic                    s_axil_wvalid_i,
    output logic                    s_axil_wready_o,
    input  logic [  REG_DATA_W-1:0] s_axil_wdata_i,
    input  logic [REG_DATA_W/8-1:0] s_axil_wstrb_i,
    output logic                    s_axil_bvalid_o,
    input  logic                    s_axil_bready_i,
    output logic [             1:0] s_axil_bresp_o,
    input  logic                    s_axil_arvalid_i,
    output logic                    s_axil_arready_o,
    input  logic [  REG_ADDR_W-1:0] s_axil_araddr_i,
    input  logic [             2:0] s_axil_arprot_i,
    output logic                    s_axil_rvalid_o,
    input  logic                    s_axil_rready_i,
    output logic [  REG_DATA_W-1:0] s_axil_rdata_o,
    output logic [             1:0] s_axil_rresp_o,

    // DRAM. All bursts have ID 0.
    output logic                              m_axi_arvalid_o,
    input  logic                              m_axi_arready_i,
    output logic [  AXI_ID_W-1:0]             m_axi_arid_o,
    output logic [AXI_ADDR_W-1:0]             m_axi_araddr_o,
    output logic [ AXI_LEN_W-1:0]             m_axi_arlen_o,
    output logic [           2:0]             m_axi_arsize_o,
    output logic [           1:0]             m_axi_arburst_o,
    output logic [           3:0]             m_axi_arcache_o,
    output logic [           2:0]             m_axi_arprot_o,
    input  logic                              m_axi_rvalid_i,
    output logic                              m_axi_rready_o,
    input  logic [  AXI_ID_W-1:0]             m_axi_rid_i,
    input  logic [    NUM_PE-1:0][DATA_W-1:0] m_axi_rdata_i,
    input  logic [           1:0]             m_axi_rresp_i,
    input  logic                              m_axi_rlast_i,
    output logic                              m_axi_awvalid_o,
    input  logic                              m_axi_awready_i,
    output logic [  AXI_ID_W-1:0]             m_axi_awid_o,
    output logic [AXI_ADDR_W-1:0]             m_axi_awaddr_o,
    output logic [ AXI_LEN_W-1:0]             m_axi_awlen_o,
    output logic [           2:0]             m_axi_awsize_o,
    output logic [           1:0]             m_axi_awburst_o,
    output logic [           3:0]             m_axi_awcache_o,
    output logic [           2:0]             m_axi_awprot_o,
    output logic                              m_axi_wvalid_o,
    input  logic                              m_axi_wready_i,
    output logic [    NUM_PE-1:0][DATA_W-1:0] m_axi_wdata_o,
    output logic [    STRB_W-1:0]             m_axi_wstrb_o,
    output logic                              m_axi_wlast_o,
    input  logic                              m_axi_bvalid_i,
    output logic                              m_axi_bready_o,
    input  logic [  AXI_ID_W-1:0]             m_axi_bid_i,
    input  logic [           1:0]             m_axi_bresp_i
);

  localparam int unsigned COUNTERS = 10;
  localparam int unsigned COUNT_W = 48;
  localparam int unsigned READERS = 3;
  localparam int unsigned WRITERS = 2;
  localparam int unsigned ENGINE = 0;
  localparam int unsigned MOVE = 1;
  localparam int unsigned FETCH = 2;

  typedef logic [NUM_PE-1:0][DATA_W-1:0] word_t;

  assign m_axi_arid_o = '0;
  assign m_axi_awid_o = '0;

  // There is one ID, so that of an answer says nothing.
  logic unused_ids;
  assign unused_ids = ^{m_axi_rid_i, m_axi_bid_i};

  // Registers.
  dtv1_regs_pkg::dtv1_regs__in_t  reg_in;
  dtv1_regs_pkg::dtv1_regs__out_t reg_out;

  dtv1_regs u_regs (
      .clk           (clk_i),
      .arst_n        (rst_ni),
      .s_axil_awready(s_axil_awready_o),
      .s_axil_awvalid(s_axil_awvalid_i),
      .s_axil_awaddr (s_axil_awaddr_i),
      .s_axil_awprot (s_axil_awprot_i),
      .s_axil_wready (s_axil_wready_o),
      .s_axil_wvalid (s_axil_wvalid_i),
      .s_axil_wdata  (s_axil_wdata_i),
      .s_axil_wstrb  (s_axil_wstrb_i),
      .s_axil_bready (s_axil_bready_i),
      .s_axil_bvalid (s_axil_bvalid_o),
      .s_axil_bresp  (s_axil_bresp_o),
      .s_axil_arready(s_axil_arready_o),
      .s_axil_arvalid(s_axil_arvalid_i),
      .s_axil_araddr (s_axil_araddr_i),
      .s_axil_arprot (s_axil_arprot_i),
      .s_axil_rready (s_axil_rready_i),
      .s_axil_rvalid (s_axil_rvalid_o),
      .s_axil_rdata  (s_axil_rdata_o),
      .s_axil_rresp  (s_axil_rresp_o),
      .hwif_in       (reg_in),
      .hwif_out      (reg_out)
  );

  dtv1_pkg::state_e ctl_state;
  dtv1_pkg::err_e cause;
  dtv1_pkg::unit_e unit;
  logic [31:0] pc;
  logic [COUNTERS-1:0][COUNT_W-1:0] count;
  logic done, paused, stopped, failed;
  logic host_rd_ack, host_wr_ack;
  logic [31:0] host_rd_data;

  assign reg_in.ARITH.fp.next = dtv1_pkg::FORMAT_FP;
  assign reg_in.ARITH.act_frac.next = 4'(dtv1_pkg::FXP_ACT_FRAC);
  assign reg_in.ARITH.weight_frac.next = 4'(dtv1_pkg::FXP_WEIGHT_FRAC);
  assign reg_in.ARITH.num_pe.next = 16'(NUM_PE);
  assign reg_in.SIZES.max_n.next = 16'(dtv1_pkg::MAX_N);
  assign reg_in.SIZES.max_m.next = 16'(dtv1_pkg::MAX_M);
  assign reg_in.SMEM_SIZE.words.next = dtv1_pkg::SMEM_WORDS;
  assign reg_in.ACC_SIZE.words.next = dtv1_pkg::ACC_WORDS;
  assign reg_in.STATUS.state.next = ctl_state;
  assign reg_in.IRQ_STATUS.done.hwset = done;
  assign reg_in.IRQ_STATUS.pause.hwset = paused;
  assign reg_in.IRQ_STATUS.stop.hwset = stopped;
  assign reg_in.IRQ_STATUS.error.hwset = failed;
  assign reg_in.ERROR.cause.next = cause;
  assign reg_in.ERROR.unit.next = unit;
  assign reg_in.PC.pc.next = pc;
  assign {reg_in.CYCLES.HI.value.next, reg_in.CYCLES.LO.value.next} = count[0];
  assign {reg_in.MAC.HI.value.next, reg_in.MAC.LO.value.next} = count[1];
  assign {reg_in.WAIT_DRAM.HI.value.next, reg_in.WAIT_DRAM.LO.value.next} = count[2];
  assign {reg_in.WAIT_SMEM.HI.value.next, reg_in.WAIT_SMEM.LO.value.next} = count[3];
  assign {reg_in.WAIT_OUT.HI.value.next, reg_in.WAIT_OUT.LO.value.next} = count[4];
  assign {reg_in.DRAM_READ.HI.value.next, reg_in.DRAM_READ.LO.value.next} = count[5];
  assign {reg_in.DRAM_WRITTEN.HI.value.next, reg_in.DRAM_WRITTEN.LO.value.next} = count[6];
  assign {reg_in.INSTRUCTIONS.HI.value.next, reg_in.INSTRUCTIONS.LO.value.next} = count[7];
  assign {reg_in.FIRED.HI.value.next, reg_in.FIRED.LO.value.next} = count[8];
  assign {reg_in.WAIT_ACC.HI.value.next, reg_in.WAIT_ACC.LO.value.next} = count[9];
  assign reg_in.SPM.rd_ack = host_rd_ack;
  assign reg_in.SPM.rd_data = host_rd_data;
  assign reg_in.SPM.wr_ack = host_wr_ack;

  assign irq_o = (reg_out.IRQ_STATUS.done.value & reg_out.IRQ_ENABLE.done.value) |
                 (reg_out.IRQ_STATUS.pause.value & reg_out.IRQ_ENABLE.pause.value) |
                 (reg_out.IRQ_STATUS.stop.value & reg_out.IRQ_ENABLE.stop.value) |
                 (reg_out.IRQ_STATUS.error.value & reg_out.IRQ_ENABLE.error.value);

  // Control.
  logic core_rst_n, cfg_valid, cfg_ready, retire;
  dtv1_pkg::ipm_cfg_t ipm_cfg;
  dtv1_pkg::ccm_cfg_t ccm_cfg;
  dtv1_pkg::opm_cfg_t opm_cfg;
  logic fault_valid, starved, wait_dram;
  dtv1_pkg::err_e fault_cause;
  dtv1_pkg::unit_e fault_unit;
  dtv1_pkg::ccm_event_t ccm_event;
  dtv1_pkg::opm_event_t opm_event;
  logic spm_valid, spm_ready, spm_we;
  logic [dtv1_pkg::STEP_W:0] spm_addr;
  logic [3:0] spm_be;
  logic [31:0] spm_wdata, spm_rdata;
  logic [READERS-1:0] rd_cmd_valid, rd_cmd_ready, rd_valid, rd_ready;
  dtv1_pkg::dm_cmd_t [READERS-1:0] rd_cmd;
  word_t rd_data;
  logic [WRITERS-1:0] wr_cmd_valid, wr_cmd_ready, wr_valid, wr_ready, wr_last;
  dtv1_pkg::dm_cmd_t [WRITERS-1:0] wr_cmd;
  word_t [WRITERS-1:0] wr_data;
  logic moving, wr_pending, read, written, dm_stop, dm_idle;
  dtv1_pkg::err_e rd_err, wr_err;

  dtv1_ctl u_ctl (
      .clk_i,
      .rst_ni,
      .start_i            (reg_out.CTRL.start.value),
      .pause_i            (reg_out.CTRL.pause.value),
      .resume_i           (reg_out.CTRL.resume.value),
      .step_i             (reg_out.CTRL.step.value),
      .stop_i             (reg_out.CTRL.stop.value),
      .reset_i            (reg_out.CTRL.reset.value),
      .prog_addr_i        (reg_out.PROG_ADDR.addr.value),
      .prog_len_i         (reg_out.PROG_LEN.length.value),
      .state_o            (ctl_state),
      .cause_o            (cause),
      .unit_o             (unit),
      .pc_o               (pc),
      .count_o            (count),
      .done_o             (done),
      .paused_o           (paused),
      .stopped_o          (stopped),
      .failed_o           (failed),
      .host_req_i         (reg_out.SPM.req),
      .host_is_wr_i       (reg_out.SPM.req_is_wr),
      .host_addr_i        (reg_out.SPM.addr),
      .host_data_i        (reg_out.SPM.wr_data),
      .host_biten_i       (reg_out.SPM.wr_biten),
      .host_rd_ack_o      (host_rd_ack),
      .host_rd_data_o     (host_rd_data),
      .host_wr_ack_o      (host_wr_ack),
      .core_rst_no        (core_rst_n),
      .cfg_valid_o        (cfg_valid),
      .cfg_ready_i        (cfg_ready),
      .ipm_cfg_o          (ipm_cfg),
      .ccm_cfg_o          (ccm_cfg),
      .opm_cfg_o          (opm_cfg),
      .retire_i           (retire),
      .fault_valid_i      (fault_valid),
      .fault_cause_i      (fault_cause),
      .fault_unit_i       (fault_unit),
      .starved_i          (starved),
      .ccm_event_i        (ccm_event),
      .opm_event_i        (opm_event),
      .wait_dram_i        (wait_dram),
      .spm_valid_o        (spm_valid),
      .spm_ready_i        (spm_ready),
      .spm_we_o           (spm_we),
      .spm_addr_o         (spm_addr),
      .spm_be_o           (spm_be),
      .spm_wdata_o        (spm_wdata),
      .spm_rdata_i        (spm_rdata),
      .fetch_cmd_valid_o  (rd_cmd_valid[FETCH]),
      .fetch_cmd_ready_i  (rd_cmd_ready[FETCH]),
      .fetch_cmd_o        (rd_cmd[FETCH]),
      .fetch_valid_i      (rd_valid[FETCH]),
      .fetch_ready_o      (rd_ready[FETCH]),
      .move_o             (moving),
      .move_rd_cmd_valid_o(rd_cmd_valid[MOVE]),
      .move_rd_cmd_ready_i(rd_cmd_ready[MOVE]),
      .move_wr_cmd_valid_o(wr_cmd_valid[MOVE]),
      .move_wr_cmd_ready_i(wr_cmd_ready[MOVE]),
      .move_cmd_o         (rd_cmd[MOVE]),
      .move_rd_valid_i    (rd_valid[MOVE]),
      .move_rd_ready_o    (rd_ready[MOVE]),
      .rd_data_i          (rd_data),
      .move_wr_valid_o    (wr_valid[MOVE]),
      .move_wr_ready_i    (wr_ready[MOVE]),
      .move_wr_data_o     (wr_data[MOVE]),
      .move_wr_last_o     (wr_last[MOVE]),
      .wr_pending_i       (wr_pending),
      .read_i             (read),
      .written_i          (written),
      .dm_stop_o          (dm_stop),
      .dm_idle_i          (dm_idle),
      .rd_err_i           (rd_err),
      .wr_err_i           (wr_err)
  );

  assign wr_cmd[MOVE] = rd_cmd[MOVE];

  // Engine.
  logic unused_idle, unused_host_rvalid;

  dtv1_engine u_engine (
      .clk_i,
      .rst_ni        (core_rst_n),
      .cfg_valid_i   (cfg_valid),
      .cfg_ready_o   (cfg_ready),
      .ipm_cfg_i     (ipm_cfg),
      .ccm_cfg_i     (ccm_cfg),
      .opm_cfg_i     (opm_cfg),
      .retire_o      (retire),
      .host_valid_i  (spm_valid),
      .host_ready_o  (spm_ready),
      .host_we_i     (spm_we),
      .host_addr_i   (spm_addr),
      .host_be_i     (spm_be),
      .host_wdata_i  (spm_wdata),
      .host_rvalid_o (unused_host_rvalid),
      .host_rdata_o  (spm_rdata),
      .rd_cmd_valid_o(rd_cmd_valid[ENGINE]),
      .rd_cmd_ready_i(rd_cmd_ready[ENGINE]),
      .rd_cmd_o      (rd_cmd[ENGINE]),
      .rd_valid_i    (rd_valid[ENGINE]),
      .rd_ready_o    (rd_ready[ENGINE]),
      .rd_data_i     (rd_data),
      .wr_cmd_valid_o(wr_cmd_valid[ENGINE]),
      .wr_cmd_ready_i(wr_cmd_ready[ENGINE]),
      .wr_cmd_o      (wr_cmd[ENGINE]),
      .wr_valid_o    (wr_valid[ENGINE]),
      .wr_ready_i    (wr_ready[ENGINE]),
      .wr_data_o     (wr_data[ENGINE]),
      .wr_last_o     (wr_last[ENGINE]),
      .idle_o        (unused_idle),
      .fault_valid_o (fault_valid),
      .fault_cause_o (fault_cause),
      .fault_unit_o  (fault_unit),
      .starved_o     (starved),
      .ccm_event_o   (ccm_event),
      .opm_event_o   (opm_event),
      .wait_dram_o   (wait_dram)
  );

  // Data mover.
  logic dm_rd_cmd_valid, dm_rd_cmd_ready, dm_rd_valid, dm_rd_ready, dm_rd_last;
  logic dm_wr_cmd_valid, dm_wr_cmd_ready, dm_wr_valid, dm_wr_ready, dm_wr_last, dm_wr_done;
  dtv1_pkg::dm_cmd_t dm_rd_cmd, dm_wr_cmd;
  word_t dm_rd_data, dm_wr_data;

  dtv1_dm_share u_share (
      .clk_i,
      .rst_ni        (core_rst_n),
      .rd_cmd_valid_i(rd_cmd_valid),
      .rd_cmd_ready_o(rd_cmd_ready),
      .rd_cmd_i      (rd_cmd),
      .rd_valid_o    (rd_valid),
      .rd_ready_i    (rd_ready),
      .rd_data_o     (rd_data),
      .wr_cmd_valid_i(wr_cmd_valid),
      .wr_cmd_ready_o(wr_cmd_ready),
      .wr_cmd_i      (wr_cmd),
      .wr_valid_i    (wr_valid),
      .wr_ready_o    (wr_ready),
      .wr_data_i     (wr_data),
      .wr_last_i     (wr_last),
      .wr_moves_i    (moving),
      .rd_cmd_valid_o(dm_rd_cmd_valid),
      .rd_cmd_ready_i(dm_rd_cmd_ready),
      .rd_cmd_o      (dm_rd_cmd),
      .rd_valid_i    (dm_rd_valid),
      .rd_ready_o    (dm_rd_ready),
      .rd_data_i     (dm_rd_data),
      .rd_last_i     (dm_rd_last),
      .wr_cmd_valid_o(dm_wr_cmd_valid),
      .wr_cmd_ready_i(dm_wr_cmd_ready),
      .wr_cmd_o      (dm_wr_cmd),
      .wr_valid_o    (dm_wr_valid),
      .wr_ready_i    (dm_wr_ready),
      .wr_data_o     (dm_wr_data),
      .wr_last_o     (dm_wr_last),
      .wr_done_i     (dm_wr_done),
      .wr_pending_o  (wr_pending),
      .read_o        (read),
      .written_o     (written)
  );

  dtv1_axi_dm u_dm (
      .clk_i,
      .rst_ni        (core_rst_n),
      .rd_cmd_valid_i(dm_rd_cmd_valid),
      .rd_cmd_ready_o(dm_rd_cmd_ready),
      .rd_cmd_i      (dm_rd_cmd),
      .rd_valid_o    (dm_rd_valid),
      .rd_ready_i    (dm_rd_ready),
      .rd_data_o     (dm_rd_data),
      .rd_last_o     (dm_rd_last),
      .wr_cmd_valid_i(dm_wr_cmd_valid),
      .wr_cmd_ready_o(dm_wr_cmd_ready),
      .wr_cmd_i      (dm_wr_cmd),
      .wr_valid_i    (dm_wr_valid),
      .wr_ready_o    (dm_wr_ready),
      .wr_data_i     (dm_wr_data),
      .wr_last_i     (dm_wr_last),
      .wr_done_o     (dm_wr_done),
      .stop_i        (dm_stop),
      .idle_o        (dm_idle),
      .rd_err_o      (rd_err),
      .wr_err_o      (wr_err),
      .axi_arvalid_o (m_axi_arvalid_o),
      .axi_arready_i (m_axi_arready_i),
      .axi_araddr_o  (m_axi_araddr_o),
      .axi_arlen_o   (m_axi_arlen_o),
      .axi_arsize_o  (m_axi_arsize_o),
      .axi_arburst_o (m_axi_arburst_o),
      .axi_arcache_o (m_axi_arcache_o),
      .axi_arprot_o  (m_axi_arprot_o),
      .axi_rvalid_i  (m_axi_rvalid_i),
      .axi_rready_o  (m_axi_rready_o),
      .axi_rdata_i   (m_axi_rdata_i),
      .axi_rresp_i   (m_axi_rresp_i),
      .axi_rlast_i   (m_axi_rlast_i),
      .axi_awvalid_o (m_axi_awvalid_o),
      .axi_awready_i (m_axi_awready_i),
      .axi_awaddr_o  (m_axi_awaddr_o),
      .axi_awlen_o   (m_axi_awlen_o),
      .axi_awsize_o  (m_axi_awsize_o),
      .axi_awburst_o (m_axi_awburst_o),
      .axi_awcache_o (m_axi_awcache_o),
      .axi_awprot_o  (m_axi_awprot_o),
      .axi_wvalid_o  (m_axi_wvalid_o),
      .axi_wready_i  (m_axi_wready_i),
      .axi_wdata_o   (m_axi_wdata_o),
      .axi_wstrb_o   (m_axi_wstrb_o),
      .axi_wlast_o   (m_axi_wlast_o),
      .axi_bvalid_i  (m_axi_bvalid_i),
      .axi_bready_o  (m_axi_bready_o),
      .axi_bresp_i   (m_axi_bresp_i)
  );

endmodule
