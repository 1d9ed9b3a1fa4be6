// Proof of dtv1_ipm_walk in the smallest configuration, for all instructions and lists.
module ipm_walk (
    input logic               clk_i,
    input logic               cfg_valid_i,
    input dtv1_pkg::ipm_cfg_t cfg_i,
    input logic               want_i,
    input logic               by_word_i,
    input logic               bad_i,
    input logic               desc_valid_i,
    input dtv1_pkg::desc_t    desc_i,
    input logic               point_ready_i
);

  logic rst_n, cfg_ready, desc_ready, point_valid;
  dtv1_pkg::ipm_cfg_t point_cfg;
  dtv1_pkg::ipm_point_t point;
  dtv1_pkg::err_e err;
  logic [dtv1_pkg::CNT_W:0] unused_left;

  formal_reset u_reset (
      .clk_i,
      .rst_no(rst_n)
  );

  dtv1_ipm_walk dut (
      .clk_i,
      .rst_ni       (rst_n),
      .cfg_valid_i,
      .cfg_ready_o  (cfg_ready),
      .cfg_i,
      .want_i,
      .by_word_i,
      .bad_i,
      .desc_valid_i,
      .desc_ready_o (desc_ready),
      .desc_i,
      .point_valid_o(point_valid),
      .point_ready_i,
      .point_cfg_o  (point_cfg),
      .point_o      (point),
      .err_o        (err)
  );

  formal_ipm_walk u_proof (
      .clk_i,
      .rst_ni       (rst_n),
      .cfg_valid_i,
      .cfg_ready_i  (cfg_ready),
      .cfg_i,
      .want_i,
      .by_word_i,
      .bad_i,
      .desc_valid_i,
      .desc_ready_i (desc_ready),
      .desc_i,
      .point_valid_i(point_valid),
      .point_ready_i,
      .point_cfg_i  (point_cfg),
      .point_i      (point),
      .err_i        (err),
      .act_i        (dut.act_q),
      .step_i       (dut.step_q),
      .skip_i       (dut.skip_q),
      .fault_i      (dut.fault_q),
      .mine_i       (dut.want_q),
      .grouped_i    (dut.by_word_q),
      .cols_i       (dut.cols_q),
      .cnt_i        (dut.cnt),
      .left_o       (unused_left)
  );

endmodule
