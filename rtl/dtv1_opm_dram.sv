// DRAM writes: commands for a DataMover and the words they move, each in a small queue of its own.
module dtv1_opm_dram
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
#(
    localparam int unsigned BTT_W = 23
) (
    input logic clk_i,
    input logic rst_ni,

    input  logic             cmd_valid_i,
    output logic             cmd_ready_o,
    input  logic [     31:0] cmd_addr_i,   // bytes
    input  logic [BTT_W-1:0] cmd_btt_i,

    input  logic                          data_valid_i,
    output logic                          data_ready_o,
    input  logic                          data_last_i,   // of its command
    input  logic [NUM_PE-1:0][DATA_W-1:0] data_i,

    output logic              dm_cmd_valid_o,
    input  logic              dm_cmd_ready_i,
    output dtv1_pkg::dm_cmd_t dm_cmd_o,

    output logic                          dram_valid_o,
    input  logic                          dram_ready_i,
    output logic [NUM_PE-1:0][DATA_W-1:0] dram_o,
    output logic                          dram_last_o,

    output logic busy_o
);

  localparam int unsigned DEPTH = 4;

  dtv1_smem_fifo #(
      .WIDTH(32 + BTT_W),
      .DEPTH(DEPTH)
  ) u_cmd (
      .clk_i,
      .rst_ni,
      .valid_i(cmd_valid_i),
      .ready_o(cmd_ready_o),
      .data_i ({cmd_addr_i, cmd_btt_i}),
      .valid_o(dm_cmd_valid_o),
      .ready_i(dm_cmd_ready_i),
      .data_o ({dm_cmd_o.addr, dm_cmd_o.btt})
  );

  assign dm_cmd_o.reserved = '0;
  assign dm_cmd_o.tag      = '0;
  assign dm_cmd_o.drr      = 1'b0;
  assign dm_cmd_o.eof      = 1'b1;
  assign dm_cmd_o.dsa      = '0;
  assign dm_cmd_o.incr     = 1'b1;

  dtv1_smem_fifo #(
      .WIDTH(NUM_PE * DATA_W + 1),
      .DEPTH(DEPTH)
  ) u_data (
      .clk_i,
      .rst_ni,
      .valid_i(data_valid_i),
      .ready_o(data_ready_o),
      .data_i ({data_last_i, data_i}),
      .valid_o(dram_valid_o),
      .ready_i(dram_ready_i),
      .data_o ({dram_last_o, dram_o})
  );

  assign busy_o = dm_cmd_valid_o | dram_valid_o;

endmodule
