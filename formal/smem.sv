// Proof of dtv1_smem in the smallest configuration, for all inputs: no request is lost or doubled,
// no answer comes without a request or without room, and a read that heads its queue while nobody
// writes to its bank waits for the other two readers at most.
module smem
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
  import dtv1_pkg::LANE_W;
  import dtv1_pkg::SMEM_ADDR_W;
#(
    localparam int unsigned READERS = 3,
    localparam int unsigned WRITERS = 2,
    localparam int unsigned BANKS = 2,
    localparam int unsigned REQ_DEPTH = 4,
    localparam int unsigned RSP_DEPTH = 5,
    localparam int unsigned READ_LAT = 3
) (
    input logic                                            clk_i,
    input logic [READERS-1:0]                              rreq_valid_i,
    input logic [READERS-1:0][SMEM_ADDR_W-1:0]             rreq_addr_i,
    input logic [READERS-1:0][       LANE_W:0]             rreq_sel_i,
    input logic [READERS-1:0]                              rrsp_ready_i,
    input logic [WRITERS-1:0]                              wreq_valid_i,
    input logic [WRITERS-1:0][SMEM_ADDR_W-1:0]             wreq_addr_i,
    input logic [WRITERS-1:0][       LANE_W:0]             wreq_sel_i,
    input logic [WRITERS-1:0][     NUM_PE-1:0][DATA_W-1:0] wreq_data_i
);

  logic rst_n;
  logic [READERS-1:0] rreq_ready, rrsp_valid;
  logic [READERS-1:0][NUM_PE-1:0][DATA_W-1:0] unused_rrsp_data;
  logic [WRITERS-1:0] wreq_ready, wbusy;

  formal_reset u_reset (
      .clk_i,
      .rst_no(rst_n)
  );

  dtv1_smem dut (
      .clk_i,
      .rst_ni      (rst_n),
      .rreq_valid_i,
      .rreq_ready_o(rreq_ready),
      .rreq_addr_i,
      .rreq_sel_i,
      .rrsp_valid_o(rrsp_valid),
      .rrsp_ready_i,
      .rrsp_data_o (unused_rrsp_data),
      .wreq_valid_i,
      .wreq_ready_o(wreq_ready),
      .wreq_addr_i,
      .wreq_sel_i,
      .wreq_data_i,
      .wbusy_o     (wbusy)
  );

  for (genvar r = 0; r < READERS; r++) begin : gen_reader
    // Requests accepted and not answered; answers on their way through the banks.
    logic [31:0] open_q, on_the_way;
    logic [READ_LAT-1:0] low, high;
    logic accepts, answers;

    assign accepts = rreq_valid_i[r] && rreq_ready[r];
    assign answers = rrsp_valid[r] && rrsp_ready_i[r];

    for (genvar k = 0; k < READ_LAT; k++) begin : gen_stage
      assign low[k]  = dut.gen_bank[0].tag_q[k].reader[r];
      assign high[k] = dut.gen_bank[1].tag_q[k].reader[r];
    end
    assign on_the_way = 32'($countones(low)) + 32'($countones(high));

    // Cycles in which it asked for a bank that nobody wrote to, in vain.
    logic [1:0] vain_q;
    logic asks, rivalled;
    assign asks = dut.rhead_valid[r] && dut.room[r];
    assign rivalled = dut.rhead[r].bank ? dut.gen_bank[1].wreq != '0 : dut.gen_bank[0].wreq != '0;

    always_ff @(posedge clk_i or negedge rst_n) begin : state
      if (!rst_n) begin
        open_q <= 0;
        vain_q <= '0;
      end else begin
        open_q <= open_q + 32'(accepts) - 32'(answers);
        vain_q <= (asks && !rivalled && !dut.rhead_ready[r]) ? vain_q + 1 : '0;
      end
    end

    always_ff @(posedge clk_i) begin : properties
      if (rst_n) begin
        // Every request waits in its queue, is on its way, or is answered; each answer is to one.
        Conserved_A :
        assert (open_q == 32'(dut.gen_read[r].u_req.count_q) + on_the_way
                              + 32'(dut.gen_read[r].u_rsp.count_q));
        NoneMadeUp_A : assert (!rrsp_valid[r] || open_q != 0);
        Bounded_A : assert (32'(vain_q) < READERS);

        // The inside.
        Owed_A :
        assert (32'(dut.gen_read[r].owed_q) == on_the_way + 32'(dut.gen_read[r].u_rsp.count_q));
        OneBank_A : assert ((low & high) == '0);
      end
    end

    formal_fifo_inside #(
        .DEPTH(REQ_DEPTH)
    ) u_req (
        .clk_i,
        .rst_ni (rst_n),
        .count_i(32'(dut.gen_read[r].u_req.count_q)),
        .ahead_i(1'b0),
        .raddr_i(32'(dut.gen_read[r].u_req.raddr_q)),
        .waddr_i(32'(dut.gen_read[r].u_req.waddr_q))
    );

    formal_fifo_inside #(
        .DEPTH(RSP_DEPTH)
    ) u_rsp (
        .clk_i,
        .rst_ni (rst_n),
        .count_i(32'(dut.gen_read[r].u_rsp.count_q)),
        .ahead_i(1'b0),
        .raddr_i(32'(dut.gen_read[r].u_rsp.raddr_q)),
        .waddr_i(32'(dut.gen_read[r].u_rsp.waddr_q))
    );
  end

  for (genvar w = 0; w < WRITERS; w++) begin : gen_writer
    // Writes accepted and not granted, and cycles in which the first of them was not granted.
    logic [31:0] open_q;
    logic vain_q;
    logic granted;
    assign granted = dut.wgnt[0][w] || dut.wgnt[1][w];

    always_ff @(posedge clk_i or negedge rst_n) begin : state
      if (!rst_n) begin
        open_q <= 0;
        vain_q <= 1'b0;
      end else begin
        open_q <= open_q + 32'(wreq_valid_i[w] && wreq_ready[w]) - 32'(granted);
        vain_q <= wbusy[w] && !granted;
      end
    end

    always_ff @(posedge clk_i) begin : properties
      if (rst_n) begin
        Conserved_A : assert (open_q == 32'(dut.gen_write[w].u_req.count_q));
        Busy_A : assert (wbusy[w] == (open_q != 0));
        OnceOnly_A : assert (!(dut.wgnt[0][w] && dut.wgnt[1][w]) && (!granted || wbusy[w]));
        Bounded_A : assert (!(vain_q && wbusy[w] && !granted));
      end
    end

    formal_fifo_inside #(
        .DEPTH(REQ_DEPTH)
    ) u_req (
        .clk_i,
        .rst_ni (rst_n),
        .count_i(32'(dut.gen_write[w].u_req.count_q)),
        .ahead_i(1'b0),
        .raddr_i(32'(dut.gen_write[w].u_req.raddr_q)),
        .waddr_i(32'(dut.gen_write[w].u_req.waddr_q))
    );
  end

  for (genvar b = 0; b < BANKS; b++) begin : gen_bank
    // An access of the bank is one grant, and a read's tag is the grant of that cycle.
    logic [READERS-1:0] rgnt_q;

    always_ff @(posedge clk_i or negedge rst_n) begin : state
      if (!rst_n) rgnt_q <= '0;
      else rgnt_q <= dut.rgnt[b];
    end

    always_ff @(posedge clk_i) begin : properties
      if (rst_n) begin
        OneAccess_A : assert ($onehot0({dut.rgnt[b], dut.wgnt[b]}));
        Tagged_A : assert (dut.gen_bank[b].tag_q[0].reader == rgnt_q);
      end
    end
  end

endmodule
