// Shares one data mover among those that use DRAM: reads of the engine, of the instruction fetch and of
// the descriptor moves; writes of the engine and of the descriptor moves.
//
// Reads: a command that is offered stays chosen until it is taken; otherwise the fetch goes first, as
// everything waits for it, and the engine last. Answers come in the order of the commands, so each goes to
// who asked. None of them may wait with its words for another one's.
// Writes: whoever moves descriptors has the mover for itself meanwhile.
`include "dtv1_assert.svh"

module dtv1_dm_share
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
#(
    localparam int unsigned READERS = 3,  // engine, moves, fetch
    localparam int unsigned WRITERS = 2   // engine, moves
) (
    input logic clk_i,
    input logic rst_ni,

    input logic [READERS-1:0] rd_cmd_valid_i,
    output logic [READERS-1:0] rd_cmd_ready_o,
    input dtv1_pkg::dm_cmd_t [READERS-1:0] rd_cmd_i,
    output logic [READERS-1:0] rd_valid_o,
    input logic [READERS-1:0] rd_ready_i,
    output logic [NUM_PE-1:0][DATA_W-1:0] rd_data_o,
    input logic [WRITERS-1:0] wr_cmd_valid_i,
    output logic [WRITERS-1:0] wr_cmd_ready_o,
    input dtv1_pkg::dm_cmd_t [WRITERS-1:0] wr_cmd_i,
    input logic [WRITERS-1:0] wr_valid_i,
    output logic [WRITERS-1:0] wr_ready_o,
    input logic [WRITERS-1:0][NUM_PE-1:0][DATA_W-1:0] wr_data_i,
    input logic [WRITERS-1:0] wr_last_i,
    input logic wr_moves_i,  // writes are those of moves

    // To the data mover.
    output logic                                       rd_cmd_valid_o,
    input  logic                                       rd_cmd_ready_i,
    output dtv1_pkg::dm_cmd_t                          rd_cmd_o,
    input  logic                                       rd_valid_i,
    output logic                                       rd_ready_o,
    input  logic              [NUM_PE-1:0][DATA_W-1:0] rd_data_i,
    input  logic                                       rd_last_i,
    output logic                                       wr_cmd_valid_o,
    input  logic                                       wr_cmd_ready_i,
    output dtv1_pkg::dm_cmd_t                          wr_cmd_o,
    output logic                                       wr_valid_o,
    input  logic                                       wr_ready_i,
    output logic              [NUM_PE-1:0][DATA_W-1:0] wr_data_o,
    output logic                                       wr_last_o,
    input  logic                                       wr_done_i,

    output logic wr_pending_o,  // a command whose words were all handed over is not in memory yet
    output logic read_o,        // a word came
    output logic written_o      // a word left
);

  localparam int unsigned READER_W = $clog2(READERS);
  // The engine's commands and as many of the others.
  localparam int unsigned ORDER_DEPTH = 2 * dtv1_pkg::DRAM_AHEAD;
  // More than the mover takes before it answers.
  localparam int unsigned PENDING_W = 16;

  // Reads: whose turn it is.
  logic [READER_W-1:0] wish, turn, turn_q, owner;
  logic held_q, order_ready, owner_valid, cmd_take, word_take;
  logic [$clog2(ORDER_DEPTH+1)-1:0] unused_count;

  always_comb begin : choose
    wish = '0;
    for (int unsigned r = 0; r < READERS; r++) begin
      if (rd_cmd_valid_i[r]) wish = READER_W'(r);
    end
  end

  assign turn           = held_q ? turn_q : wish;
  assign rd_cmd_valid_o = (held_q | (|rd_cmd_valid_i)) & order_ready;
  assign rd_cmd_o       = rd_cmd_i[turn];
  assign cmd_take       = rd_cmd_valid_o & rd_cmd_ready_i;

  always_comb begin : command_ready
    rd_cmd_ready_o = '0;
    rd_cmd_ready_o[turn] = cmd_take;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : hold
    if (!rst_ni) held_q <= 1'b0;
    else held_q <= rd_cmd_valid_o & ~rd_cmd_ready_i;
  end

  always_ff @(posedge clk_i) begin : hold_turn
    turn_q <= turn;
  end

  dtv1_fifo #(
      .WIDTH(READER_W),
      .DEPTH(ORDER_DEPTH)
  ) u_order (
      .clk_i,
      .rst_ni,
      .clr_i  (1'b0),
      .valid_i(cmd_take),
      .ready_o(order_ready),
      .data_i (turn),
      .valid_o(owner_valid),
      .ready_i(word_take & rd_last_i),
      .data_o (owner),
      .count_o(unused_count)
  );

  always_comb begin : words_in
    rd_valid_o = '0;
    rd_valid_o[owner] = rd_valid_i & owner_valid;
  end

  assign rd_data_o  = rd_data_i;
  assign rd_ready_o = owner_valid & rd_ready_i[owner];
  assign word_take  = rd_valid_i & rd_ready_o;
  assign read_o     = word_take;

  // Writes.
  logic [PENDING_W-1:0] pending_d, pending_q;
  logic written_last;

  assign wr_cmd_valid_o = wr_cmd_valid_i[wr_moves_i];
  assign wr_cmd_o       = wr_cmd_i[wr_moves_i];
  assign wr_valid_o     = wr_valid_i[wr_moves_i];
  assign wr_data_o      = wr_data_i[wr_moves_i];
  assign wr_last_o      = wr_last_i[wr_moves_i];
  assign written_o      = wr_valid_o & wr_ready_i;
  assign written_last   = written_o & wr_last_o;
  assign pending_d      = pending_q + PENDING_W'(written_last) - PENDING_W'(wr_done_i);
  assign wr_pending_o   = pending_q != '0;

  always_comb begin : write_ready
    wr_cmd_ready_o = '0;
    wr_ready_o = '0;
    wr_cmd_ready_o[wr_moves_i] = wr_cmd_ready_i;
    wr_ready_o[wr_moves_i] = wr_ready_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : pending
    if (!rst_ni) pending_q <= '0;
    else pending_q <= pending_d;
  end

  `DTV1_ASSERT(Owner_A, !rd_valid_i || owner_valid)
  `DTV1_ASSERT(Pending_A, !wr_done_i || pending_q != '0)
  `DTV1_ASSERT(Quiet_A, !wr_moves_i || (!wr_cmd_valid_i[0] && !wr_valid_i[0]))

endmodule
