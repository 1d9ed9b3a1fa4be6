// Proof of a dtv1_ipm_walk, beside which it stands: of each list exactly as many entries are handed
// on as it has, each once for each row group, in order and at consecutive places; likewise the
// columns of dense steps. The assertions on the inside are what makes the induction end.
module formal_ipm_walk
  import dtv1_pkg::CNT_W;
  import dtv1_pkg::STEP_W;
  import dtv1_pkg::LANE_W;
  import dtv1_pkg::SMEM_ADDR_W;
#(
    localparam int unsigned LEFT_W  = CNT_W + 1,
    localparam int unsigned PLACE_W = SMEM_ADDR_W + 1 + LANE_W
) (
    input logic clk_i,
    input logic rst_ni,

    // Its ports.
    input logic                 cfg_valid_i,
    input logic                 cfg_ready_i,
    input dtv1_pkg::ipm_cfg_t   cfg_i,
    input logic                 want_i,
    input logic                 by_word_i,
    input logic                 bad_i,
    input logic                 desc_valid_i,
    input logic                 desc_ready_i,
    input dtv1_pkg::desc_t      desc_i,
    input logic                 point_valid_i,
    input logic                 point_ready_i,
    input dtv1_pkg::ipm_cfg_t   point_cfg_i,
    input dtv1_pkg::ipm_point_t point_i,
    input dtv1_pkg::err_e       err_i,

    // Its inside.
    input logic                                  act_i,
    input logic                                  step_i,
    input logic                                  skip_i,
    input dtv1_pkg::err_e                        fault_i,
    input logic                                  mine_i,
    input logic                                  grouped_i,
    input logic           [CNT_W-1:0]            cols_i,
    input logic           [      2:0][CNT_W-1:0] cnt_i,

    output logic [LEFT_W-1:0] left_o  // entries of the list at hand that were not handed on
);

  function automatic logic is_sparse(input logic [3:0] proc);
    return proc inside {dtv1_pkg::PROC_MXV_SP, dtv1_pkg::PROC_MTXV_SP, dtv1_pkg::PROC_VXV_SP};
  endfunction

  // The model: what is left of the instruction and of its step, counted down.
  dtv1_pkg::ipm_cfg_t cfg_q, cfg;
  logic want_q, want;
  logic [LEFT_W-1:0] groups_q, groups;  // points of a column
  logic [LEFT_W-1:0] steps_d, steps_q;  // steps not begun
  logic [LEFT_W-1:0] left_d, left_q;  // columns of the step not handed on
  logic [LEFT_W-1:0] total_d, total_q;  // ... of those that it has
  logic [LEFT_W-1:0] words_d, words_q;  // points of the column that were handed on
  logic [PLACE_W-1:0] head_d, head_q;  // place of the list's first entry
  dtv1_pkg::err_e fault_q, fault;  // what is wrong with all of it
  dtv1_pkg::err_e err_d, err_q;

  logic load, point, last_word, step_over, sparse, begins;
  logic [LEFT_W-1:0] left;
  logic [31:0] columns;

  assign point = point_valid_i && point_ready_i;
  assign last_word = words_q + 1 == groups_q;
  assign left = left_q - LEFT_W'(point && last_word);
  assign step_over = left == '0;

  assign load = cfg_valid_i && cfg_ready_i && (want_i || is_sparse(cfg_i.proc));
  assign cfg = load ? cfg_i : cfg_q;
  assign want = load ? want_i : want_q;
  assign groups = load ? (by_word_i ? LEFT_W'(cfg_i.cnt0) + 1 : 1) : groups_q;
  assign sparse = is_sparse(cfg.proc);

  // A step begins with its list, in a dense procedure as soon as the one before it is over.
  assign begins    = sparse ? desc_valid_i && desc_ready_i :
                              load || (step_over && steps_q != '0 && err_q == dtv1_pkg::ERR_NONE);
  assign columns = sparse ? 32'(desc_i.count) : 32'(cfg.cnt1) + 1;

  always_comb begin : whole
    fault = fault_q;
    if (load) begin
      if (bad_i) fault = dtv1_pkg::ERR_PROC;
      else if (32'(cfg.step) + 32'(cfg.cnt2) >= dtv1_pkg::MAX_M) fault = dtv1_pkg::ERR_ADDRESS;
      else fault = dtv1_pkg::ERR_NONE;
    end
  end

  always_comb begin : model
    steps_d = load ? LEFT_W'(cfg.cnt2) + 1 : steps_q;
    words_d = (point && !last_word) ? words_q + 1 : point ? '0 : words_q;
    left_d  = left;
    total_d = total_q;
    head_d  = head_q;
    err_d   = err_q;
    if (begins) begin
      steps_d = steps_d - 1;
      left_d  = want ? LEFT_W'(columns) : '0;
      total_d = left_d;
      head_d  = {1'b0, desc_i.word, desc_i.lane};
      if (fault != dtv1_pkg::ERR_NONE) err_d = fault;
      else if (columns > 32'(cfg.cnt1) + 1) err_d = dtv1_pkg::ERR_COUNT;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      steps_q <= '0;
      left_q  <= '0;
      words_q <= '0;
      err_q   <= dtv1_pkg::ERR_NONE;
    end else begin
      steps_q <= steps_d;
      left_q  <= left_d;
      words_q <= words_d;
      err_q   <= err_d;
    end
  end

  always_ff @(posedge clk_i) begin : payload
    cfg_q    <= cfg;
    fault_q  <= fault;
    want_q   <= want;
    groups_q <= groups;
    total_q  <= total_d;
    head_q   <= head_d;
  end

  assign left_o = left_q;

  always_ff @(posedge clk_i) begin : properties
    if (rst_ni) begin
      Error_A : assert (err_i == err_q);
      if (err_q != dtv1_pkg::ERR_NONE) begin
        Stopped_A : assert (!point_valid_i && !cfg_ready_i && !desc_ready_i);
      end else begin
        // Never past the count, and never short of it.
        Count_A : assert (point_valid_i == (left_q != '0));
        Next_A : assert (cfg_ready_i == (step_over && steps_q == '0));
        NextList_A : assert (desc_ready_i == (sparse && (load || (step_over && steps_q != '0))));
        if (point_valid_i) begin
          Number_A : assert (LEFT_W'(point_i.col) == total_q - left_q && left_q <= total_q);
          Group_A : assert (LEFT_W'(point_i.grp) == words_q && point_i.grp_last == last_word);
          Step_A : assert (32'(point_i.step) == 32'(cfg_q.step) + 32'(cfg_q.cnt2) - 32'(steps_q));
          Last_A : assert (point_i.last == (last_word && left_q == 1 && steps_q == '0));
          Cfg_A : assert (point_cfg_i == cfg_q);
          if (is_sparse(cfg_q.proc)) begin
            Place_A : assert ({point_i.word, point_i.lane} == head_q + PLACE_W'(point_i.col));
          end
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin : inside_properties
    if (rst_ni && err_q == dtv1_pkg::ERR_NONE) begin
      Busy_A : assert ((step_i && !skip_i) == (left_q != '0));
      Steps_A :
      assert (act_i ? 32'(steps_q) + 32'(step_i) + 32'(cnt_i[2]) == 32'(cfg_q.cnt2) + 1
                    : steps_q == '0 && !step_i && cnt_i[2] == '0);
      Idle_A : assert ((step_i && !skip_i) || (cnt_i[0] == '0 && cnt_i[1] == '0 && words_q == '0));
      Skip_A : assert (!(step_i && skip_i) || cols_i == '0);
      Columns_A :
      assert (left_q == '0 || (LEFT_W'(cols_i) + 1 == total_q && left_q <= total_q
                               && LEFT_W'(cnt_i[1]) == total_q - left_q));
      Words_A : assert (left_q == '0 || (LEFT_W'(cnt_i[0]) == words_q && words_q < groups_q));
      if (act_i) begin
        Kept_A :
        assert (point_cfg_i == cfg_q && mine_i == want_q && (want_q || is_sparse(cfg_q.proc)));
        Groups_A : assert (groups_q == (grouped_i ? LEFT_W'(cfg_q.cnt0) + 1 : 1));
        Fault_A : assert (fault_i == fault_q);
        Fits_A :
        assert (fault_q != dtv1_pkg::ERR_NONE
                || 32'(cfg_q.step) + 32'(cfg_q.cnt2) < dtv1_pkg::MAX_M);
        Dense_A : assert (is_sparse(cfg_q.proc) || step_i);
        Begun_A : assert (!step_i || fault_i == dtv1_pkg::ERR_NONE);
        Mine_A : assert (want_q || left_q == '0);
      end
    end
  end

endmodule
