// dtv1_opm with the two write channels on ports of their own.
module tb
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
  import dtv1_pkg::RES_W;
  import dtv1_pkg::SMEM_ADDR_W;
  import dtv1_pkg::LANE_W;
(
    input logic clk_i,
    input logic rst_ni,

    input  logic               cfg_valid_i,
    output logic               cfg_ready_o,
    input  dtv1_pkg::opm_cfg_t cfg_i,

    input  logic                         res_valid_i,
    output logic                         res_ready_o,
    input  logic                         res_scalar_i,
    input  logic                         res_last_i,
    input  logic                         res_none_i,
    input  logic [NUM_PE-1:0][RES_W-1:0] res_i,

    input  logic                          side_valid_i,
    output logic                          side_ready_o,
    input  logic [NUM_PE-1:0][DATA_W-1:0] side0_i,
    input  logic [NUM_PE-1:0][DATA_W-1:0] side1_i,

    output logic                               wreq0_valid_o,
    input  logic                               wreq0_ready_i,
    output logic [SMEM_ADDR_W-1:0]             wreq0_addr_o,
    output logic [       LANE_W:0]             wreq0_sel_o,
    output logic [     NUM_PE-1:0][DATA_W-1:0] wreq0_data_o,
    output logic                               wreq1_valid_o,
    input  logic                               wreq1_ready_i,
    output logic [SMEM_ADDR_W-1:0]             wreq1_addr_o,
    output logic [       LANE_W:0]             wreq1_sel_o,
    output logic [     NUM_PE-1:0][DATA_W-1:0] wreq1_data_o,
    input  logic [            1:0]             wbusy_i,

    output logic                                       dm_cmd_valid_o,
    input  logic                                       dm_cmd_ready_i,
    output dtv1_pkg::dm_cmd_t                          dm_cmd_o,
    output logic                                       dram_valid_o,
    input  logic                                       dram_ready_i,
    output logic              [NUM_PE-1:0][DATA_W-1:0] dram_o,
    output logic                                       dram_last_o,

    output logic                                   desc_valid_o,
    input  logic                                   desc_ready_i,
    output logic                                   desc_list_o,
    output logic            [dtv1_pkg::STEP_W-1:0] desc_step_o,
    output dtv1_pkg::desc_t                        desc_o,

    output logic                       direct_valid_o,
    input  logic                       direct_ready_i,
    output logic [dtv1_pkg::IDX_W-1:0] direct_idx_o,

    output logic                 retire_o,
    output logic                 busy_o,
    output dtv1_pkg::err_e       err_o,
    output logic                 settled_o,
    output dtv1_pkg::opm_event_t event_o
);

  dtv1_opm dut (
      .clk_i,
      .rst_ni,
      .cfg_valid_i,
      .cfg_ready_o,
      .cfg_i,
      .res_valid_i,
      .res_ready_o,
      .res_scalar_i,
      .res_last_i,
      .res_none_i,
      .res_i,
      .side_valid_i,
      .side_ready_o,
      .side0_i,
      .side1_i,
      .wreq_valid_o({wreq1_valid_o, wreq0_valid_o}),
      .wreq_ready_i({wreq1_ready_i, wreq0_ready_i}),
      .wreq_addr_o ({wreq1_addr_o, wreq0_addr_o}),
      .wreq_sel_o  ({wreq1_sel_o, wreq0_sel_o}),
      .wreq_data_o ({wreq1_data_o, wreq0_data_o}),
      .wbusy_i,
      .dm_cmd_valid_o,
      .dm_cmd_ready_i,
      .dm_cmd_o,
      .dram_valid_o,
      .dram_ready_i,
      .dram_o,
      .dram_last_o,
      .desc_valid_o,
      .desc_ready_i,
      .desc_list_o,
      .desc_step_o,
      .desc_o,
      .direct_valid_o,
      .direct_ready_i,
      .direct_idx_o,
      .retire_o,
      .busy_o,
      .err_o,
      .settled_o,
      .event_o
  );

endmodule
