// Sigmoid and tanh of bf16: two lookups at once.
//
// Generated from the golden model by `make package`; do not edit.
// The table covers the operands for which the function is neither constant nor the operand itself;
// below_o and above_o say on which side of them |x| lies. These and the entry, for tanh that of
// |x|, come one enabled cycle after x_i.
module dtv1_act_rom_fp (
    input  logic             clk_i,
    input  logic             en_i,
    input  logic             tanh_i,   // 1: tanh, 0: sigmoid
    input  logic [1:0][15:0] x_i,      // bf16, no NaN
    output logic [1:0]       below_o,
    output logic [1:0]       above_o,
    output logic [1:0][14:0] entry_o   // bf16 without its sign
);

  localparam int unsigned ADDR_W = 12;
  localparam logic [14:0] SIG_POS_LO = 15'h3C01;
  localparam logic [14:0] SIG_POS_HI = 15'h40C8;
  localparam logic [ADDR_W-1:0] SIG_POS_OFFSET = 12'd1023;
  localparam logic [14:0] SIG_NEG_LO = 15'h3B81;
  localparam logic [14:0] SIG_NEG_HI = 15'h42AF;
  localparam logic [ADDR_W-1:0] SIG_NEG_OFFSET = 12'd2374;
  localparam logic [14:0] TANH_LO = 15'h3DB9;
  localparam logic [14:0] TANH_HI = 15'h405E;
  localparam logic [ADDR_W-1:0] TANH_OFFSET = 12'd3644;

  // Where the table of this function and sign begins and ends, and address minus magnitude there.
  logic [1:0][14:0] lo, hi;
  logic [1:0][ADDR_W-1:0] offset, addr;
  logic [1:0] below_d, below_q, above_d, above_q;

  always_comb begin : find
    for (int unsigned k = 0; k < 2; k++) begin
      if (tanh_i) begin
        lo[k] = TANH_LO;
        hi[k] = TANH_HI;
        offset[k] = TANH_OFFSET;
      end else if (x_i[k][15]) begin
        lo[k] = SIG_NEG_LO;
        hi[k] = SIG_NEG_HI;
        offset[k] = SIG_NEG_OFFSET;
      end else begin
        lo[k] = SIG_POS_LO;
        hi[k] = SIG_POS_HI;
        offset[k] = SIG_POS_OFFSET;
      end
      below_d[k] = x_i[k][14:0] < lo[k];
      above_d[k] = x_i[k][14:0] >= hi[k];
      addr[k] = x_i[k][ADDR_W-1:0] + offset[k];
    end
  end

  always_ff @(posedge clk_i) begin : ranges
    if (en_i) begin
      below_q <= below_d;
      above_q <= above_d;
    end
  end

  assign below_o = below_q;
  assign above_o = above_q;

  // 3744 entries, 16 to a line, the first one at address 0.
  localparam int unsigned ROWS = 234;
  localparam logic [15:0][15:0] TABLE[ROWS] = '{
      256'h3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01,
      256'h3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01,
      256'h3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01,
      256'h3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01,
      256'h3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01,
      256'h3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01,
      256'h3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01,
      256'h3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01,
      256'h3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01,
      256'h3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01,
      256'h3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01,
      256'h3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01_3f01,
      256'h3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02,
      256'h3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02,
      256'h3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02,
      256'h3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02,
      256'h3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02,
      256'h3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02_3f02,
      256'h3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03,
      256'h3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03,
      256'h3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03,
      256'h3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03_3f03,
      256'h3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04,
      256'h3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04,
      256'h3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04_3f04,
      256'h3f05_3f05_3f05_3f05_3f05_3f05_3f05_3f05_3f05_3f05_3f05_3f05_3f05_3f05_3f05_3f05,
      256'h3f05_3f05_3f05_3f05_3f05_3f05_3f05_3f05_3f05_3f05_3f05_3f05_3f05_3f05_3f05_3f05,
      256'h3f06_3f06_3f06_3f06_3f06_3f06_3f06_3f06_3f06_3f06_3f06_3f06_3f06_3f06_3f06_3f06,
      256'h3f06_3f06_3f06_3f06_3f06_3f06_3f06_3f06_3f06_3f06_3f06_3f06_3f06_3f06_3f06_3f06,
      256'h3f07_3f07_3f07_3f07_3f07_3f07_3f07_3f07_3f07_3f07_3f07_3f07_3f07_3f07_3f07_3f07,
      256'h3f07_3f07_3f07_3f07_3f07_3f07_3f07_3f07_3f07_3f07_3f07_3f07_3f07_3f07_3f07_3f07,
      256'h3f08_3f08_3f08_3f08_3f08_3f08_3f08_3f08_3f08_3f08_3f08_3f08_3f08_3f08_3f08_3f08,
      256'h3f08_3f08_3f08_3f08_3f08_3f08_3f08_3f08_3f09_3f09_3f09_3f09_3f09_3f09_3f09_3f09,
      256'h3f09_3f09_3f09_3f09_3f09_3f09_3f09_3f09_3f0a_3f0a_3f0a_3f0a_3f0a_3f0a_3f0a_3f0a,
      256'h3f0a_3f0a_3f0a_3f0a_3f0a_3f0a_3f0a_3f0a_3f0b_3f0b_3f0b_3f0b_3f0b_3f0b_3f0b_3f0b,
      256'h3f0b_3f0b_3f0b_3f0b_3f0b_3f0b_3f0b_3f0b_3f0c_3f0c_3f0c_3f0c_3f0c_3f0c_3f0c_3f0c,
      256'h3f0c_3f0c_3f0c_3f0c_3f0c_3f0c_3f0c_3f0c_3f0d_3f0d_3f0d_3f0d_3f0d_3f0d_3f0d_3f0d,
      256'h3f0d_3f0d_3f0d_3f0d_3f0d_3f0d_3f0d_3f0d_3f0e_3f0e_3f0e_3f0e_3f0e_3f0e_3f0e_3f0e,
      256'h3f0e_3f0e_3f0e_3f0e_3f0e_3f0e_3f0e_3f0e_3f0e_3f0f_3f0f_3f0f_3f0f_3f0f_3f0f_3f0f,
      256'h3f0f_3f0f_3f0f_3f0f_3f0f_3f0f_3f0f_3f0f_3f0f_3f10_3f10_3f10_3f10_3f10_3f10_3f10,
      256'h3f10_3f10_3f10_3f10_3f11_3f11_3f11_3f11_3f11_3f11_3f11_3f11_3f12_3f12_3f12_3f12,
      256'h3f12_3f12_3f12_3f12_3f12_3f13_3f13_3f13_3f13_3f13_3f13_3f13_3f13_3f14_3f14_3f14,
      256'h3f14_3f14_3f14_3f14_3f14_3f15_3f15_3f15_3f15_3f15_3f15_3f15_3f15_3f16_3f16_3f16,
      256'h3f16_3f16_3f16_3f16_3f16_3f17_3f17_3f17_3f17_3f17_3f17_3f17_3f17_3f17_3f18_3f18,
      256'h3f18_3f18_3f18_3f18_3f18_3f18_3f19_3f19_3f19_3f19_3f19_3f19_3f19_3f19_3f1a_3f1a,
      256'h3f1a_3f1a_3f1a_3f1a_3f1a_3f1a_3f1a_3f1b_3f1b_3f1b_3f1b_3f1b_3f1b_3f1b_3f1b_3f1c,
      256'h3f1c_3f1c_3f1c_3f1c_3f1c_3f1c_3f1c_3f1d_3f1d_3f1d_3f1d_3f1d_3f1d_3f1d_3f1d_3f1d,
      256'h3f1e_3f1e_3f1e_3f1e_3f1e_3f1e_3f1e_3f1e_3f1f_3f1f_3f1f_3f1f_3f1f_3f1f_3f1f_3f1f,
      256'h3f20_3f20_3f20_3f20_3f21_3f21_3f21_3f21_3f21_3f22_3f22_3f22_3f22_3f23_3f23_3f23,
      256'h3f23_3f24_3f24_3f24_3f24_3f24_3f25_3f25_3f25_3f25_3f26_3f26_3f26_3f26_3f27_3f27,
      256'h3f27_3f27_3f27_3f28_3f28_3f28_3f28_3f29_3f29_3f29_3f29_3f29_3f2a_3f2a_3f2a_3f2a,
      256'h3f2b_3f2b_3f2b_3f2b_3f2b_3f2c_3f2c_3f2c_3f2c_3f2d_3f2d_3f2d_3f2d_3f2d_3f2e_3f2e,
      256'h3f2e_3f2e_3f2f_3f2f_3f2f_3f2f_3f2f_3f30_3f30_3f30_3f30_3f30_3f31_3f31_3f31_3f31,
      256'h3f32_3f32_3f32_3f32_3f32_3f33_3f33_3f33_3f33_3f33_3f34_3f34_3f34_3f34_3f34_3f35,
      256'h3f35_3f35_3f35_3f36_3f36_3f36_3f36_3f36_3f37_3f37_3f37_3f37_3f37_3f38_3f38_3f38,
      256'h3f38_3f38_3f39_3f39_3f39_3f39_3f39_3f3a_3f3a_3f3a_3f3a_3f3a_3f3b_3f3b_3f3b_3f3b,
      256'h3f3c_3f3c_3f3c_3f3d_3f3d_3f3d_3f3e_3f3e_3f3f_3f3f_3f3f_3f40_3f40_3f41_3f41_3f41,
      256'h3f42_3f42_3f42_3f43_3f43_3f43_3f44_3f44_3f45_3f45_3f45_3f46_3f46_3f46_3f47_3f47,
      256'h3f47_3f48_3f48_3f48_3f49_3f49_3f49_3f4a_3f4a_3f4a_3f4b_3f4b_3f4b_3f4c_3f4c_3f4c,
      256'h3f4d_3f4d_3f4d_3f4e_3f4e_3f4e_3f4f_3f4f_3f4f_3f4f_3f50_3f50_3f50_3f51_3f51_3f51,
      256'h3f52_3f52_3f52_3f52_3f53_3f53_3f53_3f54_3f54_3f54_3f54_3f55_3f55_3f55_3f56_3f56,
      256'h3f56_3f56_3f57_3f57_3f57_3f58_3f58_3f58_3f58_3f59_3f59_3f59_3f59_3f5a_3f5a_3f5a,
      256'h3f5a_3f5b_3f5b_3f5b_3f5b_3f5c_3f5c_3f5c_3f5c_3f5d_3f5d_3f5d_3f5d_3f5d_3f5e_3f5e,
      256'h3f5e_3f5e_3f5f_3f5f_3f5f_3f5f_3f60_3f60_3f60_3f60_3f60_3f61_3f61_3f61_3f61_3f61,
      256'h3f62_3f62_3f63_3f63_3f64_3f64_3f64_3f65_3f65_3f65_3f66_3f66_3f67_3f67_3f67_3f68,
      256'h3f68_3f68_3f69_3f69_3f69_3f6a_3f6a_3f6a_3f6b_3f6b_3f6b_3f6b_3f6c_3f6c_3f6c_3f6d,
      256'h3f6d_3f6d_3f6d_3f6e_3f6e_3f6e_3f6e_3f6f_3f6f_3f6f_3f6f_3f70_3f70_3f70_3f70_3f71,
      256'h3f71_3f71_3f71_3f71_3f72_3f72_3f72_3f72_3f73_3f73_3f73_3f73_3f73_3f73_3f74_3f74,
      256'h3f74_3f74_3f74_3f75_3f75_3f75_3f75_3f75_3f75_3f76_3f76_3f76_3f76_3f76_3f76_3f76,
      256'h3f77_3f77_3f77_3f77_3f77_3f77_3f77_3f78_3f78_3f78_3f78_3f78_3f78_3f78_3f78_3f78,
      256'h3f79_3f79_3f79_3f79_3f79_3f79_3f79_3f79_3f79_3f7a_3f7a_3f7a_3f7a_3f7a_3f7a_3f7a,
      256'h3f7a_3f7a_3f7a_3f7a_3f7b_3f7b_3f7b_3f7b_3f7b_3f7b_3f7b_3f7b_3f7b_3f7b_3f7b_3f7b,
      256'h3f7c_3f7c_3f7c_3f7c_3f7c_3f7c_3f7c_3f7c_3f7d_3f7d_3f7d_3f7d_3f7d_3f7d_3f7d_3f7d,
      256'h3f7d_3f7d_3f7d_3f7e_3f7e_3f7e_3f7e_3f7e_3f7e_3f7e_3f7e_3f7e_3f7e_3f7e_3f7e_3f7e,
      256'h3f7e_3f7e_3f7e_3f7e_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f,
      256'h3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f,
      256'h3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff,
      256'h3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff,
      256'h3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff,
      256'h3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff,
      256'h3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff,
      256'h3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff,
      256'h3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff,
      256'h3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff,
      256'h3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff,
      256'h3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff,
      256'h3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff,
      256'h3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff_3eff,
      256'h3eff_3eff_3eff_3eff_3eff_3eff_3eff_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe,
      256'h3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe,
      256'h3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe,
      256'h3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe,
      256'h3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe,
      256'h3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efe,
      256'h3efe_3efe_3efe_3efe_3efe_3efe_3efe_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd,
      256'h3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd,
      256'h3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd,
      256'h3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efd,
      256'h3efd_3efd_3efd_3efd_3efd_3efd_3efd_3efc_3efc_3efc_3efc_3efc_3efc_3efc_3efc_3efc,
      256'h3efc_3efc_3efc_3efc_3efc_3efc_3efc_3efc_3efc_3efc_3efc_3efc_3efc_3efc_3efc_3efc,
      256'h3efc_3efc_3efc_3efc_3efc_3efc_3efc_3efc_3efc_3efc_3efc_3efc_3efc_3efc_3efc_3efc,
      256'h3efc_3efc_3efc_3efc_3efc_3efc_3efc_3efb_3efb_3efb_3efb_3efb_3efb_3efb_3efb_3efb,
      256'h3efb_3efb_3efb_3efb_3efb_3efb_3efb_3efb_3efb_3efb_3efb_3efb_3efb_3efb_3efb_3efb,
      256'h3efb_3efb_3efb_3efb_3efb_3efb_3efb_3efa_3efa_3efa_3efa_3efa_3efa_3efa_3efa_3efa,
      256'h3efa_3efa_3efa_3efa_3efa_3efa_3efa_3efa_3efa_3efa_3efa_3efa_3efa_3efa_3efa_3efa,
      256'h3efa_3efa_3efa_3efa_3efa_3efa_3efa_3ef9_3ef9_3ef9_3ef9_3ef9_3ef9_3ef9_3ef9_3ef9,
      256'h3ef9_3ef9_3ef9_3ef9_3ef9_3ef9_3ef9_3ef9_3ef9_3ef9_3ef9_3ef9_3ef9_3ef9_3ef9_3ef9,
      256'h3ef9_3ef9_3ef9_3ef9_3ef9_3ef9_3ef9_3ef8_3ef8_3ef8_3ef8_3ef8_3ef8_3ef8_3ef8_3ef8,
      256'h3ef8_3ef8_3ef8_3ef8_3ef8_3ef8_3ef8_3ef8_3ef8_3ef8_3ef8_3ef8_3ef8_3ef8_3ef8_3ef7,
      256'h3ef7_3ef7_3ef7_3ef7_3ef7_3ef7_3ef7_3ef7_3ef7_3ef7_3ef7_3ef7_3ef7_3ef7_3ef7_3ef6,
      256'h3ef6_3ef6_3ef6_3ef6_3ef6_3ef6_3ef6_3ef6_3ef6_3ef6_3ef6_3ef6_3ef6_3ef6_3ef6_3ef5,
      256'h3ef5_3ef5_3ef5_3ef5_3ef5_3ef5_3ef5_3ef5_3ef5_3ef5_3ef5_3ef5_3ef5_3ef5_3ef5_3ef4,
      256'h3ef4_3ef4_3ef4_3ef4_3ef4_3ef4_3ef4_3ef4_3ef4_3ef4_3ef4_3ef4_3ef4_3ef4_3ef4_3ef3,
      256'h3ef3_3ef3_3ef3_3ef3_3ef3_3ef3_3ef3_3ef3_3ef3_3ef3_3ef3_3ef3_3ef3_3ef3_3ef3_3ef2,
      256'h3ef2_3ef2_3ef2_3ef2_3ef2_3ef2_3ef2_3ef2_3ef2_3ef2_3ef2_3ef2_3ef2_3ef2_3ef2_3ef1,
      256'h3ef1_3ef1_3ef1_3ef1_3ef1_3ef1_3ef1_3ef1_3ef1_3ef1_3ef1_3ef1_3ef1_3ef1_3ef1_3ef0,
      256'h3ef0_3ef0_3ef0_3ef0_3ef0_3ef0_3ef0_3ef0_3ef0_3ef0_3ef0_3eef_3eef_3eef_3eef_3eef,
      256'h3eef_3eef_3eef_3eee_3eee_3eee_3eee_3eee_3eee_3eee_3eee_3eed_3eed_3eed_3eed_3eed,
      256'h3eed_3eed_3eed_3eec_3eec_3eec_3eec_3eec_3eec_3eec_3eec_3eeb_3eeb_3eeb_3eeb_3eeb,
      256'h3eeb_3eeb_3eeb_3eea_3eea_3eea_3eea_3eea_3eea_3eea_3eea_3ee9_3ee9_3ee9_3ee9_3ee9,
      256'h3ee9_3ee9_3ee9_3ee8_3ee8_3ee8_3ee8_3ee8_3ee8_3ee8_3ee8_3ee7_3ee7_3ee7_3ee7_3ee7,
      256'h3ee7_3ee7_3ee7_3ee6_3ee6_3ee6_3ee6_3ee6_3ee6_3ee6_3ee6_3ee5_3ee5_3ee5_3ee5_3ee5,
      256'h3ee5_3ee5_3ee5_3ee4_3ee4_3ee4_3ee4_3ee4_3ee4_3ee4_3ee4_3ee3_3ee3_3ee3_3ee3_3ee3,
      256'h3ee3_3ee3_3ee3_3ee3_3ee2_3ee2_3ee2_3ee2_3ee2_3ee2_3ee2_3ee2_3ee1_3ee1_3ee1_3ee1,
      256'h3ee1_3ee1_3ee1_3ee1_3ee0_3ee0_3ee0_3ee0_3ee0_3edf_3edf_3edf_3edf_3ede_3ede_3ede,
      256'h3ede_3edd_3edd_3edd_3edd_3edc_3edc_3edc_3edc_3edc_3edb_3edb_3edb_3edb_3eda_3eda,
      256'h3eda_3eda_3ed9_3ed9_3ed9_3ed9_3ed8_3ed8_3ed8_3ed8_3ed7_3ed7_3ed7_3ed7_3ed6_3ed6,
      256'h3ed6_3ed6_3ed5_3ed5_3ed5_3ed5_3ed4_3ed4_3ed4_3ed4_3ed3_3ed3_3ed3_3ed3_3ed2_3ed2,
      256'h3ed2_3ed2_3ed2_3ed1_3ed1_3ed1_3ed1_3ed0_3ed0_3ed0_3ed0_3ecf_3ecf_3ecf_3ecf_3ece,
      256'h3ece_3ece_3ece_3ecd_3ecd_3ecd_3ecd_3ecc_3ecc_3ecc_3ecc_3ecc_3ecb_3ecb_3ecb_3ecb,
      256'h3eca_3eca_3eca_3eca_3ec9_3ec9_3ec9_3ec9_3ec8_3ec8_3ec8_3ec8_3ec7_3ec7_3ec7_3ec7,
      256'h3ec6_3ec6_3ec6_3ec6_3ec6_3ec5_3ec5_3ec5_3ec5_3ec4_3ec4_3ec4_3ec4_3ec3_3ec3_3ec3,
      256'h3ec3_3ec2_3ec2_3ec2_3ec2_3ec2_3ec1_3ec1_3ec0_3ec0_3ebf_3ebf_3ebe_3ebe_3ebe_3ebd,
      256'h3ebd_3ebc_3ebc_3ebb_3ebb_3eba_3eba_3eb9_3eb9_3eb8_3eb8_3eb8_3eb7_3eb7_3eb6_3eb6,
      256'h3eb5_3eb5_3eb4_3eb4_3eb3_3eb3_3eb3_3eb2_3eb2_3eb1_3eb1_3eb0_3eb0_3eaf_3eaf_3eae,
      256'h3eae_3eae_3ead_3ead_3eac_3eac_3eab_3eab_3eaa_3eaa_3eaa_3ea9_3ea9_3ea8_3ea8_3ea7,
      256'h3ea7_3ea6_3ea6_3ea6_3ea5_3ea5_3ea4_3ea4_3ea3_3ea3_3ea3_3ea2_3ea2_3ea1_3ea1_3ea0,
      256'h3ea0_3ea0_3e9f_3e9f_3e9e_3e9e_3e9d_3e9d_3e9d_3e9c_3e9c_3e9b_3e9b_3e9a_3e9a_3e9a,
      256'h3e99_3e99_3e98_3e98_3e97_3e97_3e97_3e96_3e96_3e95_3e95_3e95_3e94_3e94_3e93_3e93,
      256'h3e93_3e92_3e92_3e91_3e91_3e90_3e90_3e90_3e8f_3e8f_3e8e_3e8e_3e8e_3e8d_3e8d_3e8c,
      256'h3e8c_3e8c_3e8b_3e8b_3e8a_3e8a_3e8a_3e89_3e88_3e87_3e87_3e86_3e85_3e84_3e83_3e83,
      256'h3e82_3e81_3e80_3e7f_3e7e_3e7c_3e7b_3e79_3e78_3e77_3e75_3e74_3e72_3e71_3e6f_3e6e,
      256'h3e6c_3e6b_3e6a_3e68_3e67_3e65_3e64_3e63_3e61_3e60_3e5f_3e5d_3e5c_3e5a_3e59_3e58,
      256'h3e56_3e55_3e54_3e53_3e51_3e50_3e4f_3e4d_3e4c_3e4b_3e4a_3e48_3e47_3e46_3e45_3e43,
      256'h3e42_3e41_3e40_3e3e_3e3d_3e3c_3e3b_3e3a_3e38_3e37_3e36_3e35_3e34_3e33_3e31_3e30,
      256'h3e2f_3e2e_3e2d_3e2c_3e2b_3e2a_3e28_3e27_3e26_3e25_3e24_3e23_3e22_3e21_3e20_3e1f,
      256'h3e1e_3e1d_3e1c_3e1b_3e1a_3e19_3e18_3e17_3e16_3e15_3e14_3e13_3e12_3e11_3e10_3e0f,
      256'h3e0e_3e0d_3e0c_3e0b_3e0a_3e09_3e08_3e07_3e06_3e05_3e05_3e04_3e03_3e02_3e01_3e00,
      256'h3dfe_3dfd_3dfb_3df9_3df8_3df6_3df4_3df1_3ded_3dea_3de7_3de4_3de1_3dde_3ddb_3dd7,
      256'h3dd4_3dd2_3dcf_3dcc_3dc9_3dc6_3dc3_3dc1_3dbe_3dbb_3db9_3db6_3db3_3db1_3dae_3dac,
      256'h3da9_3da7_3da5_3da2_3da0_3d9e_3d9b_3d99_3d97_3d95_3d93_3d91_3d8e_3d8c_3d8a_3d88,
      256'h3d86_3d84_3d82_3d81_3d7d_3d7a_3d76_3d73_3d6f_3d6b_3d68_3d65_3d61_3d5e_3d5b_3d58,
      256'h3d54_3d51_3d4e_3d4b_3d48_3d45_3d42_3d3f_3d3d_3d3a_3d37_3d34_3d32_3d2f_3d2c_3d2a,
      256'h3d27_3d25_3d22_3d20_3d1e_3d1b_3d19_3d17_3d14_3d12_3d10_3d0e_3d0c_3d0a_3d08_3d05,
      256'h3d03_3d02_3cff_3cfb_3cf8_3cf4_3cf0_3ced_3ce9_3ce5_3ce2_3cdf_3cdb_3cd8_3cd5_3cd1,
      256'h3cce_3ccb_3cc8_3cc5_3cc2_3cbf_3cbc_3cb9_3cb7_3cb4_3cb1_3cae_3cac_3ca9_3ca7_3ca4,
      256'h3ca2_3c9f_3c9d_3c9a_3c98_3c96_3c93_3c8f_3c8b_3c86_3c82_3c7d_3c75_3c6e_3c66_3c5f,
      256'h3c59_3c52_3c4c_3c45_3c3f_3c3a_3c34_3c2f_3c29_3c24_3c1f_3c1a_3c16_3c11_3c0d_3c08,
      256'h3c04_3c00_3bf8_3bf1_3be9_3be2_3bdb_3bd5_3bce_3bc8_3bc2_3bbc_3bb6_3bb0_3bab_3ba6,
      256'h3ba1_3b9c_3b97_3b92_3b8e_3b8a_3b85_3b81_3b7b_3b73_3b6c_3b64_3b5d_3b57_3b50_3b4a,
      256'h3b43_3b3d_3b38_3b32_3b2c_3b27_3b22_3b1d_3b18_3b14_3b0f_3b0b_3b06_3b02_3afd_3af5,
      256'h3aed_3ae6_3adf_3ad8_3ad1_3acb_3ac5_3abf_3ab9_3ab3_3aae_3aa8_3aa3_3a9e_3a99_3a95,
      256'h3a90_3a8c_3a87_3a83_3a7e_3a76_3a6f_3a67_3a60_3a59_3a53_3a4c_3a46_3a40_3a3a_3a34,
      256'h3a2f_3a29_3a24_3a1f_3a1a_3a16_3a11_3a0c_3a08_3a04_3a00_39f8_39f0_39e9_39e2_39db,
      256'h39d4_39ce_39c7_39c1_39bb_39b5_39b0_39a5_399b_3992_3989_3981_3972_3963_3955_3948,
      256'h393c_3931_3926_391c_3913_390a_3901_38f3_38e4_38d7_38ca_38bd_38b2_38a7_389d_3893,
      256'h388b_3882_3874_3866_3858_384b_383e_3833_3828_381e_3814_380b_3803_37f6_37e7_37d9,
      256'h37cc_37bf_37b4_37a9_379f_3795_378c_3784_3777_3768_375a_374d_3741_3735_372a_3720,
      256'h3716_370d_3704_36f9_36ea_36db_36ce_36c2_36b6_36ab_36a1_3697_368e_3685_367a_366b,
      256'h365d_364f_3643_3637_362c_3621_3618_360e_3606_35fc_35ec_35de_35d1_35c4_35b8_35ad,
      256'h35a2_3599_358f_3587_357d_356e_355f_3552_3545_3539_352e_3523_3519_3510_3507_34fe,
      256'h34ef_34e0_34d3_34c6_34ba_34af_34a4_349a_3491_3488_3480_3470_3462_3454_3447_343b,
      256'h3430_3425_341b_3412_3409_3401_33f2_33d5_33bc_33a6_3393_3381_3364_3349_3332_331d,
      256'h330a_32f4_32d8_32be_32a8_3294_3283_3267_324c_3234_321f_320c_31f7_31da_31c1_31aa,
      256'h3196_3184_316a_314e_3136_3121_310e_30fa_30dd_30c3_30ac_3098_3086_306c_3050_3038,
      256'h3022_300f_2ffd_2fdf_2fc5_2fae_2f99_2f87_2f6f_2f53_2f3a_2f24_2f11_2f00_2ee2_2ec7,
      256'h2eb0_2e9b_2e89_2e72_2e55_2e3c_2e26_2e13_2e01_2de4_2dc9_2db2_2d9d_2d8a_2d74_2d58,
      256'h2d3e_2d28_2d14_2d03_2ce7_2ccc_2cb4_2c9f_2c8c_2c77_2c5a_2c40_2c2a_2c16_2c04_2be9,
      256'h2bce_2bb6_2ba0_2b8e_2b7a_2b5d_2b43_2b2c_2b18_2b06_2aec_2ad0_2ab8_2aa2_2a8f_2a7d,
      256'h2a5f_2a45_2a2e_2a19_2a07_29ef_29d3_29ba_29a4_2991_2980_2962_2947_2930_291b_2909,
      256'h28f1_28d5_28bc_28a6_2892_2881_2864_2832_280a_27d8_27a8_2783_274c_271f_26f7_26c0,
      256'h2696_2669_2636_260e_25dc_25ac_2586_2550_2522_24fd_24c5_2499_246f_243a_2411_23e1,
      256'h23b0_2389_2355_2326_2301_22c9_229d_2274_223e_2214_21e7_21b4_218c_215a_212a_2104,
      256'h20ce_20a0_207a_2042_2017_1fec_1fb8_1f8f_1f5f_1f2e_1f07_1ed3_1ea4_1e7f_1e47_1e1b,
      256'h1df1_1dbc_1d92_1d64_1d32_1d0a_1cd7_1ca8_1c83_1c4b_1c1e_1bf7_1bc0_1b96_1b69_1b36,
      256'h1b0d_1adc_1aac_1a86_1a50_1a22_19fc_19c5_1999_196e_193a_1911_18e1_18af_1889_1855,
      256'h1826_1801_17c9_179d_1774_173e_1714_16e6_16b3_168c_165a_162a_1604_15ce_15a0_157a,
      256'h1542_1517_14ec_14b8_148f_145f_142d_1407_13d2_13a4_137f_1347_131b_12f1_12bc_1292,
      256'h1264_1231_120a_11d7_11a8_1183_114b_10f7_1096_1035_0fdc_0f86_0f22_0ec4_0e6e_0e11,
      256'h0daf_0d55_0d01_0c9c_0c3e_0be6_0b8c_0b29_0ace_0a79_0a17_09b7_095f_0907_08a4_0847,
      256'h07f1_0792_0731_06d7_0682_061e_05c0_0569_050d_04ab_0450_03fc_0399_0339_02e1_0288,
      256'h0226_01c9_0174_0114_00b3_3db8_3db9_3dba_3dbb_3dbc_3dbd_3dbe_3dbf_3dc0_3dc1_3dc2,
      256'h3dc3_3dc4_3dc5_3dc6_3dc7_3dc8_3dc9_3dca_3dcb_3dcc_3dcd_3dce_3dcf_3dd0_3dd1_3dd2,
      256'h3dd3_3dd4_3dd5_3dd6_3dd7_3dd8_3dd9_3dda_3ddb_3ddc_3ddd_3dde_3ddf_3de0_3de1_3de2,
      256'h3de3_3de4_3de5_3de6_3de7_3de8_3de9_3dea_3deb_3dec_3ded_3dee_3def_3df0_3df1_3df2,
      256'h3df3_3df4_3df5_3df6_3df7_3df8_3df9_3dfa_3dfb_3dfc_3dfd_3dfe_3dff_3e00_3e01_3e02,
      256'h3e03_3e04_3e05_3e06_3e07_3e08_3e09_3e0a_3e0b_3e0c_3e0d_3e0e_3e0f_3e10_3e11_3e12,
      256'h3e13_3e14_3e15_3e16_3e17_3e18_3e19_3e1a_3e1b_3e1c_3e1d_3e1e_3e1f_3e20_3e21_3e22,
      256'h3e23_3e24_3e25_3e26_3e27_3e27_3e28_3e29_3e2a_3e2b_3e2c_3e2d_3e2e_3e2f_3e30_3e31,
      256'h3e32_3e33_3e34_3e35_3e36_3e37_3e38_3e39_3e3a_3e3b_3e3c_3e3d_3e3e_3e3f_3e40_3e41,
      256'h3e42_3e43_3e44_3e45_3e45_3e46_3e47_3e48_3e49_3e4a_3e4b_3e4c_3e4d_3e4e_3e4f_3e50,
      256'h3e51_3e52_3e53_3e54_3e55_3e56_3e57_3e58_3e59_3e5a_3e5b_3e5c_3e5c_3e5d_3e5e_3e5f,
      256'h3e60_3e61_3e62_3e63_3e64_3e65_3e66_3e67_3e68_3e69_3e6a_3e6b_3e6c_3e6d_3e6e_3e6f,
      256'h3e6f_3e70_3e71_3e72_3e73_3e74_3e75_3e76_3e77_3e78_3e79_3e7a_3e7b_3e7d_3e7f_3e80,
      256'h3e81_3e82_3e83_3e84_3e85_3e86_3e87_3e88_3e89_3e8a_3e8a_3e8b_3e8c_3e8d_3e8e_3e8f,
      256'h3e90_3e91_3e92_3e93_3e94_3e95_3e96_3e96_3e97_3e98_3e99_3e9a_3e9b_3e9c_3e9d_3e9e,
      256'h3e9f_3ea0_3ea0_3ea1_3ea2_3ea3_3ea4_3ea5_3ea6_3ea7_3ea8_3ea8_3ea9_3eaa_3eab_3eac,
      256'h3ead_3eae_3eaf_3eb0_3eb0_3eb1_3eb2_3eb3_3eb4_3eb5_3eb6_3eb7_3eb7_3eb8_3eb9_3eba,
      256'h3ebb_3ebc_3ebd_3ebe_3ebe_3ebf_3ec0_3ec1_3ec2_3ec3_3ec4_3ec4_3ec5_3ec6_3ec7_3ec8,
      256'h3ec9_3eca_3eca_3ecb_3ecc_3ecd_3ece_3ecf_3ecf_3ed0_3ed1_3ed2_3ed3_3ed4_3ed4_3ed5,
      256'h3ed6_3ed7_3ed8_3ed9_3ed9_3eda_3edb_3edc_3edd_3edd_3ede_3edf_3ee0_3ee1_3ee1_3ee2,
      256'h3ee3_3ee4_3ee5_3ee5_3ee6_3ee7_3ee8_3ee9_3ee9_3eea_3eeb_3eec_3eed_3eee_3ef0_3ef1,
      256'h3ef3_3ef4_3ef6_3ef7_3ef9_3efb_3efc_3efe_3eff_3f00_3f01_3f02_3f03_3f03_3f04_3f05,
      256'h3f05_3f06_3f07_3f08_3f08_3f09_3f0a_3f0a_3f0b_3f0c_3f0d_3f0d_3f0e_3f0f_3f0f_3f10,
      256'h3f11_3f11_3f12_3f13_3f13_3f14_3f15_3f15_3f16_3f17_3f17_3f18_3f19_3f19_3f1a_3f1b,
      256'h3f1b_3f1c_3f1c_3f1d_3f1e_3f1e_3f1f_3f20_3f20_3f21_3f21_3f22_3f23_3f23_3f24_3f24,
      256'h3f25_3f26_3f26_3f27_3f27_3f28_3f28_3f29_3f2a_3f2a_3f2b_3f2b_3f2c_3f2c_3f2d_3f2d,
      256'h3f2e_3f2e_3f2f_3f30_3f30_3f31_3f31_3f32_3f32_3f33_3f33_3f34_3f34_3f35_3f35_3f36,
      256'h3f36_3f37_3f37_3f38_3f38_3f39_3f39_3f3a_3f3a_3f3b_3f3b_3f3b_3f3c_3f3c_3f3d_3f3d,
      256'h3f3e_3f3e_3f3f_3f3f_3f40_3f40_3f40_3f41_3f41_3f42_3f42_3f43_3f43_3f44_3f45_3f45,
      256'h3f46_3f47_3f48_3f49_3f49_3f4a_3f4b_3f4c_3f4c_3f4d_3f4e_3f4e_3f4f_3f50_3f51_3f51,
      256'h3f52_3f53_3f53_3f54_3f54_3f55_3f56_3f56_3f57_3f57_3f58_3f59_3f59_3f5a_3f5a_3f5b,
      256'h3f5b_3f5c_3f5c_3f5d_3f5d_3f5e_3f5e_3f5f_3f5f_3f60_3f60_3f61_3f61_3f62_3f62_3f63,
      256'h3f63_3f63_3f64_3f64_3f65_3f65_3f65_3f66_3f66_3f67_3f67_3f67_3f68_3f68_3f68_3f69,
      256'h3f69_3f69_3f6a_3f6a_3f6a_3f6b_3f6b_3f6b_3f6c_3f6c_3f6c_3f6d_3f6d_3f6d_3f6d_3f6e,
      256'h3f6e_3f6e_3f6f_3f6f_3f6f_3f6f_3f70_3f70_3f70_3f70_3f71_3f71_3f71_3f71_3f71_3f72,
      256'h3f72_3f72_3f72_3f73_3f73_3f73_3f73_3f73_3f73_3f74_3f74_3f74_3f74_3f74_3f75_3f75,
      256'h3f75_3f75_3f75_3f75_3f76_3f76_3f76_3f76_3f76_3f76_3f77_3f77_3f77_3f77_3f77_3f78,
      256'h3f78_3f78_3f78_3f79_3f79_3f79_3f79_3f79_3f7a_3f7a_3f7a_3f7a_3f7a_3f7b_3f7b_3f7b,
      256'h3f7b_3f7b_3f7b_3f7b_3f7c_3f7c_3f7c_3f7c_3f7c_3f7c_3f7c_3f7c_3f7d_3f7d_3f7d_3f7d,
      256'h3f7d_3f7d_3f7d_3f7d_3f7d_3f7d_3f7d_3f7e_3f7e_3f7e_3f7e_3f7e_3f7e_3f7e_3f7e_3f7e,
      256'h3f7e_3f7e_3f7e_3f7e_3f7e_3f7e_3f7e_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f,
      256'h3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f,
      256'h3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_3f7f_0000_0000_0000_0000_0000_0000
  };

  logic [14:0] mem[ROWS*16];

  initial begin : fill
    for (int unsigned k = 0; k < ROWS * 16; k++) begin
      mem[k] = TABLE[k/16][15-k%16][14:0];
    end
  end

  for (genvar k = 0; k < 2; k++) begin : gen_port
    logic [14:0] read_q;

    always_ff @(posedge clk_i) begin : read
      if (en_i) read_q <= mem[addr[k]];
    end

    assign entry_o[k] = read_q;
  end

endmodule
