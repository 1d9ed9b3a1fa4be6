// Place of the next read on SMEM channel 0: the lane of a list entry, or in EWISE a word of the
// addend, which may be a sequence and may take two words (WIDE).
module dtv1_srg0_place (
    input logic clk_i,
    input logic rst_ni,

    input dtv1_pkg::ipm_cfg_t   cfg_i,
    input dtv1_pkg::ipm_point_t point_i,
    input logic                 read_i,   // the read is asked for

    output logic                             ok_o,    // the word exists
    output logic [dtv1_pkg::SMEM_ADDR_W-1:0] addr_o,
    output logic [       dtv1_pkg::LANE_W:0] sel_o,
    output logic                             more_o   // another word for this point follows
);

  localparam int unsigned SMEM_ADDR_W = dtv1_pkg::SMEM_ADDR_W;
  localparam int unsigned CNT_W = dtv1_pkg::CNT_W;
  localparam int unsigned STRIDE_W = dtv1_pkg::STEP_W + 1;
  // Of a sum of twice a product, and two numbers that are not wider than SMEM_ADDR_W + 1.
  localparam int unsigned SEQ_W = CNT_W + STRIDE_W + 1;
  localparam int unsigned ADDR_W = ((SEQ_W > SMEM_ADDR_W + 1) ? SEQ_W : SMEM_ADDR_W + 1) + 2;

  logic ewise, wide, half_q;
  logic [SMEM_ADDR_W:0] count_q;  // words of the instruction that were asked for
  logic [ADDR_W-1:0] seq, offset, addr;
  dtv1_pkg::ipm_cfg_t   unused_cfg;
  dtv1_pkg::ipm_point_t unused_point;

  assign unused_cfg = cfg_i;
  assign unused_point = point_i;

  assign ewise = cfg_i.proc == dtv1_pkg::PROC_EWISE;
  assign wide = ewise & (cfg_i.c_src == dtv1_pkg::SOURCE_WIDE);
  assign more_o = wide & ~half_q;

  assign seq = ADDR_W'(point_i.grp) * ADDR_W'(cfg_i.stride) + ADDR_W'(point_i.step);

  always_comb begin : place
    if (~ewise) offset = ADDR_W'(point_i.word);
    else if (~cfg_i.c_seq) offset = ADDR_W'(count_q);
    else if (wide) offset = {seq[ADDR_W-2:0], half_q};
    else offset = seq;
  end

  assign addr   = ADDR_W'(cfg_i.src2_addr) + offset;
  assign ok_o   = addr[ADDR_W-1:SMEM_ADDR_W] == '0;
  assign addr_o = addr[SMEM_ADDR_W-1:0];
  assign sel_o  = ewise ? '0 : {1'b1, point_i.lane};

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      half_q  <= 1'b0;
      count_q <= '0;
    end else if (read_i) begin
      half_q  <= more_o;
      count_q <= (ewise & ~(point_i.last & ~more_o)) ? count_q + 1'b1 : '0;
    end
  end

endmodule
