// Drain of the compute core: sends out and clears the accumulators of a VXV while the operations
// behind it go on.
//
// The accumulators lie in two banks. In a cycle in which an operation leaves the door for the one
// bank, or none leaves, a word of the other may be read; it travels beside that operation, and is
// cleared in the cycle in which that operation's sum is written. So the one question at the door, who
// uses which bank, answers for both ports of the memory. Operations go first, but not for ever: after
// PATIENCE lost cycles the drain is urgent, and the door keeps its bank free for a cycle.
//
// The first word is read when the last sums are in the memory. Operations that follow the drain on its
// own words come so near that they never meet it in a bank: the distance is odd.
module dtv1_ccm_drain
  import dtv1_pkg::ACC_ADDR_W;
(
    input logic clk_i,
    input logic rst_ni,

    // The last operation of a VXV leaves the door, while nothing else is drained.
    input logic                             start_i,
    input logic            [ACC_ADDR_W-1:0] first_i,
    input logic            [ACC_ADDR_W-1:0] last_i,
    input dtv1_pkg::func_e                  func_i,

    input logic used_i,       // an operation leaves the door that uses ...
    input logic used_bank_i,  // ... this bank
    input logic room_i,       // a place may be taken among the results, a cycle later

    output logic                                  read_o,       // read this word ...
    output logic                 [ACC_ADDR_W-1:0] read_addr_o,
    output logic                                  book_o,       // ... a cycle later: take a place
    output dtv1_pkg::ccm_order_t                  order_o,
    output logic                                  word_o,       // ... and the word is there
    output logic                                  clear_o,      // clear this word
    output logic                 [ACC_ADDR_W-1:0] clear_addr_o,

    output dtv1_pkg::ccm_drain_t left_o
);

  localparam int unsigned SUM_STAGE = dtv1_pkg::MUL_LAT + dtv1_pkg::ADD_LAT;
  localparam int unsigned WORD_STAGE = 3;  // cycles from read_o to the word
  localparam int unsigned PASS_STAGE = (SUM_STAGE - 1) | 1;  // ... until an operation may move up
  localparam int unsigned PATIENCE = 3;
  localparam int unsigned LOST_W = $clog2(PATIENCE + 1);

  logic [SUM_STAGE-1:0] start_q, read_q;  // bit k: k + 1 cycles ago
  logic booking_q, run_q, holding_q, busy_q;
  logic [ACC_ADDR_W-1:0] read_addr_q, pass_addr_q, clear_addr_q, last_q;
  logic [LOST_W-1:0] lost_d, lost_q;
  logic book_last_q;
  dtv1_pkg::func_e func_q;
  logic wanted, read, read_last, pass, pass_last, clear_last;

  assign wanted     = run_q & room_i;
  assign read       = wanted & ~(used_i & (used_bank_i == read_addr_q[0]));
  assign read_last  = read & (read_addr_q == last_q);
  assign pass       = read_q[PASS_STAGE-1];
  assign pass_last  = pass & (pass_addr_q == last_q);
  assign clear_o    = read_q[SUM_STAGE-1];
  assign clear_last = clear_o & (clear_addr_q == last_q);
  assign lost_d     = (wanted & ~read) ? lost_q + 1'b1 : '0;

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      start_q   <= '0;
      read_q    <= '0;
      booking_q <= 1'b0;
      run_q     <= 1'b0;
      holding_q <= 1'b0;
      busy_q    <= 1'b0;
      lost_q    <= '0;
    end else begin
      start_q   <= {start_q[SUM_STAGE-2:0], start_i};
      read_q    <= {read_q[SUM_STAGE-2:0], read};
      booking_q <= start_i | (booking_q & ~read_last);
      run_q     <= start_q[SUM_STAGE-1] | (run_q & ~read_last);
      holding_q <= start_i | (holding_q & ~pass_last);
      busy_q    <= start_i | (busy_q & ~clear_last);
      lost_q    <= lost_d;
    end
  end

  always_ff @(posedge clk_i) begin : payload
    if (start_i) begin
      read_addr_q  <= first_i;
      pass_addr_q  <= first_i;
      clear_addr_q <= first_i;
      last_q       <= last_i;
      func_q       <= func_i;
    end
    if (read) read_addr_q <= read_addr_q + 1'b1;
    if (pass) pass_addr_q <= pass_addr_q + 1'b1;
    if (clear_o) clear_addr_q <= clear_addr_q + 1'b1;
    book_last_q <= read_last;
  end

  assign read_o            = read;
  assign read_addr_o       = read_addr_q;
  assign book_o            = read_q[0];
  assign word_o            = read_q[WORD_STAGE-1];
  assign clear_addr_o      = clear_addr_q;

  assign order_o.scalar    = 1'b0;
  assign order_o.none      = 1'b0;
  assign order_o.last      = book_last_q;
  assign order_o.act_scale = 1'b1;
  assign order_o.func      = func_q;

  assign left_o.booking    = booking_q;
  assign left_o.busy       = busy_q;
  assign left_o.holding    = holding_q;
  assign left_o.first      = pass_addr_q;
  assign left_o.last       = last_q;
  assign left_o.urgent     = lost_q == LOST_W'(PATIENCE);
  assign left_o.bank       = read_addr_q[0];

  if (SUM_STAGE < WORD_STAGE) begin : gen_check_latency
    $error("dtv1_ccm_drain reads a word in fewer cycles than a sum takes");
  end

endmodule
