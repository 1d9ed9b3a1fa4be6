// dtv1_axi_dm with the IDs that models of memories ask for. With 16 PEs and more it has bursts as long
// as AXI allows, so that 4 KiB are reached first; with fewer PEs no burst is that long.
module tb
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
(
    input  logic                                                clk_i,
    input  logic                                                rst_ni,
    input  logic                                                rd_cmd_valid_i,
    output logic                                                rd_cmd_ready_o,
    input  dtv1_pkg::dm_cmd_t                                   rd_cmd_i,
    output logic                                                rd_valid_o,
    input  logic                                                rd_ready_i,
    output logic              [         NUM_PE-1:0][DATA_W-1:0] rd_data_o,
    output logic                                                rd_last_o,
    input  logic                                                wr_cmd_valid_i,
    output logic                                                wr_cmd_ready_o,
    input  dtv1_pkg::dm_cmd_t                                   wr_cmd_i,
    input  logic                                                wr_valid_i,
    output logic                                                wr_ready_o,
    input  logic              [         NUM_PE-1:0][DATA_W-1:0] wr_data_i,
    input  logic                                                wr_last_i,
    output logic                                                wr_done_o,
    input  logic                                                stop_i,
    output logic                                                idle_o,
    output dtv1_pkg::err_e                                      rd_err_o,
    output dtv1_pkg::err_e                                      wr_err_o,
    output logic                                                axi_arvalid_o,
    input  logic                                                axi_arready_i,
    output logic              [               31:0]             axi_araddr_o,
    output logic              [                7:0]             axi_arlen_o,
    output logic              [                2:0]             axi_arsize_o,
    output logic              [                1:0]             axi_arburst_o,
    output logic              [                3:0]             axi_arcache_o,
    output logic              [                2:0]             axi_arprot_o,
    input  logic                                                axi_rvalid_i,
    output logic                                                axi_rready_o,
    input  logic              [         NUM_PE-1:0][DATA_W-1:0] axi_rdata_i,
    input  logic              [                1:0]             axi_rresp_i,
    input  logic                                                axi_rlast_i,
    output logic                                                axi_awvalid_o,
    input  logic                                                axi_awready_i,
    output logic              [               31:0]             axi_awaddr_o,
    output logic              [                7:0]             axi_awlen_o,
    output logic              [                2:0]             axi_awsize_o,
    output logic              [                1:0]             axi_awburst_o,
    output logic              [                3:0]             axi_awcache_o,
    output logic              [                2:0]             axi_awprot_o,
    output logic                                                axi_wvalid_o,
    input  logic                                                axi_wready_i,
    output logic              [         NUM_PE-1:0][DATA_W-1:0] axi_wdata_o,
    output logic              [NUM_PE*DATA_W/8-1:0]             axi_wstrb_o,
    output logic                                                axi_wlast_o,
    input  logic                                                axi_bvalid_i,
    output logic                                                axi_bready_o,
    input  logic              [                1:0]             axi_bresp_i,
    output logic                                                axi_arid_o,
    output logic                                                axi_awid_o,
    input  logic                                                axi_rid_i,
    input  logic                                                axi_bid_i
);

  localparam int unsigned WIDE = 16;
  localparam int unsigned MAX_BURST = (NUM_PE < WIDE) ? 64 : 256;

  assign axi_arid_o = 1'b0;
  assign axi_awid_o = 1'b0;

  logic unused_ids;
  assign unused_ids = ^{axi_rid_i, axi_bid_i};

  dtv1_axi_dm #(
      .MAX_BURST(MAX_BURST)
  ) u_dut (
      .clk_i,
      .rst_ni,
      .rd_cmd_valid_i,
      .rd_cmd_ready_o,
      .rd_cmd_i,
      .rd_valid_o,
      .rd_ready_i,
      .rd_data_o,
      .rd_last_o,
      .wr_cmd_valid_i,
      .wr_cmd_ready_o,
      .wr_cmd_i,
      .wr_valid_i,
      .wr_ready_o,
      .wr_data_i,
      .wr_last_i,
      .wr_done_o,
      .stop_i,
      .idle_o,
      .rd_err_o,
      .wr_err_o,
      .axi_arvalid_o,
      .axi_arready_i,
      .axi_araddr_o,
      .axi_arlen_o,
      .axi_arsize_o,
      .axi_arburst_o,
      .axi_arcache_o,
      .axi_arprot_o,
      .axi_rvalid_i,
      .axi_rready_o,
      .axi_rdata_i,
      .axi_rresp_i,
      .axi_rlast_i,
      .axi_awvalid_o,
      .axi_awready_i,
      .axi_awaddr_o,
      .axi_awlen_o,
      .axi_awsize_o,
      .axi_awburst_o,
      .axi_awcache_o,
      .axi_awprot_o,
      .axi_wvalid_o,
      .axi_wready_i,
      .axi_wdata_o,
      .axi_wstrb_o,
      .axi_wlast_o,
      .axi_bvalid_i,
      .axi_bready_o,
      .axi_bresp_i
  );

endmodule
