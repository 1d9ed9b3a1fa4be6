// Parameters and types of DTV1, the single place where the RTL takes them from.
// Generated from configs/bf16_pe16.yaml by `make package`; do not edit.
package dtv1_pkg;

  // The configuration.
  // 1: bf16 build, 0: fxp16 build.
  localparam bit FORMAT_FP = 1'b1;
  // Processing elements: lanes of a word.
  localparam int unsigned NUM_PE = 16;
  // Largest layer size; a matrix has up to 4*MAX_N rows.
  localparam int unsigned MAX_N = 256;
  // Largest number of time steps of a sequence.
  localparam int unsigned MAX_M = 256;
  // Words of NUM_PE accumulators in the compute core.
  localparam int unsigned ACC_WORDS = 4096;
  // Words of the shared memory, both banks together.
  localparam int unsigned SMEM_WORDS = 8192;
  // DRAM read commands that may run ahead of their data.
  localparam int unsigned DRAM_AHEAD = 64;
  // fxp16: fraction bits of activations; 1.0 has to be one.
  localparam int unsigned FXP_ACT_FRAC = 8;
  // fxp16: fraction bits of weights.
  localparam int unsigned FXP_WEIGHT_FRAC = 14;

  // What follows from it.
  // Width of a memory element in bits.
  localparam int unsigned DATA_W = 16;
  // Width of a lane index.
  localparam int unsigned LANE_W = 4;
  // Row groups (words of NUM_PE lanes) of the tallest matrix column: four gates of MAX_N units.
  localparam int unsigned MAX_GROUPS = 64;
  // Width of a loop counter's upper bound (count - 1).
  localparam int unsigned CNT_W = 8;
  // Width of a list index, 0 .. MAX_N-1.
  localparam int unsigned IDX_W = 8;
  // Width of a list count, which holds MAX_N itself.
  localparam int unsigned NZC_W = 9;
  // Width of an accumulator address.
  localparam int unsigned ACC_ADDR_W = 12;
  // Width of a shared memory word address; its top bit is the bank.
  localparam int unsigned SMEM_ADDR_W = 13;
  // Width of a time step's number.
  localparam int unsigned STEP_W = 8;
  // Width of a list descriptor: head word, head lane, count.
  localparam int unsigned DESC_W = 26;
  // Pipeline stages of dtv1_fp_mul.
  localparam int unsigned FP_MUL_LAT = 2;
  // Pipeline stages of dtv1_fp_add: the shortest distance of two additions to one accumulator.
  localparam int unsigned FP_ADD_LAT = 4;
  // Pipeline stages of the fxp16 multiplier.
  localparam int unsigned FXP_MUL_LAT = 2;
  // Pipeline stages of the fxp16 accumulator.
  localparam int unsigned FXP_ADD_LAT = 1;
  // Pipeline stages of dtv1_act_fp and dtv1_act_fxp.
  localparam int unsigned ACT_LAT = 4;
  // fxp16 accumulator width: no sum of 4*MAX_N (or MAX_M) products and one addend overflows.
  localparam int unsigned FXP_ACC_W = 43;
  // Multiplier stages of this build.
  localparam int unsigned MUL_LAT = 2;
  // Adder stages of this build.
  localparam int unsigned ADD_LAT = 4;
  // Width of an accumulator lane of this build.
  localparam int unsigned ACC_W = 32;
  // Width of a result (and addend) lane: float32 in the bf16 build, 16 bits in the fxp16 build.
  localparam int unsigned RES_W = 32;
  // Stages from operand to sum in dtv1_macc_fp's cascade: multiplier, lane tree, group tree.
  localparam int unsigned FP_CAS_LAT = 42;
  // Stages from operand to sum in dtv1_macc_fxp's cascade: multiplier, lane tree, accumulator.
  localparam int unsigned FXP_CAS_LAT = 7;
  // Cascade stages of this build.
  localparam int unsigned CAS_LAT = 42;
  // Results that may be in flight or waiting: covers the longest pipeline, so it never throttles.
  localparam int unsigned RES_DEPTH = 64;
  // Width of an instruction's number where units count them: more than may be under way.
  localparam int unsigned SEQ_W = 8;

  // Procedure codes (docs/ccm.md).
  typedef enum logic [3:0] {
    PROC_IDLE    = 4'd0,
    PROC_MXV     = 4'd1,
    PROC_MTXV    = 4'd2,
    PROC_VXV     = 4'd3,
    PROC_MXV_SP  = 4'd4,
    PROC_MTXV_SP = 4'd5,
    PROC_VXV_SP  = 4'd6,
    PROC_EWISE   = 4'd7,
    PROC_ACC     = 4'd8,
    PROC_MOVE    = 4'd9,
    PROC_DELTA   = 4'd10
  } proc_e;

  // Functions on the way out.
  typedef enum logic [1:0] {
    FUNC_NONE    = 2'd0,
    FUNC_RELU    = 2'd1,
    FUNC_SIGMOID = 2'd2,
    FUNC_TANH    = 2'd3
  } func_e;

  // Modes of the PE array.
  typedef enum logic [1:0] {
    MODE_PARALLEL    = 2'd0,
    MODE_CASCADE     = 2'd1,
    MODE_ELEMENTWISE = 2'd2
  } mode_e;

  // Causes of an error stop.
  typedef enum logic [3:0] {
    ERR_NONE    = 4'd0,
    ERR_PROC    = 4'd1,
    ERR_COUNT   = 4'd2,
    ERR_INDEX   = 4'd3,
    ERR_SIZE    = 4'd4,
    ERR_ADDRESS = 4'd5,
    ERR_AXI     = 4'd6
  } err_e;

  // Units that find errors, as registers name them.
  typedef enum logic [3:0] {
    UNIT_NOBODY = 4'd0,
    UNIT_CTL    = 4'd1,
    UNIT_SRG0   = 4'd2,
    UNIT_SRG1   = 4'd3,
    UNIT_SRG2   = 4'd4,
    UNIT_DRG    = 4'd5,
    UNIT_DMX    = 4'd6,
    UNIT_SPM    = 4'd7,
    UNIT_CCM    = 4'd8,
    UNIT_OPM    = 4'd9,
    UNIT_READ   = 4'd10,
    UNIT_WRITE  = 4'd11
  } unit_e;

  // States of the machine, as registers name them.
  typedef enum logic [2:0] {
    STATE_IDLE    = 3'd0,
    STATE_RUN     = 3'd1,
    STATE_PAUSED  = 3'd2,
    STATE_STOPPED = 3'd3,
    STATE_ERROR   = 3'd4,
    STATE_RESET   = 3'd5
  } state_e;

  // Where the list of one step lies in its region, and how long it is.
  typedef struct packed {
    logic [SMEM_ADDR_W-1:0] word;
    logic [LANE_W-1:0] lane;
    logic [NZC_W-1:0] count;
  } desc_t;

  // Configuration of the compute core, one for each instruction.
  typedef struct packed {
    // procedure; plain bits, as software may write any code
    logic [3:0] proc;
    // function on the way out
    dtv1_pkg::func_e func;
    // VXV: send out and clear the accumulators at the end
    logic drain;
    // MxV, EWISE: the accumulators start at the addend stream, not at zero
    logic init;
    // EWISE: subtract the product
    logic neg;
    // EWISE: sums are in the accumulators
    logic acc;
    // MxV, EWISE: go on from what the accumulators hold
    logic cont;
    // MxV, EWISE, ACC: the accumulators keep their sums after the results
    logic hold;
    // MxV, EWISE: no results; the accumulators keep their sums
    logic mute;
    // ACC, fxp16: sums of products of two activations
    logic act_scale;
    // valid lanes of the last row group, minus one
    logic [3:0] lanes;
    // first accumulator word
    logic [11:0] base;
    // steps minus one (outermost loop)
    logic [7:0] cnt2;
    // columns minus one; sparse: of the whole matrix
    logic [7:0] cnt1;
    // row groups minus one (innermost loop)
    logic [7:0] cnt0;
  } ccm_cfg_t;

  // One operation of the compute core: what its loop nest tells the PE array and the accumulators.
  typedef struct packed {
    mode_e mode;
    logic uses;  // the sum is in an accumulator
    logic first;  // starts a sum: from the addend if init, else from zero
    logic init;
    logic clear;  // clears the accumulator, which keeps the sum otherwise
    logic result;  // the sum leaves
    logic last;  // ends its instruction
    logic book;  // result or last: takes a place among the results
    logic zero;  // no operand: the neutral product
    logic neg;  // subtract the product
    logic act_scale;  // fxp16: the product has the scale of two activations
    func_e func;  // on the result
    logic [ACC_ADDR_W-1:0] addr;  // accumulator
    logic drain;  // ends a VXV whose accumulators are sent out then: from ...
    logic [ACC_ADDR_W-1:0] drain_first;
    logic [ACC_ADDR_W-1:0] drain_last;  // ... to
  } ccm_op_t;

  // What the compute core's drain has still to do: operations wait for it.
  typedef struct packed {
    logic booking;  // results without a place
    logic busy;  // accumulators that are not cleared
    logic holding;  // accumulators that no operation may use: from ...
    logic [ACC_ADDR_W-1:0] first;
    logic [ACC_ADDR_W-1:0] last;  // ... to
    logic urgent;  // now it is its turn ...
    logic bank;  // ... in this bank
  } ccm_drain_t;

  // How a result leaves the compute core.
  typedef struct packed {
    logic scalar;  // a single sum of the cascade
    logic none;  // no result, only the end of an instruction
    logic last;  // ends its instruction
    logic act_scale;
    func_e func;
  } ccm_order_t;

  // What the compute core did in a cycle, for the performance counters.
  typedef struct packed {
    logic mac;  // an operand word entered the PE array
    logic wait_opd;  // no operand word was there
    logic wait_add;  // no addend word was there
    logic wait_cnt;  // no list count was there
    logic wait_acc;  // the accumulator was still in the adder, or to be drained
    logic wait_out;  // too many results waited, or had to go first
  } ccm_event_t;

  // Where an operand of EWISE comes from.
  typedef enum logic [2:0] {
    SOURCE_ZERO = 3'd0,
    SOURCE_ONE  = 3'd1,
    SOURCE_SMEM = 3'd2,
    SOURCE_WIDE = 3'd3,
    SOURCE_SAME = 3'd4
  } source_e;

  // What goes past the compute core to the output module.
  typedef enum logic [1:0] {
    SIDE_NONE   = 2'd0,
    SIDE_VECTOR = 2'd1,
    SIDE_LIST   = 2'd2,
    SIDE_RAW    = 2'd3
  } side_e;

  // Configuration of the input module, one for each instruction (docs/ipm.md).
  typedef struct packed {
    // procedure; plain bits, as software may write any code
    logic [3:0] proc;
    // the first operand comes from DRAM, else from SMEM
    logic src0_dram;
    // which of the two lists of a step
    logic list;
    // the indices come from the output module
    logic direct;
    // begin when the instruction so many places before has ended; 0: at once
    logic [2:0] dep;
    // side_e: what goes to the output module
    logic [1:0] side;
    // EWISE: source_e of the first operand
    logic [2:0] a_src;
    // EWISE: source_e of the second operand
    logic [2:0] b_src;
    // EWISE: source_e of the addend
    logic [2:0] c_src;
    // EWISE: the first operand is a sequence; else words one after another
    logic a_seq;
    // EWISE: the same of the second operand
    logic b_seq;
    // EWISE: the same of the addend
    logic c_seq;
    // steps minus one
    logic [7:0] cnt2;
    // columns minus one; sparse: of the whole matrix
    logic [7:0] cnt1;
    // row groups minus one
    logic [7:0] cnt0;
    // first step
    logic [7:0] step;
    // steps that the vectors in SMEM have room for
    logic [8:0] stride;
    // region of list indices; EWISE: addend
    logic [12:0] src2_addr;
    // second operand, or region of list values
    logic [12:0] src1_addr;
    // first operand, in SMEM
    logic [12:0] src0_addr;
    // first operand, in DRAM (bytes)
    logic [31:0] dram_addr;
  } ipm_cfg_t;

  // A point of an instruction's loop nest, as the units of the input module walk it.
  typedef struct packed {
    logic [STEP_W-1:0] step;
    logic [CNT_W-1:0] col;  // number of the column within the step
    logic [CNT_W-1:0] grp;
    logic grp_last;
    logic last;  // of the instruction
    logic [SMEM_ADDR_W:0] word;  // of the list entry in its region; one bit more tells its end
    logic [LANE_W-1:0] lane;
  } ipm_point_t;

  // Command of a DataMover (Xilinx PG022), for reads and writes.
  typedef struct packed {
    logic [3:0] reserved;
    logic [3:0] tag;
    logic [31:0] addr;  // first byte
    logic drr;
    logic eof;  // the packet ends with this command
    logic [5:0] dsa;
    logic incr;
    logic [22:0] btt;  // bytes to transfer
  } dm_cmd_t;

  // Modes of the output module.
  typedef enum logic [2:0] {
    OPM_WORDS   = 3'd0,
    OPM_SUMS    = 3'd1,
    OPM_ENCODE  = 3'd2,
    OPM_SCATTER = 3'd3,
    OPM_MOVE    = 3'd4
  } opm_mode_e;

  // Configuration of the output module, one for each instruction (docs/opm.md).
  typedef struct packed {
    // opm_mode_e; plain bits, as software may write any code
    logic [2:0] mode;
    // WORDS, SUMS, MOVE: results go to SMEM
    logic to_smem;
    // WORDS, SUMS, MOVE: results go to DRAM
    logic to_dram;
    // WORDS: float32 in two words
    logic wide;
    // SUMS: one after another in list order
    logic sparse;
    // the SMEM destination is a sequence; else words one after another
    logic seq;
    // ENCODE: which of the two lists of a step
    logic list;
    // ENCODE: the list begins where the last one ended
    logic append;
    // ENCODE: the indices also go straight to the input module
    logic direct;
    // valid lanes of the last row group, minus one
    logic [3:0] lanes;
    // steps minus one
    logic [7:0] cnt2;
    // columns minus one
    logic [7:0] cnt1;
    // row groups minus one
    logic [7:0] cnt0;
    // first step
    logic [7:0] step;
    // steps that a sequence in SMEM has room for
    logic [8:0] stride;
    // ENCODE: threshold
    logic [15:0] theta;
    // ENCODE without append: word of the list's first entry
    logic [12:0] head_word;
    // ENCODE without append: lane of the list's first entry
    logic [3:0] head_lane;
    // ENCODE: region of list indices
    logic [12:0] idx_addr;
    // ENCODE: region of list values; SCATTER: state gradient
    logic [12:0] dst1_addr;
    // destination in SMEM; ENCODE: stored state
    logic [12:0] dst_addr;
    // destination in DRAM (bytes)
    logic [31:0] dram_addr;
  } opm_cfg_t;

  // What the output module did in a cycle, for the performance counters.
  typedef struct packed {
    logic [LANE_W:0] fired;  // elements that moved by the threshold
    logic dram_word;  // a word left for DRAM
    logic stall;  // a result waited
  } opm_event_t;

  // Bits of an instruction.
  localparam int unsigned INSN_W = 512;
  // Bits of a word of an instruction.
  localparam int unsigned INSN_WORD_W = 64;
  // Bytes of an instruction in DRAM, where it is aligned to them.
  localparam int unsigned INSN_BYTES = 64;

  // An instruction (docs/isa.md).
  typedef struct packed {
    logic [63:0] reserved_w7_0;
    logic [63:0] reserved_w6_0;
    logic [31:0] reserved_w5_32;
    // word 5, bit 16: DELTA without append: lane of that entry
    logic [15:0] head_lane;
    // word 5, bit 0: DELTA: threshold
    logic [15:0] theta;
    // word 4, bit 32: first accumulator word
    logic [31:0] base;
    // word 4, bit 16: DELTA without append: word of the list's first entry
    logic [15:0] head_word;
    // word 4, bit 0: DELTA: list values; scatter: state gradient
    logic [15:0] dst1_addr;
    logic [36:0] reserved_w3_27;
    // word 3, bit 26: indices go straight from a DELTA to its reader
    logic direct;
    // word 3, bit 25: DELTA: the list begins where the last one ended
    logic append;
    // word 3, bit 24: which of a step's two lists
    logic list;
    // word 3, bit 23: ACC, fxp16: sums of products of two activations
    logic act_scale;
    // word 3, bit 22: the accumulators keep their sums
    logic hold;
    // word 3, bit 21: go on from what the accumulators hold
    logic cont;
    // word 3, bit 20: EWISE: sums are in the accumulators
    logic acc;
    // word 3, bit 19: MTXV_SP: gradients of value and state
    logic scatter;
    // word 3, bit 18: the destination is a sequence
    logic seq;
    // word 3, bit 17: results are float32 in two words
    logic wide;
    // word 3, bit 16: EWISE: subtract the product
    logic neg;
    // word 3, bit 15: EWISE, DELTA: the addend is a sequence
    logic c_seq;
    // word 3, bit 12: EWISE: where the addend comes from
    logic [2:0] c_src;
    // word 3, bit 11: MOVE: descriptors instead of words
    logic spm;
    // word 3, bit 10: EWISE: the second operand is a sequence
    logic b_seq;
    // word 3, bit 9: EWISE: the second operand is the first
    logic b_same;
    // word 3, bit 8: EWISE: the second operand is one
    logic b_one;
    // word 3, bit 7: EWISE: the first operand is a sequence
    logic a_seq;
    // word 3, bit 4: EWISE: where the first operand comes from
    logic [2:0] a_src;
    // word 3, bit 3: begins when all before it has ended and is in DRAM
    logic fence;
    // word 3, bit 0: waits for the instruction so many places before it; 0: none
    logic [2:0] dep;
    // word 2, bit 32: destination in DRAM (bytes)
    logic [31:0] dram_dst;
    // word 2, bit 0: first operand in DRAM (bytes)
    logic [31:0] dram_src;
    // word 1, bit 48: addend, or list indices
    logic [15:0] src2_addr;
    // word 1, bit 32: destination
    logic [15:0] dst0_addr;
    // word 1, bit 16: second operand, or list values
    logic [15:0] src1_addr;
    // word 1, bit 0: first operand
    logic [15:0] src0_addr;
    logic [3:0] reserved_w0_60;
    // word 0, bit 56: procedure
    logic [3:0] proc;
    // word 0, bit 47: steps for which sequences have room
    logic [8:0] nt;
    // word 0, bit 39: first step
    logic [7:0] t;
    // word 0, bit 37: function on the way out
    logic [1:0] func;
    // word 0, bit 29: steps minus one (outermost loop)
    logic [7:0] cnt2;
    // word 0, bit 21: columns minus one
    logic [7:0] cnt1;
    // word 0, bit 13: row groups minus one (innermost loop)
    logic [7:0] cnt0;
    // word 0, bit 5: rows minus one: valid lanes of the last group minus one, then low bits of CNT0
    logic [7:0] n1;
    // word 0, bit 4: EWISE: second operand from SMEM (channel 1)
    logic src1;
    // word 0, bit 3: first operand: 1 from DRAM, 0 from SMEM (channel 2)
    logic src0;
    // word 0, bit 2: results go to DRAM
    logic dst1;
    // word 0, bit 1: results go to SMEM
    logic dst0;
    // word 0, bit 0: the machine pauses after this instruction
    logic paus;
  } insn_t;

  // Reserved bits of an instruction.
  localparam logic [INSN_W-1:0] INSN_RESERVED = {
    64'hffffffffffffffff,
    64'hffffffffffffffff,
    64'hffffffff00000000,
    64'h0000000000000000,
    64'hfffffffff8000000,
    64'h0000000000000000,
    64'h0000000000000000,
    64'hf000000000000000
  };
  // Bits of sizes that are larger than the machine.
  localparam logic [INSN_W-1:0] INSN_PAST_SIZE = {
    64'h0000000000000000,
    64'h0000000000000000,
    64'h0000000000000000,
    64'hfffff00000000000,
    64'h0000000000000000,
    64'h0000000000000000,
    64'h0000000000000000,
    64'h0000000000000000
  };
  // Bits of addresses that are larger than the memories.
  localparam logic [INSN_W-1:0] INSN_PAST_ADDRESS = {
    64'h0000000000000000,
    64'h0000000000000000,
    64'h00000000fff00000,
    64'h00000000e000e000,
    64'h0000000000000000,
    64'h0000000000000000,
    64'he000e000e000e000,
    64'h0000000000000000
  };

  // Why the machine stops at these bits instead of decoding them; ERR_NONE where it does not.
  function automatic err_e insn_error(insn_t insn);
    if ((insn & INSN_RESERVED) != '0) return ERR_PROC;
    if ((insn & INSN_PAST_SIZE) != '0) return ERR_SIZE;
    if (insn.n1[7:4] != insn.cnt0[3:0]) return ERR_SIZE;
    if ((insn & INSN_PAST_ADDRESS) != '0) return ERR_ADDRESS;
    // Descriptors move either from DRAM or to DRAM.
    if (insn.proc == PROC_MOVE && insn.spm && (insn.src0 == insn.dst1 || insn.dst0))
      return ERR_PROC;
    // Addresses in DRAM are those of words.
    if (insn.dst1 && insn.dram_dst[LANE_W:0] != '0) return ERR_ADDRESS;
    if (insn.proc inside {PROC_MXV, PROC_MTXV, PROC_MXV_SP, PROC_MTXV_SP, PROC_MOVE}) begin
      if (insn.src0 && insn.dram_src[LANE_W:0] != '0) return ERR_ADDRESS;
    end
    // The last step exists.
    if (32'(insn.t) + 32'(insn.cnt2) >= MAX_M && !(insn.proc inside {PROC_IDLE, PROC_ACC}))
      return ERR_ADDRESS;
    return ERR_NONE;
  endfunction

endpackage
