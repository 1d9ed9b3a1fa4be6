// Instruction fetch: reads a program from DRAM ahead of need and hands out its instructions in order.
//
// DRAM words and instructions differ in size: a block is one instruction of several words, or one word of
// several instructions, whichever is larger. A block is asked for when there is room for it, so its words
// never wait on the bus. A program that begins within a word gets only what is its own.
`include "dtv1_assert.svh"

module dtv1_ctl_fetch
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
  import dtv1_pkg::INSN_W;
#(
    // Blocks that may be asked for and not be used up.
    parameter  int unsigned AHEAD  = 16,
    localparam int unsigned ADDR_W = 32,
    localparam int unsigned LEN_W  = 32
) (
    input logic clk_i,
    input logic rst_ni,

    input logic              start_i,  // of a program, when the one before has been handed out
    input logic [ADDR_W-1:0] addr_i,   // bytes, a multiple of INSN_BYTES
    input logic [ LEN_W-1:0] length_i, // instructions

    output logic                                       cmd_valid_o,
    input  logic                                       cmd_ready_i,
    output dtv1_pkg::dm_cmd_t                          cmd_o,
    input  logic                                       rd_valid_i,
    output logic                                       rd_ready_o,
    input  logic              [NUM_PE-1:0][DATA_W-1:0] rd_data_i,

    output logic            insn_valid_o,
    input  logic            insn_ready_i,
    output dtv1_pkg::insn_t insn_o,
    output logic            starved_o      // the words that have come do not make an instruction
);

  localparam int unsigned WORD_W = NUM_PE * DATA_W;
  localparam int unsigned WORD_BYTES = WORD_W / 8;
  localparam int unsigned WORDS = (WORD_W < INSN_W) ? INSN_W / WORD_W : 1;  // of a block
  localparam int unsigned INSNS = (WORD_W > INSN_W) ? WORD_W / INSN_W : 1;  // of a block
  localparam int unsigned BLOCK_BYTES = WORDS * WORD_BYTES;
  localparam int unsigned BLOCK_W = $clog2(BLOCK_BYTES);
  localparam int unsigned AHEAD_W = $clog2(AHEAD + 1);
  localparam int unsigned WAITING_W = $clog2(AHEAD * WORDS + 1);
  // Counters of parts have a bit too many where there is one part only.
  localparam int unsigned WORD_CNT_W = (WORDS > 1) ? $clog2(WORDS) : 1;
  localparam int unsigned INSN_CNT_W = (INSNS > 1) ? $clog2(INSNS) : 1;
  localparam logic [WORD_CNT_W-1:0] LAST_WORD = WORD_CNT_W'(WORDS - 1);
  localparam logic [INSN_CNT_W-1:0] LAST_INSN = INSN_CNT_W'(INSNS - 1);
  localparam int unsigned INSN_BYTES_W = $clog2(dtv1_pkg::INSN_BYTES);

  // Commands.
  logic [ADDR_W-BLOCK_W-1:0] block_q;  // the next one to ask for
  logic [LEN_W:0] blocks_q;  // blocks that have not been asked for
  logic [AHEAD_W-1:0] ahead_q;  // blocks that have and are not used up
  logic issue, done;
  logic [INSN_CNT_W-1:0] first;  // instruction of the first block
  logic [LEN_W:0] blocks;

  assign first = (INSNS > 1) ? INSN_CNT_W'(addr_i >> INSN_BYTES_W) : '0;
  // An empty program has no block, wherever it begins.
  always_comb begin : count_blocks
    blocks = ((LEN_W + 1)'(length_i) + (LEN_W + 1)'(first) + (LEN_W + 1)'(INSNS - 1)) >>
        $clog2(INSNS);
    if (length_i == '0) blocks = '0;
  end

  assign cmd_valid_o = (blocks_q != '0) & (ahead_q != AHEAD_W'(AHEAD));
  assign issue = cmd_valid_o & cmd_ready_i;

  always_comb begin : command
    cmd_o      = '0;
    cmd_o.addr = {block_q, BLOCK_W'(0)};
    cmd_o.eof  = 1'b1;
    cmd_o.incr = 1'b1;
    cmd_o.btt  = BLOCK_BYTES[$bits(cmd_o.btt)-1:0];
  end

  // Words.
  logic word_valid, word_ready;
  logic [NUM_PE-1:0][DATA_W-1:0] word;
  logic [WAITING_W-1:0] waiting;

  dtv1_fifo #(
      .WIDTH(WORD_W),
      .DEPTH(AHEAD * WORDS)
  ) u_words (
      .clk_i,
      .rst_ni,
      .clr_i  (1'b0),
      .valid_i(rd_valid_i),
      .ready_o(rd_ready_o),
      .data_i (rd_data_i),
      .valid_o(word_valid),
      .ready_i(word_ready),
      .data_o (word),
      .count_o(waiting)
  );

  // Instructions.
  logic [WORD_CNT_W-1:0] word_cnt_q;
  logic [INSN_CNT_W-1:0] insn_cnt_q;
  logic [LEN_W-1:0] left_q;  // instructions to hand out
  logic take, word_last, insn_last;

  assign word_last    = word_cnt_q == LAST_WORD;
  assign insn_last    = (insn_cnt_q == LAST_INSN) | (left_q == LEN_W'(1));
  assign insn_valid_o = word_valid & word_last;
  assign take         = insn_valid_o & insn_ready_i;
  assign word_ready   = ~word_last | (take & insn_last);
  assign done         = take & insn_last;
  assign starved_o    = ~rd_valid_i & (waiting < WAITING_W'(WORDS) - WAITING_W'(word_cnt_q));

  if (WORDS > 1) begin : gen_words
    // The words before the last one.
    logic [WORDS-2:0][WORD_W-1:0] words_q;

    always_ff @(posedge clk_i) begin : collect
      if (word_valid & ~word_last) words_q[word_cnt_q] <= word;
    end

    assign insn_o = {word, words_q};
  end else begin : gen_word
    logic [INSNS-1:0][INSN_W-1:0] insns;

    assign insns  = word;
    assign insn_o = insns[insn_cnt_q];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      blocks_q   <= '0;
      ahead_q    <= '0;
      left_q     <= '0;
      word_cnt_q <= '0;
      insn_cnt_q <= '0;
    end else begin
      blocks_q <= start_i ? blocks : blocks_q - (LEN_W + 1)'(issue);
      ahead_q  <= ahead_q + AHEAD_W'(issue) - AHEAD_W'(done);
      left_q   <= start_i ? length_i : left_q - LEN_W'(take);
      if (word_valid & word_ready) word_cnt_q <= word_last ? '0 : word_cnt_q + 1'b1;
      if (start_i) insn_cnt_q <= first;
      else if (take) insn_cnt_q <= insn_last ? '0 : insn_cnt_q + 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin : address
    if (start_i) block_q <= addr_i[ADDR_W-1:BLOCK_W];
    else if (issue) block_q <= block_q + 1'b1;
  end

  `DTV1_ASSERT(Room_A, !rd_valid_i || rd_ready_o)
  `DTV1_ASSERT(Start_A, !start_i || (left_q == '0 && ahead_q == '0))

endmodule
