// Puts the lanes that fired into the lists of the delta encoder, and tells the descriptor memory.
//
// The lanes of a word come turned to where they belong: those of `here_i` into the list's present word
// `word_i`, which `full_i` says they fill; those of `over_i` into the one behind it. One word a cycle; a
// word of the list leaves a cycle later, the one that the instruction does not fill two cycles
// behind its last lanes, and the descriptor after it.
//
// What stands in the last word of each of the two lists is kept for an instruction that appends to it.
module dtv1_opm_merge
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
  import dtv1_pkg::LANE_W;
  import dtv1_pkg::CNT_W;
  import dtv1_pkg::IDX_W;
  import dtv1_pkg::NZC_W;
  import dtv1_pkg::STEP_W;
  import dtv1_pkg::SMEM_ADDR_W;
(
    input logic clk_i,
    input logic rst_ni,

    // The configuration stays until the module is idle.
    input dtv1_pkg::opm_cfg_t                             cfg_i,
    input logic                                           valid_i,
    input logic                                           first_i,      // of the instruction
    input logic                                           last_i,
    input logic               [    CNT_W-1:0]             grp_i,
    input logic               [SMEM_ADDR_W:0]             word_i,
    input logic               [   LANE_W-1:0]             head_lane_i,  // of the first entry
    input logic               [     LANE_W:0]             count_i,
    input logic               [   NUM_PE-1:0]             here_i,
    input logic               [   NUM_PE-1:0]             over_i,
    input logic                                           full_i,
    input logic               [   NUM_PE-1:0][LANE_W-1:0] lane_i,
    input logic               [   NUM_PE-1:0][DATA_W-1:0] delta_i,

    output logic                               idx_valid_o,
    output logic [SMEM_ADDR_W-1:0]             idx_addr_o,
    output logic [     NUM_PE-1:0][ IDX_W-1:0] idx_o,
    output logic                               delta_valid_o,
    output logic [SMEM_ADDR_W-1:0]             delta_addr_o,
    output logic [     NUM_PE-1:0][DATA_W-1:0] delta_o,

    output logic                         desc_valid_o,
    input  logic                         desc_ready_i,
    output logic                         desc_list_o,
    output logic            [STEP_W-1:0] desc_step_o,
    output dtv1_pkg::desc_t              desc_o,

    output logic ended_o,  // all of the instruction has passed
    output logic busy_o,
    output logic bad_o  // a write that cannot be done
);

  localparam int unsigned WORD_W = SMEM_ADDR_W + 1;
  localparam int unsigned SUM_W = SMEM_ADDR_W + 2;
  localparam int unsigned LISTS = 2;

  typedef logic [NUM_PE-1:0][DATA_W-1:0] word_t;

  typedef struct packed {
    logic [NUM_PE-1:0][IDX_W-1:0] idx;
    word_t delta;
  } part_t;

  dtv1_pkg::opm_cfg_t unused_cfg;
  assign unused_cfg = cfg_i;

  // The present word, with the lanes that come into it, and the one behind it.
  part_t fresh, base, now, part_d, part_q;
  part_t kept[LISTS];
  logic [LISTS-1:0] known_q;  // an instruction has left its last word
  logic flush_d, flush_q;  // all lanes are in
  logic dirty_d, dirty_q;  // the word has entries that have not left

  assign base = first_i ? ((cfg_i.append & known_q[cfg_i.list]) ? kept[cfg_i.list] : '0) : part_q;

  for (genvar l = 0; l < NUM_PE; l++) begin : gen_merge
    assign fresh.idx[l]    = IDX_W'({grp_i, lane_i[l]});
    assign fresh.delta[l]  = delta_i[l];
    assign now.idx[l]      = here_i[l] ? fresh.idx[l] : base.idx[l];
    assign now.delta[l]    = here_i[l] ? fresh.delta[l] : base.delta[l];
    assign part_d.idx[l]   = full_i ? (fresh.idx[l] & {IDX_W{over_i[l]}}) : now.idx[l];
    assign part_d.delta[l] = full_i ? (fresh.delta[l] & {DATA_W{over_i[l]}}) : now.delta[l];
  end

  assign flush_d = valid_i & last_i;
  assign dirty_d = full_i ? (over_i != '0) : ((dirty_q & ~first_i) | (count_i != '0));

  always_ff @(posedge clk_i or negedge rst_ni) begin : merge_state
    if (!rst_ni) begin
      flush_q <= 1'b0;
      dirty_q <= 1'b0;
      known_q <= '0;
    end else begin
      flush_q <= flush_d;
      if (valid_i) dirty_q <= dirty_d;
      if (flush_q) known_q[cfg_i.list] <= 1'b1;
    end
  end

  always_ff @(posedge clk_i) begin : merge
    if (valid_i) part_q <= part_d;
    if (flush_q) kept[cfg_i.list] <= part_q;
  end

  // Where the word stands, and what the descriptor will say.
  logic [WORD_W-1:0] part_word_q;
  logic [SMEM_ADDR_W-1:0] head_word_q;
  logic [LANE_W-1:0] head_lane_q;
  logic [NZC_W-1:0] count_d, count_q;

  assign count_d = (first_i ? '0 : count_q) + NZC_W'(count_i);

  always_ff @(posedge clk_i) begin : place
    if (valid_i) begin
      part_word_q <= word_i + WORD_W'(full_i);
      count_q     <= count_d;
    end
    if (valid_i & first_i) begin
      head_word_q <= word_i[SMEM_ADDR_W-1:0];
      head_lane_q <= head_lane_i;
    end
  end

  // The word that leaves.
  logic out_valid_d, out_valid_q, stop_d, stop_q;
  logic [WORD_W-1:0] out_word_q;
  part_t out_q;
  logic [SUM_W-1:0] idx_addr, delta_addr;
  logic idx_bad, delta_bad;

  assign out_valid_d = (valid_i & full_i) | (flush_q & dirty_q);

  always_ff @(posedge clk_i) begin : out
    out_q      <= flush_q ? part_q : now;
    out_word_q <= flush_q ? part_word_q : word_i;
  end

  assign idx_addr      = SUM_W'(cfg_i.idx_addr) + SUM_W'(out_word_q);
  assign delta_addr    = SUM_W'(cfg_i.dst1_addr) + SUM_W'(out_word_q);
  assign idx_bad       = out_valid_q & (idx_addr[SUM_W-1:SMEM_ADDR_W] != '0);
  assign delta_bad     = out_valid_q & (delta_addr[SUM_W-1:SMEM_ADDR_W] != '0);
  assign idx_valid_o   = out_valid_q & ~stop_q & ~idx_bad;
  assign idx_addr_o    = idx_addr[SMEM_ADDR_W-1:0];
  assign idx_o         = out_q.idx;
  assign delta_valid_o = out_valid_q & ~stop_q & ~idx_bad & ~delta_bad;
  assign delta_addr_o  = delta_addr[SMEM_ADDR_W-1:0];
  assign delta_o       = out_q.delta;

  // The descriptor, a cycle behind the last word of the list.
  logic told_q, desc_valid_d, desc_valid_q;

  assign desc_valid_d = ended_o | (desc_valid_q & ~desc_ready_i);
  assign stop_d       = stop_q | bad_o;

  always_ff @(posedge clk_i or negedge rst_ni) begin : out_state
    if (!rst_ni) begin
      out_valid_q  <= 1'b0;
      told_q       <= 1'b0;
      desc_valid_q <= 1'b0;
      stop_q       <= 1'b0;
    end else begin
      out_valid_q  <= out_valid_d;
      told_q       <= flush_q;
      desc_valid_q <= desc_valid_d;
      stop_q       <= stop_d;
    end
  end

  assign desc_valid_o = desc_valid_q;
  assign desc_list_o  = cfg_i.list;
  assign desc_step_o  = cfg_i.step;
  assign desc_o       = {head_word_q, head_lane_q, count_q};
  assign ended_o      = told_q & ~bad_o & ~stop_q;
  assign busy_o       = flush_q | out_valid_q | told_q | desc_valid_q;
  assign bad_o        = idx_bad | delta_bad;

endmodule
