// Front of the output module: takes configurations and checks them, joins each instruction's results
// with what the input module sends along, counts them, and hands them on in one register (the beat)
// to the part of the module that the mode names.
//
// What leaves is masked: lanes past the vector's end are zero. An instruction that writes on both
// channels of SMEM, and the one behind it, wait until everything before them is written, because
// writes of one channel may overtake those of the other.
`include "dtv1_assert.svh"

module dtv1_opm_ctl
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
  import dtv1_pkg::RES_W;
  import dtv1_pkg::CNT_W;
(
    input logic clk_i,
    input logic rst_ni,

    input  logic               cfg_valid_i,
    output logic               cfg_ready_o,
    input  dtv1_pkg::opm_cfg_t cfg_i,

    input  logic                         res_valid_i,
    output logic                         res_ready_o,
    input  logic                         res_last_i,
    input  logic                         res_none_i,
    input  logic [NUM_PE-1:0][RES_W-1:0] res_i,

    input  logic                          side_valid_i,
    output logic                          side_ready_o,
    input  logic [NUM_PE-1:0][DATA_W-1:0] side0_i,
    input  logic [NUM_PE-1:0][DATA_W-1:0] side1_i,

    input logic halt_i,  // a unit stopped
    input logic hold_i,  // too many instructions have ended and not retired
    input logic idle_i,  // everything that was taken is written
    input logic direct_room_i,  // for the indices of one more word

    output logic               held_o,  // an instruction is here that has not ended
    output dtv1_pkg::opm_cfg_t head_o,  // the instruction whose beats are taken
    output logic               end_o,   // its last beat is taken

    // SCATTER: the vector is to be set to zero, and has been.
    output logic fill_o,
    input  logic filled_i,

    // The beat. Its configuration stays until the next beat is taken.
    output logic                                        word_valid_o,
    input  logic                                        word_ready_i,
    output logic                                        enc_valid_o,
    output logic                                        scatter_valid_o,
    input  logic                                        scatter_ready_i,
    output dtv1_pkg::opm_cfg_t                          beat_cfg_o,
    output logic                                        first_o,          // of the instruction
    output logic                                        last_o,
    output logic                                        none_o,           // no result, only the end
    output logic                                        col_last_o,       // the column ends here
    output logic                                        step_last_o,      // the step ends here
    output logic               [ CNT_W-1:0]             grp_o,
    output logic               [NUM_PE-1:0]             mask_o,           // lanes of the vector
    output logic               [NUM_PE-1:0][ RES_W-1:0] raw_o,
    output logic               [NUM_PE-1:0][DATA_W-1:0] elem_o,           // as memory elements
    output logic               [NUM_PE-1:0][DATA_W-1:0] side0_o,
    output logic               [NUM_PE-1:0][DATA_W-1:0] side1_o,

    output dtv1_pkg::err_e err_o
);

  localparam int unsigned CFG_DEPTH = 8;
  localparam int unsigned VECTOR_GROUPS = dtv1_pkg::MAX_N / NUM_PE;

  typedef struct packed {
    dtv1_pkg::err_e err;  // what is wrong with it
    dtv1_pkg::opm_cfg_t cfg;
  } checked_t;

  // What a configuration asks for in vain.
  dtv1_pkg::err_e new_err;
  logic linear;

  assign linear = cfg_i.mode inside {dtv1_pkg::OPM_WORDS, dtv1_pkg::OPM_MOVE};

  always_comb begin : check
    new_err = dtv1_pkg::ERR_NONE;
    if (cfg_i.mode > dtv1_pkg::OPM_MOVE) new_err = dtv1_pkg::ERR_PROC;
    if (cfg_i.wide & (~dtv1_pkg::FORMAT_FP | (cfg_i.mode != dtv1_pkg::OPM_WORDS))) begin
      new_err = dtv1_pkg::ERR_PROC;
    end
    if (linear & cfg_i.to_smem & cfg_i.seq & (cfg_i.cnt1 != '0)) new_err = dtv1_pkg::ERR_PROC;
    if ((cfg_i.mode == dtv1_pkg::OPM_SCATTER) & (cfg_i.cnt2 != '0)) new_err = dtv1_pkg::ERR_PROC;
    if (cfg_i.mode == dtv1_pkg::OPM_ENCODE) begin
      if ((cfg_i.cnt1 != '0) | (cfg_i.cnt2 != '0)) new_err = dtv1_pkg::ERR_PROC;
      else if (32'(cfg_i.cnt0) >= VECTOR_GROUPS) new_err = dtv1_pkg::ERR_SIZE;
      else if (32'(cfg_i.step) >= dtv1_pkg::MAX_M) new_err = dtv1_pkg::ERR_ADDRESS;
    end
  end

  checked_t head;
  dtv1_pkg::opm_cfg_t cfg;
  logic fifo_ready, head_valid, instr_end;
  logic [$clog2(CFG_DEPTH+1)-1:0] cfg_count;

  dtv1_fifo #(
      .WIDTH($bits(checked_t)),
      .DEPTH(CFG_DEPTH)
  ) u_cfg (
      .clk_i,
      .rst_ni,
      .clr_i  (1'b0),
      .valid_i(cfg_valid_i & ~halt_i),
      .ready_o(fifo_ready),
      .data_i ({new_err, cfg_i}),
      .valid_o(head_valid),
      .ready_i(instr_end),
      .data_o (head),
      .count_o(cfg_count)
  );

  assign cfg_ready_o = fifo_ready & ~halt_i;
  assign cfg = head.cfg;

  // An instruction that writes on both channels opens when all is quiet, and so does the next one.
  logic words, sums, encode, scatter, move, apart, runs;
  logic opened_d, opened_q, apart_q;

  assign words    = cfg.mode == dtv1_pkg::OPM_WORDS;
  assign sums     = cfg.mode == dtv1_pkg::OPM_SUMS;
  assign encode   = cfg.mode == dtv1_pkg::OPM_ENCODE;
  assign scatter  = cfg.mode == dtv1_pkg::OPM_SCATTER;
  assign move     = cfg.mode == dtv1_pkg::OPM_MOVE;
  assign apart    = encode | scatter;
  assign runs     = head_valid & (head.err == dtv1_pkg::ERR_NONE) & ~halt_i & ~hold_i;
  assign opened_d = (opened_q | (runs & idle_i)) & ~instr_end;

  // The loop nest. An instruction's end sets it back, wherever it stands.
  logic [CNT_W-1:0] grp_d, grp_q, col_d, col_q, step_d, step_q;
  logic grp_last, col_last, move_last, first_q;

  assign grp_last  = grp_q == (sums ? cfg.cnt1 : cfg.cnt0);
  assign col_last  = sums | (col_q == cfg.cnt1);
  assign move_last = grp_last & col_last & (step_q == cfg.cnt2);

  // Which streams the beat needs, and where it goes.
  logic [2:0] target, a_valid_d, a_valid_q;

  logic res_needed, side_needed, res_there, side_there, open, a_free, may, take;

  assign target = {scatter, encode, words | sums | move};
  assign res_needed = ~move | move_last;
  assign side_needed = move | (apart & ~res_none_i);
  assign res_there = res_valid_i | ~res_needed;
  assign side_there = side_valid_i | ~side_needed;
  assign a_free = (a_valid_q & ~{scatter_ready_i, 1'b1, word_ready_i}) == '0;
  assign open = opened_q | ~(apart | apart_q);
  assign may = runs & open & a_free & (filled_i | ~scatter) &
      (direct_room_i | ~(encode & cfg.direct));
  assign take = may & res_there & side_there;
  assign instr_end = take & (move ? move_last : res_last_i);
  assign a_valid_d = take ? target : (a_free ? '0 : a_valid_q);

  assign res_ready_o = may & res_needed & side_there;
  assign side_ready_o = may & side_needed & (move ? res_there : res_valid_i);
  assign fill_o = runs & scatter & opened_q & res_valid_i & ~filled_i;
  assign held_o = cfg_count != '0;
  assign head_o = cfg;
  assign end_o = instr_end;

  always_comb begin : nest
    grp_d  = grp_q;
    col_d  = col_q;
    step_d = step_q;
    if (take) begin
      grp_d = grp_last ? '0 : grp_q + 1'b1;
      if (grp_last) col_d = col_last ? '0 : col_q + 1'b1;
      if (grp_last & col_last) step_d = step_q + 1'b1;
    end
    if (instr_end) begin
      grp_d  = '0;
      col_d  = '0;
      step_d = '0;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      a_valid_q <= '0;
      opened_q  <= 1'b0;
      apart_q   <= 1'b0;
      first_q   <= 1'b1;
      grp_q     <= '0;
      col_q     <= '0;
      step_q    <= '0;
    end else begin
      a_valid_q <= a_valid_d;
      opened_q  <= opened_d;
      if (instr_end) apart_q <= apart;
      if (take) first_q <= instr_end;
      grp_q  <= grp_d;
      col_q  <= col_d;
      step_q <= step_d;
    end
  end

  // Results as memory elements, without what lies past the vector's end.
  logic [NUM_PE-1:0] mask;
  logic [NUM_PE-1:0][DATA_W-1:0] elem;
  logic [NUM_PE-1:0][RES_W-1:0] raw;

  always_comb begin : valid_lanes
    for (int unsigned l = 0; l < NUM_PE; l++) begin
      mask[l] = ~grp_last | (32'(cfg.lanes) >= l) | sums | move;
    end
  end

  for (genvar l = 0; l < NUM_PE; l++) begin : gen_lane
    logic [DATA_W-1:0] rounded;

    if (dtv1_pkg::FORMAT_FP) begin : gen_fp
      dtv1_fp_round u_round (
          .x_i(res_i[l]),
          .y_o(rounded)
      );
    end else begin : gen_fxp
      assign rounded = res_i[l];
    end

    assign raw[l]  = mask[l] ? res_i[l] : '0;
    assign elem[l] = move ? side0_i[l] : (mask[l] ? rounded : '0);
  end

  always_ff @(posedge clk_i) begin : beat
    if (a_free) begin
      first_o     <= first_q;
      last_o      <= move ? move_last : res_last_i;
      none_o      <= ~move & res_none_i;
      col_last_o  <= grp_last;
      step_last_o <= grp_last & col_last;
      grp_o       <= grp_q;
      mask_o      <= mask;
      raw_o       <= raw;
      elem_o      <= elem;
      side0_o     <= side0_i;
      side1_o     <= side1_i;
    end
    if (take) beat_cfg_o <= cfg;
  end

  assign {scatter_valid_o, enc_valid_o, word_valid_o} = a_valid_q;

  always_comb begin : error
    err_o = dtv1_pkg::ERR_NONE;
    if (head_valid) err_o = head.err;
  end

  `DTV1_ASSERT(OneTarget_A, $onehot0(a_valid_q))

endmodule
