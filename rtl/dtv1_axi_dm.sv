// Data mover: 72-bit DataMover commands in both directions, AXI4 bursts to memory (docs/axi_dm.md).
//
// Reads and writes run independently of each other, each in the order of its commands; a read does
// not wait for the writes before it.
//
// `stop_i` asks for silence: no command is taken from the next cycle on, what no burst was begun
// for is dropped, and bursts in flight end as AXI demands, reads into nowhere. `idle_o` says that
// nothing is under way; while `stop_i` is high it stays high, and the mover may be reset.
module dtv1_axi_dm
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
#(
    // Beats of the longest burst: a power of two from 2 to 256.
    parameter int unsigned MAX_BURST = 64,
    // Most bursts in flight.
    parameter int unsigned READS = dtv1_pkg::DRAM_AHEAD,
    parameter int unsigned WRITES = 64,
    localparam int unsigned AXI_ADDR_W = 32,
    localparam int unsigned AXI_LEN_W = 8,
    localparam int unsigned STRB_W = NUM_PE * DATA_W / 8
) (
    input logic clk_i,
    input logic rst_ni,

    // Reads.
    input  logic                                       rd_cmd_valid_i,
    output logic                                       rd_cmd_ready_o,
    input  dtv1_pkg::dm_cmd_t                          rd_cmd_i,
    output logic                                       rd_valid_o,
    input  logic                                       rd_ready_i,
    output logic              [NUM_PE-1:0][DATA_W-1:0] rd_data_o,
    output logic                                       rd_last_o,       // of its command

    // Writes.
    input  logic                                       wr_cmd_valid_i,
    output logic                                       wr_cmd_ready_o,
    input  dtv1_pkg::dm_cmd_t                          wr_cmd_i,
    input  logic                                       wr_valid_i,
    output logic                                       wr_ready_o,
    input  logic              [NUM_PE-1:0][DATA_W-1:0] wr_data_i,
    input  logic                                       wr_last_i,       // of its command
    output logic                                       wr_done_o,       // a command is in memory

    // Control; errors stay until the reset.
    input  logic           stop_i,
    output logic           idle_o,
    output dtv1_pkg::err_e rd_err_o,
    output dtv1_pkg::err_e wr_err_o,

    // AXI4, data of NUM_PE lanes; all bursts have one ID.
    output logic                              axi_arvalid_o,
    input  logic                              axi_arready_i,
    output logic [AXI_ADDR_W-1:0]             axi_araddr_o,
    output logic [ AXI_LEN_W-1:0]             axi_arlen_o,
    output logic [           2:0]             axi_arsize_o,
    output logic [           1:0]             axi_arburst_o,
    output logic [           3:0]             axi_arcache_o,
    output logic [           2:0]             axi_arprot_o,
    input  logic                              axi_rvalid_i,
    output logic                              axi_rready_o,
    input  logic [    NUM_PE-1:0][DATA_W-1:0] axi_rdata_i,
    input  logic [           1:0]             axi_rresp_i,
    input  logic                              axi_rlast_i,
    output logic                              axi_awvalid_o,
    input  logic                              axi_awready_i,
    output logic [AXI_ADDR_W-1:0]             axi_awaddr_o,
    output logic [ AXI_LEN_W-1:0]             axi_awlen_o,
    output logic [           2:0]             axi_awsize_o,
    output logic [           1:0]             axi_awburst_o,
    output logic [           3:0]             axi_awcache_o,
    output logic [           2:0]             axi_awprot_o,
    output logic                              axi_wvalid_o,
    input  logic                              axi_wready_i,
    output logic [    NUM_PE-1:0][DATA_W-1:0] axi_wdata_o,
    output logic [    STRB_W-1:0]             axi_wstrb_o,
    output logic                              axi_wlast_o,
    input  logic                              axi_bvalid_i,
    output logic                              axi_bready_o,
    input  logic [           1:0]             axi_bresp_i
);

  localparam logic [2:0] SIZE = 3'($clog2(STRB_W));
  localparam logic [1:0] INCR = 2'b01;
  // Normal memory that need not be cached, unprivileged, secure, data.
  localparam logic [3:0] CACHE = 4'b0011;
  localparam logic [2:0] PROT = 3'b000;

  assign axi_arsize_o  = SIZE;
  assign axi_arburst_o = INCR;
  assign axi_arcache_o = CACHE;
  assign axi_arprot_o  = PROT;
  assign axi_awsize_o  = SIZE;
  assign axi_awburst_o = INCR;
  assign axi_awcache_o = CACHE;
  assign axi_awprot_o  = PROT;

  // A stop that was begun goes on until all is quiet.
  logic stop_d, stop_q, quiet, rd_quiet, wr_quiet;

  assign quiet  = rd_quiet & wr_quiet;
  assign stop_d = stop_i | (stop_q & ~quiet);
  assign idle_o = quiet & (stop_q | ~stop_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) stop_q <= 1'b0;
    else stop_q <= stop_d;
  end

  dtv1_axi_rd #(
      .MAX_BURST(MAX_BURST),
      .READS    (READS)
  ) u_rd (
      .clk_i,
      .rst_ni,
      .stop_i     (stop_q),
      .cmd_valid_i(rd_cmd_valid_i),
      .cmd_ready_o(rd_cmd_ready_o),
      .cmd_i      (rd_cmd_i),
      .rd_valid_o,
      .rd_ready_i,
      .rd_data_o,
      .rd_last_o,
      .axi_arvalid_o,
      .axi_arready_i,
      .axi_araddr_o,
      .axi_arlen_o,
      .axi_rvalid_i,
      .axi_rready_o,
      .axi_rdata_i,
      .axi_rresp_i,
      .axi_rlast_i,
      .err_o      (rd_err_o),
      .quiet_o    (rd_quiet)
  );

  dtv1_axi_wr #(
      .MAX_BURST(MAX_BURST),
      .WRITES   (WRITES)
  ) u_wr (
      .clk_i,
      .rst_ni,
      .stop_i     (stop_q),
      .cmd_valid_i(wr_cmd_valid_i),
      .cmd_ready_o(wr_cmd_ready_o),
      .cmd_i      (wr_cmd_i),
      .wr_valid_i,
      .wr_ready_o,
      .wr_data_i,
      .wr_last_i,
      .axi_awvalid_o,
      .axi_awready_i,
      .axi_awaddr_o,
      .axi_awlen_o,
      .axi_wvalid_o,
      .axi_wready_i,
      .axi_wdata_o,
      .axi_wstrb_o,
      .axi_wlast_o,
      .axi_bvalid_i,
      .axi_bready_o,
      .axi_bresp_i,
      .done_o     (wr_done_o),
      .err_o      (wr_err_o),
      .quiet_o    (wr_quiet)
  );

endmodule
