// The model of a FIFO: its words in order, the oldest in element 0, and how many there are.
module formal_words #(
    parameter int unsigned WIDTH = 2,
    parameter int unsigned DEPTH = 3
) (
    input  logic                        clk_i,
    input  logic                        rst_ni,
    input  logic                        clr_i,
    input  logic                        push_i,
    input  logic                        pop_i,
    input  logic [WIDTH-1:0]            data_i,
    output logic [DEPTH-1:0][WIDTH-1:0] words_o,
    output logic [     31:0]            count_o
);

  logic [DEPTH-1:0][WIDTH-1:0] words_d, words_q;
  logic [31:0] count_d, count_q;

  always_comb begin : model
    words_d = words_q;
    count_d = count_q;
    if (pop_i) begin
      for (int unsigned i = 0; i + 1 < DEPTH; i++) words_d[i] = words_q[i+1];
      count_d = count_q - 1;
    end
    if (push_i) begin
      for (int unsigned i = 0; i < DEPTH; i++) if (i == count_d) words_d[i] = data_i;
      count_d = count_d + 1;
    end
    if (clr_i) count_d = 0;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) count_q <= 0;
    else count_q <= count_d;
  end

  always_ff @(posedge clk_i) begin : payload
    words_q <= words_d;
  end

  assign words_o = words_q;
  assign count_o = count_q;

endmodule
