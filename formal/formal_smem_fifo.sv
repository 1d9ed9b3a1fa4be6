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
  logic [DEPTH-1:0][WIDTH-1:0] words_d, words_q;
  logic [31:0] words_in_d, words_in_q;

  always_comb begin : model
    words_d    = words_q;
    words_in_d = words_in_q;
    if (pop) begin
      for (int unsigned i = 0; i + 1 < DEPTH; i++) words_d[i] = words_q[i+1];
      words_in_d = words_in_q - 1;
    end
    if (push) begin
      for (int unsigned i = 0; i < DEPTH; i++) if (i == words_in_d) words_d[i] = data_i;
      words_in_d = words_in_d + 1;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) words_in_q <= 0;
    else words_in_q <= words_in_d;
  end

  always_ff @(posedge clk_i) begin : payload
    words_q <= words_d;
  end

  int unsigned raddr, waddr;
  assign raddr = 32'(dut.raddr_q);
  assign waddr = 32'(dut.waddr_q);

  always_ff @(posedge clk_i) begin : properties
    if (rst_ni) begin
      Ready_A : assert (ready == (words_in_q != DEPTH));
      Valid_A : assert (valid == (words_in_q != 0));
      Order_A : assert (!valid || data == words_q[0]);

      // The inside.
      Count_A : assert (32'(dut.count_q) == words_in_q && words_in_q <= DEPTH);
      Range_A : assert (raddr < DEPTH && waddr < DEPTH);
      Pointers_A : assert (waddr == (raddr + words_in_q) % DEPTH);
      for (int unsigned i = 0; i < DEPTH; i++) begin
        if (i < words_in_q) assert (dut.words[(raddr+i)%DEPTH] == words_q[i]);
      end
      if (dut.u_check.waits_q) assert (dut.u_check.data_q == words_q[0] && words_in_q != 0);
    end
  end

endmodule
