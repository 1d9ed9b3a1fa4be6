// Accumulators of the compute core: NUM_PE lanes of ACC_WORDS words in block RAM, with the
// forwarding that hides the way through the adder.
//
// Invariant: an accumulator is zero until its first product and again after its sum has left, so
// sums need no clearing pass; after reset a sweep of ACC_WORDS cycles establishes it. The operand
// of an operation that enters the PE array with valid_i appears on acc_o MUL_LAT cycles later, and
// its sum is expected on sum_i another ADD_LAT cycles later. Two parallel operations on one
// accumulator must be ADD_LAT cycles apart or more (hazard_o tells), unless the second one starts a
// new sum.
`include "dtv1_assert.svh"

module dtv1_ccm_acc
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::ACC_W;
  import dtv1_pkg::ACC_ADDR_W;
(
    input logic clk_i,
    input logic rst_ni,

    input  logic                             valid_i,
    input  logic                             parallel_i,  // uses the accumulators
    input  logic                             first_i,     // starts a sum: at the addend or at zero
    input  logic                             init_i,      // ... at the addend
    input  logic                             last_i,      // ends a sum: the accumulator is cleared
    input  logic [ACC_ADDR_W-1:0]            addr_i,
    input  logic [    NUM_PE-1:0][ACC_W-1:0] add_i,       // addend
    output logic                             hazard_o,

    output logic [NUM_PE-1:0][ACC_W-1:0] acc_o,
    input  logic [NUM_PE-1:0][ACC_W-1:0] sum_i,

    output logic ready_o  // the sweep is over
);

  localparam int unsigned ADD_LAT = dtv1_pkg::ADD_LAT;
  localparam int unsigned SUM_STAGE = dtv1_pkg::MUL_LAT + ADD_LAT;  // the sum is on sum_i

  // Bit or element k belongs to the operation that entered k cycles ago.
  logic [SUM_STAGE:0] uses, last;
  logic [SUM_STAGE:0][ACC_ADDR_W-1:0] addr;
  logic [SUM_STAGE:1] uses_q, last_q;
  logic [SUM_STAGE:1][ACC_ADDR_W-1:0] addr_q;
  logic first_q, init_q;
  logic [NUM_PE-1:0][ACC_W-1:0] add_q;

  assign uses = {uses_q, valid_i & parallel_i};
  assign last = {last_q, last_i};
  assign addr = {addr_q, addr_i};

  always_ff @(posedge clk_i or negedge rst_ni) begin : valid_pipe
    if (!rst_ni) uses_q <= '0;
    else uses_q <= uses[SUM_STAGE-1:0];
  end

  always_ff @(posedge clk_i) begin : payload_pipe
    last_q  <= last[SUM_STAGE-1:0];
    addr_q  <= addr[SUM_STAGE-1:0];
    first_q <= first_i;
    init_q  <= init_i;
    add_q   <= add_i;
  end

  // Too close to an earlier operation on the same accumulator.
  always_comb begin : hazard
    hazard_o = 1'b0;
    for (int unsigned k = 1; k < ADD_LAT; k++) begin
      hazard_o |= uses[k] & (addr[k] == addr_i);
    end
    hazard_o &= parallel_i & ~first_i;
  end

  // Read on entry; the register behind the memory is the other half of the multiplier's time.
  logic [NUM_PE-1:0][ACC_W-1:0] mem_word;
  logic [NUM_PE-1:0][ACC_W-1:0] back_word, back_q;  // what is written back: now, one cycle ago
  logic [ACC_ADDR_W-1:0] sweep_q;
  logic sweep_done_q;

  logic meets;  // the word is written in this very cycle: what is read would not count

  assign back_word = last[SUM_STAGE] ? '0 : sum_i;
  assign meets     = uses[SUM_STAGE] & (addr[SUM_STAGE] == addr_i);

  dtv1_bram_sdp #(
      .WIDTH  (NUM_PE * ACC_W),
      .DEPTH  (dtv1_pkg::ACC_WORDS),
      .COLLIDE(1'b0)
  ) u_mem (
      .clk_i,
      .we_i   (~sweep_done_q | uses[SUM_STAGE]),
      .waddr_i(sweep_done_q ? addr[SUM_STAGE] : sweep_q),
      .wdata_i(sweep_done_q ? back_word : '0),
      .re_i   (valid_i & ~meets),
      .raddr_i(addr_i),
      .rdata_o(mem_word)
  );

  always_ff @(posedge clk_i or negedge rst_ni) begin : sweep
    if (!rst_ni) begin
      sweep_q      <= '0;
      sweep_done_q <= 1'b0;
    end else if (!sweep_done_q) begin
      sweep_q      <= sweep_q + 1'b1;
      sweep_done_q <= sweep_q == ACC_ADDR_W'(dtv1_pkg::ACC_WORDS - 1);
    end
  end

  assign ready_o = sweep_done_q;

  // The operation in stage 1 takes its operand from where the latest value of its accumulator is:
  // the sum that appears in the next cycle (near), the one that appears now or appeared a cycle
  // ago, or the memory.
  logic same_near, same_now, same_past_q;
  logic near_d, near_q;
  logic start, start_zero;  // no earlier value; start at zero
  logic [NUM_PE-1:0][ACC_W-1:0] acc_d, acc_q;

  assign same_near  = uses[1+ADD_LAT] & (addr[1+ADD_LAT] == addr[1]);
  assign same_now   = uses[SUM_STAGE] & (addr[SUM_STAGE] == addr[1]);

  // A value that is cleared on its way back is zero for whoever reads it.
  assign near_d     = uses[1] & ~first_q & same_near & ~last[1+ADD_LAT];

  assign start      = ~uses[1] | first_q;
  assign start_zero = start ? ~init_q : same_near;

  for (genvar pe = 0; pe < NUM_PE; pe++) begin : gen_operand
    always_comb begin : select
      if (start_zero) acc_d[pe] = '0;
      else if (start) acc_d[pe] = add_q[pe];
      else if (same_now) acc_d[pe] = back_word[pe];
      else if (same_past_q) acc_d[pe] = back_q[pe];
      else acc_d[pe] = mem_word[pe];
    end
  end

  always_ff @(posedge clk_i) begin : operand
    near_q      <= near_d;
    same_past_q <= meets;
    acc_q       <= acc_d;
    back_q      <= back_word;
  end

  assign acc_o = near_q ? sum_i : acc_q;

  if (dtv1_pkg::MUL_LAT != 2) begin : gen_check_latency
    $error("the forwarding of dtv1_ccm_acc is made for MUL_LAT = 2");
  end

  `DTV1_ASSERT(NoLostUpdate_A, !valid_i || !hazard_o)

endmodule
