// Moves of descriptors between DRAM and the descriptor memory: 32-bit words, one after another in DRAM, of
// some steps of one of the two lists. One descriptor a cycle, when the memory's port is free.
module dtv1_ctl_move
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::DATA_W;
  import dtv1_pkg::STEP_W;
#(
    localparam int unsigned DESC_BITS = 32,
    localparam int unsigned PLACES = NUM_PE * DATA_W / DESC_BITS,
    localparam int unsigned ADDR_W = 32
) (
    input logic clk_i,
    input logic rst_ni,

    input  logic                       start_i,   // while not busy
    input  logic                       store_i,   // to DRAM, else from DRAM
    input  logic                       list_i,
    input  logic [         STEP_W-1:0] step_i,    // the first one
    input  logic [dtv1_pkg::CNT_W-1:0] count_i,   // descriptors minus one
    input  logic [         ADDR_W-1:0] addr_i,    // in DRAM
    output logic                       busy_o,    // until all is handed over
    output logic                       starved_o, // it lacks words from DRAM

    // Descriptor memory; its answer comes in the cycle after a read.
    output logic                 spm_valid_o,
    input  logic                 spm_ready_i,
    output logic                 spm_we_o,
    output logic [     STEP_W:0] spm_addr_o,
    output logic [DESC_BITS-1:0] spm_wdata_o,
    input  logic [DESC_BITS-1:0] spm_rdata_i,

    // DRAM.
    output logic                                       rd_cmd_valid_o,
    input  logic                                       rd_cmd_ready_i,
    output logic                                       wr_cmd_valid_o,
    input  logic                                       wr_cmd_ready_i,
    output dtv1_pkg::dm_cmd_t                          cmd_o,
    input  logic                                       rd_valid_i,
    output logic                                       rd_ready_o,
    input  logic              [NUM_PE-1:0][DATA_W-1:0] rd_data_i,
    output logic                                       wr_valid_o,
    input  logic                                       wr_ready_i,
    output logic              [NUM_PE-1:0][DATA_W-1:0] wr_data_o,
    output logic                                       wr_last_o
);

  localparam int unsigned CNT_W = dtv1_pkg::CNT_W;
  localparam int unsigned WORD_BYTES = NUM_PE * DATA_W / 8;
  localparam int unsigned PLACE_W = (PLACES > 1) ? $clog2(PLACES) : 1;
  localparam int unsigned SHIFT = $clog2(PLACES);
  localparam logic [PLACE_W-1:0] LAST_PLACE = PLACE_W'(PLACES - 1);

  typedef enum logic [2:0] {
    IDLE,
    COMMAND,  // to the data mover
    LOAD,  // words from DRAM, descriptor by descriptor
    READ,  // a descriptor
    GATHER,  // into the word
    STORE  // the word, to DRAM
  } state_e;

  state_e state_d, state_q;
  logic store_q, list_q;
  logic [STEP_W-1:0] step_d, step_q;
  logic [CNT_W-1:0] left_d, left_q;  // descriptors behind this one
  logic [ CNT_W-1:0] count_q;
  logic [ADDR_W-1:0] addr_q;
  logic [PLACE_W-1:0] place_d, place_q;
  logic [PLACES-1:0][DESC_BITS-1:0] word_d, word_q, rd_word;
  logic last, word_end, go;

  assign last     = left_q == '0;
  assign word_end = (place_q == LAST_PLACE) | last;
  assign rd_word  = rd_data_i;

  always_comb begin : next
    state_d = state_q;
    step_d = step_q;
    left_d = left_q;
    place_d = place_q;
    word_d = word_q;
    go = 1'b0;
    unique case (state_q)
      IDLE: begin
        word_d  = '0;
        place_d = '0;
        step_d  = step_i;
        left_d  = count_i;
        if (start_i) state_d = COMMAND;
      end
      COMMAND: begin
        if (store_q & wr_cmd_ready_i) state_d = READ;
        if (~store_q & rd_cmd_ready_i) state_d = LOAD;
      end
      LOAD: begin
        go = rd_valid_i & spm_ready_i;
        if (go & last) state_d = IDLE;
      end
      READ: if (spm_ready_i) state_d = GATHER;
      GATHER: begin
        go = 1'b1;
        word_d[place_q] = spm_rdata_i;
        state_d = word_end ? STORE : READ;
      end
      default: begin
        // The last descriptor has been counted when its word leaves.
        if (wr_ready_i) begin
          word_d  = '0;
          state_d = wr_last_o ? IDLE : READ;
        end
      end
    endcase
    if (go) begin
      step_d  = step_q + 1'b1;
      left_d  = left_q - 1'b1;
      place_d = word_end ? '0 : place_q + 1'b1;
    end
  end

  // The word that waits to be stored holds the last descriptor.
  logic end_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin : state
    if (!rst_ni) begin
      state_q <= IDLE;
      end_q   <= 1'b0;
    end else begin
      state_q <= state_d;
      if (state_q == GATHER) end_q <= last;
    end
  end

  always_ff @(posedge clk_i) begin : payload
    step_q  <= step_d;
    left_q  <= left_d;
    place_q <= place_d;
    word_q  <= word_d;
    if (state_q == IDLE) begin
      store_q <= store_i;
      list_q  <= list_i;
      count_q <= count_i;
      addr_q  <= addr_i;
    end
  end

  always_comb begin : command
    cmd_o      = '0;
    cmd_o.addr = addr_q;
    cmd_o.eof  = 1'b1;
    cmd_o.incr = 1'b1;
    cmd_o.btt  = ($bits(cmd_o.btt)'(count_q >> SHIFT) + 1'b1) * WORD_BYTES[$bits(cmd_o.btt)-1:0];
  end

  assign busy_o         = state_q != IDLE;
  assign starved_o      = rd_cmd_valid_o | ((state_q == LOAD) & ~rd_valid_i);
  assign rd_cmd_valid_o = (state_q == COMMAND) & ~store_q;
  assign wr_cmd_valid_o = (state_q == COMMAND) & store_q;
  assign rd_ready_o     = (state_q == LOAD) & spm_ready_i & word_end;
  assign spm_valid_o    = ((state_q == LOAD) & rd_valid_i) | (state_q == READ);
  assign spm_we_o       = state_q == LOAD;
  assign spm_addr_o     = {list_q, step_q};
  assign spm_wdata_o    = rd_word[place_q];
  assign wr_valid_o     = state_q == STORE;
  assign wr_last_o      = end_q;
  assign wr_data_o      = word_q;

endmodule
