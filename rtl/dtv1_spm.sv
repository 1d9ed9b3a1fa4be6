// The sparse data descriptor memory: for each of two lists and each step where the step's entries
// lie in their region, and how many they are. A descriptor (desc_t) stands at the low end of a
// 32-bit word; the bits above it read as zero. The word of a step is {list, step}.
//
// Three users share one write and one read port of a block RAM. Writes: the output module (`w_*`)
// first, which never waits, then the host. Reads: the machine (`cmd_*`) first, then the host. A
// read waits while its own word is written, so it sees every write that was accepted before it or
// with it.
//
// A command reads the steps first .. last of a list; the descriptors come in order, one a cycle,
// back to back over commands. A command whose last step is before its first, or is not below MAX_M,
// raises `err_o`, which stays until the reset: it and what follows give nothing; writes and the
// host go on. The answer to a host's read is on `host_rdata_o` with `host_rvalid_o`, one cycle
// after it was accepted.
`include "dtv1_assert.svh"

module dtv1_spm
  import dtv1_pkg::STEP_W;
#(
    localparam int unsigned HOST_W = 32,
    localparam int unsigned HOST_BYTES = HOST_W / 8
) (
    input logic clk_i,
    input logic rst_ni,

    input  logic                  host_valid_i,
    output logic                  host_ready_o,
    input  logic                  host_we_i,
    input  logic [      STEP_W:0] host_addr_i,    // word: {list, step}
    input  logic [HOST_BYTES-1:0] host_be_i,
    input  logic [    HOST_W-1:0] host_wdata_i,
    output logic                  host_rvalid_o,
    output logic [    HOST_W-1:0] host_rdata_o,

    input  logic                         w_valid_i,
    output logic                         w_ready_o,
    input  logic                         w_list_i,
    input  logic            [STEP_W-1:0] w_step_i,
    input  dtv1_pkg::desc_t              w_desc_i,

    input  logic              cmd_valid_i,
    output logic              cmd_ready_o,
    input  logic              cmd_list_i,
    input  logic [STEP_W-1:0] cmd_first_i,
    input  logic [STEP_W-1:0] cmd_last_i,

    output logic            desc_valid_o,
    input  logic            desc_ready_i,
    output dtv1_pkg::desc_t desc_o,
    output logic            desc_last_o,   // of its command

    output logic err_o
);

  localparam int unsigned DESC_W = dtv1_pkg::DESC_W;
  localparam int unsigned ADDR_W = STEP_W + 1;
  localparam int unsigned BYTES = (DESC_W + 7) / 8;
  localparam int unsigned CMD_DEPTH = 2;
  // Descriptors on their way or waiting: RAM, FIFO, and the cycle that gives the place back.
  localparam int unsigned RSP_DEPTH = 3;
  localparam int unsigned RSP_COUNT_W = $clog2(RSP_DEPTH + 1);

  typedef struct packed {
    logic list;
    logic [STEP_W-1:0] first;
    logic [STEP_W-1:0] last;
  } cmd_t;

  // Write port.
  logic write, host_write;
  logic [ADDR_W-1:0] waddr;
  logic [BYTES-1:0] wmask;
  logic [DESC_W-1:0] wdata;

  // The host's bits above the descriptor are not kept.
  logic unused_host;
  assign unused_host = ^{host_wdata_i, host_be_i};

  assign w_ready_o   = 1'b1;
  assign host_write  = host_valid_i & host_we_i & ~w_valid_i;
  assign write       = w_valid_i | host_write;
  assign waddr       = w_valid_i ? {w_list_i, w_step_i} : host_addr_i;
  assign wmask       = w_valid_i ? '1 : host_be_i[BYTES-1:0] & {BYTES{host_write}};
  assign wdata       = w_valid_i ? w_desc_i : host_wdata_i[DESC_W-1:0];

  // Commands: the one at the head of the FIFO is read step by step.
  cmd_t cmd;
  logic cmd_valid, cmd_done, cmd_bad;
  logic begun_d, begun_q;  // its first step has been read
  logic [STEP_W-1:0] step, step_d, step_q;
  logic last_step, room, cmd_want, cmd_read;
  logic err_d, err_q;

  dtv1_smem_fifo #(
      .WIDTH($bits(cmd_t)),
      .DEPTH(CMD_DEPTH)
  ) u_cmd (
      .clk_i,
      .rst_ni,
      .valid_i(cmd_valid_i),
      .ready_o(cmd_ready_o),
      .data_i ({cmd_list_i, cmd_first_i, cmd_last_i}),
      .valid_o(cmd_valid),
      .ready_i(cmd_done),
      .data_o (cmd)
  );

  assign cmd_bad   = (cmd.last < cmd.first) | (32'(cmd.last) >= dtv1_pkg::MAX_M);
  assign err_d     = err_q | (cmd_valid & cmd_bad);
  assign err_o     = err_q;

  assign step      = begun_q ? step_q : cmd.first;
  assign last_step = step == cmd.last;
  assign cmd_want  = cmd_valid & ~cmd_bad & ~err_q & room;
  assign cmd_done  = cmd_read & last_step;
  assign begun_d   = cmd_read ? ~last_step : begun_q;
  assign step_d    = cmd_read ? step + STEP_W'(1) : step_q;

  // Read port.
  logic host_want, host_read, read, blocked;
  logic [ADDR_W-1:0] raddr;
  logic host_rvalid_q, desc_read_q, desc_last_q;
  logic [DESC_W-1:0] rdata;

  assign host_want    = host_valid_i & ~host_we_i;
  assign raddr        = cmd_want ? {cmd.list, step} : host_addr_i;
  assign blocked      = write & (waddr == raddr);
  assign cmd_read     = cmd_want & ~blocked;
  assign host_read    = host_want & ~cmd_want & ~blocked;
  assign read         = cmd_read | host_read;
  assign host_ready_o = host_we_i ? ~w_valid_i : ~cmd_want & ~blocked;

  // One RAM for each byte, for the host's byte enables.
  for (genvar i = 0; i < BYTES; i++) begin : gen_byte
    localparam int unsigned LOW = 8 * i;
    localparam int unsigned WIDTH = (DESC_W - LOW < 8) ? DESC_W - LOW : 8;

    dtv1_bram_sdp #(
        .WIDTH  (WIDTH),
        .DEPTH  (1 << ADDR_W),
        .COLLIDE(1'b0)
    ) u_ram (
        .clk_i,
        .we_i   (write & wmask[i]),
        .waddr_i(waddr),
        .wdata_i(wdata[LOW+:WIDTH]),
        .re_i   (read),
        .raddr_i(raddr),
        .rdata_o(rdata[LOW+:WIDTH])
    );
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      begun_q       <= 1'b0;
      err_q         <= 1'b0;
      host_rvalid_q <= 1'b0;
      desc_read_q   <= 1'b0;
    end else begin
      begun_q       <= begun_d;
      err_q         <= err_d;
      host_rvalid_q <= host_read;
      desc_read_q   <= cmd_read;
    end
  end

  always_ff @(posedge clk_i) begin : payload
    step_q      <= step_d;
    desc_last_q <= last_step;
  end

  assign host_rvalid_o = host_rvalid_q;
  assign host_rdata_o  = HOST_W'(rdata);

  // Descriptors wait in a FIFO, so that the RAM is free for the host while nobody takes them.
  logic [RSP_COUNT_W-1:0] owed_d, owed_q;  // on their way or waiting
  logic rsp_ready;

  assign room   = owed_q != RSP_COUNT_W'(RSP_DEPTH);
  assign owed_d = owed_q + RSP_COUNT_W'(cmd_read) - RSP_COUNT_W'(desc_valid_o & desc_ready_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin : owed
    if (!rst_ni) owed_q <= '0;
    else owed_q <= owed_d;
  end

  dtv1_smem_fifo #(
      .WIDTH(DESC_W + 1),
      .DEPTH(RSP_DEPTH)
  ) u_rsp (
      .clk_i,
      .rst_ni,
      .valid_i(desc_read_q),
      .ready_o(rsp_ready),
      .data_i ({rdata, desc_last_q}),
      .valid_o(desc_valid_o),
      .ready_i(desc_ready_i),
      .data_o ({desc_o, desc_last_o})
  );

  `DTV1_ASSERT(Room_A, !desc_read_q || rsp_ready)
  `DTV1_ASSERT(Owed_A, !desc_valid_o || owed_q != '0)

endmodule
