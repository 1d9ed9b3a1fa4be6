// Proof of dtv1_smem_arb, three readers and two writers: one grant a cycle and no idle one, writes
// first, and nobody who keeps asking is passed over by the same rival twice.
module smem_arb #(
    localparam int unsigned READERS = 3,
    localparam int unsigned WRITERS = 2
) (
    input logic               clk_i,
    input logic [WRITERS-1:0] wreq_i,
    input logic [READERS-1:0] rreq_i
);

  logic rst_n;
  logic [WRITERS-1:0] wgnt;
  logic [READERS-1:0] rgnt;

  formal_reset u_reset (
      .clk_i,
      .rst_no(rst_n)
  );

  dtv1_smem_arb #(
      .WRITERS(WRITERS),
      .READERS(READERS)
  ) dut (
      .clk_i,
      .rst_ni(rst_n),
      .wreq_i,
      .wgnt_o(wgnt),
      .rreq_i,
      .rgnt_o(rgnt)
  );

  always_ff @(posedge clk_i) begin : grants
    if (rst_n) begin
      OneGrant_A : assert ($onehot0({wgnt, rgnt}));
      Asked_A : assert ((wgnt & ~wreq_i) == '0 && (rgnt & ~rreq_i) == '0);
      NotIdle_A : assert ((wgnt != '0 || rgnt != '0) == (wreq_i != '0 || rreq_i != '0));
      WritesFirst_A : assert (wreq_i == '0 || rgnt == '0);
    end
  end

  // Rivals that were granted since this one began to ask.
  logic [READERS-1:0][READERS-1:0] rpassed_q;
  logic [WRITERS-1:0][WRITERS-1:0] wpassed_q;

  for (genvar i = 0; i < READERS; i++) begin : gen_reader
    // Cycles without a write in which this one asked in vain.
    logic [1:0] vain_q;

    always_ff @(posedge clk_i or negedge rst_n) begin : count
      if (!rst_n) begin
        rpassed_q[i] <= '0;
        vain_q <= '0;
      end else if (!rreq_i[i] || rgnt[i]) begin
        rpassed_q[i] <= '0;
        vain_q <= '0;
      end else begin
        rpassed_q[i] <= rpassed_q[i] | rgnt;
        if (wreq_i == '0) vain_q <= vain_q + 1;
      end
    end

    always_ff @(posedge clk_i) begin : properties
      if (rst_n && rreq_i[i]) begin
        ReaderPassedOnce_A : assert ((rpassed_q[i] & rgnt) == '0);
        Bounded_A : assert (32'(vain_q) < READERS);
      end
      // The inside: whoever passed comes after this one now, and each cycle in vain was such a one.
      if (rst_n) begin
        ReaderTurn_A : assert (rpassed_q[i] == '0 || turn(dut.rafter_q, i, rpassed_q[i]));
        Vain_A : assert (32'(vain_q) == 32'($countones(rpassed_q[i])));
      end
    end
  end

  // All in `passed` stand behind `me` in the round that begins with the bits of `after`.
  function automatic logic turn(input logic [READERS-1:0] after, input int unsigned me,
                                input logic [READERS-1:0] passed);
    turn = 1'b1;
    for (int unsigned k = 0; k < READERS; k++) begin
      if (passed[k] && !behind(after, k, me)) turn = 1'b0;
    end
  endfunction

  function automatic logic behind(input logic [READERS-1:0] after, input int unsigned k,
                                  input int unsigned me);
    return (after[me] != after[k]) ? after[me] : me < k;
  endfunction

  for (genvar i = 0; i < WRITERS; i++) begin : gen_writer
    always_ff @(posedge clk_i or negedge rst_n) begin : count
      if (!rst_n) wpassed_q[i] <= '0;
      else if (!wreq_i[i] || wgnt[i]) wpassed_q[i] <= '0;
      else wpassed_q[i] <= wpassed_q[i] | wgnt;
    end

    always_ff @(posedge clk_i) begin : properties
      if (rst_n && wreq_i[i]) begin
        WriterPassedOnce_A : assert ((wpassed_q[i] & wgnt) == '0);
      end
    end
  end

  // The inside: the round is one of those that a grant leaves behind.
  always_ff @(posedge clk_i) begin : rounds
    if (rst_n) begin
      ReadRound_A : assert (((dut.rafter_q ^ '1) & ((dut.rafter_q ^ '1) + 1'b1)) == '0);
      WriteRound_A : assert (((dut.wafter_q ^ '1) & ((dut.wafter_q ^ '1) + 1'b1)) == '0);
    end
  end

endmodule
