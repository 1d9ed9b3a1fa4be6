// Scatter of the backward pass: sets a vector in SMEM to zero, then writes two elements for each
// result r of a list: of that vector s + r, of a second one -r, where s and the element's number come
// from the side stream.
//
// The sums leave a rigid pipeline (one adder) into a queue; a result enters only while the queue has
// a place for it. Zeros and sums of the one vector go out in order on one channel. A write whose
// address does not exist is not done and stops the unit.
`include "dtv1_assert.svh"

module dtv1_opm_scatter
  import dtv1_pkg::DATA_W;
  import dtv1_pkg::RES_W;
  import dtv1_pkg::LANE_W;
  import dtv1_pkg::SMEM_ADDR_W;
(
    input logic clk_i,
    input logic rst_ni,

    // Of the instruction that asks for zeros, which stays for its results.
    input  logic               fill_i,
    output logic               filled_o,
    input  dtv1_pkg::opm_cfg_t fill_cfg_i,
    input  logic               end_i,       // its last beat is taken
    output logic               ended_o,     // ... and all of it is queued

    input  logic                            valid_i,
    output logic                            ready_o,
    input  logic                            last_i,
    input  logic                            none_i,
    input  logic               [ RES_W-1:0] raw_i,    // r
    input  logic               [DATA_W-1:0] elem_i,   // r as a memory element
    input  logic               [DATA_W-1:0] s_i,
    input  logic               [DATA_W-1:0] idx_i,
    input  dtv1_pkg::opm_cfg_t              cfg_i,

    output logic                   zero_valid_o,
    input  logic                   zero_ready_i,
    output logic [SMEM_ADDR_W-1:0] zero_addr_o,

    // One lane on each channel.
    output logic [       1:0]                  lane_valid_o,
    input  logic [       1:0]                  lane_ready_i,
    output logic [       1:0][SMEM_ADDR_W-1:0] lane_addr_o,
    output logic [LANE_W-1:0]                  lane_o,
    output logic [       1:0][     DATA_W-1:0] lane_data_o,

    output logic           busy_o,
    output dtv1_pkg::err_e err_o
);

  localparam int unsigned CNT_W = dtv1_pkg::CNT_W;
  localparam int unsigned ADD_LAT = dtv1_pkg::ADD_LAT;
  // Longest sum: the larger of a word's number (of 16 bits) and an address.
  localparam int unsigned ADDR_W = ((DATA_W > SMEM_ADDR_W) ? DATA_W : SMEM_ADDR_W) + 1;
  // The adder, the queue, and the cycles that give a place back: no result waits for a place.
  localparam int unsigned DEPTH = 8;
  localparam int unsigned OWED_W = $clog2(DEPTH + 1);

  typedef struct packed {
    logic last;
    logic none;
    logic ok;
    logic [1:0][SMEM_ADDR_W-1:0] addr;
    logic [LANE_W-1:0] lane;
    logic [DATA_W-1:0] neg;  // -r
  } way_t;

  typedef struct packed {
    logic [1:0][SMEM_ADDR_W-1:0] addr;
    logic [LANE_W-1:0] lane;
    logic [1:0][DATA_W-1:0] data;
  } write_t;

  dtv1_pkg::opm_cfg_t unused_cfg, unused_fill_cfg;
  assign unused_cfg = cfg_i;
  assign unused_fill_cfg = fill_cfg_i;

  logic stop_d, stop_q, zero_bad, sum_bad;

  // Zeros.
  logic [CNT_W-1:0] grp_d, grp_q;
  logic [ADDR_W-1:0] zero_addr;
  logic filled_d, filled_q, zero_pass, zero_last;

  assign zero_addr    = ADDR_W'(fill_cfg_i.dst_addr) + ADDR_W'(grp_q);
  assign zero_bad     = fill_i & ~filled_q & (zero_addr[ADDR_W-1:SMEM_ADDR_W] != '0);
  assign zero_valid_o = fill_i & ~filled_q & ~zero_bad & ~stop_q;
  assign zero_addr_o  = zero_addr[SMEM_ADDR_W-1:0];
  assign zero_pass    = zero_valid_o & zero_ready_i;
  assign zero_last    = grp_q == fill_cfg_i.cnt0;
  assign filled_d     = (filled_q | (zero_pass & zero_last)) & ~end_i;
  assign filled_o     = filled_q;

  always_comb begin : next_zero
    grp_d = grp_q;
    if (zero_pass) grp_d = zero_last ? '0 : grp_q + 1'b1;
  end

  // Results: what goes along with the adder.
  logic [OWED_W-1:0] owed_d, owed_q;  // results in the adder or in the queue
  logic enter, leave;
  logic [ADD_LAT-1:0] valid_d, valid_q;
  way_t [ADD_LAT-1:0] way_d, way_q;
  way_t way_in, way_out;
  logic [1:0][ADDR_W-1:0] addr;

  assign ready_o = owed_q != OWED_W'(DEPTH);
  assign enter = valid_i & ready_o;
  assign addr[0] = ADDR_W'(cfg_i.dst_addr) + ADDR_W'(idx_i[DATA_W-1:LANE_W]);
  assign addr[1] = ADDR_W'(cfg_i.dst1_addr) + ADDR_W'(idx_i[DATA_W-1:LANE_W]);

  assign way_in.ok = (addr[0][ADDR_W-1:SMEM_ADDR_W] == '0) & (addr[1][ADDR_W-1:SMEM_ADDR_W] == '0);
  assign way_in.last = last_i;
  assign way_in.none = none_i;
  assign way_in.addr = {addr[1][SMEM_ADDR_W-1:0], addr[0][SMEM_ADDR_W-1:0]};
  assign way_in.lane = idx_i[LANE_W-1:0];
  assign way_out = way_q[ADD_LAT-1];

  if (ADD_LAT > 1) begin : gen_way
    assign valid_d = {valid_q[ADD_LAT-2:0], enter};
    assign way_d   = {way_q[ADD_LAT-2:0], way_in};
  end else begin : gen_short_way
    assign valid_d = enter;
    assign way_d   = way_in;
  end

  // s + r, when it leaves the adder, and -r.
  logic [DATA_W-1:0] sum;

  if (dtv1_pkg::FORMAT_FP) begin : gen_fp
    localparam logic [DATA_W-1:0] BF16_NAN = 16'h7FC0;
    logic [RES_W-1:0] sum_fp;

    dtv1_fp_add u_add (
        .clk_i,
        .a_i  ({s_i, 16'b0}),
        .b_i  (raw_i),
        .sum_o(sum_fp)
    );

    dtv1_fp_round u_round (
        .x_i(sum_fp),
        .y_o(sum)
    );

    assign way_in.neg = (elem_i == BF16_NAN) ? BF16_NAN : {~elem_i[DATA_W-1], elem_i[DATA_W-2:0]};
  end else begin : gen_fxp
    localparam logic [DATA_W-1:0] MOST = {1'b0, {(DATA_W - 1) {1'b1}}};
    localparam logic [DATA_W-1:0] LEAST = ~MOST;
    logic [DATA_W:0] full;
    logic [DATA_W-1:0] sum_d, sum_q;
    logic unused_raw;

    assign unused_raw = ^raw_i;
    assign full = {s_i[DATA_W-1], s_i} + {elem_i[DATA_W-1], elem_i};
    assign sum_d = (full[DATA_W] == full[DATA_W-1]) ? full[DATA_W-1:0]
                                                    : (full[DATA_W] ? LEAST : MOST);
    assign way_in.neg = (elem_i == LEAST) ? MOST : -elem_i;

    always_ff @(posedge clk_i) begin : sum_reg
      sum_q <= sum_d;
    end

    assign sum = sum_q;
  end

  // Queue.
  logic arrive, push, queue_valid, queue_ready, fork_ready;
  write_t put, got;

  assign arrive  = valid_q[ADD_LAT-1];
  assign sum_bad = arrive & ~way_out.none & ~way_out.ok;
  assign push    = arrive & ~way_out.none & way_out.ok & ~stop_q;
  assign ended_o = arrive & way_out.last & ~sum_bad & ~stop_q;
  assign put     = {way_out.addr, way_out.lane, way_out.neg, sum};

  dtv1_smem_fifo #(
      .WIDTH($bits(write_t)),
      .DEPTH(DEPTH)
  ) u_queue (
      .clk_i,
      .rst_ni,
      .valid_i(push),
      .ready_o(queue_ready),
      .data_i (put),
      .valid_o(queue_valid),
      .ready_i(fork_ready),
      .data_o (got)
  );

  dtv1_stream_fork #(
      .N(2)
  ) u_fork (
      .clk_i,
      .rst_ni,
      .valid_i(queue_valid),
      .ready_o(fork_ready),
      .valid_o(lane_valid_o),
      .ready_i(lane_ready_i)
  );

  assign lane_addr_o = got.addr;
  assign lane_o      = got.lane;
  assign lane_data_o = got.data;

  assign leave       = queue_valid & fork_ready;
  assign owed_d      = owed_q + OWED_W'(enter) - OWED_W'(leave) - OWED_W'(arrive && !push);
  assign stop_d      = stop_q | zero_bad | sum_bad;

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      stop_q   <= 1'b0;
      grp_q    <= '0;
      filled_q <= 1'b0;
      owed_q   <= '0;
      valid_q  <= '0;
    end else begin
      stop_q   <= stop_d;
      grp_q    <= grp_d;
      filled_q <= filled_d;
      owed_q   <= owed_d;
      valid_q  <= valid_d;
    end
  end

  always_ff @(posedge clk_i) begin : way
    way_q <= way_d;
  end

  assign busy_o = (owed_q != '0) | zero_valid_o;
  assign err_o  = stop_q ? dtv1_pkg::ERR_ADDRESS : dtv1_pkg::ERR_NONE;

  `DTV1_ASSERT(Room_A, !push || queue_ready)

endmodule
