// Small FIFO of DEPTH words (any DEPTH >= 1) in registers or LUT memory: an accepted word shows in
// the next cycle, and one word a cycle is sustained from DEPTH 2 on.
//
// `valid_o` and `ready_o` come from registers: no combinational path from one side to the other.
`include "dtv1_assert.svh"

module dtv1_smem_fifo #(
    parameter int unsigned WIDTH = 16,
    parameter int unsigned DEPTH = 4
) (
    input  logic             clk_i,
    input  logic             rst_ni,
    input  logic             valid_i,
    output logic             ready_o,
    input  logic [WIDTH-1:0] data_i,
    output logic             valid_o,
    input  logic             ready_i,
    output logic [WIDTH-1:0] data_o
);

  localparam int unsigned ADDR_W = (DEPTH > 1) ? $clog2(DEPTH) : 1;
  localparam int unsigned COUNT_W = $clog2(DEPTH + 1);
  localparam logic [ADDR_W-1:0] LAST_ADDR = ADDR_W'(DEPTH - 1);

  logic [WIDTH-1:0] words[DEPTH];
  logic [ADDR_W-1:0] waddr_d, waddr_q, raddr_d, raddr_q;
  logic [COUNT_W-1:0] count_d, count_q;
  logic push, pop;

  assign ready_o = count_q != COUNT_W'(DEPTH);
  assign valid_o = count_q != '0;
  assign data_o  = words[raddr_q];
  assign push    = valid_i && ready_o;
  assign pop     = valid_o && ready_i;

  always_comb begin : next
    waddr_d = waddr_q;
    raddr_d = raddr_q;
    count_d = count_q;
    if (push) waddr_d = (waddr_q == LAST_ADDR) ? '0 : waddr_q + ADDR_W'(1);
    if (pop) raddr_d = (raddr_q == LAST_ADDR) ? '0 : raddr_q + ADDR_W'(1);
    if (push && !pop) count_d = count_q + COUNT_W'(1);
    if (pop && !push) count_d = count_q - COUNT_W'(1);
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : regs
    if (!rst_ni) begin
      waddr_q <= '0;
      raddr_q <= '0;
      count_q <= '0;
    end else begin
      waddr_q <= waddr_d;
      raddr_q <= raddr_d;
      count_q <= count_d;
    end
  end

  always_ff @(posedge clk_i) begin : write
    if (push) words[waddr_q] <= data_i;
  end

  // Broken by a word too many or too few.
  `DTV1_ASSERT(Pointers_A, 32'(waddr_q) == (32'(raddr_q) + 32'(count_q)) % DEPTH)

  dtv1_stream_check #(
      .WIDTH(WIDTH)
  ) u_check (
      .clk_i,
      .rst_ni,
      .valid_i(valid_o),
      .ready_i,
      .data_i (data_o)
  );

endmodule
