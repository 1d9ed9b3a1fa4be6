// What AxiMemory does for a master that is driven by hand: `axi_memory_test CASE` prints what it found.

#include "../fast_sim/axi_memory.h"

#include <cstdio>
#include <cstring>
#include <functional>
#include <map>
#include <string>

using reneta::AddressOffer;
using reneta::AxiMemory;
using reneta::MasterPins;
using reneta::MemoryTiming;
using reneta::Resp;

namespace {

constexpr uint32_t kWord = 8;
constexpr uint64_t kBytes = 16384;
constexpr uint32_t kOne = MemoryTiming::kOne;

struct Bench {
  std::vector<uint8_t> bytes = std::vector<uint8_t>(kBytes);
  AxiMemory memory{bytes.data(), kBytes, kWord};
  MasterPins pins{};
  uint8_t word[kWord] = {}, strobes = 0xff;
  uint64_t cycle = 0;

  Bench() {
    for (uint64_t i = 0; i < kBytes; ++i) bytes[i] = static_cast<uint8_t>(i / kWord);
    memory.set_timing({10, 5, kOne, kOne, 4, 4, 0});
    pins.wdata = word;
    pins.wstrb = &strobes;
    pins.rready = pins.bready = true;
    edge();
  }

  void edge() {
    memory.edge(pins);
    ++cycle;
  }
  // Edges up to and with the one at which `handed_over` holds.
  void wait(const std::function<bool()>& handed_over) {
    for (bool done = false; !done && cycle < 10000 && memory.error().empty();) {
      done = handed_over();
      edge();
    }
  }
  static AddressOffer burst(uint32_t addr, uint32_t beats) {
    return {true, addr, static_cast<uint8_t>(beats - 1), 3, 1, 0, 3, 0};
  }
  void read(const AddressOffer& offer) {
    pins.ar = offer;
    wait([&] { return memory.pins().arready; });
    pins.ar.valid = false;
  }
  void write(const AddressOffer& offer) {
    pins.aw = offer;
    wait([&] { return memory.pins().awready; });
    pins.aw.valid = false;
  }
  void send(uint8_t value, bool last) {
    std::memset(word, value, kWord);
    pins.wvalid = true;
    pins.wlast = last;
    wait([&] { return memory.pins().wready; });
    pins.wvalid = false;
  }
  // The first byte of the next word, and its answer.
  std::string next_word() {
    char text[32] = "nothing";
    wait([&] {
      if (!memory.pins().rvalid) return false;
      std::snprintf(text, sizeof text, "%d/%d%s", memory.pins().rdata[0], static_cast<int>(memory.pins().rresp),
                    memory.pins().rlast ? "L" : "");
      return true;
    });
    return text;
  }
  int answer() {
    int resp = -1;
    wait([&] {
      resp = static_cast<int>(memory.pins().bresp);
      return memory.pins().bvalid;
    });
    return resp;
  }
};

using Case = std::function<std::string(Bench&)>;

Case bad_read(const std::function<void(AddressOffer&)>& spoil) {
  return [spoil](Bench& bench) {
    AddressOffer offer = Bench::burst(64, 4);
    spoil(offer);
    bench.read(offer);
    return std::string();
  };
}

// A write of four words whose word number `place` is spoilt.
Case bad_word(uint32_t place, const std::function<void(Bench&, bool&)>& spoil) {
  return [=](Bench& bench) {
    bench.write(Bench::burst(64, 4));
    for (uint32_t beat = 0; beat < 4; ++beat) {
      bool last = beat == 3;
      if (beat == place) spoil(bench, last);
      bench.send(static_cast<uint8_t>(beat), last);
    }
    return std::string();
  };
}

// Offers something that the memory cannot take yet, then `spoil`s the offer.
Case spoilt_offer(const std::function<void(Bench&)>& offer, const std::function<void(Bench&)>& spoil) {
  return [=](Bench& bench) {
    bench.memory.set_timing({1000, 1000, kOne, kOne, 1, 1, 0});
    bench.edge();
    bench.read(Bench::burst(0, 1));
    bench.write(Bench::burst(0, 1));
    bench.send(0, true);
    offer(bench);
    bench.edge();
    spoil(bench);
    bench.edge();
    return std::string();
  };
}

// Cycles between the first and the last of `words` words.
std::string read_pace(Bench& bench, uint32_t rate) {
  bench.memory.set_timing({10, 5, rate, kOne, 4, 4, 0});
  bench.read(Bench::burst(0, 128));
  bench.next_word();
  const uint64_t begin = bench.cycle;
  for (uint32_t i = 1; i < 128; ++i) bench.next_word();
  return std::to_string(bench.cycle - begin);
}

std::string write_pace(Bench& bench, uint32_t rate) {
  bench.memory.set_timing({10, 5, kOne, rate, 4, 4, 0});
  bench.write(Bench::burst(0, 128));
  bench.send(0, false);
  const uint64_t begin = bench.cycle;
  for (uint32_t i = 1; i < 128; ++i) bench.send(static_cast<uint8_t>(i), i == 127);
  return std::to_string(bench.cycle - begin);
}

const std::map<std::string, Case> kCases = {
    {"words",
     [](Bench& bench) {
       bench.read(Bench::burst(64, 2));
       bench.read(Bench::burst(256, 1));
       const std::string first = bench.next_word(), second = bench.next_word();
       return first + " " + second + " " + bench.next_word();
     }},
    {"read latency",
     [](Bench& bench) {
       bench.read(Bench::burst(0, 1));
       const uint64_t begin = bench.cycle;
       bench.next_word();
       return std::to_string(bench.cycle - begin);
     }},
    {"write latency",
     [](Bench& bench) {
       bench.write(Bench::burst(0, 1));
       bench.send(1, true);
       const uint64_t begin = bench.cycle;
       bench.answer();
       return std::to_string(bench.cycle - begin);
     }},
    {"read pace 1", [](Bench& bench) { return read_pace(bench, kOne); }},
    {"read pace 3/4", [](Bench& bench) { return read_pace(bench, kOne * 3 / 4); }},
    {"write pace 1", [](Bench& bench) { return write_pace(bench, kOne); }},
    {"write pace 1/2", [](Bench& bench) { return write_pace(bench, kOne / 2); }},
    {"reads in flight",
     [](Bench& bench) {
       uint32_t taken = 0;
       bench.pins.rready = false;
       bench.pins.ar = Bench::burst(0, 1);
       for (uint32_t i = 0; i < 20; ++i) {
         taken += bench.memory.pins().arready;
         bench.edge();
       }
       return std::to_string(taken);
     }},
    // A read whose address comes before the write's answer was taken finds what was there before.
    {"order",
     [](Bench& bench) {
       bench.pins.bready = false;
       bench.write(Bench::burst(64, 1));
       bench.send(99, true);
       while (!bench.memory.pins().bvalid) bench.edge();
       bench.read(Bench::burst(64, 1));
       std::string found = bench.next_word();
       bench.pins.bready = true;
       bench.edge();
       bench.read(Bench::burst(64, 1));
       return found + " " + bench.next_word();
     }},
    {"errors",
     [](Bench& bench) {
       bench.memory.add_error_range(72, 80, Resp::kSlvErr);
       bench.write(Bench::burst(64, 2));
       bench.send(1, false);
       bench.send(2, true);
       std::string found = std::to_string(bench.answer());
       bench.read(Bench::burst(64, 2));
       found += " " + bench.next_word();
       const std::string second = bench.next_word();
       found += " " + second.substr(second.find('/')) + " " + std::to_string(bench.bytes[72]);
       bench.write(Bench::burst(kBytes, 1));
       bench.send(3, true);
       return found + " " + std::to_string(bench.answer());
     }},
    {"strobes",
     [](Bench& bench) {
       bench.strobes = 0;
       bench.write(Bench::burst(64, 1));
       bench.send(99, true);
       return std::to_string(bench.answer()) + " " + std::to_string(bench.bytes[64]);
     }},
    {"fixed burst", bad_read([](AddressOffer& offer) { offer.burst = 0; })},
    {"narrow", bad_read([](AddressOffer& offer) { offer.size = 2; })},
    {"unaligned", bad_read([](AddressOffer& offer) { offer.addr = 60; })},
    {"page", bad_read([](AddressOffer& offer) { offer.addr = 4096 - 3 * kWord; })},
    {"id", bad_read([](AddressOffer& offer) { offer.id = 1; })},
    {"early last", bad_word(1, [](Bench&, bool& last) { last = true; })},
    {"no last", bad_word(3, [](Bench&, bool& last) { last = false; })},
    {"part of a word", bad_word(2, [](Bench& bench, bool&) { bench.strobes = 0x0f; })},
    {"address withdrawn", spoilt_offer([](Bench& bench) { bench.pins.ar = Bench::burst(0, 1); },
                                       [](Bench& bench) { bench.pins.ar.valid = false; })},
    {"address changed", spoilt_offer([](Bench& bench) { bench.pins.aw = Bench::burst(0, 1); },
                                     [](Bench& bench) { bench.pins.aw.addr = 256; })},
    {"word withdrawn", spoilt_offer([](Bench& bench) { bench.pins.wvalid = true; },
                                    [](Bench& bench) { bench.pins.wvalid = false; })},
    {"word changed", spoilt_offer([](Bench& bench) { bench.pins.wvalid = true; },
                                  [](Bench& bench) { ++bench.word[3]; })},
};

}  // namespace

int main(int argc, char** argv) {
  const auto found = kCases.find(argc == 2 ? argv[1] : "");
  if (found == kCases.end()) {
    std::puts("which case?");
    return 2;
  }
  Bench bench;
  const std::string text = found->second(bench);
  std::puts((bench.memory.error().empty() ? text : bench.memory.error()).c_str());
  return 0;
}
