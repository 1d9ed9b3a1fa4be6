// Synchronous FIFO of DEPTH words (any DEPTH >= 1) in a block RAM with synchronous read.
//
// FWFT = 1 (first word falls through): `data_o` is the oldest word while `valid_o` is high; the
// RAM's output register holds it, so that a word shows two cycles after it was accepted. One word a
// cycle is sustained from DEPTH 3 on.
// FWFT = 0: `valid_o` says that a word is there, one cycle after it was accepted; `data_o` is the
// word in the cycle after `valid_o && ready_i` and holds until the next one. One word a cycle is
// sustained from DEPTH 2 on.
//
// `ready_o` and `valid_o` come from registers: no combinational path from `ready_i` or `valid_i` to
// any output.
// `clr_i` empties the FIFO; a word offered in that cycle is dropped, a word taken in that cycle
// counts as taken.
module dtv1_fifo #(
    parameter int unsigned WIDTH = 16,
    parameter int unsigned DEPTH = 16,
    parameter bit FWFT = 1'b1,
    localparam int unsigned COUNT_W = $clog2(DEPTH + 1)
) (
    input  logic               clk_i,
    input  logic               rst_ni,
    input  logic               clr_i,
    input  logic               valid_i,
    output logic               ready_o,
    input  logic [  WIDTH-1:0] data_i,
    output logic               valid_o,
    input  logic               ready_i,
    output logic [  WIDTH-1:0] data_o,
    output logic [COUNT_W-1:0] count_o
);

  localparam int unsigned ADDR_W = (DEPTH > 1) ? $clog2(DEPTH) : 1;
  localparam logic [ADDR_W-1:0] LAST_ADDR = ADDR_W'(DEPTH - 1);

  logic [ADDR_W-1:0] waddr_d, waddr_q, raddr_d, raddr_q;
  logic [COUNT_W-1:0] count_d, count_q;
  logic push, pop, read;

  assign ready_o = count_q != COUNT_W'(DEPTH);
  assign count_o = count_q;
  assign push = valid_i && ready_o;
  assign pop = valid_o && ready_i;

  if (FWFT) begin : gen_fwft
    // The oldest word has been read into the RAM's output register.
    logic shown_d, shown_q;

    assign read = (count_q > COUNT_W'(shown_q)) && (!shown_q || ready_i);
    assign valid_o = shown_q;

    always_comb begin : p_shown
      shown_d = shown_q;
      if (clr_i) shown_d = 1'b0;
      else if (read) shown_d = 1'b1;
      else if (pop) shown_d = 1'b0;
    end

    always_ff @(posedge clk_i or negedge rst_ni) begin : p_shown_reg
      if (!rst_ni) shown_q <= 1'b0;
      else shown_q <= shown_d;
    end
  end else begin : gen_plain
    assign read = pop;
    assign valid_o = count_q != '0;
  end

  always_comb begin : p_next
    waddr_d = waddr_q;
    raddr_d = raddr_q;
    count_d = count_q;
    if (push) waddr_d = (waddr_q == LAST_ADDR) ? '0 : waddr_q + ADDR_W'(1);
    if (read) raddr_d = (raddr_q == LAST_ADDR) ? '0 : raddr_q + ADDR_W'(1);
    if (push && !pop) count_d = count_q + COUNT_W'(1);
    if (pop && !push) count_d = count_q - COUNT_W'(1);
    if (clr_i) begin
      waddr_d = '0;
      raddr_d = '0;
      count_d = '0;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : p_regs
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

  // A word is read at the earliest one cycle after it was written, and a full FIFO is not written:
  // the two ports never meet at one address.
  dtv1_bram_sdp #(
      .WIDTH  (WIDTH),
      .DEPTH  (DEPTH),
      .COLLIDE(1'b0)
  ) u_ram (
      .clk_i  (clk_i),
      .we_i   (push),
      .waddr_i(waddr_q),
      .wdata_i(data_i),
      .re_i   (read),
      .raddr_i(raddr_q),
      .rdata_o(data_o)
  );

endmodule
