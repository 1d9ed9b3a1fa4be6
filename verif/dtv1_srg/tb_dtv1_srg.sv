// Both operand readers behind one set of ports; `second_i` chooses the one that is used.
module tb (
    input logic clk_i,
    input logic rst_ni,
    input logic second_i,

    input  logic               cfg_valid_i,
    output logic               cfg_ready_o,
    input  dtv1_pkg::ipm_cfg_t cfg_i,

    input  logic            desc_valid_i,
    output logic            desc_ready_o,
    input  dtv1_pkg::desc_t desc_i,

    input  logic                       idx_valid_i,
    output logic                       idx_ready_o,
    input  logic [dtv1_pkg::IDX_W-1:0] idx_i,

    output logic                             req_valid_o,
    input  logic                             req_ready_i,
    output logic [dtv1_pkg::SMEM_ADDR_W-1:0] req_addr_o,
    output logic [       dtv1_pkg::LANE_W:0] req_sel_o,

    output dtv1_pkg::err_e err_o
);

  logic [1:0] used, cfg_ready, desc_ready, idx_ready, req_valid;
  logic [1:0][dtv1_pkg::SMEM_ADDR_W-1:0] req_addr;
  logic [1:0][dtv1_pkg::LANE_W:0] req_sel;
  dtv1_pkg::err_e [1:0] err;

  assign used = {second_i, ~second_i};

  assign cfg_ready_o = cfg_ready[second_i];
  assign desc_ready_o = desc_ready[second_i];
  assign idx_ready_o = idx_ready[second_i];
  assign req_valid_o = req_valid[second_i];
  assign req_addr_o = req_addr[second_i];
  assign req_sel_o = req_sel[second_i];
  assign err_o = err[second_i];

  for (genvar i = 0; i < 2; i++) begin : gen_srg
    dtv1_srg #(
        .SECOND(i == 1)
    ) dut (
        .clk_i,
        .rst_ni,
        .cfg_valid_i (cfg_valid_i & used[i]),
        .cfg_ready_o (cfg_ready[i]),
        .cfg_i,
        .desc_valid_i(desc_valid_i & used[i]),
        .desc_ready_o(desc_ready[i]),
        .desc_i,
        .idx_valid_i (idx_valid_i & used[i]),
        .idx_ready_o (idx_ready[i]),
        .idx_i,
        .req_valid_o (req_valid[i]),
        .req_ready_i (req_ready_i & used[i]),
        .req_addr_o  (req_addr[i]),
        .req_sel_o   (req_sel[i]),
        .err_o       (err[i])
    );
  end

endmodule
