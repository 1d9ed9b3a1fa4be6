// Assertion macro. COND must hold in every cycle out of reset; simulation and formal tools check
// it, synthesis leaves it out. The block waits for the reset edge as well, so that rst_ni stays a
// purely asynchronous net; the empty branch is the form of it that yosys takes.
`ifndef DTV1_ASSERT_SVH
`define DTV1_ASSERT_SVH

`ifdef SYNTHESIS
`define DTV1_ASSERT(NAME, COND)
`else
`define DTV1_ASSERT(NAME, COND) \
  always_ff @(posedge clk_i or negedge rst_ni) begin : NAME \
    if (!rst_ni) begin \
    end else begin \
      assert (COND) \
      else $error("%m: assertion failed"); \
    end \
  end
`endif

`endif
