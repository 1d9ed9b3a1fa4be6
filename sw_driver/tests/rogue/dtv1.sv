// A chip that breaks a rule when its register at 0 is written: which one, the value says.
module dtv1
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
(
    input  logic clk_i,
    input  logic rst_ni,
    output logic irq_o,

    input  logic        s_axil_awvalid_i,
    output logic        s_axil_awready_o,
    input  logic [15:0] s_axil_awaddr_i,
    input  logic [ 2:0] s_axil_awprot_i,
    input  logic        s_axil_wvalid_i,
    output logic        s_axil_wready_o,
    input  logic [31:0] s_axil_wdata_i,
    input  logic [ 3:0] s_axil_wstrb_i,
    output logic        s_axil_bvalid_o,
    input  logic        s_axil_bready_i,
    output logic [ 1:0] s_axil_bresp_o,
    input  logic        s_axil_arvalid_i,
    output logic        s_axil_arready_o,
    input  logic [15:0] s_axil_araddr_i,
    input  logic [ 2:0] s_axil_arprot_i,
    output logic        s_axil_rvalid_o,
    input  logic        s_axil_rready_i,
    output logic [31:0] s_axil_rdata_o,
    output logic [ 1:0] s_axil_rresp_o,

    output logic                            m_axi_arvalid_o,
    input  logic                            m_axi_arready_i,
    output logic [         0:0]             m_axi_arid_o,
    output logic [        31:0]             m_axi_araddr_o,
    output logic [         7:0]             m_axi_arlen_o,
    output logic [         2:0]             m_axi_arsize_o,
    output logic [         1:0]             m_axi_arburst_o,
    output logic [         3:0]             m_axi_arcache_o,
    output logic [         2:0]             m_axi_arprot_o,
    input  logic                            m_axi_rvalid_i,
    output logic                            m_axi_rready_o,
    input  logic [         0:0]             m_axi_rid_i,
    input  logic [  NUM_PE-1:0][DATA_W-1:0] m_axi_rdata_i,
    input  logic [         1:0]             m_axi_rresp_i,
    input  logic                            m_axi_rlast_i,
    output logic                            m_axi_awvalid_o,
    input  logic                            m_axi_awready_i,
    output logic [         0:0]             m_axi_awid_o,
    output logic [        31:0]             m_axi_awaddr_o,
    output logic [         7:0]             m_axi_awlen_o,
    output logic [         2:0]             m_axi_awsize_o,
    output logic [         1:0]             m_axi_awburst_o,
    output logic [         3:0]             m_axi_awcache_o,
    output logic [         2:0]             m_axi_awprot_o,
    output logic                            m_axi_wvalid_o,
    input  logic                            m_axi_wready_i,
    output logic [  NUM_PE-1:0][DATA_W-1:0] m_axi_wdata_o,
    output logic [2*NUM_PE-1:0]             m_axi_wstrb_o,
    output logic                            m_axi_wlast_o,
    input  logic                            m_axi_bvalid_i,
    output logic                            m_axi_bready_o,
    input  logic [         0:0]             m_axi_bid_i,
    input  logic [         1:0]             m_axi_bresp_i
);

  localparam int unsigned ASSERTION = 1;
  localparam int unsigned PAGE = 2;
  localparam int unsigned SILENCE = 3;
  localparam int unsigned UNASKED = 4;
  localparam int unsigned RESET = 5;
  localparam int unsigned ERROR = 6;

  logic [31:0] fault_q;
  logic write, late_q;
  initial late_q = 1'b0;

  assign write = s_axil_awvalid_i & s_axil_wvalid_i & ~s_axil_bvalid_o;
  assign s_axil_awready_o = write;
  assign s_axil_wready_o = write;

  always_ff @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      fault_q <= '0;
      s_axil_bvalid_o <= 1'b0;
    end else begin
      if (write) begin
        fault_q <= s_axil_wdata_i;
        if (s_axil_wdata_i == RESET) late_q <= 1'b1;
      end
      if (write & s_axil_wdata_i != SILENCE) s_axil_bvalid_o <= 1'b1;
      else if (s_axil_bready_i) s_axil_bvalid_o <= 1'b0;
    end
  end

  always_ff @(posedge clk_i) begin
    if (fault_q == ASSERTION)
      assert (0)
      else $error("all is lost");
  end

  assign irq_o = fault_q > ERROR;
  assign s_axil_bresp_o = fault_q == ERROR ? 2'b10 : 2'b00;
  assign s_axil_arready_o = 1'b1;
  assign s_axil_rvalid_o = fault_q == UNASKED;
  assign s_axil_rdata_o = '0;
  assign s_axil_rresp_o = '0;

  assign m_axi_arvalid_o = fault_q == PAGE;
  assign m_axi_arid_o = '0;
  assign m_axi_araddr_o = 32'h0ffc;
  assign m_axi_arlen_o = 8'd255;
  assign m_axi_arsize_o = 3'($clog2(2 * NUM_PE));
  assign m_axi_arburst_o = 2'b01;
  assign m_axi_arcache_o = '0;
  assign m_axi_arprot_o = '0;
  assign m_axi_rready_o = 1'b1;
  assign m_axi_awvalid_o = late_q & ~rst_ni;
  assign m_axi_awid_o = '0;
  assign m_axi_awaddr_o = '0;
  assign m_axi_awlen_o = '0;
  assign m_axi_awsize_o = '0;
  assign m_axi_awburst_o = '0;
  assign m_axi_awcache_o = '0;
  assign m_axi_awprot_o = '0;
  assign m_axi_wvalid_o = 1'b0;
  assign m_axi_wdata_o = '0;
  assign m_axi_wstrb_o = '0;
  assign m_axi_wlast_o = 1'b0;
  assign m_axi_bready_o = 1'b1;

endmodule
