// Accumulators of the compute core: NUM_PE lanes of ACC_WORDS words in block RAM, with the
// forwarding that hides the way through the adder.
//
// An accumulator is zero unless it holds a sum on purpose: an operation that ends a sum clears it, so
// sums need no clearing pass; a sweep over both banks clears all after a reset. An operation
// that is announced with valid_i enters the PE array in the next cycle; its operand appears on acc_o
// MUL_LAT cycles after that, and its sum is expected on sum_i another ADD_LAT cycles later. Two
// operations on one accumulator must be ADD_LAT cycles apart or more, unless the second one starts a
// new sum.
//
// The lowest address bit chooses between two banks. The drain reads a word of a bank that no operation
// announces itself for in that cycle, and clears it when that operation's sum would be written:
// then that port, too, is free.
//
// The block RAMs lie all over the device: their addresses and enables come straight from registers.
`include "dtv1_assert.svh"

module dtv1_ccm_acc
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::ACC_W;
  import dtv1_pkg::ACC_ADDR_W;
(
    input logic clk_i,
    input logic rst_ni,

    input logic                             valid_i,
    input logic                             uses_i,   // adds to an accumulator
    input logic                             first_i,  // starts a sum: at the addend or at zero
    input logic                             init_i,   // ... at the addend
    input logic                             clear_i,  // the accumulator does not keep the sum
    input logic [ACC_ADDR_W-1:0]            addr_i,
    input logic [    NUM_PE-1:0][ACC_W-1:0] add_i,    // addend, a cycle after valid_i

    input  logic                             drain_read_i,
    input  logic [ACC_ADDR_W-1:0]            drain_addr_i,
    output logic [    NUM_PE-1:0][ACC_W-1:0] drain_o,            // three cycles after drain_read_i
    input  logic                             drain_clear_i,
    input  logic [ACC_ADDR_W-1:0]            drain_clear_addr_i,

    output logic [NUM_PE-1:0][ACC_W-1:0] acc_o,
    input  logic [NUM_PE-1:0][ACC_W-1:0] sum_i,

    output logic ready_o  // the sweep is over
);

  localparam int unsigned ADD_LAT = dtv1_pkg::ADD_LAT;
  localparam int unsigned SUM_STAGE = dtv1_pkg::MUL_LAT + ADD_LAT;  // the sum is on sum_i
  localparam int unsigned BANKS = 2;
  localparam int unsigned BANK_WORDS = dtv1_pkg::ACC_WORDS / BANKS;
  localparam int unsigned ROW_W = ACC_ADDR_W - 1;  // the row of a word in its bank

  // Bit or element k belongs to the operation that entered the PE array k cycles ago.
  logic uses;  // an operation is announced that uses the accumulators
  logic [SUM_STAGE-1:0] uses_q, clears_q;
  logic [SUM_STAGE-1:0][ACC_ADDR_W-1:0] addr_q;
  logic first_q, init_q;

  assign uses = valid_i & uses_i;

  always_ff @(posedge clk_i or negedge rst_ni) begin : valid_pipe
    if (!rst_ni) uses_q <= '0;
    else uses_q <= {uses_q[SUM_STAGE-2:0], uses};
  end

  always_ff @(posedge clk_i) begin : payload_pipe
    clears_q <= {clears_q[SUM_STAGE-2:0], clear_i};
    addr_q   <= {addr_q[SUM_STAGE-2:0], addr_i};
    first_q  <= first_i;
    init_q   <= init_i;
  end

  // Sums go back in stage SUM_STAGE; the sweep and the drain use the same registers.
  logic [BANKS-1:0] sums, write_q, zero_q;
  logic [BANKS-1:0][ROW_W-1:0] wrow_q;
  logic [ROW_W-1:0] sweep_q;
  logic sweep_done_q;

  always_comb begin : banks_of_sums
    sums = '0;
    sums[addr_q[SUM_STAGE-1][0]] = uses_q[SUM_STAGE-1];
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : sweep
    if (!rst_ni) begin
      sweep_q      <= '0;
      sweep_done_q <= 1'b0;
      write_q      <= '0;
    end else begin
      write_q <= sums;
      if (drain_clear_i) write_q[drain_clear_addr_i[0]] <= 1'b1;
      if (!sweep_done_q) begin
        write_q      <= '1;
        sweep_q      <= sweep_q + 1'b1;
        sweep_done_q <= sweep_q == ROW_W'(BANK_WORDS - 1);
      end
    end
  end

  always_ff @(posedge clk_i) begin : write_regs
    for (int unsigned b = 0; b < BANKS; b++) begin
      wrow_q[b] <= drain_clear_addr_i[ACC_ADDR_W-1:1];
      if (sums[b]) wrow_q[b] <= addr_q[SUM_STAGE-1][ACC_ADDR_W-1:1];
      if (!sweep_done_q) wrow_q[b] <= sweep_q;
      zero_q[b] <= ~sums[b] | clears_q[SUM_STAGE-1];
    end
  end

  // Read in stage 0; the register behind the memory is the other half of the multiplier's time.
  logic [BANKS-1:0] op_bank, drain_bank, read_q;
  logic [BANKS-1:0][ROW_W-1:0] rrow_q;
  logic [BANKS-1:0][NUM_PE-1:0][ACC_W-1:0] mem_word;
  logic [NUM_PE-1:0][ACC_W-1:0] sum_q;  // what was on sum_i one cycle ago
  logic meets, meets_q;  // the word is written when it would be read: what is read would not count
  logic cleared_q;  // the sum on sum_i leaves zero in its accumulator

  assign meets = uses_q[SUM_STAGE-1] & (addr_q[SUM_STAGE-1] == addr_i);

  always_comb begin : banks_of_reads
    op_bank = '0;
    op_bank[addr_i[0]] = uses;
    drain_bank = '0;
    drain_bank[drain_addr_i[0]] = drain_read_i;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : read_enable
    if (!rst_ni) read_q <= '0;
    else read_q <= (op_bank & ~{BANKS{meets}}) | drain_bank;
  end

  always_ff @(posedge clk_i) begin : read_regs
    for (int unsigned b = 0; b < BANKS; b++) begin
      rrow_q[b] <= op_bank[b] ? addr_i[ACC_ADDR_W-1:1] : drain_addr_i[ACC_ADDR_W-1:1];
    end
  end

  for (genvar b = 0; b < BANKS; b++) begin : gen_bank
    for (genvar pe = 0; pe < NUM_PE; pe++) begin : gen_lane
      dtv1_bram_sdp #(
          .WIDTH  (ACC_W),
          .DEPTH  (BANK_WORDS),
          .COLLIDE(1'b0)
      ) u_mem (
          .clk_i,
          .we_i   (write_q[b]),
          .waddr_i(wrow_q[b]),
          .wdata_i(zero_q[b] ? '0 : sum_i[pe]),
          .re_i   (read_q[b]),
          .raddr_i(rrow_q[b]),
          .rdata_o(mem_word[b][pe])
      );
    end
  end

  // The drain's word, one cycle behind the memory.
  logic drain_odd_q, drain_pick_q;

  always_ff @(posedge clk_i) begin : drain_word
    drain_odd_q  <= drain_addr_i[0];
    drain_pick_q <= drain_odd_q;
    drain_o      <= mem_word[drain_pick_q];
  end

  assign ready_o = sweep_done_q;

  // The operation in stage 1 takes its operand from where the latest value of its accumulator is:
  // the sum that appears in the next cycle (near), the one that appears now or appeared a cycle
  // ago, or the memory. Which of them was found out in stage 0.
  logic start;  // no earlier value
  logic same_near, same_now;
  logic near_d, near_q, near_start_q;
  logic from_add_q, from_now_q, from_past_q;
  logic [BANKS-1:0] from_mem_q;
  logic [NUM_PE-1:0][ACC_W-1:0] add_q, other, other_q, mem, mem_q;

  assign start     = ~uses_q[0] | first_q;
  assign same_near = uses_q[ADD_LAT] & (addr_q[ADD_LAT] == addr_q[0]);
  assign same_now  = uses_q[SUM_STAGE-1] & (addr_q[SUM_STAGE-1] == addr_q[0]);

  // A value that is cleared on its way back is zero for whoever reads it.
  assign near_d    = ~start & same_near & ~clears_q[ADD_LAT];

  always_ff @(posedge clk_i) begin : choice
    meets_q                  <= meets;
    cleared_q                <= clears_q[SUM_STAGE-1];
    near_start_q             <= near_d;
    near_q                   <= near_start_q;
    from_add_q               <= start & init_q;
    from_now_q               <= ~start & ~same_near & same_now & ~clears_q[SUM_STAGE-1];
    from_past_q              <= ~start & ~same_near & ~same_now & meets_q & ~cleared_q;
    from_mem_q               <= '0;
    from_mem_q[addr_q[0][0]] <= ~start & ~same_near & ~same_now & ~meets_q;
  end

  for (genvar pe = 0; pe < NUM_PE; pe++) begin : gen_operand
    assign other[pe] = ({ACC_W{from_add_q}} & add_q[pe]) | ({ACC_W{from_now_q}} & sum_i[pe]) |
                       ({ACC_W{from_past_q}} & sum_q[pe]);
    assign mem[pe] = ({ACC_W{from_mem_q[0]}} & mem_word[0][pe]) |
                     ({ACC_W{from_mem_q[1]}} & mem_word[1][pe]);
  end

  always_ff @(posedge clk_i) begin : operand
    add_q   <= add_i;
    // Zero where the operand comes from somewhere else: nothing but a register follows the memory.
    mem_q   <= mem;
    other_q <= other;
    sum_q   <= sum_i;
  end

  assign acc_o = near_q ? sum_i : mem_q | other_q;

  if (dtv1_pkg::MUL_LAT != 2) begin : gen_check_latency
    $error("the forwarding of dtv1_ccm_acc is made for MUL_LAT = 2");
  end

  // Whoever announces operations keeps them apart.
  logic hazard;

  always_comb begin : too_close
    hazard = 1'b0;
    for (int unsigned k = 0; k + 1 < ADD_LAT; k++) hazard |= uses_q[k] & (addr_q[k] == addr_i);
  end

  `DTV1_ASSERT(NoLostUpdate_A, !uses || first_i || !hazard)
  `DTV1_ASSERT(FreeBank_A, (op_bank & drain_bank) == '0)
  `DTV1_ASSERT(FreeClear_A, !drain_clear_i || !sums[drain_clear_addr_i[0]])

endmodule
