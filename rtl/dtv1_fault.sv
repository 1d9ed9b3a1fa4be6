// Which unit's error is the program's. Units run ahead of each other, and each stops at an instruction
// of its own. Here an error counts once all instructions before that one have retired: then the number of
// retired instructions is the program counter of the fault, whoever else has stopped further on.
//
// Numbers are counted modulo 2^SEQ_W from the reset on; fewer instructions are under way at a time. The
// output module is the last to touch an instruction, so its error needs no number.
module dtv1_fault
  import dtv1_pkg::SEQ_W;
#(
    localparam int unsigned IPM_UNITS = 5
) (
    input logic clk_i,
    input logic rst_ni,

    input logic retire_i,

    input dtv1_pkg::err_e [IPM_UNITS-1:0]            ipm_err_i,
    input logic           [IPM_UNITS-1:0][SEQ_W-1:0] ipm_num_i,
    input logic                                      spm_err_i,
    input dtv1_pkg::err_e                            ccm_err_i,
    input logic           [    SEQ_W-1:0]            ccm_num_i,
    input dtv1_pkg::err_e                            opm_err_i,
    input logic                                      opm_settled_i,
    input logic                                      wait_dram_i,

    output logic            valid_o,
    output dtv1_pkg::err_e  cause_o,
    output dtv1_pkg::unit_e unit_o,
    output logic            starved_o  // the oldest instruction waits for a word from DRAM
);

  // Units of the input module, in the order of their error outputs.
  localparam int unsigned SRG0 = 0;
  localparam int unsigned DMX = 4;
  localparam dtv1_pkg::unit_e [IPM_UNITS-1:0] IPM_NAMES = {
    dtv1_pkg::UNIT_DMX,
    dtv1_pkg::UNIT_DRG,
    dtv1_pkg::UNIT_SRG2,
    dtv1_pkg::UNIT_SRG1,
    dtv1_pkg::UNIT_SRG0
  };

  logic [SEQ_W-1:0] retired_q;
  logic valid_d, starved_d;
  dtv1_pkg::err_e  cause_d;
  dtv1_pkg::unit_e unit_d;

  always_comb begin : choose
    valid_d = 1'b0;
    cause_d = dtv1_pkg::ERR_NONE;
    unit_d  = dtv1_pkg::UNIT_NOBODY;
    if (opm_settled_i) begin
      valid_d = 1'b1;
      cause_d = opm_err_i;
      unit_d  = dtv1_pkg::UNIT_OPM;
    end
    if (spm_err_i & (ipm_num_i[SRG0] == retired_q)) begin
      valid_d = 1'b1;
      cause_d = dtv1_pkg::ERR_ADDRESS;
      unit_d  = dtv1_pkg::UNIT_SPM;
    end
    for (int unsigned u = 0; u < IPM_UNITS; u++) begin
      if ((ipm_err_i[u] != dtv1_pkg::ERR_NONE) & (ipm_num_i[u] == retired_q)) begin
        valid_d = 1'b1;
        cause_d = ipm_err_i[u];
        unit_d  = IPM_NAMES[u];
      end
    end
    // Whatever else is wrong with an instruction that the core refuses is of no interest.
    if ((ccm_err_i != dtv1_pkg::ERR_NONE) & (ccm_num_i == retired_q)) begin
      valid_d = 1'b1;
      cause_d = ccm_err_i;
      unit_d  = dtv1_pkg::UNIT_CCM;
    end
  end

  assign starved_d = wait_dram_i & (ipm_num_i[DMX] == retired_q);

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      retired_q <= '0;
      valid_o   <= 1'b0;
      cause_o   <= dtv1_pkg::ERR_NONE;
      unit_o    <= dtv1_pkg::UNIT_NOBODY;
      starved_o <= 1'b0;
    end else begin
      if (retire_i) retired_q <= retired_q + 1'b1;
      valid_o   <= valid_d & ~retire_i;
      cause_o   <= cause_d;
      unit_o    <= unit_d;
      starved_o <= starved_d;
    end
  end

endmodule
