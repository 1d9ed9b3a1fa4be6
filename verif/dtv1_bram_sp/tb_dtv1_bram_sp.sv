// Single-port RAMs of many shapes behind one set of ports; `sel_i` chooses the one that is used.
// Words and addresses are as wide as the widest.
module tb (
    input  logic        clk_i,
    input  logic [ 1:0] sel_i,
    input  logic        en_i,
    input  logic        we_i,
    input  logic [ 8:0] addr_i,
    input  logic [63:0] wdata_i,
    output logic [63:0] rdata_o
);

  // env.py lists the same shapes.
  localparam int unsigned NUM_SHAPES = 4;
  localparam int unsigned WIDTHS[NUM_SHAPES] = '{16, 1, 40, 64};
  localparam int unsigned DEPTHS[NUM_SHAPES] = '{512, 2, 5, 1};

  logic [63:0] rdata[NUM_SHAPES];
  assign rdata_o = rdata[sel_i];

  for (genvar i = 0; i < NUM_SHAPES; i++) begin : gen_ram
    localparam int unsigned WIDTH = WIDTHS[i];
    localparam int unsigned ADDR_W = (DEPTHS[i] > 1) ? $clog2(DEPTHS[i]) : 1;
    logic [WIDTH-1:0] data_out;

    assign rdata[i] = 64'(data_out);

    dtv1_bram_sp #(
        .WIDTH(WIDTH),
        .DEPTH(DEPTHS[i])
    ) dut (
        .clk_i,
        .en_i   (en_i && sel_i == 2'(i)),
        .we_i,
        .addr_i (addr_i[ADDR_W-1:0]),
        .wdata_i(wdata_i[WIDTH-1:0]),
        .rdata_o(data_out)
    );
  end

endmodule
