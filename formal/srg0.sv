// Proof of dtv1_srg0 in the smallest configuration, for all instructions, lists and answers of the
// memory: of each list exactly as many indices are read as it has (or taken from the output module,
// where they come from there), one after the other, none of an empty one; each of them is handed on
// exactly once to each unit that needs it.
module srg0
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
  import dtv1_pkg::LANE_W;
  import dtv1_pkg::SMEM_ADDR_W;
  import dtv1_pkg::CNT_W;
#(
    localparam int unsigned TAKERS  = 3,
    localparam int unsigned READS   = 16,
    localparam int unsigned LISTS   = 4,
    localparam int unsigned PLACE_W = SMEM_ADDR_W + 1 + LANE_W
) (
    input logic                                                 clk_i,
    input logic                                                 cfg_valid_i,
    input dtv1_pkg::ipm_cfg_t                                   cfg_i,
    input logic                                                 cmd_ready_i,
    input logic                                                 desc_valid_i,
    input dtv1_pkg::desc_t                                      desc_i,
    input logic                                                 req_ready_i,
    input logic                                                 rsp_valid_i,
    input logic               [         NUM_PE-1:0][DATA_W-1:0] rsp_data_i,
    input logic                                                 direct_valid_i,
    input logic               [dtv1_pkg::IDX_W-1:0]             direct_idx_i,
    input logic               [         TAKERS-1:0]             idx_ready_i,
    input logic                                                 word_ready_i
);

  logic
      rst_n, unused_cfg_ready, unused_cmd_valid, unused_cmd_list, desc_ready, req_valid, rsp_ready;
  logic [dtv1_pkg::STEP_W-1:0] unused_cmd_first, unused_cmd_last;
  logic [SMEM_ADDR_W-1:0] req_addr;
  logic [LANE_W:0] req_sel;
  logic [TAKERS-1:0] idx_valid;
  logic [dtv1_pkg::IDX_W-1:0] idx;
  logic direct_ready, word_valid;
  logic [NUM_PE-1:0][DATA_W-1:0] unused_word;
  dtv1_pkg::err_e err;
  logic [dtv1_pkg::SEQ_W-1:0] unused_num;

  formal_reset u_reset (
      .clk_i,
      .rst_no(rst_n)
  );

  dtv1_srg0 dut (
      .clk_i,
      .rst_ni         (rst_n),
      .cfg_valid_i,
      .cfg_ready_o    (unused_cfg_ready),
      .cfg_i,
      .cmd_valid_o    (unused_cmd_valid),
      .cmd_ready_i,
      .cmd_list_o     (unused_cmd_list),
      .cmd_first_o    (unused_cmd_first),
      .cmd_last_o     (unused_cmd_last),
      .desc_valid_i,
      .desc_ready_o   (desc_ready),
      .desc_i,
      .req_valid_o    (req_valid),
      .req_ready_i,
      .req_addr_o     (req_addr),
      .req_sel_o      (req_sel),
      .rsp_valid_i,
      .rsp_ready_o    (rsp_ready),
      .rsp_data_i,
      .direct_valid_i,
      .direct_ready_o (direct_ready),
      .direct_idx_i,
      .idx_dmx_valid_o(idx_valid[0]),
      .idx_dmx_ready_i(idx_ready_i[0]),
      .idx_drg_valid_o(idx_valid[1]),
      .idx_drg_ready_i(idx_ready_i[1]),
      .idx_srg_valid_o(idx_valid[2]),
      .idx_srg_ready_i(idx_ready_i[2]),
      .idx_o          (idx),
      .word_valid_o   (word_valid),
      .word_ready_i,
      .word_o         (unused_word),
      .err_o          (err),
      .num_o          (unused_num)
  );

  // The walk sees sparse instructions, whose entries it walks, and EWISE.
  function automatic logic is_sparse(input logic [3:0] proc);
    return proc inside {dtv1_pkg::PROC_MXV_SP, dtv1_pkg::PROC_MTXV_SP, dtv1_pkg::PROC_VXV_SP};
  endfunction

  logic [LISTS-1:0][3:0] procs;  // of the instructions that wait in the RAM: the field at the top
  for (genvar i = 0; i < LISTS; i++) begin : gen_procs
    assign procs[i] = dut.u_wait.u_ram.gen_plain.ram[i][$bits(
        dtv1_pkg::ipm_cfg_t
    )+dtv1_pkg::SEQ_W-1-:4];
  end

  function automatic logic is_walked(input logic [3:0] proc);
    return is_sparse(proc) || proc == dtv1_pkg::PROC_EWISE;
  endfunction

  // The walk is in the middle of an instruction with lists.
  logic listed;
  assign listed = dut.u_walk.act_q && is_sparse(dut.point_cfg.proc);

  // Entries of the list at hand that were not asked for, and the place of the next one.
  logic [CNT_W:0] unread_q, unread, walk_left;
  logic [PLACE_W-1:0] place_q, addr;
  // Indices and words that were asked for and did not leave, and who has the first index of them.
  logic [31:0] open_q;
  logic [TAKERS-1:0] has_q, takes, needed;
  logic desc, asks, entry, leaves, idx_leaves;

  assign desc = desc_valid_i && desc_ready;
  assign asks = dut.tag_push;
  assign entry = asks && listed;
  assign idx_leaves = leaves && !dut.tag.word;
  assign leaves = (rsp_valid_i && rsp_ready) || (direct_valid_i && direct_ready);
  assign takes = idx_valid & idx_ready_i;
  assign needed = {dut.tag.to_srg, dut.tag.to_drg, 1'b1};
  assign unread = unread_q - (CNT_W + 1)'(entry);
  assign addr = {1'b0, dut.point_cfg.src2_addr, LANE_W'(0)} + place_q;

  // Who needs the indices of an instruction: {second SMEM reader, DRAM reader}.
  logic [1:0] takers;
  always_comb begin : who
    takers = dut.point_cfg.src0_dram ? 2'b01 : 2'b10;
    if (dut.point_cfg.proc == dtv1_pkg::PROC_VXV_SP) takers = 2'b00;
    else if (dut.point_cfg.proc == dtv1_pkg::PROC_MTXV_SP
             && dut.point_cfg.side == dtv1_pkg::SIDE_LIST)
      takers[1] = 1'b1;
  end

  always_ff @(posedge clk_i or negedge rst_n) begin : state
    if (!rst_n) begin
      unread_q <= '0;
      open_q   <= 0;
      has_q    <= '0;
    end else begin
      unread_q <= desc ? (CNT_W + 1)'(desc_i.count) : unread;
      open_q   <= open_q + 32'(asks) - 32'(leaves);
      has_q    <= idx_leaves ? '0 : has_q | takes;
    end
  end

  always_ff @(posedge clk_i) begin : payload
    if (desc) place_q <= {1'b0, desc_i.word, desc_i.lane};
    else if (entry) place_q <= place_q + 1'b1;
  end

  always_ff @(posedge clk_i) begin : properties
    if (rst_n) begin
      // Entries: never past the count, never short of it, one after another; a read for each, or an
      // index from the output module.
      Count_A : assert (!entry || unread_q != '0);
      Read_A :
      assert (dut.point_cfg.direct && listed ? !req_valid : (req_valid && req_ready_i) == asks);
      AllRead_A : assert (!desc || unread == '0);
      Asked_A :
      assert (err != dtv1_pkg::ERR_NONE || unread_q == '0 || open_q == READS
              || dut.walk_err != dtv1_pkg::ERR_NONE
              || (dut.point_cfg.direct ? asks : req_valid || addr[PLACE_W-1]));
      Place_A :
      assert (!(req_valid && listed) || ({1'b0, req_addr} == addr[PLACE_W-1:LANE_W]
                                         && req_sel == {1'b1, addr[LANE_W-1:0]}));
      // Indices: one of each, and that once to each who needs it.
      NoneMadeUp_A : assert ((idx_valid == '0 && !word_valid && !leaves) || open_q != 0);
      Room_A : assert (open_q <= READS);
      NotTwice_A : assert ((takes & has_q) == '0 && (takes & ~needed) == '0);
      NotLost_A : assert (!idx_leaves || (takes | has_q) == needed);
      Word_A : assert (!leaves || dut.tag.word == (word_valid && word_ready_i));
      InMatrix_A : assert (idx_valid == '0 || 32'(idx) <= 32'(dut.tag.highest));

      // What a tag says of its index, and where that comes from.
      From_A :
      assert (!leaves || (direct_valid_i && direct_ready) == (dut.tag.direct && !dut.tag.word));
      OneOnly_A : assert (!(rsp_valid_i && rsp_ready && direct_valid_i && direct_ready));
      if (asks) begin
        Kind_A : assert (dut.tag_in.word == !listed);
      end
      if (entry) begin
        Highest_A : assert (dut.tag_in.highest == dut.point_cfg.cnt1);
        Direct_A : assert (dut.tag_in.direct == dut.point_cfg.direct);
        Takers_A : assert ({dut.tag_in.to_srg, dut.tag_in.to_drg} == takers);
      end

      // The inside.
      if (dut.walk_err == dtv1_pkg::ERR_NONE) begin
        Unread_A : assert (unread_q == (listed ? walk_left : '0));
        PlaceKept_A : assert (unread_q == '0 || place_q == {dut.point.word, dut.point.lane});
      end
      if (dut.u_walk.act_q) begin
        WalkCfg_A : assert (is_walked(dut.point_cfg.proc) && dut.u_walk.want_q);
        ByEntry_A : assert (dut.u_walk.by_word_q == !listed);
      end
      HeadCfg_A : assert (!dut.cfg_valid || is_walked(dut.cfg.proc));
      for (int unsigned i = 0; i < LISTS; i++) begin
        if (i + 32'(dut.cfg_valid) < 32'(dut.u_wait.count_q)) begin
          assert (is_walked(procs[(32'(dut.u_wait.raddr_q)+i)%LISTS]));
        end
      end
      Open_A : assert (open_q == 32'(dut.u_tags.count_q));
      Has_A : assert (has_q == (dut.u_fork.done_q & needed));
      Waits_A : assert (dut.u_fork.done_q == '0 || (dut.tag_valid && !dut.tag.word));
    end
  end

  formal_ipm_walk u_walk (
      .clk_i,
      .rst_ni       (rst_n),
      .cfg_valid_i  (dut.u_walk.cfg_valid_i),
      .cfg_ready_i  (dut.u_walk.cfg_ready_o),
      .cfg_i        (dut.u_walk.cfg_i),
      .want_i       (dut.u_walk.want_i),
      .by_word_i    (dut.u_walk.by_word_i),
      .bad_i        (dut.u_walk.bad_i),
      .desc_valid_i,
      .desc_ready_i (desc_ready),
      .desc_i,
      .point_valid_i(dut.u_walk.point_valid_o),
      .point_ready_i(dut.u_walk.point_ready_i),
      .point_cfg_i  (dut.u_walk.point_cfg_o),
      .point_i      (dut.u_walk.point_o),
      .err_i        (dut.u_walk.err_o),
      .act_i        (dut.u_walk.act_q),
      .step_i       (dut.u_walk.step_q),
      .skip_i       (dut.u_walk.skip_q),
      .fault_i      (dut.u_walk.fault_q),
      .mine_i       (dut.u_walk.want_q),
      .grouped_i    (dut.u_walk.by_word_q),
      .cols_i       (dut.u_walk.cols_q),
      .cnt_i        (dut.u_walk.cnt),
      .left_o       (walk_left)
  );

  formal_fifo_inside #(
      .DEPTH(READS)
  ) u_tags (
      .clk_i,
      .rst_ni (rst_n),
      .count_i(32'(dut.u_tags.count_q)),
      .ahead_i(dut.u_tags.gen_fwft.shown_q),
      .raddr_i(32'(dut.u_tags.raddr_q)),
      .waddr_i(32'(dut.u_tags.waddr_q))
  );

  formal_fifo_inside #(
      .DEPTH(LISTS)
  ) u_wait (
      .clk_i,
      .rst_ni (rst_n),
      .count_i(32'(dut.u_wait.count_q)),
      .ahead_i(dut.u_wait.gen_fwft.shown_q),
      .raddr_i(32'(dut.u_wait.raddr_q)),
      .waddr_i(32'(dut.u_wait.waddr_q))
  );

endmodule
