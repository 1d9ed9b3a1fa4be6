// From an instruction to the configurations of input module, compute core and output module: moves of
// fields and small tables (docs/isa.md; the golden model's Instruction.units). Also what is wrong with the
// instruction's bits, and whether control itself has to carry it out.
module dtv1_ctl_decode (
    input dtv1_pkg::insn_t insn_i,

    output dtv1_pkg::ipm_cfg_t ipm_cfg_o,
    output dtv1_pkg::ccm_cfg_t ccm_cfg_o,
    output dtv1_pkg::opm_cfg_t opm_cfg_o,
    output logic               spm_o,      // a move of descriptors
    output dtv1_pkg::err_e     err_o
);

  localparam int unsigned LANE_W = dtv1_pkg::LANE_W;
  localparam int unsigned CNT_W = dtv1_pkg::CNT_W;
  localparam int unsigned SMEM_ADDR_W = dtv1_pkg::SMEM_ADDR_W;
  localparam int unsigned ACC_ADDR_W = dtv1_pkg::ACC_ADDR_W;

  logic mxv, mtxv, vxv, ewise, acc, move, delta, scatter, sparse_sums, gives, unused_bits;
  logic [LANE_W-1:0] lanes;
  logic [2:0] b_src;

  assign unused_bits = ^insn_i;

  assign mxv = insn_i.proc inside {dtv1_pkg::PROC_MXV, dtv1_pkg::PROC_MXV_SP};
  assign mtxv = insn_i.proc inside {dtv1_pkg::PROC_MTXV, dtv1_pkg::PROC_MTXV_SP};
  assign vxv = insn_i.proc inside {dtv1_pkg::PROC_VXV, dtv1_pkg::PROC_VXV_SP};
  assign ewise = insn_i.proc == dtv1_pkg::PROC_EWISE;
  assign acc = insn_i.proc == dtv1_pkg::PROC_ACC;
  assign move = insn_i.proc == dtv1_pkg::PROC_MOVE;
  assign delta = insn_i.proc == dtv1_pkg::PROC_DELTA;
  assign sparse_sums = insn_i.proc == dtv1_pkg::PROC_MTXV_SP;
  assign scatter = sparse_sums & insn_i.scatter;
  assign gives = insn_i.dst0 | insn_i.dst1;
  assign lanes = insn_i.n1[LANE_W-1:0];
  assign b_src = {insn_i.b_same, insn_i.src1, insn_i.b_one};
  assign spm_o = move & insn_i.spm;
  assign err_o = dtv1_pkg::insn_error(insn_i);

  always_comb begin : input_module
    ipm_cfg_o = '0;
    ipm_cfg_o.proc = delta ? dtv1_pkg::PROC_EWISE : insn_i.proc;
    ipm_cfg_o.src0_dram = insn_i.src0;
    ipm_cfg_o.list = insn_i.list;
    ipm_cfg_o.direct = insn_i.direct & ~delta;
    ipm_cfg_o.dep = insn_i.dep;
    ipm_cfg_o.side = dtv1_pkg::SIDE_NONE;
    if (scatter) ipm_cfg_o.side = dtv1_pkg::SIDE_LIST;
    if (delta) ipm_cfg_o.side = dtv1_pkg::SIDE_VECTOR;
    if (move) ipm_cfg_o.side = dtv1_pkg::SIDE_RAW;
    ipm_cfg_o.a_src = delta ? dtv1_pkg::SOURCE_ONE : insn_i.a_src;
    ipm_cfg_o.b_src = delta ? dtv1_pkg::SOURCE_SMEM : b_src;
    ipm_cfg_o.c_src = delta ? dtv1_pkg::SOURCE_SMEM : insn_i.c_src;
    ipm_cfg_o.a_seq = insn_i.a_seq;
    ipm_cfg_o.b_seq = insn_i.b_seq & ~delta;
    ipm_cfg_o.c_seq = insn_i.c_seq;
    ipm_cfg_o.cnt2 = insn_i.cnt2;
    ipm_cfg_o.cnt1 = insn_i.cnt1;
    ipm_cfg_o.cnt0 = insn_i.cnt0;
    ipm_cfg_o.step = insn_i.t;
    ipm_cfg_o.stride = insn_i.nt;
    ipm_cfg_o.src2_addr = insn_i.src2_addr[SMEM_ADDR_W-1:0];
    ipm_cfg_o.src1_addr = insn_i.src1_addr[SMEM_ADDR_W-1:0];
    ipm_cfg_o.src0_addr = insn_i.src0_addr[SMEM_ADDR_W-1:0];
    ipm_cfg_o.dram_addr = insn_i.dram_src;
  end

  always_comb begin : core
    ccm_cfg_o = '0;
    ccm_cfg_o.proc = insn_i.proc;
    if (delta) ccm_cfg_o.proc = dtv1_pkg::PROC_EWISE;
    if (move) ccm_cfg_o.proc = dtv1_pkg::PROC_IDLE;
    ccm_cfg_o.func = dtv1_pkg::func_e'(insn_i.func);
    ccm_cfg_o.drain = gives;
    ccm_cfg_o.init = delta | (ewise & (insn_i.c_src != dtv1_pkg::SOURCE_ZERO));
    ccm_cfg_o.neg = delta | insn_i.neg;
    ccm_cfg_o.acc = insn_i.acc;
    ccm_cfg_o.cont = insn_i.cont;
    ccm_cfg_o.hold = insn_i.hold;
    ccm_cfg_o.mute = (mxv | ewise) & ~gives;
    ccm_cfg_o.act_scale = insn_i.act_scale;
    ccm_cfg_o.lanes = lanes;
    ccm_cfg_o.base = insn_i.base[ACC_ADDR_W-1:0];
    ccm_cfg_o.cnt2 = insn_i.cnt2;
    ccm_cfg_o.cnt1 = insn_i.cnt1;
    ccm_cfg_o.cnt0 = insn_i.cnt0;
  end

  always_comb begin : output_module
    opm_cfg_o = '0;
    opm_cfg_o.mode = dtv1_pkg::OPM_WORDS;
    if (mtxv) opm_cfg_o.mode = dtv1_pkg::OPM_SUMS;
    if (scatter) opm_cfg_o.mode = dtv1_pkg::OPM_SCATTER;
    if (delta) opm_cfg_o.mode = dtv1_pkg::OPM_ENCODE;
    if (move) opm_cfg_o.mode = dtv1_pkg::OPM_MOVE;
    opm_cfg_o.to_smem = insn_i.dst0;
    opm_cfg_o.to_dram = insn_i.dst1;
    opm_cfg_o.wide = insn_i.wide;
    opm_cfg_o.sparse = sparse_sums;
    opm_cfg_o.seq = insn_i.seq;
    opm_cfg_o.list = insn_i.list;
    opm_cfg_o.append = insn_i.append;
    opm_cfg_o.direct = insn_i.direct & delta;
    // The columns are the elements of the vectors that a scatter writes.
    opm_cfg_o.lanes = scatter ? insn_i.cnt1[LANE_W-1:0] : lanes;
    opm_cfg_o.cnt0 = scatter ? CNT_W'(insn_i.cnt1 >> LANE_W) : insn_i.cnt0;
    // Results are one column for each step in MxV, and come once in VXV and ACC.
    opm_cfg_o.cnt1 = mxv ? '0 : insn_i.cnt1;
    opm_cfg_o.cnt2 = (vxv | acc) ? '0 : insn_i.cnt2;
    opm_cfg_o.step = insn_i.t;
    opm_cfg_o.stride = insn_i.nt;
    opm_cfg_o.theta = insn_i.theta;
    opm_cfg_o.head_word = insn_i.head_word[SMEM_ADDR_W-1:0];
    opm_cfg_o.head_lane = insn_i.head_lane[LANE_W-1:0];
    opm_cfg_o.idx_addr = insn_i.src0_addr[SMEM_ADDR_W-1:0];
    opm_cfg_o.dst1_addr = insn_i.dst1_addr[SMEM_ADDR_W-1:0];
    opm_cfg_o.dst_addr = insn_i.dst0_addr[SMEM_ADDR_W-1:0];
    opm_cfg_o.dram_addr = insn_i.dram_dst;
  end

endmodule
