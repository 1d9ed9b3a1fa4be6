// One bank of the shared memory: a single-port block RAM for each lane, so that one lane can be
// written without touching the others.
//
// One access a cycle. `rdata_o` shows the word of a read three cycles after `en_i`, for one cycle:
// there is a register in front of the RAMs, which are spread over the whole device, and one behind.
module dtv1_smem_bank
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
  import dtv1_pkg::LANE_W;
#(
    localparam int unsigned ADDR_W = dtv1_pkg::SMEM_ADDR_W - 1
) (
    input logic clk_i,
    input logic rst_ni,
    input logic en_i,
    input logic we_i,
    input logic [ADDR_W-1:0] addr_i,
    input logic [LANE_W:0] sel_i,  // of a write: {lane?, lane}; the lane's value is in lane 0
    input logic [NUM_PE-1:0][DATA_W-1:0] wdata_i,
    output logic [NUM_PE-1:0][DATA_W-1:0] rdata_o
);

  localparam int unsigned DEPTH = dtv1_pkg::SMEM_WORDS / 2;

  logic en_q;
  logic [NUM_PE-1:0] we_d, we_q;
  logic [ADDR_W-1:0] addr_q;
  logic [NUM_PE-1:0][DATA_W-1:0] wdata_d, wdata_q;
  logic [NUM_PE-1:0][DATA_W-1:0] rdata, rdata_q;

  assign we_d    = !we_i ? '0 : sel_i[LANE_W] ? NUM_PE'(1) << sel_i[LANE_W-1:0] : '1;
  assign wdata_d = sel_i[LANE_W] ? {NUM_PE{wdata_i[0]}} : wdata_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin : enable
    if (!rst_ni) en_q <= 1'b0;
    else en_q <= en_i;
  end

  always_ff @(posedge clk_i) begin : access
    we_q    <= we_d;
    addr_q  <= addr_i;
    wdata_q <= wdata_d;
    rdata_q <= rdata;
  end

  for (genvar lane = 0; lane < NUM_PE; lane++) begin : gen_lane
    dtv1_bram_sp #(
        .WIDTH(DATA_W),
        .DEPTH(DEPTH)
    ) u_ram (
        .clk_i,
        .en_i   (en_q),
        .we_i   (we_q[lane]),
        .addr_i (addr_q),
        .wdata_i(wdata_q[lane]),
        .rdata_o(rdata[lane])
    );
  end

  assign rdata_o = rdata_q;

endmodule
