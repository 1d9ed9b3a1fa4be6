// An AXI4-Lite master for one access at a time, cycle by cycle, which also checks what the slave does.
#pragma once

#include <cstdint>
#include <string>

#include "random.h"

namespace reneta {

// What the slave drives before a clock edge.
struct LiteSlavePins {
  bool awready, wready, bvalid, arready, rvalid;
  uint8_t bresp, rresp;
  uint32_t rdata;
};

// What the master drives; it changes behind the clock edge only.
struct LiteMasterPins {
  bool awvalid, wvalid, bready, arvalid, rready;
  uint16_t addr;  // of AW and AR
  uint8_t strobes;
  uint32_t wdata;
};

class AxiLiteMaster {
 public:
  // `stall`: probability that a valid or ready waits for another cycle, as a fraction of 2^16.
  void set_stall(uint32_t stall) { stall_ = stall; }
  void seed(uint64_t seed) { random_ = Random(seed); }

  void begin_write(uint16_t addr, uint32_t data, uint8_t strobes);
  void begin_read(uint16_t addr);
  void reset();
  // A rising edge: takes what the pins before it hand over, and sets the master's new ones.
  void edge(const LiteSlavePins& slave);

  const LiteMasterPins& pins() const { return pins_; }
  bool busy() const { return state_ != State::kIdle; }
  // Of the last access that ended.
  uint8_t resp() const { return resp_; }
  uint32_t data() const { return data_; }
  // What the slave did wrong first; empty while it did nothing wrong.
  const std::string& error() const { return error_; }

 private:
  enum class State : uint8_t { kIdle, kWrite, kRead };

  void fail(const char* text);
  bool stalls() { return stall_ != 0 && random_.below(1U << 16) < stall_; }

  State state_ = State::kIdle;
  LiteMasterPins pins_{};
  Random random_{1};
  uint32_t stall_ = 0;
  bool address_left_ = false, data_left_ = false;  // still to be offered
  bool waits_ = false;                             // the slave's answer was not taken
  uint8_t waiting_resp_ = 0;
  uint32_t waiting_data_ = 0;
  uint8_t resp_ = 0;
  uint32_t data_ = 0;
  std::string error_;
};

}  // namespace reneta
