// Performance counters of a program. What a cycle of waiting is put down to is what the PE array lacks in
// it; a cycle without an instruction that could work counts nowhere.
module dtv1_ctl_count #(
    localparam int unsigned COUNTERS = 10,
    localparam int unsigned COUNT_W  = 48
) (
    input logic clk_i,
    input logic rst_ni,

    input logic clear_i,
    input logic run_i,    // a program runs and has begun

    input dtv1_pkg::ccm_event_t ccm_event_i,
    input dtv1_pkg::opm_event_t opm_event_i,
    input logic                 wait_dram_i,
    input logic                 read_i,
    input logic                 written_i,
    input logic                 retire_i,

    // In the order of the register map.
    output logic [COUNTERS-1:0][COUNT_W-1:0] count_o
);

  localparam int unsigned STEP_W = $bits(opm_event_i.fired);

  logic [COUNTERS-1:0][STEP_W-1:0] step_d, step_q;
  logic [COUNTERS-1:0][COUNT_W-1:0] count_q;
  logic wait_dram, wait_smem, unused_events;

  assign wait_dram = ccm_event_i.wait_opd & wait_dram_i;
  assign wait_smem     = (ccm_event_i.wait_opd & ~wait_dram_i) | ccm_event_i.wait_add |
                         ccm_event_i.wait_cnt;
  assign unused_events = opm_event_i.dram_word ^ opm_event_i.stall;

  always_comb begin : steps
    step_d = {
      STEP_W'(ccm_event_i.wait_acc),
      opm_event_i.fired,
      STEP_W'(retire_i),
      STEP_W'(written_i),
      STEP_W'(read_i),
      STEP_W'(ccm_event_i.wait_out),
      STEP_W'(wait_smem),
      STEP_W'(wait_dram),
      STEP_W'(ccm_event_i.mac),
      STEP_W'(run_i)
    };
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      step_q  <= '0;
      count_q <= '0;
    end else begin
      step_q <= clear_i ? '0 : step_d;
      for (int unsigned c = 0; c < COUNTERS; c++) begin
        count_q[c] <= clear_i ? '0 : count_q[c] + COUNT_W'(step_q[c]);
      end
    end
  end

  assign count_o = count_q;

endmodule
