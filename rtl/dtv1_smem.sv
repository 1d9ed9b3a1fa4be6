// The shared memory: SMEM_WORDS words of NUM_PE lanes in two banks, behind three read and two write
// channels.
//
// The top address bit is the bank. Each bank does one access a cycle: a write if one waits, else a
// read (see dtv1_smem_arb). The select field of a request is {lane?, lane}: a lane read gives the
// lane's value in lane 0 and zero in the others, a lane write takes its value from lane 0 and
// leaves the other lanes of the word.
//
// A request waits in its channel's FIFO; the accesses of a bank happen in the order of their
// grants, so a read sees exactly the writes that were granted before it (docs/memory.md). `wbusy_o`
// says for each write channel that an accepted write of it has not been granted. Answers come in
// order within a channel; a read is granted only if its answer has a place to wait, so a channel
// that does not take its answers holds up nobody else.
`include "dtv1_assert.svh"

module dtv1_smem
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
  import dtv1_pkg::LANE_W;
  import dtv1_pkg::SMEM_ADDR_W;
#(
    localparam int unsigned READERS = 3,
    localparam int unsigned WRITERS = 2
) (
    input logic clk_i,
    input logic rst_ni,

    input  logic [READERS-1:0]                  rreq_valid_i,
    output logic [READERS-1:0]                  rreq_ready_o,
    input  logic [READERS-1:0][SMEM_ADDR_W-1:0] rreq_addr_i,
    input  logic [READERS-1:0][       LANE_W:0] rreq_sel_i,

    output logic [READERS-1:0]                         rrsp_valid_o,
    input  logic [READERS-1:0]                         rrsp_ready_i,
    output logic [READERS-1:0][NUM_PE-1:0][DATA_W-1:0] rrsp_data_o,

    input  logic [WRITERS-1:0]                              wreq_valid_i,
    output logic [WRITERS-1:0]                              wreq_ready_o,
    input  logic [WRITERS-1:0][SMEM_ADDR_W-1:0]             wreq_addr_i,
    input  logic [WRITERS-1:0][       LANE_W:0]             wreq_sel_i,
    input  logic [WRITERS-1:0][     NUM_PE-1:0][DATA_W-1:0] wreq_data_i,

    output logic [WRITERS-1:0] wbusy_o
);

  localparam int unsigned BANKS = 2;
  localparam int unsigned BANK_ADDR_W = SMEM_ADDR_W - 1;
  localparam int unsigned REQ_DEPTH = 4;
  // Cycles from a read's grant to its word: the bank's two registers and its RAM.
  localparam int unsigned READ_LAT = 3;
  // Answers on their way or waiting: the way, the FIFO, and the cycle that gives the place back.
  localparam int unsigned RSP_DEPTH = READ_LAT + 2;
  localparam int unsigned RSP_COUNT_W = $clog2(RSP_DEPTH + 1);

  typedef logic [NUM_PE-1:0][DATA_W-1:0] word_t;

  typedef struct packed {
    logic bank;
    logic [BANK_ADDR_W-1:0] addr;
    logic [LANE_W:0] sel;
  } read_t;

  typedef struct packed {
    logic bank;
    logic [BANK_ADDR_W-1:0] addr;
    logic [LANE_W:0] sel;
    word_t data;
  } write_t;

  // What is known of a word on its way out of a bank.
  typedef struct packed {
    logic [READERS-1:0] reader;  // one hot; none if there is no word
    logic [LANE_W:0] sel;
  } tag_t;

  read_t  [READERS-1:0] rhead;
  write_t [WRITERS-1:0] whead;
  logic [READERS-1:0] rhead_valid, rhead_ready, room;
  logic [WRITERS-1:0] whead_valid, whead_ready;
  logic [BANKS-1:0][READERS-1:0] rgnt;
  logic [BANKS-1:0][WRITERS-1:0] wgnt;
  tag_t [BANKS-1:0] tag;  // of the word that leaves the bank
  word_t [BANKS-1:0] bank_word;

  for (genvar w = 0; w < WRITERS; w++) begin : gen_write
    dtv1_smem_fifo #(
        .WIDTH($bits(write_t)),
        .DEPTH(REQ_DEPTH)
    ) u_req (
        .clk_i,
        .rst_ni,
        .valid_i(wreq_valid_i[w]),
        .ready_o(wreq_ready_o[w]),
        .data_i ({wreq_addr_i[w], wreq_sel_i[w], wreq_data_i[w]}),
        .valid_o(whead_valid[w]),
        .ready_i(whead_ready[w]),
        .data_o (whead[w])
    );

    assign whead_ready[w] = wgnt[0][w] | wgnt[1][w];
  end

  assign wbusy_o = whead_valid;

  for (genvar b = 0; b < BANKS; b++) begin : gen_bank
    logic [READERS-1:0] rreq;
    logic [WRITERS-1:0] wreq;
    logic [BANK_ADDR_W-1:0] addr;
    logic [LANE_W:0] sel;
    word_t wdata;
    tag_t [READ_LAT-1:0] tag_q;  // element k: of the read that was granted k + 1 cycles ago

    for (genvar r = 0; r < READERS; r++) begin : gen_rreq
      assign rreq[r] = rhead_valid[r] & room[r] & (rhead[r].bank == 1'(b));
    end
    for (genvar w = 0; w < WRITERS; w++) begin : gen_wreq
      assign wreq[w] = whead_valid[w] & (whead[w].bank == 1'(b));
    end

    dtv1_smem_arb #(
        .WRITERS(WRITERS),
        .READERS(READERS)
    ) u_arb (
        .clk_i,
        .rst_ni,
        .wreq_i(wreq),
        .wgnt_o(wgnt[b]),
        .rreq_i(rreq),
        .rgnt_o(rgnt[b])
    );

    always_comb begin : select
      addr  = '0;
      sel   = '0;
      wdata = '0;
      for (int unsigned r = 0; r < READERS; r++) begin
        addr |= rhead[r].addr & {BANK_ADDR_W{rgnt[b][r]}};
        sel |= rhead[r].sel & {(LANE_W + 1) {rgnt[b][r]}};
      end
      for (int unsigned w = 0; w < WRITERS; w++) begin
        addr |= whead[w].addr & {BANK_ADDR_W{wgnt[b][w]}};
        sel |= whead[w].sel & {(LANE_W + 1) {wgnt[b][w]}};
        wdata |= whead[w].data & {(NUM_PE * DATA_W) {wgnt[b][w]}};
      end
    end

    dtv1_smem_bank u_bank (
        .clk_i,
        .rst_ni,
        .en_i   (|{rgnt[b], wgnt[b]}),
        .we_i   (|wgnt[b]),
        .addr_i (addr),
        .sel_i  (sel),
        .wdata_i(wdata),
        .rdata_o(bank_word[b])
    );

    always_ff @(posedge clk_i or negedge rst_ni) begin : tag_pipe
      if (!rst_ni) tag_q <= '0;
      else tag_q <= {tag_q[READ_LAT-2:0], rgnt[b], sel};
    end

    assign tag[b] = tag_q[READ_LAT-1];
  end

  for (genvar r = 0; r < READERS; r++) begin : gen_read
    logic rsp_valid, rsp_ready, from;
    logic [LANE_W:0] sel;
    word_t word, rsp;
    logic [RSP_COUNT_W-1:0] owed_d, owed_q;  // answers on their way or waiting
    logic grant, taken;

    dtv1_smem_fifo #(
        .WIDTH($bits(read_t)),
        .DEPTH(REQ_DEPTH)
    ) u_req (
        .clk_i,
        .rst_ni,
        .valid_i(rreq_valid_i[r]),
        .ready_o(rreq_ready_o[r]),
        .data_i ({rreq_addr_i[r], rreq_sel_i[r]}),
        .valid_o(rhead_valid[r]),
        .ready_i(rhead_ready[r]),
        .data_o (rhead[r])
    );

    assign grant = rgnt[0][r] | rgnt[1][r];
    assign rhead_ready[r] = grant;
    assign taken = rrsp_valid_o[r] & rrsp_ready_i[r];
    assign room[r] = owed_q != RSP_COUNT_W'(RSP_DEPTH);
    assign owed_d = owed_q + RSP_COUNT_W'(grant) - RSP_COUNT_W'(taken);

    always_ff @(posedge clk_i or negedge rst_ni) begin : owed
      if (!rst_ni) owed_q <= '0;
      else owed_q <= owed_d;
    end

    assign from = tag[1].reader[r];
    assign rsp_valid = tag[0].reader[r] | tag[1].reader[r];
    assign word = bank_word[from];
    assign sel = tag[from].sel;

    always_comb begin : pick_lane
      rsp = word;
      if (sel[LANE_W]) begin
        rsp = '0;
        rsp[0] = word[sel[LANE_W-1:0]];
      end
    end

    dtv1_smem_fifo #(
        .WIDTH($bits(word_t)),
        .DEPTH(RSP_DEPTH)
    ) u_rsp (
        .clk_i,
        .rst_ni,
        .valid_i(rsp_valid),
        .ready_o(rsp_ready),
        .data_i (rsp),
        .valid_o(rrsp_valid_o[r]),
        .ready_i(rrsp_ready_i[r]),
        .data_o (rrsp_data_o[r])
    );

    `DTV1_ASSERT(Room_A, !rsp_valid || rsp_ready)
    `DTV1_ASSERT(OneBank_A, !(tag[0].reader[r] && tag[1].reader[r]))
    `DTV1_ASSERT(Owed_A, 32'(owed_q) <= RSP_DEPTH)
  end

endmodule
