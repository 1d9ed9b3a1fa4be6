// The whole machine with the port names that cocotbext-axi looks for: those of AXI, without direction.
module tb
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
#(
    localparam int unsigned WORD_W = NUM_PE * DATA_W
) (
    input logic clk_i,
    input logic rst_ni,
    output logic irq_o,
    input logic s_axil_awvalid,
    output logic s_axil_awready,
    input logic [15:0] s_axil_awaddr,
    input logic [2:0] s_axil_awprot,
    input logic s_axil_wvalid,
    output logic s_axil_wready,
    input logic [31:0] s_axil_wdata,
    input logic [3:0] s_axil_wstrb,
    output logic s_axil_bvalid,
    input logic s_axil_bready,
    output logic [1:0] s_axil_bresp,
    input logic s_axil_arvalid,
    output logic s_axil_arready,
    input logic [15:0] s_axil_araddr,
    input logic [2:0] s_axil_arprot,
    output logic s_axil_rvalid,
    input logic s_axil_rready,
    output logic [31:0] s_axil_rdata,
    output logic [1:0] s_axil_rresp,
    output logic m_axi_arvalid,
    input logic m_axi_arready,
    output logic [0:0] m_axi_arid,
    output logic [31:0] m_axi_araddr,
    output logic [7:0] m_axi_arlen,
    output logic [2:0] m_axi_arsize,
    output logic [1:0] m_axi_arburst,
    output logic [3:0] m_axi_arcache,
    output logic [2:0] m_axi_arprot,
    input logic m_axi_rvalid,
    output logic m_axi_rready,
    input logic [0:0] m_axi_rid,
    input logic [WORD_W-1:0] m_axi_rdata,
    input logic [1:0] m_axi_rresp,
    input logic m_axi_rlast,
    output logic m_axi_awvalid,
    input logic m_axi_awready,
    output logic [0:0] m_axi_awid,
    output logic [31:0] m_axi_awaddr,
    output logic [7:0] m_axi_awlen,
    output logic [2:0] m_axi_awsize,
    output logic [1:0] m_axi_awburst,
    output logic [3:0] m_axi_awcache,
    output logic [2:0] m_axi_awprot,
    output logic m_axi_wvalid,
    input logic m_axi_wready,
    output logic [WORD_W-1:0] m_axi_wdata,
    output logic [WORD_W/8-1:0] m_axi_wstrb,
    output logic m_axi_wlast,
    input logic m_axi_bvalid,
    output logic m_axi_bready,
    input logic [0:0] m_axi_bid,
    input logic [1:0] m_axi_bresp
);

  // A simulator may begin with an edge of the clock before any reset, when registers hold anything, which
  // assertions would take for real. So there is no clock until the reset has come.
  logic begun_q, clk;
  initial begun_q = 1'b0;

  always_ff @(negedge rst_ni) begin : begun
    begun_q <= 1'b1;
  end

  assign clk = clk_i & begun_q;

  dtv1 u_dut (
      .clk_i           (clk),
      .rst_ni,
      .irq_o,
      .s_axil_awvalid_i(s_axil_awvalid),
      .s_axil_awready_o(s_axil_awready),
      .s_axil_awaddr_i (s_axil_awaddr),
      .s_axil_awprot_i (s_axil_awprot),
      .s_axil_wvalid_i (s_axil_wvalid),
      .s_axil_wready_o (s_axil_wready),
      .s_axil_wdata_i  (s_axil_wdata),
      .s_axil_wstrb_i  (s_axil_wstrb),
      .s_axil_bvalid_o (s_axil_bvalid),
      .s_axil_bready_i (s_axil_bready),
      .s_axil_bresp_o  (s_axil_bresp),
      .s_axil_arvalid_i(s_axil_arvalid),
      .s_axil_arready_o(s_axil_arready),
      .s_axil_araddr_i (s_axil_araddr),
      .s_axil_arprot_i (s_axil_arprot),
      .s_axil_rvalid_o (s_axil_rvalid),
      .s_axil_rready_i (s_axil_rready),
      .s_axil_rdata_o  (s_axil_rdata),
      .s_axil_rresp_o  (s_axil_rresp),
      .m_axi_arvalid_o (m_axi_arvalid),
      .m_axi_arready_i (m_axi_arready),
      .m_axi_arid_o    (m_axi_arid),
      .m_axi_araddr_o  (m_axi_araddr),
      .m_axi_arlen_o   (m_axi_arlen),
      .m_axi_arsize_o  (m_axi_arsize),
      .m_axi_arburst_o (m_axi_arburst),
      .m_axi_arcache_o (m_axi_arcache),
      .m_axi_arprot_o  (m_axi_arprot),
      .m_axi_rvalid_i  (m_axi_rvalid),
      .m_axi_rready_o  (m_axi_rready),
      .m_axi_rid_i     (m_axi_rid),
      .m_axi_rdata_i   (m_axi_rdata),
      .m_axi_rresp_i   (m_axi_rresp),
      .m_axi_rlast_i   (m_axi_rlast),
      .m_axi_awvalid_o (m_axi_awvalid),
      .m_axi_awready_i (m_axi_awready),
      .m_axi_awid_o    (m_axi_awid),
      .m_axi_awaddr_o  (m_axi_awaddr),
      .m_axi_awlen_o   (m_axi_awlen),
      .m_axi_awsize_o  (m_axi_awsize),
      .m_axi_awburst_o (m_axi_awburst),
      .m_axi_awcache_o (m_axi_awcache),
      .m_axi_awprot_o  (m_axi_awprot),
      .m_axi_wvalid_o  (m_axi_wvalid),
      .m_axi_wready_i  (m_axi_wready),
      .m_axi_wdata_o   (m_axi_wdata),
      .m_axi_wstrb_o   (m_axi_wstrb),
      .m_axi_wlast_o   (m_axi_wlast),
      .m_axi_bvalid_i  (m_axi_bvalid),
      .m_axi_bready_o  (m_axi_bready),
      .m_axi_bid_i     (m_axi_bid),
      .m_axi_bresp_i   (m_axi_bresp)
  );

endmodule
