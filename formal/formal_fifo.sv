// Proof of dtv1_fifo: it keeps up to DEPTH words, gives them in the order in which they came, and
// its flags tell the truth in every cycle, for all inputs. The assertions on the inside are what
// makes the induction end: they say where in the RAM each word of the model stands.
module formal_fifo #(
    parameter int unsigned DEPTH = 3,
    parameter bit FWFT = 1'b1,
    localparam int unsigned WIDTH = 2,
    localparam int unsigned COUNT_W = $clog2(DEPTH + 1)
) (
    input logic             clk_i,
    input logic             rst_ni,
    input logic             clr_i,
    input logic             valid_i,
    input logic             ready_i,
    input logic [WIDTH-1:0] data_i
);

  logic ready, valid, push, pop;
  logic [  WIDTH-1:0] data;
  logic [COUNT_W-1:0] count;

  dtv1_fifo #(
      .WIDTH(WIDTH),
      .DEPTH(DEPTH),
      .FWFT (FWFT)
  ) dut (
      .clk_i,
      .rst_ni,
      .clr_i,
      .valid_i,
      .ready_o(ready),
      .data_i,
      .valid_o(valid),
      .ready_i,
      .data_o (data),
      .count_o(count)
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
      .clr_i,
      .push_i (push),
      .pop_i  (pop),
      .data_i,
      .words_o(words),
      .count_o(words_in)
  );

  // The word that a FIFO which does not fall through shows: the one that was taken last.
  logic taken_any_q;
  logic [WIDTH-1:0] taken_q;
  logic late_q;  // there was a word, but none to see

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      taken_any_q <= 1'b0;
      late_q      <= 1'b0;
    end else begin
      taken_any_q <= taken_any_q || pop;
      late_q      <= words_in != 0 && !valid && !clr_i;
    end
  end

  always_ff @(posedge clk_i) begin : payload
    if (pop) taken_q <= words[0];
  end

  // Where the model's words stand: `ahead` of them are in the output register.
  logic ahead;
  int unsigned raddr, waddr;

  if (FWFT) begin : gen_ahead
    assign ahead = dut.gen_fwft.shown_q;
  end else begin : gen_none_ahead
    assign ahead = 1'b0;
  end

  assign raddr = 32'(dut.raddr_q);
  assign waddr = 32'(dut.waddr_q);

  always_ff @(posedge clk_i) begin : properties
    if (rst_ni) begin
      Count_A : assert (32'(count) == words_in && words_in <= DEPTH);
      Ready_A : assert (ready == (words_in != DEPTH));
      NoneMadeUp_A : assert (!valid || words_in != 0);
      Shows_A : assert (FWFT ? !(late_q && words_in != 0 && !valid) : valid == (words_in != 0));
      if (FWFT && valid) begin
        Order_A : assert (data == words[0]);
      end
      if (!FWFT && taken_any_q) begin
        Taken_A : assert (data == taken_q);
      end

      // The inside.
      Ahead_A : assert (!ahead || words_in != 0);
      Range_A : assert (raddr < DEPTH && waddr < DEPTH);
      Pointers_A : assert (waddr == (raddr + words_in - 32'(ahead)) % DEPTH);
      for (int unsigned i = 0; i < DEPTH; i++) begin
        if ((i != 0 || !ahead) && i < words_in) begin
          assert (dut.u_ram.gen_plain.ram[(raddr+i-32'(ahead))%DEPTH] == words[i]);
        end
      end
    end
  end

endmodule
