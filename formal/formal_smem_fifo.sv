// Proof of dtv1_smem_fifo: it keeps up to DEPTH words, gives them in the order in which they came,
// and its flags tell the truth in every cycle, for all inputs.
module formal_smem_fifo #(
    parameter  int unsigned DEPTH = 3,
    localparam int unsigned WIDTH = 2
) (
    input logic             clk_i,
    input logic             rst_ni,
    input logic             valid_i,
    input logic             ready_i,
    input logic [WIDTH-1:0] data_i
);

  logic ready, valid, push, pop;
  logic [WIDTH-1:0] data;

  dtv1_smem_fifo #(
      .WIDTH(WIDTH),
      .DEPTH(DEPTH)
  ) dut (
      .clk_i,
      .rst_ni,
      .valid_i,
      .ready_o(ready),
      .data_i,
      .valid_o(valid),
      .ready_i,
      .data_o (data)
  );

  assign push = valid_i && ready;
  assign pop  = valid && ready_i;

  // The model: words in order, the oldest in element 0.
  logic [DEPTH-1:0][WIDTH-1:0] words;
  logic [31:0] words_in;

  formal_words #(
      .WIDTH(WIDTH),
      .DEPTH(DEPTH)
  ) u_words (
      .clk_i,
      .rst_ni,
      .clr_i  (1'b0),
      .push_i (push),
      .pop_i  (pop),
      .data_i,
      .words_o(words),
      .count_o(words_in)
  );

  int unsigned raddr, waddr;
  assign raddr = 32'(dut.raddr_q);
  assign waddr = 32'(dut.waddr_q);

  always_ff @(posedge clk_i) begin : properties
    if (rst_ni) begin
      Ready_A : assert (ready == (words_in != DEPTH));
      Valid_A : assert (valid == (words_in != 0));
      Order_A : assert (!valid || data == words[0]);

      // The inside.
      Count_A : assert (32'(dut.count_q) == words_in && words_in <= DEPTH);
      Range_A : assert (raddr < DEPTH && waddr < DEPTH);
      Pointers_A : assert (waddr == (raddr + words_in) % DEPTH);
      for (int unsigned i = 0; i < DEPTH; i++) begin
        if (i < words_in) assert (dut.words[(raddr+i)%DEPTH] == words[i]);
      end
      if (dut.u_check.waits_q) assert (dut.u_check.data_q == words[0] && words_in != 0);
    end
  end

endmodule
