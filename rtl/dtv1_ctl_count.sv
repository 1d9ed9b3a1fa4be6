// Performance counters of a program. What a cycle of waiting is put down to is what the PE array lacks in
// it; a cycle without an instruction that could work counts nowhere.
module dtv1_ctl_count #(
    localparam int unsigned COUNTERS = 10,
    localparam int unsigned COUNT_W  = 48
) (
    input logic clk_i,
    input logic rst_ni,

    input logic clear_i,  // while none runs
    input logic run_i,    // a program runs
    input logic pause_i,  // it is paused: instructions still come from DRAM
    input logic begun_i,  // it has begun

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
  logic read, wait_dram, wait_smem, unused_events;

  assign read = read_i & (run_i | pause_i);
  assign wait_dram = ccm_event_i.wait_opd & wait_dram_i;
  assign wait_smem     = (ccm_event_i.wait_opd & ~wait_dram_i) | ccm_event_i.wait_add |
                         ccm_event_i.wait_cnt;
  assign unused_events = opm_event_i.dram_word ^ opm_event_i.stall;

  // What a stopped program left under way in the engine counts no longer.
  always_comb begin : steps
    step_d = {
      STEP_W'(ccm_event_i.wait_acc & run_i),
      run_i ? opm_event_i.fired : '0,
      STEP_W'(retire_i & run_i),
      STEP_W'(written_i & run_i),
      STEP_W'(read),
      STEP_W'(ccm_event_i.wait_out & run_i),
      STEP_W'(wait_smem & run_i),
      STEP_W'(wait_dram & run_i),
      STEP_W'(ccm_event_i.mac & run_i),
      STEP_W'(begun_i & run_i)
    };
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      step_q  <= '0;
      count_q <= '0;
    end else begin
      step_q <= step_d;
      for (int unsigned c = 0; c < COUNTERS; c++) begin
        count_q[c] <= clear_i ? '0 : count_q[c] + COUNT_W'(step_q[c]);
      end
    end
  end

  assign count_o = count_q;

endmodule
