// Simple dual-port RAMs of many shapes behind one set of ports; `sel_i` chooses the one that is
// used. Words and addresses are as wide as the widest.
module tb (
    input  logic        clk_i,
    input  logic [ 2:0] sel_i,
    input  logic        we_i,
    input  logic [ 8:0] waddr_i,
    input  logic [63:0] wdata_i,
    input  logic        re_i,
    input  logic [ 8:0] raddr_i,
    output logic [63:0] rdata_o
);

  // env.py lists the same shapes.
  localparam int unsigned NUM_SHAPES = 5;
  localparam int unsigned WIDTHS[NUM_SHAPES] = '{16, 1, 40, 64, 16};
  localparam int unsigned DEPTHS[NUM_SHAPES] = '{512, 2, 5, 1, 16};
  localparam bit COLLIDES[NUM_SHAPES] = '{1'b1, 1'b1, 1'b1, 1'b1, 1'b0};

  logic [63:0] rdata[NUM_SHAPES];
  assign rdata_o = rdata[sel_i];

  for (genvar i = 0; i < NUM_SHAPES; i++) begin : gen_ram
    localparam int unsigned WIDTH = WIDTHS[i];
    localparam int unsigned ADDR_W = (DEPTHS[i] > 1) ? $clog2(DEPTHS[i]) : 1;
    logic selected;
    logic [WIDTH-1:0] data_out;

    assign selected = sel_i == 3'(i);
    assign rdata[i] = 64'(data_out);

    dtv1_bram_sdp #(
        .WIDTH  (WIDTH),
        .DEPTH  (DEPTHS[i]),
        .COLLIDE(COLLIDES[i])
    ) dut (
        .clk_i,
        .we_i   (we_i && selected),
        .waddr_i(waddr_i[ADDR_W-1:0]),
        .wdata_i(wdata_i[WIDTH-1:0]),
        .re_i   (re_i && selected),
        .raddr_i(raddr_i[ADDR_W-1:0]),
        .rdata_o(data_out)
    );
  end

endmodule
