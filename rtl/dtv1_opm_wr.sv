// The two write channels of SMEM: who writes on which, in a register each.
//
//   channel 0   whole words; zeros and sums of the scatter; index words of lists; words of the state
//   channel 1   negated results of the scatter; value words of lists; words of the state
//
// The encoder gives up to three words a cycle and never waits: they queue up here, as many as one
// vector makes. Words of the state take a channel that no word of a list asks for. All other sources
// take turns by instruction, never within one.
`include "dtv1_assert.svh"

module dtv1_opm_wr
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
  import dtv1_pkg::LANE_W;
  import dtv1_pkg::IDX_W;
  import dtv1_pkg::SMEM_ADDR_W;
#(
    localparam int unsigned WRITERS = 2
) (
    input logic clk_i,
    input logic rst_ni,

    input  logic                               word_valid_i,
    output logic                               word_ready_o,
    input  logic [SMEM_ADDR_W-1:0]             word_addr_i,
    input  logic [     NUM_PE-1:0][DATA_W-1:0] word_i,

    input  logic                   zero_valid_i,
    output logic                   zero_ready_o,
    input  logic [SMEM_ADDR_W-1:0] zero_addr_i,

    input  logic [WRITERS-1:0]                  lane_valid_i,
    output logic [WRITERS-1:0]                  lane_ready_o,
    input  logic [WRITERS-1:0][SMEM_ADDR_W-1:0] lane_addr_i,
    input  logic [ LANE_W-1:0]                  lane_i,
    input  logic [WRITERS-1:0][     DATA_W-1:0] lane_data_i,

    // Queued: always taken.
    input logic                               state_valid_i,
    input logic [SMEM_ADDR_W-1:0]             state_addr_i,
    input logic [     NUM_PE-1:0][DATA_W-1:0] state_i,
    input logic                               idx_valid_i,
    input logic [SMEM_ADDR_W-1:0]             idx_addr_i,
    input logic [     NUM_PE-1:0][ IDX_W-1:0] idx_i,
    input logic                               delta_valid_i,
    input logic [SMEM_ADDR_W-1:0]             delta_addr_i,
    input logic [     NUM_PE-1:0][DATA_W-1:0] delta_i,

    output logic [WRITERS-1:0]                              wreq_valid_o,
    input  logic [WRITERS-1:0]                              wreq_ready_i,
    output logic [WRITERS-1:0][SMEM_ADDR_W-1:0]             wreq_addr_o,
    output logic [WRITERS-1:0][       LANE_W:0]             wreq_sel_o,
    output logic [WRITERS-1:0][     NUM_PE-1:0][DATA_W-1:0] wreq_data_o,

    output logic busy_o
);

  localparam int unsigned VECTOR_WORDS = dtv1_pkg::MAX_N / NUM_PE;
  // A list of a whole vector may begin in the middle of a word.
  localparam int unsigned LIST_WORDS = VECTOR_WORDS + 1;
  localparam int unsigned WORD_W = NUM_PE * DATA_W;
  localparam int unsigned LIST_COUNT_W = $clog2(LIST_WORDS + 1);

  typedef logic [NUM_PE-1:0][DATA_W-1:0] word_t;

  logic state_ready, state_valid, state_take, idx_ready, idx_valid, idx_take;
  logic delta_ready, delta_valid, delta_take;
  logic [SMEM_ADDR_W-1:0] state_addr, idx_addr, delta_addr;
  logic [$clog2(VECTOR_WORDS+1)-1:0] state_count;
  logic [LIST_COUNT_W-1:0] idx_count, delta_count;
  logic [NUM_PE-1:0][IDX_W-1:0] idx;
  word_t state, delta, idx_word;

  dtv1_fifo #(
      .WIDTH(SMEM_ADDR_W + WORD_W),
      .DEPTH(VECTOR_WORDS)
  ) u_state (
      .clk_i,
      .rst_ni,
      .clr_i  (1'b0),
      .valid_i(state_valid_i),
      .ready_o(state_ready),
      .data_i ({state_addr_i, state_i}),
      .valid_o(state_valid),
      .ready_i(state_take),
      .data_o ({state_addr, state}),
      .count_o(state_count)
  );

  dtv1_fifo #(
      .WIDTH(SMEM_ADDR_W + NUM_PE * IDX_W),
      .DEPTH(LIST_WORDS)
  ) u_idx (
      .clk_i,
      .rst_ni,
      .clr_i  (1'b0),
      .valid_i(idx_valid_i),
      .ready_o(idx_ready),
      .data_i ({idx_addr_i, idx_i}),
      .valid_o(idx_valid),
      .ready_i(idx_take),
      .data_o ({idx_addr, idx}),
      .count_o(idx_count)
  );

  dtv1_fifo #(
      .WIDTH(SMEM_ADDR_W + WORD_W),
      .DEPTH(LIST_WORDS)
  ) u_delta (
      .clk_i,
      .rst_ni,
      .clr_i  (1'b0),
      .valid_i(delta_valid_i),
      .ready_o(delta_ready),
      .data_i ({delta_addr_i, delta_i}),
      .valid_o(delta_valid),
      .ready_i(delta_take),
      .data_o ({delta_addr, delta}),
      .count_o(delta_count)
  );

  for (genvar l = 0; l < NUM_PE; l++) begin : gen_idx
    assign idx_word[l] = DATA_W'(idx[l]);
  end

  // Who gets the channels.
  logic [WRITERS-1:0] free, load, valid_d, valid_q, state_on;
  logic [WRITERS-1:0][SMEM_ADDR_W-1:0] addr;
  logic [WRITERS-1:0][LANE_W:0] sel;
  word_t [WRITERS-1:0] data;

  assign free         = ~valid_q | wreq_ready_i;
  assign state_on[0]  = state_valid & free[0] & ~idx_valid;
  assign state_on[1]  = state_valid & free[1] & ~delta_valid & ~state_on[0];
  assign state_take   = |state_on;
  assign idx_take     = free[0];
  assign delta_take   = free[1];
  assign word_ready_o = free[0];
  assign zero_ready_o = free[0];
  assign lane_ready_o = free;
  assign load[0]      = word_valid_i | zero_valid_i | lane_valid_i[0] | idx_valid | state_on[0];
  assign load[1]      = lane_valid_i[1] | delta_valid | state_on[1];
  assign valid_d      = (load & free) | (valid_q & ~free);

  always_comb begin : select
    for (int unsigned w = 0; w < WRITERS; w++) begin
      addr[w] = lane_addr_i[w] & {SMEM_ADDR_W{lane_valid_i[w]}};
      addr[w] |= state_addr & {SMEM_ADDR_W{state_on[w]}};
      sel[w]  = {1'b1, lane_i} & {(LANE_W + 1) {lane_valid_i[w]}};
      data[w] = state & {WORD_W{state_on[w]}};
      data[w][0] |= lane_data_i[w] & {DATA_W{lane_valid_i[w]}};
    end
    addr[0] |= word_addr_i & {SMEM_ADDR_W{word_valid_i}};
    addr[0] |= zero_addr_i & {SMEM_ADDR_W{zero_valid_i}};
    addr[0] |= idx_addr & {SMEM_ADDR_W{idx_valid}};
    addr[1] |= delta_addr & {SMEM_ADDR_W{delta_valid}};
    data[0] |= word_i & {WORD_W{word_valid_i}};
    data[0] |= idx_word & {WORD_W{idx_valid}};
    data[1] |= delta & {WORD_W{delta_valid}};
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : valid
    if (!rst_ni) valid_q <= '0;
    else valid_q <= valid_d;
  end

  for (genvar w = 0; w < WRITERS; w++) begin : gen_channel
    always_ff @(posedge clk_i) begin : request
      if (free[w]) begin
        wreq_addr_o[w] <= addr[w];
        wreq_sel_o[w]  <= sel[w];
        wreq_data_o[w] <= data[w];
      end
    end
  end

  assign wreq_valid_o = valid_q;
  assign busy_o = (valid_q != '0) | (state_count != '0) | (idx_count != '0) | (delta_count != '0);

  `DTV1_ASSERT(StateRoom_A, !state_valid_i || state_ready)
  `DTV1_ASSERT(IdxRoom_A, !idx_valid_i || idx_ready)
  `DTV1_ASSERT(DeltaRoom_A, !delta_valid_i || delta_ready)
  `DTV1_ASSERT(OneSource_A, $onehot0({word_valid_i, zero_valid_i, lane_valid_i[0],
                                      idx_valid | state_valid | delta_valid}))

endmodule
