// Entrance of the PE array: operations queue here until their accumulator and a place for their
// result are free. They also wait for a drain (dtv1_ccm_drain) of the accumulators of an earlier
// instruction: for the words that it has not cleared yet, with results until all of its own have their
// places, and to start another one until it is over.
//
// Three places, the door and two behind it. Each question is answered from registers, so that no
// path leads from the accumulators back to the loop nest: the loop nest may go on while the third
// place is free; how long the door's operation has to wait for its accumulator was found out when it
// still stood in the second place. The operand words do not move with their operations but stay in a
// small memory.
module dtv1_ccm_door
  import dtv1_pkg::ACC_ADDR_W;
#(
    parameter int unsigned WIDTH = 32  // of an operation's operands
) (
    input logic clk_i,
    input logic rst_ni,

    input  logic                               op_valid_i,
    output logic                               op_ready_o,
    input  dtv1_pkg::ccm_op_t                  op_i,
    input  logic              [ACC_ADDR_W-1:0] offset_i,    // to be added to op_i.addr
    input  logic              [     WIDTH-1:0] word_i,

    input logic room_i,  // an operation that takes a place among the results may go
    input dtv1_pkg::ccm_drain_t drain_i,  // what is still to be drained

    output logic                          go_o,   // an operation leaves ...
    output dtv1_pkg::ccm_op_t             op_o,   // ... this one, at the door in any case
    output logic              [WIDTH-1:0] word_o, // operands of what left a cycle ago

    output logic wait_acc_o,  // the door waits for an accumulator
    output logic wait_out_o,  // the door waits for room
    output logic busy_o
);

  localparam int unsigned ADD_LAT = dtv1_pkg::ADD_LAT;
  localparam int unsigned WORDS = 4;  // three that wait and one that is being written
  localparam int unsigned PTR_W = $clog2(WORDS);

  logic third_valid_d, third_valid_q, second_valid_d, second_valid_q, door_valid_d, door_valid_q;
  logic second_free, door_free;
  dtv1_pkg::ccm_op_t third_q, second_q, second_sum, door_q;
  logic [ACC_ADDR_W-1:0] third_offset_q, second_offset_q;
  logic [ADD_LAT-1:0] wait_d, wait_q;
  logic held_d, held_q;  // the accumulator is still to be drained
  logic acc_free, out_free;

  assign acc_free       = ~wait_q[0] & ~held_q &
                          ~(drain_i.urgent & door_q.uses & (door_q.addr[0] == drain_i.bank));
  assign out_free = (~door_q.book | (room_i & ~drain_i.booking)) & (~door_q.drain | ~drain_i.busy);
  assign go_o = door_valid_q & acc_free & out_free;
  assign door_free = ~door_valid_q | go_o;
  assign second_free = ~second_valid_q | door_free;
  assign op_ready_o = ~third_valid_q;

  assign door_valid_d = second_valid_q | (door_valid_q & ~go_o);
  assign second_valid_d = third_valid_q | op_valid_i | (second_valid_q & ~door_free);
  assign third_valid_d = ~second_free & (third_valid_q | op_valid_i);

  always_comb begin : sum_address
    second_sum = second_q;
    second_sum.addr = second_q.addr + second_offset_q;
  end

  always_ff @(posedge clk_i or negedge rst_ni) begin : valid_regs
    if (!rst_ni) begin
      third_valid_q  <= 1'b0;
      second_valid_q <= 1'b0;
      door_valid_q   <= 1'b0;
    end else begin
      third_valid_q  <= third_valid_d;
      second_valid_q <= second_valid_d;
      door_valid_q   <= door_valid_d;
    end
  end

  always_ff @(posedge clk_i) begin : payload_regs
    if (!third_valid_q) begin
      third_q        <= op_i;
      third_offset_q <= offset_i;
    end
    if (second_free) begin
      second_q        <= third_valid_q ? third_q : op_i;
      second_offset_q <= third_valid_q ? third_offset_q : offset_i;
    end
    if (door_free) door_q <= second_sum;
  end

  // What used which accumulator: [0] the door's operation, which leaves before another one gets
  // there, [k] what left k cycles ago.
  logic [ADD_LAT-1:0] uses, left_q;
  logic [ADD_LAT-1:0][ACC_ADDR_W-1:0] addr, left_addr_q;
  logic door_uses;

  assign door_uses = door_valid_q & door_q.uses;
  assign uses      = ADD_LAT'({left_q, door_uses});
  assign addr      = (ADD_LAT * ACC_ADDR_W)'({left_addr_q, door_q.addr});

  always_ff @(posedge clk_i or negedge rst_ni) begin : left_pipe
    if (!rst_ni) left_q <= '0;
    else left_q <= ADD_LAT'({left_q, door_uses & go_o});
  end

  always_ff @(posedge clk_i) begin : left_addr_pipe
    left_addr_q <= addr;
  end

  // A sum is back ADD_LAT cycles after its operation left. Bit k of wait_d: the operation in the
  // second place, should it move to the door now, may not leave k + 1 cycles from now.
  logic [ADD_LAT-1:0] same;

  always_comb begin : waiting
    for (int unsigned k = 0; k < ADD_LAT; k++) same[k] = uses[k] & (addr[k] == second_sum.addr);
    wait_d = '0;
    for (int unsigned k = 0; k < ADD_LAT; k++) begin
      for (int unsigned age = 0; age + k + 1 < ADD_LAT; age++) wait_d[k] |= same[age];
    end
    if (second_q.first || !second_q.uses) wait_d = '0;
  end

  // The second place's accumulator may be one of those that are drained once the door's operation has
  // left; then the drain before is over. At the door the words above it do not matter any more.
  logic starts, second_held, door_held;
  logic [ACC_ADDR_W-1:0] first, last;

  assign starts = door_valid_q & door_q.drain;
  assign first = starts ? door_q.drain_first : drain_i.first;
  assign last = starts ? door_q.drain_last : drain_i.last;
  assign second_held = second_q.uses & (starts | drain_i.holding) & (second_sum.addr >= first) &
                       (second_sum.addr <= last);
  assign door_held = held_q & drain_i.holding & (door_q.addr >= drain_i.first);
  assign held_d = door_free ? second_held : door_held;

  always_ff @(posedge clk_i) begin : wait_regs
    wait_q <= door_free ? wait_d : wait_q >> 1;
    held_q <= held_d;
  end

  // Operands: written while there is room, valid or not; read while their operation is at the door.
  logic [PTR_W-1:0] write_q, read_q;

  always_ff @(posedge clk_i or negedge rst_ni) begin : pointers
    if (!rst_ni) begin
      write_q <= '0;
      read_q  <= '0;
    end else begin
      write_q <= write_q + PTR_W'(op_valid_i & op_ready_o);
      read_q  <= read_q + PTR_W'(go_o);
    end
  end

  dtv1_bram_sdp #(
      .WIDTH  (WIDTH),
      .DEPTH  (WORDS),
      .COLLIDE(1'b0)
  ) u_words (
      .clk_i,
      .we_i   (op_ready_o),
      .waddr_i(write_q),
      .wdata_i(word_i),
      .re_i   (door_valid_q),
      .raddr_i(read_q),
      .rdata_o(word_o)
  );

  assign op_o       = door_q;
  assign wait_acc_o = door_valid_q & ~acc_free;
  assign wait_out_o = door_valid_q & acc_free & ~out_free;
  assign busy_o     = third_valid_q | second_valid_q | door_valid_q;

endmodule
