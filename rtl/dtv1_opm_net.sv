// Brings the lanes that fired together and turns them to where a list goes on: lane i moves down by
// `down_i` lanes (the number of lanes below it that did not fire), then all move up by `up_i` lanes,
// round the end.
//
// Rigid pipeline, two levels of two-way switches a stage: HALF_LAT stages for each of the two moves.
// `up_i` belongs to the word that entered HALF_LAT cycles before. Lanes that no fired lane moved to
// hold anything.
//
// The move down takes the low bit of the distance first. Two lanes that fired never meet: after k bits
// they could only if their final distance were a multiple of 2^k, and then they are still further
// apart than the bits taken so far can bring them together.
module dtv1_opm_net
  import dtv1_pkg::NUM_PE;
  import dtv1_pkg::LANE_W;
#(
    parameter int unsigned WIDTH = 16,
    localparam int unsigned HALF_LAT = (LANE_W + 1) / 2
) (
    input logic clk_i,

    input  logic [NUM_PE-1:0]             fired_i,
    input  logic [NUM_PE-1:0][LANE_W-1:0] down_i,
    input  logic [NUM_PE-1:0][ WIDTH-1:0] data_i,
    input  logic [LANE_W-1:0]             up_i,
    output logic [NUM_PE-1:0][ WIDTH-1:0] data_o
);

  typedef struct packed {
    logic fired;
    logic [LANE_W-1:0] down;
    logic [WIDTH-1:0] data;
  } lane_t;

  typedef lane_t [NUM_PE-1:0] lanes_t;
  typedef logic [NUM_PE-1:0][WIDTH-1:0] word_t;

  // One level of the move down: by 2^level lanes, or not.
  function automatic lanes_t sink(input lanes_t lanes, input int unsigned level);
    lanes_t result;
    lane_t  from;
    for (int unsigned l = 0; l < NUM_PE; l++) begin
      from = '0;
      if (l + (1 << level) < NUM_PE) from = lanes[l+(1<<level)];
      result[l] = lanes[l];
      if (from.fired & from.down[level]) result[l] = from;
      else result[l].fired = lanes[l].fired & ~lanes[l].down[level];
    end
    return result;
  endfunction

  // One level of the move up.
  function automatic word_t turn(input word_t word, input logic by, input int unsigned level);
    word_t result;
    for (int unsigned l = 0; l < NUM_PE; l++) begin
      result[l] = by ? word[(l+NUM_PE-(1<<level))%NUM_PE] : word[l];
    end
    return result;
  endfunction

  lanes_t entered;
  lanes_t [HALF_LAT-1:0] low_d, low_q;
  word_t sunk;
  word_t [HALF_LAT-1:0] high_d, high_q;
  logic [HALF_LAT-1:0][LANE_W-1:0] up_d, up_q;
  logic unused_last;

  for (genvar l = 0; l < NUM_PE; l++) begin : gen_lane
    assign entered[l] = {fired_i[l], down_i[l], data_i[l]};
    assign sunk[l] = low_q[HALF_LAT-1][l].data;
  end

  always_comb begin : stages
    for (int unsigned s = 0; s < HALF_LAT; s++) begin
      low_d[s]  = (s == 0) ? entered : low_q[s-1];
      high_d[s] = (s == 0) ? sunk : high_q[s-1];
      up_d[s]   = (s == 0) ? up_i : up_q[s-1];
      for (int unsigned k = 2 * s; k < 2 * s + 2; k++) begin
        if (k < LANE_W) begin
          low_d[s]  = sink(low_d[s], k);
          high_d[s] = turn(high_d[s], up_d[s][k], k);
        end
      end
    end
  end

  always_ff @(posedge clk_i) begin : regs
    low_q  <= low_d;
    high_q <= high_d;
    up_q   <= up_d;
  end

  assign data_o = high_q[HALF_LAT-1];
  assign unused_last = ^{low_q[HALF_LAT-1], up_q[HALF_LAT-1]};

endmodule
