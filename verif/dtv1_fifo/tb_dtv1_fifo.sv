// FIFOs of many shapes behind one set of ports; `sel_i` chooses the one that is used. Words are as
// wide as the widest; a narrower FIFO passes the low bits.
module tb (
    input  logic        clk_i,
    input  logic        rst_ni,
    input  logic [ 3:0] sel_i,
    input  logic        clr_i,
    input  logic        valid_i,
    output logic        ready_o,
    input  logic [71:0] data_i,
    output logic        valid_o,
    input  logic        ready_i,
    output logic [71:0] data_o,
    output logic [ 6:0] count_o
);

  // env.py lists the same shapes; the first half falls through, the second half does not.
  localparam int unsigned NUM_SHAPES = 5;
  localparam int unsigned WIDTHS[NUM_SHAPES] = '{8, 1, 33, 16, 72};
  localparam int unsigned DEPTHS[NUM_SHAPES] = '{1, 2, 3, 5, 64};
  localparam int unsigned NUM_FIFOS = 2 * NUM_SHAPES;

  logic [NUM_FIFOS-1:0] ready, valid;
  logic [71:0] data [NUM_FIFOS];
  logic [ 6:0] count[NUM_FIFOS];

  assign ready_o = ready[sel_i];
  assign valid_o = valid[sel_i];
  assign data_o  = data[sel_i];
  assign count_o = count[sel_i];

  for (genvar i = 0; i < NUM_FIFOS; i++) begin : gen_fifo
    localparam int unsigned WIDTH = WIDTHS[i%NUM_SHAPES];
    localparam int unsigned DEPTH = DEPTHS[i%NUM_SHAPES];
    logic selected;
    logic [WIDTH-1:0] data_out;
    logic [$clog2(DEPTH+1)-1:0] count_out;

    assign selected = sel_i == 4'(i);
    assign data[i]  = 72'(data_out);
    assign count[i] = 7'(count_out);

    dtv1_fifo #(
        .WIDTH(WIDTH),
        .DEPTH(DEPTH),
        .FWFT (i < NUM_SHAPES)
    ) dut (
        .clk_i,
        .rst_ni,
        .clr_i,
        .valid_i(valid_i && selected),
        .ready_o(ready[i]),
        .data_i (data_i[WIDTH-1:0]),
        .valid_o(valid[i]),
        .ready_i(ready_i && selected),
        .data_o (data_out),
        .count_o(count_out)
    );
  end

endmodule
