// Addresses of whole words, and their way to SMEM, to DRAM, or both: words one after another, or the
// words of a step `stride` apart and those of the next step one further.
//
// One word a cycle. In DRAM the words stand one after another, moved by one command for each block.
// A word whose SMEM address does not exist goes nowhere, and neither does
// what comes behind it.
`include "dtv1_assert.svh"

module dtv1_opm_words
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
  import dtv1_pkg::SMEM_ADDR_W;
#(
    localparam int unsigned BTT_W = 23
) (
    input logic clk_i,
    input logic rst_ni,

    input  dtv1_pkg::opm_cfg_t cfg_i,
    input  logic               end_i,   // the instruction's last beat passes
    output logic               ended_o, // ... and all of it has passed

    input  logic                          valid_i,
    output logic                          ready_o,
    input  logic                          upper_i,
    input  logic                          block_last_i,
    input  logic                          step_last_i,
    input  logic [NUM_PE-1:0][DATA_W-1:0] word_i,

    output logic                               smem_valid_o,
    input  logic                               smem_ready_i,
    output logic [SMEM_ADDR_W-1:0]             smem_addr_o,
    output logic                               cmd_valid_o,
    input  logic                               cmd_ready_i,
    output logic [           31:0]             cmd_addr_o,
    output logic [      BTT_W-1:0]             cmd_btt_o,
    output logic                               dram_valid_o,
    input  logic                               dram_ready_i,
    output logic                               dram_last_o,
    output logic [     NUM_PE-1:0][DATA_W-1:0] word_o,        // for both

    output logic           busy_o,
    output dtv1_pkg::err_e err_o
);

  localparam int unsigned LANE_W = dtv1_pkg::LANE_W;
  localparam int unsigned CNT_W = dtv1_pkg::CNT_W;
  localparam int unsigned STRIDE_W = dtv1_pkg::STEP_W + 1;
  localparam int unsigned WORD_BYTES = NUM_PE * DATA_W / 8;
  // The first offset past the memory still counts: a stride above an offset within it.
  localparam int unsigned OFF_W = ((SMEM_ADDR_W > STRIDE_W) ? SMEM_ADDR_W : STRIDE_W) + 1;
  localparam int unsigned ADDR_W = OFF_W + 2;

  localparam int unsigned SMEM = 0;
  localparam int unsigned DATA = 1;
  localparam int unsigned CMD = 2;

  // Place of the word: offset from the destination, and DRAM address of its block.
  logic fresh_d, fresh_q;  // an instruction begins here
  logic begin_d, begin_q;  // a block begins here
  logic [OFF_W-1:0] off, off_d, off_q;
  logic [OFF_W-1:0] row, row_d, row_q;  // of the step's first word
  logic [ADDR_W-1:0] addr;
  logic [31:0] dram_addr, dram_addr_d, dram_addr_q;
  logic [CNT_W+1:0] block_words;
  logic [BTT_W-1:0] btt;
  logic sums, seq, ok, pass, stop_d, stop_q;

  dtv1_pkg::opm_cfg_t unused_cfg;
  assign unused_cfg = cfg_i;

  assign sums = cfg_i.mode == dtv1_pkg::OPM_SUMS;
  assign seq = cfg_i.seq & ~(sums & cfg_i.sparse);

  always_comb begin : place
    row = row_q;
    off = off_q;
    dram_addr = dram_addr_q;
    if (fresh_q) begin
      row = seq ? OFF_W'(cfg_i.step) : '0;
      off = row;
      dram_addr = cfg_i.dram_addr;
    end
    addr = ADDR_W'(cfg_i.dst_addr) + (ADDR_W'(off) << cfg_i.wide) + ADDR_W'(upper_i);
    ok   = ~cfg_i.to_smem | (addr[ADDR_W-1:SMEM_ADDR_W] == '0);
  end

  always_comb begin : block
    block_words = ((CNT_W + 2)'(cfg_i.cnt0) + 1'b1) << cfg_i.wide;
    if (sums) begin
      block_words = cfg_i.sparse ? (CNT_W + 2)'(1) : (CNT_W + 2)'(cfg_i.cnt1 >> LANE_W) + 1'b1;
    end
    btt = BTT_W'(block_words) * BTT_W'(WORD_BYTES);
  end

  always_comb begin : next_place
    off_d = off;
    row_d = row;
    dram_addr_d = dram_addr;
    if (~cfg_i.wide | upper_i) begin
      off_d = off + 1'b1;
      if (step_last_i) row_d = row + 1'b1;
      if (seq) off_d = step_last_i ? row_d : off + OFF_W'(cfg_i.stride);
    end
    if (begin_q) dram_addr_d = dram_addr + 32'(btt);
  end

  // The word that leaves, to up to three takers.
  logic valid_d, valid_q, free, fork_ready;
  logic [2:0] wants_d, wants_q, fork_valid;

  assign free    = ~valid_q | fork_ready;
  assign ready_o = free | stop_q;
  assign pass    = valid_i & free & ~stop_q;
  assign stop_d  = stop_q | (pass & ~ok);
  assign ended_o = end_i & ~stop_q & (ok | ~valid_i);
  assign fresh_d = end_i | (fresh_q & ~pass);
  assign begin_d = end_i | (pass ? block_last_i : begin_q);
  assign valid_d = (pass & ok) | (valid_q & ~fork_ready);
  assign wants_d = {cfg_i.to_dram & begin_q, cfg_i.to_dram, cfg_i.to_smem};

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      fresh_q <= 1'b1;
      begin_q <= 1'b1;
      valid_q <= 1'b0;
      stop_q  <= 1'b0;
    end else begin
      fresh_q <= fresh_d;
      begin_q <= begin_d;
      valid_q <= valid_d;
      stop_q  <= stop_d;
    end
  end

  always_ff @(posedge clk_i) begin : place_regs
    if (pass) begin
      off_q       <= off_d;
      row_q       <= row_d;
      dram_addr_q <= dram_addr_d;
    end
  end

  always_ff @(posedge clk_i) begin : payload
    if (free) begin
      wants_q     <= wants_d;
      smem_addr_o <= addr[SMEM_ADDR_W-1:0];
      cmd_addr_o  <= dram_addr;
      cmd_btt_o   <= btt;
      dram_last_o <= block_last_i;
      word_o      <= word_i;
    end
  end

  dtv1_stream_fork #(
      .N(3)
  ) u_fork (
      .clk_i,
      .rst_ni,
      .valid_i(valid_q),
      .ready_o(fork_ready),
      .valid_o(fork_valid),
      .ready_i({cmd_ready_i, dram_ready_i, smem_ready_i} | ~wants_q)
  );

  assign smem_valid_o = fork_valid[SMEM] & wants_q[SMEM];
  assign dram_valid_o = fork_valid[DATA] & wants_q[DATA];
  assign cmd_valid_o  = fork_valid[CMD] & wants_q[CMD];
  assign busy_o       = valid_q;
  assign err_o        = stop_q ? dtv1_pkg::ERR_ADDRESS : dtv1_pkg::ERR_NONE;

endmodule
