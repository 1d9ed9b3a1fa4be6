// Accumulators of the compute core: NUM_PE lanes of ACC_WORDS words in block RAM, with the
// forwarding that hides the way through the adder.
//
// An accumulator is zero unless it holds a sum on purpose: an operation that ends a sum clears it, so
// sums need no clearing pass; a sweep of ACC_WORDS cycles clears all after a reset. An operation
// that is announced with valid_i enters the PE array in the next cycle; its operand appears on acc_o
// MUL_LAT cycles after that, and its sum is expected on sum_i another ADD_LAT cycles later. Two
// operations on one accumulator must be ADD_LAT cycles apart or more, unless the second one starts a
// new sum.
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

    output logic [NUM_PE-1:0][ACC_W-1:0] acc_o,
    input  logic [NUM_PE-1:0][ACC_W-1:0] sum_i,

    output logic ready_o  // the sweep is over
);

  localparam int unsigned ADD_LAT = dtv1_pkg::ADD_LAT;
  localparam int unsigned SUM_STAGE = dtv1_pkg::MUL_LAT + ADD_LAT;  // the sum is on sum_i

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

  // Sums go back in stage SUM_STAGE; the sweep uses the same registers.
  logic write_q, clear_q;
  logic [ACC_ADDR_W-1:0] waddr_q, sweep_q;
  logic sweep_done_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin : sweep
    if (!rst_ni) begin
      sweep_q      <= '0;
      sweep_done_q <= 1'b0;
      write_q      <= 1'b0;
    end else begin
      write_q <= ~sweep_done_q | uses_q[SUM_STAGE-1];
      if (!sweep_done_q) begin
        sweep_q      <= sweep_q + 1'b1;
        sweep_done_q <= sweep_q == ACC_ADDR_W'(dtv1_pkg::ACC_WORDS - 1);
      end
    end
  end

  always_ff @(posedge clk_i) begin : write_regs
    waddr_q <= sweep_done_q ? addr_q[SUM_STAGE-1] : sweep_q;
    clear_q <= ~sweep_done_q | clears_q[SUM_STAGE-1];
  end

  // Read in stage 0; the register behind the memory is the other half of the multiplier's time.
  logic [NUM_PE-1:0][ACC_W-1:0] mem_word;
  logic [NUM_PE-1:0][ACC_W-1:0] back_word, back_q;  // what is written back: now, one cycle ago
  logic meets, meets_q;  // the word is written when it would be read: what is read would not count
  logic read_q;

  assign back_word = clear_q ? '0 : sum_i;
  assign meets     = uses_q[SUM_STAGE-1] & (addr_q[SUM_STAGE-1] == addr_i);

  always_ff @(posedge clk_i or negedge rst_ni) begin : read_enable
    if (!rst_ni) read_q <= 1'b0;
    else read_q <= uses & ~meets;
  end

  for (genvar pe = 0; pe < NUM_PE; pe++) begin : gen_lane
    dtv1_bram_sdp #(
        .WIDTH  (ACC_W),
        .DEPTH  (dtv1_pkg::ACC_WORDS),
        .COLLIDE(1'b0)
    ) u_mem (
        .clk_i,
        .we_i   (write_q),
        .waddr_i(waddr_q),
        .wdata_i(back_word[pe]),
        .re_i   (read_q),
        .raddr_i(addr_q[0]),
        .rdata_o(mem_word[pe])
    );
  end

  assign ready_o = sweep_done_q;

  // The operation in stage 1 takes its operand from where the latest value of its accumulator is:
  // the sum that appears in the next cycle (near), the one that appears now or appeared a cycle
  // ago, or the memory. Which of them was found out in stage 0.
  logic start;  // no earlier value
  logic same_near, same_now;
  logic near_d, near_q, near_start_q;
  logic from_add_q, from_now_q, from_past_q, from_mem_q;
  logic [NUM_PE-1:0][ACC_W-1:0] add_q, other, other_q, mem_q;

  assign start     = ~uses_q[0] | first_q;
  assign same_near = uses_q[ADD_LAT] & (addr_q[ADD_LAT] == addr_q[0]);
  assign same_now  = uses_q[SUM_STAGE-1] & (addr_q[SUM_STAGE-1] == addr_q[0]);

  // A value that is cleared on its way back is zero for whoever reads it.
  assign near_d    = ~start & same_near & ~clears_q[ADD_LAT];

  always_ff @(posedge clk_i) begin : choice
    meets_q      <= meets;
    near_start_q <= near_d;
    near_q       <= near_start_q;
    from_add_q   <= start & init_q;
    from_now_q   <= ~start & ~same_near & same_now;
    from_past_q  <= ~start & ~same_near & ~same_now & meets_q;
    from_mem_q   <= ~start & ~same_near & ~same_now & ~meets_q;
  end

  for (genvar pe = 0; pe < NUM_PE; pe++) begin : gen_operand
    assign other[pe] = ({ACC_W{from_add_q}} & add_q[pe]) | ({ACC_W{from_now_q}} & back_word[pe]) |
                       ({ACC_W{from_past_q}} & back_q[pe]);
  end

  always_ff @(posedge clk_i) begin : operand
    add_q   <= add_i;
    // Zero where the operand comes from somewhere else: nothing but a register follows the memory.
    mem_q   <= from_mem_q ? mem_word : '0;
    other_q <= other;
    back_q  <= back_word;
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

endmodule
