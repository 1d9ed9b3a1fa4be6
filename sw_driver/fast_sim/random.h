// A small generator of random numbers, the same on every machine.
#pragma once

#include <cstdint>

namespace reneta {

class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}

  // SplitMix64.
  uint64_t next() {
    uint64_t z = (state_ += 0x9e3779b97f4a7c15ULL);
    z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ULL;
    z = (z ^ (z >> 27)) * 0x94d049bb133111ebULL;
    return z ^ (z >> 31);
  }

  // A number from 0 up to but not including a power of two of at most 2^32.
  uint32_t below(uint64_t power) { return static_cast<uint32_t>(next() >> 32 & (power - 1)); }

 private:
  uint64_t state_;
};

}  // namespace reneta
