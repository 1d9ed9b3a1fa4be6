// Read side of the data mover (MM2S): commands in, AXI4 read bursts out, a stream of words back.
//
// Up to READS bursts are in flight, with one ID, so that their data come in order. An error answer
// ends the stream before the word that it came with: what was asked for is taken from the bus and
// dropped. A refused command lets the data of the commands before it through.
// `stop_i` drops the words that wait as well; `rd_valid_o` may fall then.
module dtv1_axi_rd
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
#(
    parameter int unsigned MAX_BURST = 64,
    parameter int unsigned READS = 64,
    localparam int unsigned AXI_ADDR_W = 32,
    localparam int unsigned AXI_LEN_W = 8
) (
    input logic clk_i,
    input logic rst_ni,

    input logic stop_i,

    input  logic              cmd_valid_i,
    output logic              cmd_ready_o,
    input  dtv1_pkg::dm_cmd_t cmd_i,

    output logic                          rd_valid_o,
    input  logic                          rd_ready_i,
    output logic [NUM_PE-1:0][DATA_W-1:0] rd_data_o,
    output logic                          rd_last_o,   // of its command

    output logic                              axi_arvalid_o,
    input  logic                              axi_arready_i,
    output logic [AXI_ADDR_W-1:0]             axi_araddr_o,
    output logic [ AXI_LEN_W-1:0]             axi_arlen_o,
    input  logic                              axi_rvalid_i,
    output logic                              axi_rready_o,
    input  logic [    NUM_PE-1:0][DATA_W-1:0] axi_rdata_i,
    input  logic [           1:0]             axi_rresp_i,
    input  logic                              axi_rlast_i,

    output dtv1_pkg::err_e err_o,
    output logic           quiet_o
);

  localparam int unsigned DATA_DEPTH = 2;
  // Answers SLVERR and DECERR have this bit, OKAY has not.
  localparam int unsigned RESP_ERR = 1;

  dtv1_pkg::err_e err_d, err_q;
  logic halt, refused, cut_busy;
  logic burst_valid, burst_ready, burst_last, issue;
  logic [AXI_ADDR_W-1:0] burst_addr;
  logic [ AXI_LEN_W-1:0] burst_len;

  assign halt  = stop_i | (err_q != dtv1_pkg::ERR_NONE);
  assign err_o = err_q;

  dtv1_axi_split #(
      .MAX_BURST(MAX_BURST)
  ) u_split (
      .clk_i,
      .rst_ni,
      .halt_i       (halt),
      .cmd_valid_i,
      .cmd_ready_o,
      .cmd_i,
      .burst_valid_o(burst_valid),
      .burst_ready_i(burst_ready),
      .burst_addr_o (burst_addr),
      .burst_len_o  (burst_len),
      .burst_last_o (burst_last),
      .refused_o    (refused),
      .busy_o       (cut_busy)
  );

  // Addresses: an offered one stays, stop or not.
  logic arvalid_d, arvalid_q, flag_ready;

  assign burst_ready   = flag_ready & (~arvalid_q | axi_arready_i);
  assign issue         = burst_valid & burst_ready;
  assign arvalid_d     = issue | (arvalid_q & ~axi_arready_i);
  assign axi_arvalid_o = arvalid_q;

  always_ff @(posedge clk_i) begin : address
    if (issue) begin
      axi_araddr_o <= burst_addr;
      axi_arlen_o  <= burst_len;
    end
  end

  // Bursts in flight: whether they end their command.
  logic flight, flight_last, beat, beat_bad;

  dtv1_smem_fifo #(
      .WIDTH(1),
      .DEPTH(READS)
  ) u_flight (
      .clk_i,
      .rst_ni,
      .valid_i(issue),
      .ready_o(flag_ready),
      .data_i (burst_last),
      .valid_o(flight),
      .ready_i(beat & axi_rlast_i),
      .data_o (flight_last)
  );

  // Data.
  logic bad_d, bad_q;  // an answer was an error
  logic drop, push, data_ready, data_valid;
  logic unused_resp;

  assign unused_resp  = axi_rresp_i[0];
  assign drop         = bad_q | stop_i;
  assign axi_rready_o = data_ready | drop;
  assign beat         = axi_rvalid_i & axi_rready_o;
  assign beat_bad     = beat & axi_rresp_i[RESP_ERR];
  assign push         = axi_rvalid_i & ~axi_rresp_i[RESP_ERR] & ~drop;
  assign bad_d        = bad_q | beat_bad;
  assign rd_valid_o   = data_valid & ~stop_i;

  dtv1_smem_fifo #(
      .WIDTH(NUM_PE * DATA_W + 1),
      .DEPTH(DATA_DEPTH)
  ) u_data (
      .clk_i,
      .rst_ni,
      .valid_i(push),
      .ready_o(data_ready),
      .data_i ({axi_rlast_i & flight_last, axi_rdata_i}),
      .valid_o(data_valid),
      .ready_i(rd_ready_i | stop_i),
      .data_o ({rd_last_o, rd_data_o})
  );

  // The first error stays.
  always_comb begin : error
    err_d = err_q;
    if (err_q == dtv1_pkg::ERR_NONE) begin
      if (beat_bad) err_d = dtv1_pkg::ERR_AXI;
      else if (refused) err_d = dtv1_pkg::ERR_ADDRESS;
    end
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      arvalid_q <= 1'b0;
      bad_q     <= 1'b0;
      err_q     <= dtv1_pkg::ERR_NONE;
    end else begin
      arvalid_q <= arvalid_d;
      bad_q     <= bad_d;
      err_q     <= err_d;
    end
  end

  assign quiet_o = ~cut_busy & ~arvalid_q & ~flight & ~data_valid;

  dtv1_stream_check #(
      .WIDTH(AXI_ADDR_W + AXI_LEN_W)
  ) u_check (
      .clk_i,
      .rst_ni,
      .valid_i(axi_arvalid_o),
      .ready_i(axi_arready_i),
      .data_i ({axi_araddr_o, axi_arlen_o})
  );

endmodule
