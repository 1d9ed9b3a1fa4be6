// Sigmoid and tanh of 16-bit numbers with 8 fraction bits: two lookups at once.
//
// Generated for fxp_act_frac = 8 by `make package`; do not edit.
// The table holds the functions of x >= 0; what it gives, two enabled cycles after x_i, is that of |x|.
module dtv1_act_rom_fxp (
    input  logic             clk_i,
    input  logic             en_i,
    input  logic             tanh_i,  // 1: tanh, 0: sigmoid
    input  logic [1:0][15:0] x_i,     // signed, activation format
    output logic [1:0][15:0] entry_o  // unsigned, activation format
);

  localparam int unsigned ADDR_W = 12;
  // Largest magnitude of its own, and where its entry lies.
  localparam logic [15:0] SIGMOID_LAST = 16'd1597;
  localparam logic [ADDR_W-1:0] SIGMOID_END = 12'd1597;
  localparam logic [15:0] TANH_LAST = 16'd888;
  localparam logic [ADDR_W-1:0] TANH_END = 12'd2486;
  localparam logic [ADDR_W-1:0] TANH_BASE = 12'd1598;

  // |x| of a negative x is ~x + 1; the 1 is part of what ~x is compared with and added to.
  logic [1:0][15:0] folded, last;
  logic [1:0][ADDR_W-1:0] first, addr;

  always_comb begin : find
    for (int unsigned k = 0; k < 2; k++) begin
      folded[k] = x_i[k] ^ {16{x_i[k][15]}};
      last[k]   = (tanh_i ? TANH_LAST : SIGMOID_LAST) - 16'(x_i[k][15]);
      first[k]  = (tanh_i ? TANH_BASE : '0) + ADDR_W'(x_i[k][15]);
      if (folded[k] > last[k]) addr[k] = tanh_i ? TANH_END : SIGMOID_END;
      else addr[k] = ADDR_W'(folded[k]) + first[k];
    end
  end

  // 2496 entries, 16 to a line, the first one at address 0.
  localparam int unsigned ROWS = 156;
  localparam logic [ROWS-1:0][15:0][15:0] TABLE = {
    256'h0080_0080_0080_0081_0081_0081_0081_0082_0082_0082_0082_0083_0083_0083_0083_0084,
    256'h0084_0084_0084_0085_0085_0085_0085_0086_0086_0086_0086_0087_0087_0087_0087_0088,
    256'h0088_0088_0088_0089_0089_0089_0089_008a_008a_008a_008a_008b_008b_008b_008b_008c,
    256'h008c_008c_008c_008d_008d_008d_008d_008e_008e_008e_008e_008f_008f_008f_008f_0090,
    256'h0090_0090_0090_0091_0091_0091_0091_0092_0092_0092_0092_0093_0093_0093_0093_0094,
    256'h0094_0094_0094_0095_0095_0095_0095_0096_0096_0096_0096_0097_0097_0097_0097_0097,
    256'h0098_0098_0098_0098_0099_0099_0099_0099_009a_009a_009a_009a_009b_009b_009b_009b,
    256'h009c_009c_009c_009c_009d_009d_009d_009d_009d_009e_009e_009e_009e_009f_009f_009f,
    256'h009f_00a0_00a0_00a0_00a0_00a1_00a1_00a1_00a1_00a1_00a2_00a2_00a2_00a2_00a3_00a3,
    256'h00a3_00a3_00a4_00a4_00a4_00a4_00a4_00a5_00a5_00a5_00a5_00a6_00a6_00a6_00a6_00a7,
    256'h00a7_00a7_00a7_00a7_00a8_00a8_00a8_00a8_00a9_00a9_00a9_00a9_00a9_00aa_00aa_00aa,
    256'h00aa_00ab_00ab_00ab_00ab_00ab_00ac_00ac_00ac_00ac_00ad_00ad_00ad_00ad_00ad_00ae,
    256'h00ae_00ae_00ae_00af_00af_00af_00af_00af_00b0_00b0_00b0_00b0_00b0_00b1_00b1_00b1,
    256'h00b1_00b2_00b2_00b2_00b2_00b2_00b3_00b3_00b3_00b3_00b3_00b4_00b4_00b4_00b4_00b4,
    256'h00b5_00b5_00b5_00b5_00b6_00b6_00b6_00b6_00b6_00b7_00b7_00b7_00b7_00b7_00b8_00b8,
    256'h00b8_00b8_00b8_00b9_00b9_00b9_00b9_00b9_00ba_00ba_00ba_00ba_00ba_00bb_00bb_00bb,
    256'h00bb_00bb_00bc_00bc_00bc_00bc_00bc_00bd_00bd_00bd_00bd_00bd_00bd_00be_00be_00be,
    256'h00be_00be_00bf_00bf_00bf_00bf_00bf_00c0_00c0_00c0_00c0_00c0_00c1_00c1_00c1_00c1,
    256'h00c1_00c1_00c2_00c2_00c2_00c2_00c2_00c3_00c3_00c3_00c3_00c3_00c3_00c4_00c4_00c4,
    256'h00c4_00c4_00c5_00c5_00c5_00c5_00c5_00c5_00c6_00c6_00c6_00c6_00c6_00c6_00c7_00c7,
    256'h00c7_00c7_00c7_00c8_00c8_00c8_00c8_00c8_00c8_00c9_00c9_00c9_00c9_00c9_00c9_00ca,
    256'h00ca_00ca_00ca_00ca_00ca_00cb_00cb_00cb_00cb_00cb_00cb_00cc_00cc_00cc_00cc_00cc,
    256'h00cc_00cc_00cd_00cd_00cd_00cd_00cd_00cd_00ce_00ce_00ce_00ce_00ce_00ce_00cf_00cf,
    256'h00cf_00cf_00cf_00cf_00cf_00d0_00d0_00d0_00d0_00d0_00d0_00d1_00d1_00d1_00d1_00d1,
    256'h00d1_00d1_00d2_00d2_00d2_00d2_00d2_00d2_00d2_00d3_00d3_00d3_00d3_00d3_00d3_00d3,
    256'h00d4_00d4_00d4_00d4_00d4_00d4_00d4_00d5_00d5_00d5_00d5_00d5_00d5_00d5_00d6_00d6,
    256'h00d6_00d6_00d6_00d6_00d6_00d7_00d7_00d7_00d7_00d7_00d7_00d7_00d8_00d8_00d8_00d8,
    256'h00d8_00d8_00d8_00d8_00d9_00d9_00d9_00d9_00d9_00d9_00d9_00d9_00da_00da_00da_00da,
    256'h00da_00da_00da_00da_00db_00db_00db_00db_00db_00db_00db_00db_00dc_00dc_00dc_00dc,
    256'h00dc_00dc_00dc_00dc_00dd_00dd_00dd_00dd_00dd_00dd_00dd_00dd_00dd_00de_00de_00de,
    256'h00de_00de_00de_00de_00de_00df_00df_00df_00df_00df_00df_00df_00df_00df_00e0_00e0,
    256'h00e0_00e0_00e0_00e0_00e0_00e0_00e0_00e1_00e1_00e1_00e1_00e1_00e1_00e1_00e1_00e1,
    256'h00e1_00e2_00e2_00e2_00e2_00e2_00e2_00e2_00e2_00e2_00e3_00e3_00e3_00e3_00e3_00e3,
    256'h00e3_00e3_00e3_00e3_00e4_00e4_00e4_00e4_00e4_00e4_00e4_00e4_00e4_00e4_00e4_00e5,
    256'h00e5_00e5_00e5_00e5_00e5_00e5_00e5_00e5_00e5_00e6_00e6_00e6_00e6_00e6_00e6_00e6,
    256'h00e6_00e6_00e6_00e6_00e7_00e7_00e7_00e7_00e7_00e7_00e7_00e7_00e7_00e7_00e7_00e8,
    256'h00e8_00e8_00e8_00e8_00e8_00e8_00e8_00e8_00e8_00e8_00e8_00e9_00e9_00e9_00e9_00e9,
    256'h00e9_00e9_00e9_00e9_00e9_00e9_00e9_00ea_00ea_00ea_00ea_00ea_00ea_00ea_00ea_00ea,
    256'h00ea_00ea_00ea_00ea_00eb_00eb_00eb_00eb_00eb_00eb_00eb_00eb_00eb_00eb_00eb_00eb,
    256'h00eb_00ec_00ec_00ec_00ec_00ec_00ec_00ec_00ec_00ec_00ec_00ec_00ec_00ec_00ec_00ed,
    256'h00ed_00ed_00ed_00ed_00ed_00ed_00ed_00ed_00ed_00ed_00ed_00ed_00ed_00ed_00ee_00ee,
    256'h00ee_00ee_00ee_00ee_00ee_00ee_00ee_00ee_00ee_00ee_00ee_00ee_00ee_00ef_00ef_00ef,
    256'h00ef_00ef_00ef_00ef_00ef_00ef_00ef_00ef_00ef_00ef_00ef_00ef_00ef_00f0_00f0_00f0,
    256'h00f0_00f0_00f0_00f0_00f0_00f0_00f0_00f0_00f0_00f0_00f0_00f0_00f0_00f0_00f1_00f1,
    256'h00f1_00f1_00f1_00f1_00f1_00f1_00f1_00f1_00f1_00f1_00f1_00f1_00f1_00f1_00f1_00f1,
    256'h00f1_00f2_00f2_00f2_00f2_00f2_00f2_00f2_00f2_00f2_00f2_00f2_00f2_00f2_00f2_00f2,
    256'h00f2_00f2_00f2_00f2_00f3_00f3_00f3_00f3_00f3_00f3_00f3_00f3_00f3_00f3_00f3_00f3,
    256'h00f3_00f3_00f3_00f3_00f3_00f3_00f3_00f3_00f3_00f4_00f4_00f4_00f4_00f4_00f4_00f4,
    256'h00f4_00f4_00f4_00f4_00f4_00f4_00f4_00f4_00f4_00f4_00f4_00f4_00f4_00f4_00f4_00f5,
    256'h00f5_00f5_00f5_00f5_00f5_00f5_00f5_00f5_00f5_00f5_00f5_00f5_00f5_00f5_00f5_00f5,
    256'h00f5_00f5_00f5_00f5_00f5_00f5_00f5_00f6_00f6_00f6_00f6_00f6_00f6_00f6_00f6_00f6,
    256'h00f6_00f6_00f6_00f6_00f6_00f6_00f6_00f6_00f6_00f6_00f6_00f6_00f6_00f6_00f6_00f6,
    256'h00f6_00f6_00f7_00f7_00f7_00f7_00f7_00f7_00f7_00f7_00f7_00f7_00f7_00f7_00f7_00f7,
    256'h00f7_00f7_00f7_00f7_00f7_00f7_00f7_00f7_00f7_00f7_00f7_00f7_00f7_00f7_00f7_00f7,
    256'h00f8_00f8_00f8_00f8_00f8_00f8_00f8_00f8_00f8_00f8_00f8_00f8_00f8_00f8_00f8_00f8,
    256'h00f8_00f8_00f8_00f8_00f8_00f8_00f8_00f8_00f8_00f8_00f8_00f8_00f8_00f8_00f8_00f8,
    256'h00f8_00f9_00f9_00f9_00f9_00f9_00f9_00f9_00f9_00f9_00f9_00f9_00f9_00f9_00f9_00f9,
    256'h00f9_00f9_00f9_00f9_00f9_00f9_00f9_00f9_00f9_00f9_00f9_00f9_00f9_00f9_00f9_00f9,
    256'h00f9_00f9_00f9_00f9_00f9_00f9_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa,
    256'h00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa,
    256'h00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa,
    256'h00fa_00fa_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb,
    256'h00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb,
    256'h00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb,
    256'h00fb_00fb_00fb_00fb_00fb_00fb_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc,
    256'h00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc,
    256'h00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc,
    256'h00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc,
    256'h00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd,
    256'h00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd,
    256'h00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd,
    256'h00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd,
    256'h00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd,
    256'h00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fe,
    256'h00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe,
    256'h00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe,
    256'h00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe,
    256'h00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe,
    256'h00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe,
    256'h00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe,
    256'h00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe,
    256'h00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe,
    256'h00fe_00fe_00fe_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_0100_0000_0001,
    256'h0002_0003_0004_0005_0006_0007_0008_0009_000a_000b_000c_000d_000e_000f_0010_0011,
    256'h0012_0013_0014_0015_0016_0017_0018_0019_001a_001b_001c_001d_001e_001f_0020_0021,
    256'h0022_0023_0024_0025_0026_0027_0028_0029_002a_002b_002c_002d_002e_002e_002f_0030,
    256'h0031_0032_0033_0034_0035_0036_0037_0038_0039_003a_003b_003c_003d_003e_003f_0040,
    256'h0041_0042_0042_0043_0044_0045_0046_0047_0048_0049_004a_004b_004c_004d_004d_004e,
    256'h004f_0050_0051_0052_0053_0054_0055_0056_0056_0057_0058_0059_005a_005b_005c_005d,
    256'h005d_005e_005f_0060_0061_0062_0063_0063_0064_0065_0066_0067_0068_0069_0069_006a,
    256'h006b_006c_006d_006d_006e_006f_0070_0071_0072_0072_0073_0074_0075_0076_0076_0077,
    256'h0078_0079_0079_007a_007b_007c_007d_007d_007e_007f_0080_0080_0081_0082_0083_0083,
    256'h0084_0085_0085_0086_0087_0088_0088_0089_008a_008a_008b_008c_008d_008d_008e_008f,
    256'h008f_0090_0091_0091_0092_0093_0093_0094_0095_0095_0096_0097_0097_0098_0099_0099,
    256'h009a_009b_009b_009c_009c_009d_009e_009e_009f_00a0_00a0_00a1_00a1_00a2_00a3_00a3,
    256'h00a4_00a4_00a5_00a6_00a6_00a7_00a7_00a8_00a8_00a9_00aa_00aa_00ab_00ab_00ac_00ac,
    256'h00ad_00ad_00ae_00ae_00af_00b0_00b0_00b1_00b1_00b2_00b2_00b3_00b3_00b4_00b4_00b5,
    256'h00b5_00b6_00b6_00b7_00b7_00b8_00b8_00b9_00b9_00ba_00ba_00bb_00bb_00bb_00bc_00bc,
    256'h00bd_00bd_00be_00be_00bf_00bf_00c0_00c0_00c0_00c1_00c1_00c2_00c2_00c3_00c3_00c3,
    256'h00c4_00c4_00c5_00c5_00c5_00c6_00c6_00c7_00c7_00c7_00c8_00c8_00c9_00c9_00c9_00ca,
    256'h00ca_00cb_00cb_00cb_00cc_00cc_00cc_00cd_00cd_00cd_00ce_00ce_00ce_00cf_00cf_00d0,
    256'h00d0_00d0_00d1_00d1_00d1_00d2_00d2_00d2_00d3_00d3_00d3_00d3_00d4_00d4_00d4_00d5,
    256'h00d5_00d5_00d6_00d6_00d6_00d7_00d7_00d7_00d7_00d8_00d8_00d8_00d9_00d9_00d9_00d9,
    256'h00da_00da_00da_00db_00db_00db_00db_00dc_00dc_00dc_00dc_00dd_00dd_00dd_00dd_00de,
    256'h00de_00de_00de_00df_00df_00df_00df_00e0_00e0_00e0_00e0_00e1_00e1_00e1_00e1_00e1,
    256'h00e2_00e2_00e2_00e2_00e3_00e3_00e3_00e3_00e3_00e4_00e4_00e4_00e4_00e4_00e5_00e5,
    256'h00e5_00e5_00e5_00e6_00e6_00e6_00e6_00e6_00e7_00e7_00e7_00e7_00e7_00e8_00e8_00e8,
    256'h00e8_00e8_00e8_00e9_00e9_00e9_00e9_00e9_00e9_00ea_00ea_00ea_00ea_00ea_00ea_00eb,
    256'h00eb_00eb_00eb_00eb_00eb_00ec_00ec_00ec_00ec_00ec_00ec_00ec_00ed_00ed_00ed_00ed,
    256'h00ed_00ed_00ed_00ee_00ee_00ee_00ee_00ee_00ee_00ee_00ef_00ef_00ef_00ef_00ef_00ef,
    256'h00ef_00ef_00f0_00f0_00f0_00f0_00f0_00f0_00f0_00f0_00f1_00f1_00f1_00f1_00f1_00f1,
    256'h00f1_00f1_00f1_00f2_00f2_00f2_00f2_00f2_00f2_00f2_00f2_00f2_00f3_00f3_00f3_00f3,
    256'h00f3_00f3_00f3_00f3_00f3_00f3_00f3_00f4_00f4_00f4_00f4_00f4_00f4_00f4_00f4_00f4,
    256'h00f4_00f5_00f5_00f5_00f5_00f5_00f5_00f5_00f5_00f5_00f5_00f5_00f5_00f6_00f6_00f6,
    256'h00f6_00f6_00f6_00f6_00f6_00f6_00f6_00f6_00f6_00f6_00f7_00f7_00f7_00f7_00f7_00f7,
    256'h00f7_00f7_00f7_00f7_00f7_00f7_00f7_00f7_00f7_00f8_00f8_00f8_00f8_00f8_00f8_00f8,
    256'h00f8_00f8_00f8_00f8_00f8_00f8_00f8_00f8_00f8_00f9_00f9_00f9_00f9_00f9_00f9_00f9,
    256'h00f9_00f9_00f9_00f9_00f9_00f9_00f9_00f9_00f9_00f9_00f9_00f9_00fa_00fa_00fa_00fa,
    256'h00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa_00fa,
    256'h00fa_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb,
    256'h00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fb_00fc_00fc_00fc_00fc_00fc,
    256'h00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc,
    256'h00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fc_00fd_00fd_00fd_00fd,
    256'h00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd,
    256'h00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fd,
    256'h00fd_00fd_00fd_00fd_00fd_00fd_00fd_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe,
    256'h00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe,
    256'h00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe,
    256'h00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe,
    256'h00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00fe_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff_00ff,
    256'h00ff_00ff_00ff_00ff_00ff_00ff_0100_0000_0000_0000_0000_0000_0000_0000_0000_0000
  };

  logic [8:0] mem[ROWS*16];

  initial begin : fill
    for (int unsigned k = 0; k < ROWS * 16; k++) begin
      mem[k] = TABLE[ROWS-1-k/16][15-k%16][8:0];
    end
  end

  for (genvar k = 0; k < 2; k++) begin : gen_port
    logic [8:0] read_q, entry_q;

    always_ff @(posedge clk_i) begin : read
      if (en_i) begin
        read_q  <= mem[addr[k]];
        entry_q <= read_q;
      end
    end

    assign entry_o[k] = 16'(entry_q);
  end

endmodule
