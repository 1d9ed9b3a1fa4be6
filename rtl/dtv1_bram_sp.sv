// Single-port block RAM: one address for reading and writing, read first.
//
// With `en_i` high the word at `addr_i` appears on `rdata_o` in the next cycle, and `we_i` replaces
// it by `wdata_i` (`rdata_o` then shows the old word); with `en_i` low nothing is written and
// `rdata_o` holds. Neither the words nor `rdata_o` have a reset, so that every FPGA family infers
// its block RAM; what is read must have been written before. Addresses stay below DEPTH.
module dtv1_bram_sp #(
    parameter  int unsigned WIDTH  = 16,
    parameter  int unsigned DEPTH  = 512,
    localparam int unsigned ADDR_W = (DEPTH > 1) ? $clog2(DEPTH) : 1
) (
    input  logic              clk_i,
    input  logic              en_i,
    input  logic              we_i,
    input  logic [ADDR_W-1:0] addr_i,
    input  logic [ WIDTH-1:0] wdata_i,
    output logic [ WIDTH-1:0] rdata_o
);

  logic [WIDTH-1:0] mem[DEPTH];
  logic [WIDTH-1:0] rdata_q;

  always_ff @(posedge clk_i) begin : p_port
    if (en_i) begin
      if (we_i) mem[addr_i] <= wdata_i;
      rdata_q <= mem[addr_i];
    end
  end

  assign rdata_o = rdata_q;

endmodule
