// Simple dual-port block RAM: one write port, one read port, one clock.
//
// Read latency is one cycle: `rdata_o` shows the word at `raddr_i` from the cycle after `re_i`, and
// holds it while `re_i` is low. Neither the words nor `rdata_o` have a reset, so that every FPGA
// family infers its block RAM; what is read must have been written before. Addresses stay below
// DEPTH.
//
// COLLIDE = 1: a word read and written in the same cycle reads as it was before the write. Families
// whose block RAM cannot do that (ECP5) pay for it with two flip-flops per data bit.
// COLLIDE = 0: the user never reads and writes one address in the same cycle, which an assertion
// checks in simulation; the RAM maps without extra logic.
module dtv1_bram_sdp #(
    parameter int unsigned WIDTH = 16,
    parameter int unsigned DEPTH = 512,
    parameter bit COLLIDE = 1'b1,
    localparam int unsigned ADDR_W = (DEPTH > 1) ? $clog2(DEPTH) : 1
) (
    input  logic              clk_i,
    input  logic              we_i,
    input  logic [ADDR_W-1:0] waddr_i,
    input  logic [ WIDTH-1:0] wdata_i,
    input  logic              re_i,
    input  logic [ADDR_W-1:0] raddr_i,
    output logic [ WIDTH-1:0] rdata_o
);

  logic [WIDTH-1:0] rdata_q;
  assign rdata_o = rdata_q;

  if (COLLIDE) begin : gen_collide
    logic [WIDTH-1:0] mem[DEPTH];

    always_ff @(posedge clk_i) begin : p_write
      if (we_i) mem[waddr_i] <= wdata_i;
    end

    always_ff @(posedge clk_i) begin : p_read
      if (re_i) rdata_q <= mem[raddr_i];
    end
  end else begin : gen_plain
    (* no_rw_check *) logic [WIDTH-1:0] ram[DEPTH];

    always_ff @(posedge clk_i) begin : p_ports
      if (we_i) ram[waddr_i] <= wdata_i;
      if (re_i) rdata_q <= ram[raddr_i];
    end

`ifndef SYNTHESIS
    // A simulator may begin with an edge before any reset, when the inputs are anything.
    logic begun_q;
    initial begun_q = 1'b0;

    always_ff @(posedge clk_i) begin : p_begun
      begun_q <= 1'b1;
    end

    NoCollision_A :
    assert property (@(posedge clk_i) !(begun_q && we_i && re_i && waddr_i == raddr_i));
`endif
  end

endmodule
