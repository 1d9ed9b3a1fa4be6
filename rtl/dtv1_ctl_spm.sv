// The descriptor memory's port for those outside the engine: the host's window in the register map, and the
// moves of descriptors, which go first. The window has more words than the memory has in most
// configurations: those past its end read as zero and ignore writes.
module dtv1_ctl_spm
  import dtv1_pkg::STEP_W;
#(
    localparam int unsigned HOST_ADDR_W = 15,  // bytes
    localparam int unsigned DATA_W = 32,
    localparam int unsigned BYTES = DATA_W / 8
) (
    input logic clk_i,
    input logic rst_ni,

    // Window: `req_i` is high for a cycle, then none comes until the acknowledgement.
    input  logic                   req_i,
    input  logic                   req_is_wr_i,
    input  logic [HOST_ADDR_W-1:0] req_addr_i,
    input  logic [     DATA_W-1:0] req_data_i,
    input  logic [     DATA_W-1:0] req_biten_i,
    output logic                   rd_ack_o,
    output logic [     DATA_W-1:0] rd_data_o,
    output logic                   wr_ack_o,

    // Moves.
    input  logic              move_valid_i,
    output logic              move_ready_o,
    input  logic              move_we_i,
    input  logic [  STEP_W:0] move_addr_i,
    input  logic [DATA_W-1:0] move_wdata_i,

    // Descriptor memory; its answer comes in the cycle after a read.
    output logic              spm_valid_o,
    input  logic              spm_ready_i,
    output logic              spm_we_o,
    output logic [  STEP_W:0] spm_addr_o,
    output logic [ BYTES-1:0] spm_be_o,
    output logic [DATA_W-1:0] spm_wdata_o,
    input  logic [DATA_W-1:0] spm_rdata_i
);

  localparam int unsigned INDEX_W = HOST_ADDR_W - 2;
  localparam int unsigned WORDS_W = STEP_W + 1;

  // The request that waits.
  logic wait_d, wait_q, answer_d, answer_q, we_q, inside_q, window_go, window_wants;
  logic [INDEX_W-1:0] index_q;
  logic [ DATA_W-1:0] data_q;
  logic [BYTES-1:0] be_d, be_q;
  logic unused_bits;

  assign unused_bits  = ^{req_biten_i, req_addr_i, index_q};

  assign window_wants = wait_q & inside_q & ~move_valid_i;
  assign window_go    = wait_q & (~inside_q | (window_wants & spm_ready_i));
  assign wait_d       = req_i | (wait_q & ~window_go);
  assign answer_d     = window_go & ~we_q;

  always_comb begin : byte_enables
    for (int unsigned b = 0; b < BYTES; b++) be_d[b] = req_biten_i[8*b];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      wait_q   <= 1'b0;
      answer_q <= 1'b0;
    end else begin
      wait_q   <= wait_d;
      answer_q <= answer_d;
    end
  end

  always_ff @(posedge clk_i) begin : payload
    if (req_i) begin
      we_q     <= req_is_wr_i;
      index_q  <= req_addr_i[HOST_ADDR_W-1:2];
      inside_q <= (INDEX_W + 1)'(req_addr_i[HOST_ADDR_W-1:2]) < (INDEX_W + 1)'(1 << WORDS_W);
      data_q   <= req_data_i;
      be_q     <= be_d;
    end
  end

  assign wr_ack_o     = window_go & we_q;
  assign rd_ack_o     = answer_q;
  assign rd_data_o    = inside_q ? spm_rdata_i : '0;

  assign move_ready_o = spm_ready_i;
  assign spm_valid_o  = move_valid_i | window_wants;
  assign spm_we_o     = move_valid_i ? move_we_i : we_q;
  assign spm_addr_o   = move_valid_i ? move_addr_i : WORDS_W'(index_q);
  assign spm_be_o     = move_valid_i ? '1 : be_q;
  assign spm_wdata_o  = move_valid_i ? move_wdata_i : data_q;

endmodule
