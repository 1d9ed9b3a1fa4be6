// Delta encoder: which lanes of a word fired, the new state, and the lists of indices and values.
//
// Rigid pipeline of one word a cycle; what it writes is queued behind it (dtv1_opm_wr). Stages:
// compare; count in blocks of lanes the lanes that did not fire; add the blocks up; bring the fired lanes
// together and turn them to the list's next lane (dtv1_opm_net); merge them with the word that is
// not full yet. A word of the list leaves when it is full, the last one after the last word of the
// vector, in front of the descriptor.
//
// The place behind the last entry of each of the two lists, and that word as far as it was written, are
// kept for an instruction that appends.
`include "dtv1_assert.svh"

module dtv1_opm_enc
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
  import dtv1_pkg::RES_W;
  import dtv1_pkg::LANE_W;
  import dtv1_pkg::CNT_W;
  import dtv1_pkg::IDX_W;
  import dtv1_pkg::NZC_W;
  import dtv1_pkg::SMEM_ADDR_W;
(
    input logic clk_i,
    input logic rst_ni,

    // One word of the vector; the configuration stays until the encoder is idle.
    input logic                                        valid_i,
    input dtv1_pkg::opm_cfg_t                          cfg_i,
    input logic                                        first_i,
    input logic                                        last_i,
    input logic                                        none_i,
    input logic               [ CNT_W-1:0]             grp_i,
    input logic               [NUM_PE-1:0]             mask_i,
    input logic               [NUM_PE-1:0][ RES_W-1:0] raw_i,    // difference
    input logic               [NUM_PE-1:0][DATA_W-1:0] elem_i,   // as memory elements
    input logic               [NUM_PE-1:0][DATA_W-1:0] v_i,
    input logic               [NUM_PE-1:0][DATA_W-1:0] state_i,  // last value passed on

    output logic                               state_valid_o,
    output logic [SMEM_ADDR_W-1:0]             state_addr_o,
    output logic [     NUM_PE-1:0][DATA_W-1:0] state_o,

    output logic                               idx_valid_o,
    output logic [SMEM_ADDR_W-1:0]             idx_addr_o,
    output logic [     NUM_PE-1:0][ IDX_W-1:0] idx_o,
    output logic                               delta_valid_o,
    output logic [SMEM_ADDR_W-1:0]             delta_addr_o,
    output logic [     NUM_PE-1:0][DATA_W-1:0] delta_o,

    // Lanes that fired, where the indices go straight to the input module.
    output logic              direct_valid_o,
    output logic [NUM_PE-1:0] direct_fired_o,
    output logic [ CNT_W-1:0] direct_grp_o,

    output logic                                   desc_valid_o,
    input  logic                                   desc_ready_i,
    output logic                                   desc_list_o,
    output logic            [dtv1_pkg::STEP_W-1:0] desc_step_o,
    output dtv1_pkg::desc_t                        desc_o,

    output logic           [LANE_W:0] fired_o,  // for the performance counters
    output logic                      ended_o,  // all of the instruction has passed
    output logic                      busy_o,
    output dtv1_pkg::err_e            err_o
);

  localparam int unsigned WORD_W = SMEM_ADDR_W + 1;  // a word's number; one bit more tells its end
  localparam int unsigned SUM_W = SMEM_ADDR_W + 2;
  localparam int unsigned LISTS = 2;
  localparam int unsigned BLOCK = (NUM_PE < 8) ? NUM_PE : 8;
  localparam int unsigned BLOCKS = NUM_PE / BLOCK;
  localparam int unsigned BLOCK_CNT_W = $clog2(BLOCK + 1);
  localparam int unsigned HALF_LAT = (LANE_W + 1) / 2;  // of dtv1_opm_net
  localparam int unsigned NET_LAT = 2 * HALF_LAT;

  typedef logic [NUM_PE-1:0][DATA_W-1:0] word_t;
  typedef logic [NUM_PE-1:0][IDX_W-1:0] idx_word_t;

  // What goes along with a word.
  typedef struct packed {
    logic first;
    logic last;
    logic [CNT_W-1:0] grp;
  } tag_t;

  dtv1_pkg::opm_cfg_t unused_cfg;
  assign unused_cfg = cfg_i;

  logic stop_d, stop_q, state_bad, list_bad;

  // Stage 1: compare.
  logic [NUM_PE-1:0] fires, s1_fired_q;
  word_t s1_state_d, s1_state_q, s1_delta_q;
  tag_t s1_tag_q;
  logic s1_valid_q, s1_data_q;

  for (genvar l = 0; l < NUM_PE; l++) begin : gen_compare
    if (dtv1_pkg::FORMAT_FP) begin : gen_fp
      // A threshold below the smallest normal number is zero; one that is negative or NaN is never
      // above the difference. As integers, NaN patterns are above all others.
      localparam int unsigned FRAC_W = 7;
      localparam logic [DATA_W-2:0] INFINITY = 15'h7F80;
      logic below, unused_low;

      assign unused_low = ^{raw_i[l][RES_W-1], raw_i[l][RES_W-DATA_W-1:0]};
      assign below = (raw_i[l][RES_W-2-:DATA_W-1] < cfg_i.theta[DATA_W-2:0]) &
          (cfg_i.theta[DATA_W-2:FRAC_W] != '0) & (cfg_i.theta[DATA_W-2:0] <= INFINITY);
      assign fires[l] = mask_i[l] & ~none_i & ~(below & ~cfg_i.theta[DATA_W-1]);
    end else begin : gen_fxp
      logic [DATA_W-1:0] magnitude;
      logic unused_raw;

      assign unused_raw = ^raw_i[l];
      assign magnitude = elem_i[l][DATA_W-1] ? -elem_i[l] : elem_i[l];
      assign fires[l] = mask_i[l] & ~none_i & (cfg_i.theta[DATA_W-1] | (magnitude >= cfg_i.theta));
    end

    assign s1_state_d[l] = (fires[l] ? v_i[l] : state_i[l]) & {DATA_W{mask_i[l]}};
  end

  always_ff @(posedge clk_i) begin : stage1
    s1_data_q  <= ~none_i;
    s1_fired_q <= fires;
    s1_state_q <= s1_state_d;
    s1_delta_q <= elem_i;
    s1_tag_q   <= {first_i, last_i, grp_i};
  end

  // New state and direct indices leave here.
  logic [SUM_W-1:0] state_addr;

  assign state_addr     = SUM_W'(cfg_i.dst_addr) + SUM_W'(s1_tag_q.grp);
  assign state_bad      = s1_valid_q & s1_data_q & (state_addr[SUM_W-1:SMEM_ADDR_W] != '0);
  assign state_valid_o  = s1_valid_q & s1_data_q & ~state_bad & ~stop_q;
  assign state_addr_o   = state_addr[SMEM_ADDR_W-1:0];
  assign state_o        = s1_state_q;
  assign direct_valid_o = s1_valid_q & cfg_i.direct & (s1_fired_q != '0) & ~stop_q;
  assign direct_fired_o = s1_fired_q;
  assign direct_grp_o   = s1_tag_q.grp;

  // Stage 2: lanes that did not fire, counted in blocks. Stage 3: over the blocks below.
  logic [NUM_PE-1:0][BLOCK_CNT_W-1:0] s2_below_d, s2_below_q;
  logic [BLOCKS-1:0][BLOCK_CNT_W-1:0] s2_block_d, s2_block_q;
  logic [NUM_PE-1:0][LANE_W-1:0] s3_down_d, s3_down_q;
  logic [LANE_W:0] s3_count_d, s3_count_q;  // lanes that fired
  logic [NUM_PE-1:0] s2_fired_q, s3_fired_q;
  word_t s2_delta_q, s3_delta_q;
  tag_t s2_tag_q, s3_tag_q;
  logic s2_valid_q, s3_valid_q;

  always_comb begin : count_in_blocks
    for (int unsigned b = 0; b < BLOCKS; b++) begin
      s2_block_d[b] = '0;
      for (int unsigned l = 0; l < BLOCK; l++) begin
        s2_below_d[b*BLOCK+l] = s2_block_d[b];
        s2_block_d[b] += BLOCK_CNT_W'(!s1_fired_q[b*BLOCK+l]);
      end
    end
  end

  always_comb begin : add_blocks
    s3_count_d = '0;  // lanes that did not fire, of the blocks below
    for (int unsigned b = 0; b < BLOCKS; b++) begin
      for (int unsigned l = 0; l < BLOCK; l++) begin
        s3_down_d[b*BLOCK+l] = LANE_W'(s2_below_q[b*BLOCK+l]) + LANE_W'(s3_count_d);
      end
      s3_count_d += (LANE_W + 1)'(s2_block_q[b]);
    end
    s3_count_d = (LANE_W + 1)'(NUM_PE) - s3_count_d;
  end

  always_ff @(posedge clk_i) begin : stages23
    s2_below_q <= s2_below_d;
    s2_block_q <= s2_block_d;
    s2_fired_q <= s1_fired_q;
    s2_delta_q <= s1_delta_q;
    s2_tag_q   <= s1_tag_q;
    s3_down_q  <= s3_down_d;
    s3_count_q <= s3_count_d;
    s3_fired_q <= s2_fired_q;
    s3_delta_q <= s2_delta_q;
    s3_tag_q   <= s2_tag_q;
  end

  assign fired_o = s3_count_q & {(LANE_W + 1) {s3_valid_q}};

  // The place of the word's first entry, while the lanes come together.
  typedef struct packed {
    logic [WORD_W-1:0] word;
    logic [LANE_W-1:0] lane;
  } place_t;

  place_t [LISTS-1:0] next_q;  // behind the last entry of each list
  place_t here, next_d;

  assign here = (s3_tag_q.first & ~cfg_i.append) ? {1'b0, cfg_i.head_word, cfg_i.head_lane}
                                                 : next_q[cfg_i.list];
  assign next_d = here + $bits(place_t)'(s3_count_q);

  always_ff @(posedge clk_i or negedge rst_ni) begin : place_reg
    if (!rst_ni) next_q <= '0;
    else if (s3_valid_q) next_q[cfg_i.list] <= next_d;
  end

  // What goes along with the word through the network; element k: k + 1 stages behind stage 3.
  typedef struct packed {
    tag_t tag;
    place_t place;
    logic [LANE_W:0] count;
  } along_t;

  along_t [NET_LAT-1:0] along_q;
  logic   [NET_LAT-1:0] along_valid_q;

  always_ff @(posedge clk_i) begin : along
    along_q <= {along_q[NET_LAT-2:0], along_t'{s3_tag_q, here, s3_count_q}};
  end

  typedef struct packed {
    logic [LANE_W-1:0] lane;
    logic [DATA_W-1:0] delta;
  } entry_t;

  entry_t [NUM_PE-1:0] entries, turned;

  for (genvar l = 0; l < NUM_PE; l++) begin : gen_entry
    assign entries[l] = {LANE_W'(l), s3_delta_q[l]};
  end

  dtv1_opm_net #(
      .WIDTH($bits(entry_t))
  ) u_net (
      .clk_i,
      .fired_i(s3_fired_q),
      .down_i (s3_down_q),
      .data_i (entries),
      .up_i   (along_q[HALF_LAT-1].place.lane),
      .data_o (turned)
  );

  // Which lanes of the present word and of the next one they are, a stage ahead.
  along_t ahead, done, unused_ahead;
  logic [LANE_W:0] stop_lane;  // behind the last entry, counted from the present word
  logic [NUM_PE-1:0] here_lanes_q, over_lanes_q;
  logic [NUM_PE-1:0][LANE_W-1:0] turned_lane;
  word_t turned_delta;
  logic full_q, merge_busy;

  assign unused_ahead = ahead;
  assign ahead        = along_q[NET_LAT-2];
  assign done         = along_q[NET_LAT-1];
  assign stop_lane    = (LANE_W + 1)'(ahead.place.lane) + ahead.count;

  always_ff @(posedge clk_i) begin : lanes
    full_q <= stop_lane[LANE_W];
    for (int unsigned l = 0; l < NUM_PE; l++) begin
      here_lanes_q[l] <= (l >= 32'(ahead.place.lane)) & (l < 32'(stop_lane));
      over_lanes_q[l] <= stop_lane[LANE_W] & (l < 32'(stop_lane[LANE_W-1:0]));
    end
  end

  for (genvar l = 0; l < NUM_PE; l++) begin : gen_turned
    assign turned_lane[l]  = turned[l].lane;
    assign turned_delta[l] = turned[l].delta;
  end

  dtv1_opm_merge u_merge (
      .clk_i,
      .rst_ni,
      .cfg_i,
      .valid_i    (along_valid_q[NET_LAT-1]),
      .first_i    (done.tag.first),
      .last_i     (done.tag.last),
      .grp_i      (done.tag.grp),
      .word_i     (done.place.word),
      .head_lane_i(done.place.lane),
      .count_i    (done.count),
      .here_i     (here_lanes_q),
      .over_i     (over_lanes_q),
      .full_i     (full_q),
      .lane_i     (turned_lane),
      .delta_i    (turned_delta),
      .idx_valid_o,
      .idx_addr_o,
      .idx_o,
      .delta_valid_o,
      .delta_addr_o,
      .delta_o,
      .desc_valid_o,
      .desc_ready_i,
      .desc_list_o,
      .desc_step_o,
      .desc_o,
      .ended_o,
      .busy_o     (merge_busy),
      .bad_o      (list_bad)
  );

  // A word that cannot be written, and all behind it, goes no further.
  assign stop_d = stop_q | state_bad | list_bad;

  always_ff @(posedge clk_i or negedge rst_ni) begin : valid
    if (!rst_ni) begin
      stop_q        <= 1'b0;
      s1_valid_q    <= 1'b0;
      s2_valid_q    <= 1'b0;
      s3_valid_q    <= 1'b0;
      along_valid_q <= '0;
    end else begin
      stop_q        <= stop_d;
      s1_valid_q    <= valid_i;
      s2_valid_q    <= s1_valid_q & ~state_bad & ~stop_q;
      s3_valid_q    <= s2_valid_q;
      along_valid_q <= {along_valid_q[NET_LAT-2:0], s3_valid_q};
    end
  end

  assign busy_o = s1_valid_q | s2_valid_q | s3_valid_q | (along_valid_q != '0) | merge_busy;
  assign err_o  = stop_q ? dtv1_pkg::ERR_ADDRESS : dtv1_pkg::ERR_NONE;

endmodule
