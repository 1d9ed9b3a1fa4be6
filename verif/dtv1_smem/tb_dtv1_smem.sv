// dtv1_smem with a set of ports for each channel, as the environment's agents want them.
module tb
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
  import dtv1_pkg::LANE_W;
  import dtv1_pkg::SMEM_ADDR_W;
(
    input logic clk_i,
    input logic rst_ni,
    input logic rreq0_valid_i,
    output logic rreq0_ready_o,
    input logic [SMEM_ADDR_W-1:0] rreq0_addr_i,
    input logic [LANE_W:0] rreq0_sel_i,
    output logic rrsp0_valid_o,
    input logic rrsp0_ready_i,
    output logic [NUM_PE-1:0][DATA_W-1:0] rrsp0_data_o,
    input logic rreq1_valid_i,
    output logic rreq1_ready_o,
    input logic [SMEM_ADDR_W-1:0] rreq1_addr_i,
    input logic [LANE_W:0] rreq1_sel_i,
    output logic rrsp1_valid_o,
    input logic rrsp1_ready_i,
    output logic [NUM_PE-1:0][DATA_W-1:0] rrsp1_data_o,
    input logic rreq2_valid_i,
    output logic rreq2_ready_o,
    input logic [SMEM_ADDR_W-1:0] rreq2_addr_i,
    input logic [LANE_W:0] rreq2_sel_i,
    output logic rrsp2_valid_o,
    input logic rrsp2_ready_i,
    output logic [NUM_PE-1:0][DATA_W-1:0] rrsp2_data_o,
    input logic wreq0_valid_i,
    output logic wreq0_ready_o,
    input logic [SMEM_ADDR_W-1:0] wreq0_addr_i,
    input logic [LANE_W:0] wreq0_sel_i,
    input logic [NUM_PE-1:0][DATA_W-1:0] wreq0_data_i,
    input logic wreq1_valid_i,
    output logic wreq1_ready_o,
    input logic [SMEM_ADDR_W-1:0] wreq1_addr_i,
    input logic [LANE_W:0] wreq1_sel_i,
    input logic [NUM_PE-1:0][DATA_W-1:0] wreq1_data_i,
    output logic [1:0] wbusy_o
);

  dtv1_smem dut (
      .clk_i,
      .rst_ni,
      .rreq_valid_i({rreq2_valid_i, rreq1_valid_i, rreq0_valid_i}),
      .rreq_ready_o({rreq2_ready_o, rreq1_ready_o, rreq0_ready_o}),
      .rreq_addr_i ({rreq2_addr_i, rreq1_addr_i, rreq0_addr_i}),
      .rreq_sel_i  ({rreq2_sel_i, rreq1_sel_i, rreq0_sel_i}),
      .rrsp_valid_o({rrsp2_valid_o, rrsp1_valid_o, rrsp0_valid_o}),
      .rrsp_ready_i({rrsp2_ready_i, rrsp1_ready_i, rrsp0_ready_i}),
      .rrsp_data_o ({rrsp2_data_o, rrsp1_data_o, rrsp0_data_o}),
      .wreq_valid_i({wreq1_valid_i, wreq0_valid_i}),
      .wreq_ready_o({wreq1_ready_o, wreq0_ready_o}),
      .wreq_addr_i ({wreq1_addr_i, wreq0_addr_i}),
      .wreq_sel_i  ({wreq1_sel_i, wreq0_sel_i}),
      .wreq_data_i ({wreq1_data_i, wreq0_data_i}),
      .wbusy_o
  );

endmodule
