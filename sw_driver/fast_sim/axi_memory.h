// A DRAM behind an AXI4 bus, cycle by cycle, which also checks what the master does.
#pragma once

#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "random.h"

namespace reneta {

enum class Resp : uint8_t { kOkay = 0, kSlvErr = 2, kDecErr = 3 };

// Settings of the memory. Rates and probabilities are fractions of kOne.
struct MemoryTiming {
  static constexpr uint32_t kOne = 1U << 16;

  uint32_t read_latency;   // cycles from an address to its first word, at least 1
  uint32_t write_latency;  // cycles from a burst's last word to its answer, at least 1
  uint32_t read_rate;      // words a cycle, on the average
  uint32_t write_rate;
  uint32_t reads;   // most bursts in flight
  uint32_t writes;
  uint32_t stall;  // probability that a ready or a valid waits for another cycle
};

// One address channel, as the master drives it.
struct AddressOffer {
  bool valid;
  uint32_t addr;
  uint8_t len, size, burst, id, cache, prot;

  // All that must not change while the offer waits.
  uint64_t payload() const {
    return addr | uint64_t{len} << 32 | uint64_t{size} << 40 | uint64_t{burst} << 43 |
           uint64_t{id} << 45 | uint64_t{cache} << 46 | uint64_t{prot} << 50;
  }
};

// What the master drives before a clock edge.
struct MasterPins {
  AddressOffer ar, aw;
  bool rready, bready;
  bool wvalid, wlast;
  const uint8_t* wdata;
  const uint8_t* wstrb;
};

// What the memory drives; it changes behind the clock edge only.
struct MemoryPins {
  bool arready, awready, wready;
  bool rvalid, rlast, bvalid;
  Resp rresp, bresp;
  const uint8_t* rdata;
};

// Answers bursts in order, of one ID, as wide as the bus. It is as unkind as AXI allows: a read takes the
// memory's contents when its address is accepted, a write changes them when its answer is.
class AxiMemory {
 public:
  AxiMemory(uint8_t* bytes, uint64_t size, uint32_t word_bytes);

  void set_timing(const MemoryTiming& timing) { timing_ = timing; }
  void seed(uint64_t seed) { random_ = Random(seed); }
  // Words that lie in [begin, end), in whole or in part, are answered with `resp`.
  void add_error_range(uint64_t begin, uint64_t end, Resp resp);
  void clear_error_ranges() { ranges_.clear(); }

  // Forgets what is under way, contents stay.
  void reset();
  // A rising edge: takes what the pins before it hand over, and sets the memory's new ones.
  void edge(const MasterPins& master);

  const MemoryPins& pins() const { return pins_; }
  // What the master did wrong first; empty while it did nothing wrong.
  const std::string& error() const { return error_; }
  bool idle() const { return reads_.empty() && writes_.empty(); }
  uint64_t words_read() const { return words_read_; }
  uint64_t words_written() const { return words_written_; }

 private:
  struct Read {
    std::vector<uint8_t> data;
    std::vector<Resp> resps;  // empty: all are OKAY
    uint32_t beats;
    uint64_t from;  // cycle from which on a word may be offered
  };
  struct Write {
    uint32_t addr, beats, taken;
    uint64_t from;  // cycle from which on the answer may be offered, once all words are here
    std::vector<uint8_t> data;
    std::vector<bool> strobes;
  };
  struct Range {
    uint64_t begin, end;
    Resp resp;
  };
  // An offer of the master that was not taken at the last edge.
  struct Waiting {
    bool valid = false;
    uint64_t payload = 0;
  };

  void fail(const std::string& text);
  void check_waiting(const char* channel, Waiting& waiting, const AddressOffer& offer, bool ready);
  void check_word_waiting(const MasterPins& master);
  bool check_address(const char* channel, const AddressOffer& offer);
  // Whether every word of a burst is plain memory.
  bool all_okay(uint64_t addr, uint64_t bytes) const;
  Resp resp_at(uint64_t addr) const;
  void accept_read(const AddressOffer& offer);
  void accept_word(const MasterPins& master);
  Resp answer_of(const Write& write) const;
  void commit(const Write& write);
  void offer_word();
  void offer_answer();
  bool stalls() { return timing_.stall != 0 && random_.below(MemoryTiming::kOne) < timing_.stall; }

  uint8_t* bytes_;
  uint64_t size_;
  uint32_t word_bytes_;
  uint8_t size_code_ = 0;
  MemoryTiming timing_{20, 20, MemoryTiming::kOne, MemoryTiming::kOne, 64, 64, 0};
  Random random_{1};
  std::vector<Range> ranges_;
  MemoryPins pins_{};
  std::string error_;

  uint64_t cycle_ = 0, words_read_ = 0, words_written_ = 0;
  std::deque<Read> reads_;
  uint32_t next_beat_ = 0;  // of the oldest read
  std::deque<Write> writes_;
  size_t complete_ = 0;  // writes whose words are all here: the first ones
  uint32_t read_credit_ = 0, write_credit_ = 0;
  Waiting ar_, aw_;
  bool word_waits_ = false, waiting_last_ = false;
  std::vector<uint8_t> rdata_, waiting_word_, waiting_strobes_;
};

}  // namespace reneta
