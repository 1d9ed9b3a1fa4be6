// Cuts the commands of a data mover into AXI4 bursts, one burst a cycle, commands without a gap.
//
// A burst ends where its command ends or at the next multiple of BLOCK words, whichever comes first.
// BLOCK is MAX_BURST words (a power of two from 2 to 256) or 4 KiB, whichever is less, so that no
// burst crosses a 4 KiB boundary. Addresses wrap at the end of the 32-bit address space.
//
// A command that this mover cannot carry out (address or length no multiple of the word, no length,
// not incrementing) is dropped, and `refused_o` says so for a cycle, after the last burst of the
// commands before it was taken. The owner then raises `halt_i`, which drops all that waits here.
`include "dtv1_assert.svh"

module dtv1_axi_split #(
    parameter  int unsigned MAX_BURST  = 64,
    localparam int unsigned AXI_ADDR_W = 32,
    localparam int unsigned AXI_LEN_W  = 8
) (
    input logic clk_i,
    input logic rst_ni,

    input logic halt_i,

    input  logic              cmd_valid_i,
    output logic              cmd_ready_o,
    input  dtv1_pkg::dm_cmd_t cmd_i,

    output logic                  burst_valid_o,
    input  logic                  burst_ready_i,
    output logic [AXI_ADDR_W-1:0] burst_addr_o,
    output logic [ AXI_LEN_W-1:0] burst_len_o,    // beats minus one
    output logic                  burst_last_o,   // of its command

    output logic refused_o,
    output logic busy_o
);

  localparam int unsigned BTT_W = 23;
  localparam int unsigned CMD_DEPTH = 2;
  localparam int unsigned PAGE_BYTES = 4096;
  localparam int unsigned WORD_BYTES = dtv1_pkg::NUM_PE * dtv1_pkg::DATA_W / 8;
  localparam int unsigned PAGE_WORDS = PAGE_BYTES / WORD_BYTES;
  localparam int unsigned BLOCK = (MAX_BURST < PAGE_WORDS) ? MAX_BURST : PAGE_WORDS;
  localparam int unsigned BYTE_W = $clog2(WORD_BYTES);
  localparam int unsigned BLOCK_W = $clog2(BLOCK);
  localparam int unsigned WADDR_W = AXI_ADDR_W - BYTE_W;
  localparam int unsigned LEFT_W = BTT_W - BYTE_W;

  // Commands; what they have beyond address, length and type does not matter here.
  logic unused_fields;
  assign unused_fields = ^{cmd_i.reserved, cmd_i.tag, cmd_i.drr, cmd_i.eof, cmd_i.dsa};

  logic fifo_ready, cmd_valid, cmd_ready, cmd_incr, cmd_bad;
  logic [AXI_ADDR_W-1:0] cmd_addr;
  logic [BTT_W-1:0] cmd_btt;

  assign cmd_ready_o = fifo_ready & ~halt_i;

  dtv1_smem_fifo #(
      .WIDTH(AXI_ADDR_W + BTT_W + 1),
      .DEPTH(CMD_DEPTH)
  ) u_cmd (
      .clk_i,
      .rst_ni,
      .valid_i(cmd_valid_i & ~halt_i),
      .ready_o(fifo_ready),
      .data_i ({cmd_i.incr, cmd_i.addr, cmd_i.btt}),
      .valid_o(cmd_valid),
      .ready_i(cmd_ready | halt_i),
      .data_o ({cmd_incr, cmd_addr, cmd_btt})
  );

  assign cmd_bad = ~cmd_incr | (cmd_addr[BYTE_W-1:0] != '0) | (cmd_btt[BYTE_W-1:0] != '0) |
      (cmd_btt == '0);

  // The command that is being cut: what is left of it.
  logic busy_d, busy_q, take;
  logic [WADDR_W-1:0] waddr_d, waddr_q;
  logic [LEFT_W-1:0] left_d, left_q;
  logic [BLOCK_W:0] room, words;

  assign room          = (BLOCK_W + 1)'(BLOCK) - (BLOCK_W + 1)'(waddr_q[BLOCK_W-1:0]);
  assign burst_last_o  = left_q <= LEFT_W'(room);
  assign words         = burst_last_o ? left_q[BLOCK_W:0] : room;
  assign burst_valid_o = busy_q & ~halt_i;
  assign burst_addr_o  = {waddr_q, {BYTE_W{1'b0}}};
  assign burst_len_o   = AXI_LEN_W'(words - 1'b1);

  assign cmd_ready     = ~busy_q | (burst_ready_i & burst_last_o);
  assign take          = cmd_valid & cmd_ready & ~halt_i;
  assign refused_o     = take & cmd_bad;
  assign busy_o        = busy_q | cmd_valid;

  always_comb begin : next
    busy_d  = busy_q;
    waddr_d = waddr_q;
    left_d  = left_q;
    if (burst_valid_o && burst_ready_i) begin
      busy_d  = ~burst_last_o;
      waddr_d = waddr_q + WADDR_W'(room);
      left_d  = left_q - LEFT_W'(room);
    end
    if (take) begin
      busy_d  = ~cmd_bad;
      waddr_d = cmd_addr[AXI_ADDR_W-1:BYTE_W];
      left_d  = cmd_btt[BTT_W-1:BYTE_W];
    end
    if (halt_i) busy_d = 1'b0;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) busy_q <= 1'b0;
    else busy_q <= busy_d;
  end

  always_ff @(posedge clk_i) begin : payload
    waddr_q <= waddr_d;
    left_q  <= left_d;
  end

  `DTV1_ASSERT(Words_A, !burst_valid_o || words != '0)

endmodule
