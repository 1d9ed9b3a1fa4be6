// FIFOs of many shapes behind one set of ports; `sel_i` chooses the one that is used. Words are as
// wide as the widest; a narrower FIFO passes the low bits.
module tb (
    input  logic        clk_i,
    input  logic        rst_ni,
    input  logic [ 2:0] sel_i,
    input  logic        valid_i,
    output logic        ready_o,
    input  logic [71:0] data_i,
    output logic        valid_o,
    input  logic        ready_i,
    output logic [71:0] data_o
);

  // env.py lists the same shapes.
  localparam int unsigned NUM_SHAPES = 5;
  localparam int unsigned WIDTHS[NUM_SHAPES] = '{8, 1, 33, 72, 16};
  localparam int unsigned DEPTHS[NUM_SHAPES] = '{1, 2, 3, 4, 5};

  logic [NUM_SHAPES-1:0] ready, valid;
  logic [71:0] data[NUM_SHAPES];

  assign ready_o = ready[sel_i];
  assign valid_o = valid[sel_i];
  assign data_o  = data[sel_i];

  for (genvar i = 0; i < NUM_SHAPES; i++) begin : gen_fifo
    localparam int unsigned WIDTH = WIDTHS[i];
    logic selected;
    logic [WIDTH-1:0] data_out;

    assign selected = sel_i == 3'(i);
    assign data[i]  = 72'(data_out);

    dtv1_smem_fifo #(
        .WIDTH(WIDTH),
        .DEPTH(DEPTHS[i])
    ) dut (
        .clk_i,
        .rst_ni,
        .valid_i(valid_i && selected),
        .ready_o(ready[i]),
        .data_i (data_i[WIDTH-1:0]),
        .valid_o(valid[i]),
        .ready_i(ready_i && selected),
        .data_o (data_out)
    );
  end

endmodule
