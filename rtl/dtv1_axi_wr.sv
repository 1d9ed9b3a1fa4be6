// Write side of the data mover (S2MM): commands and a stream of words in, AXI4 write bursts out.
//
// A burst is begun when all its words are here: the bus never waits for words that are still to be
// computed (a memory that does one thing at a time would hold up the reads that they are computed
// from), and a burst that was begun can always be finished, whatever happens to the source.
//
// `done_o` says for a cycle that the memory has answered the last burst of a command, and all
// before it, without an error. After an error answer, or words whose `last` disagrees with their
// command (ERR_SIZE; that word and all behind it leave without strobes), no command is done.
module dtv1_axi_wr
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
#(
    parameter int unsigned MAX_BURST = 64,
    parameter int unsigned WRITES = 64,
    localparam int unsigned AXI_ADDR_W = 32,
    localparam int unsigned AXI_LEN_W = 8,
    localparam int unsigned STRB_W = NUM_PE * DATA_W / 8
) (
    input logic clk_i,
    input logic rst_ni,

    input logic stop_i,

    input  logic              cmd_valid_i,
    output logic              cmd_ready_o,
    input  dtv1_pkg::dm_cmd_t cmd_i,

    input  logic                          wr_valid_i,
    output logic                          wr_ready_o,
    input  logic [NUM_PE-1:0][DATA_W-1:0] wr_data_i,
    input  logic                          wr_last_i,   // of its command

    output logic                              axi_awvalid_o,
    input  logic                              axi_awready_i,
    output logic [AXI_ADDR_W-1:0]             axi_awaddr_o,
    output logic [ AXI_LEN_W-1:0]             axi_awlen_o,
    output logic                              axi_wvalid_o,
    input  logic                              axi_wready_i,
    output logic [    NUM_PE-1:0][DATA_W-1:0] axi_wdata_o,
    output logic [    STRB_W-1:0]             axi_wstrb_o,
    output logic                              axi_wlast_o,
    input  logic                              axi_bvalid_i,
    output logic                              axi_bready_o,
    input  logic [           1:0]             axi_bresp_i,

    output logic           done_o,
    output dtv1_pkg::err_e err_o,
    output logic           quiet_o
);

  // Room for a burst that leaves and one that comes in.
  localparam int unsigned DATA_DEPTH = 2 * MAX_BURST;
  localparam int unsigned COUNT_W = $clog2(DATA_DEPTH + 1);
  // Answers SLVERR and DECERR have this bit, OKAY has not.
  localparam int unsigned RESP_ERR = 1;

  dtv1_pkg::err_e err_d, err_q;
  logic halt, refused, cut_busy;
  logic burst_valid, burst_ready, burst_last, issue;
  logic [AXI_ADDR_W-1:0] burst_addr;
  logic [ AXI_LEN_W-1:0] burst_len;

  assign halt  = stop_i | (err_q != dtv1_pkg::ERR_NONE);
  assign err_o = err_q;

  dtv1_axi_split #(
      .MAX_BURST(MAX_BURST)
  ) u_split (
      .clk_i,
      .rst_ni,
      .halt_i       (halt),
      .cmd_valid_i,
      .cmd_ready_o,
      .cmd_i,
      .burst_valid_o(burst_valid),
      .burst_ready_i(burst_ready),
      .burst_addr_o (burst_addr),
      .burst_len_o  (burst_len),
      .burst_last_o (burst_last),
      .refused_o    (refused),
      .busy_o       (cut_busy)
  );

  // Words that wait, and those of them that no burst has been begun for.
  logic word_valid, word_last, word_take, push, clear;
  logic [COUNT_W-1:0] words, free_d, free_q;

  assign wr_ready_o = words != COUNT_W'(DATA_DEPTH) & ~stop_i;
  assign push       = wr_valid_i & wr_ready_o;

  logic unused_ready;
  dtv1_fifo #(
      .WIDTH(NUM_PE * DATA_W + 1),
      .DEPTH(DATA_DEPTH)
  ) u_data (
      .clk_i,
      .rst_ni,
      .clr_i  (clear),
      .valid_i(push),
      .ready_o(unused_ready),
      .data_i ({wr_last_i, wr_data_i}),
      .valid_o(word_valid),
      .ready_i(word_take),
      .data_o ({word_last, axi_wdata_o}),
      .count_o(words)
  );

  always_comb begin : free_next
    free_d = free_q + COUNT_W'(push);
    if (issue) free_d = free_d - COUNT_W'(burst_len) - COUNT_W'(1);
    if (clear) free_d = '0;
  end

  // Addresses: an offered one stays, stop or not.
  logic awvalid_d, awvalid_q, flow_ready, flight_ready, all_here;

  assign all_here      = free_q > COUNT_W'(burst_len);
  assign burst_ready   = all_here & flow_ready & flight_ready & (~awvalid_q | axi_awready_i);
  assign issue         = burst_valid & burst_ready;
  assign awvalid_d     = issue | (awvalid_q & ~axi_awready_i);
  assign axi_awvalid_o = awvalid_q;

  always_ff @(posedge clk_i) begin : address
    if (issue) begin
      axi_awaddr_o <= burst_addr;
      axi_awlen_o  <= burst_len;
    end
  end

  // Bursts whose words have not all left.
  logic flow, flow_last;
  logic [AXI_LEN_W-1:0] flow_len, beat_d, beat_q;
  logic mismatch, bad_d, bad_q;

  dtv1_smem_fifo #(
      .WIDTH(AXI_LEN_W + 1),
      .DEPTH(WRITES)
  ) u_flow (
      .clk_i,
      .rst_ni,
      .valid_i(issue),
      .ready_o(flow_ready),
      .data_i ({burst_last, burst_len}),
      .valid_o(flow),
      .ready_i(word_take & axi_wlast_o),
      .data_o ({flow_last, flow_len})
  );

  assign axi_wvalid_o = flow & word_valid;
  assign axi_wlast_o  = beat_q == flow_len;
  assign word_take    = flow & axi_wready_i;
  assign mismatch     = word_last != (flow_last & axi_wlast_o);
  assign clear        = stop_i & ~flow;

  always_comb begin : beat_next
    beat_d = beat_q;
    if (axi_wvalid_o && axi_wready_i) beat_d = axi_wlast_o ? '0 : beat_q + 1'b1;
  end

  // Answers.
  logic flight, flight_last, answer, answer_bad, size_bad, done_d, done_q;
  logic cut_q;  // words without strobes from here on
  logic unused_resp;

  assign unused_resp  = axi_bresp_i[0];
  assign axi_bready_o = 1'b1;
  assign answer       = axi_bvalid_i & flight;
  assign answer_bad   = answer & axi_bresp_i[RESP_ERR];
  assign size_bad     = axi_wvalid_o & axi_wready_i & mismatch;
  assign bad_d        = bad_q | answer_bad | size_bad;
  assign done_d       = answer & flight_last & ~answer_bad & ~bad_q;
  assign done_o       = done_q;
  assign axi_wstrb_o  = {STRB_W{~(mismatch | cut_q)}};

  dtv1_smem_fifo #(
      .WIDTH(1),
      .DEPTH(WRITES)
  ) u_flight (
      .clk_i,
      .rst_ni,
      .valid_i(issue),
      .ready_o(flight_ready),
      .data_i (burst_last),
      .valid_o(flight),
      .ready_i(answer),
      .data_o (flight_last)
  );

  // The first error stays.
  always_comb begin : error
    err_d = err_q;
    if (err_q == dtv1_pkg::ERR_NONE) begin
      if (answer_bad) err_d = dtv1_pkg::ERR_AXI;
      else if (size_bad) err_d = dtv1_pkg::ERR_SIZE;
      else if (refused) err_d = dtv1_pkg::ERR_ADDRESS;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      awvalid_q <= 1'b0;
      free_q    <= '0;
      beat_q    <= '0;
      bad_q     <= 1'b0;
      cut_q     <= 1'b0;
      done_q    <= 1'b0;
      err_q     <= dtv1_pkg::ERR_NONE;
    end else begin
      awvalid_q <= awvalid_d;
      free_q    <= free_d;
      beat_q    <= beat_d;
      bad_q     <= bad_d;
      cut_q     <= cut_q | size_bad;
      done_q    <= done_d;
      err_q     <= err_d;
    end
  end

  assign quiet_o = ~cut_busy & ~awvalid_q & ~flow & ~flight & (words == '0);

  dtv1_stream_check #(
      .WIDTH(AXI_ADDR_W + AXI_LEN_W)
  ) u_check_aw (
      .clk_i,
      .rst_ni,
      .valid_i(axi_awvalid_o),
      .ready_i(axi_awready_i),
      .data_i ({axi_awaddr_o, axi_awlen_o})
  );

  dtv1_stream_check #(
      .WIDTH(NUM_PE * DATA_W + STRB_W + 1)
  ) u_check_w (
      .clk_i,
      .rst_ni,
      .valid_i(axi_wvalid_o),
      .ready_i(axi_wready_i),
      .data_i ({axi_wdata_o, axi_wstrb_o, axi_wlast_o})
  );

endmodule
