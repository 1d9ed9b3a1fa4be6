// The chip, its clock and its DRAM behind a C interface. Functions that can fail return 0 when all is well and
// -1 when not; fast_sim_error then says why, and everything but a reset fails for the same reason.
#pragma once

#include <cstdint>

extern "C" {

struct FastSim;

// As reneta::MemoryTiming.
struct FastSimTiming {
  uint32_t read_latency, write_latency;
  uint32_t read_rate, write_rate;
  uint32_t reads, writes;
  uint32_t stall;
};

// Bytes of a word of the bus.
uint32_t fast_sim_word_bytes();

// A chip behind a reset. `dram` stays the caller's; `seed` determines the values of all registers and memories
// before the reset, and all stalls.
FastSim* fast_sim_new(uint8_t* dram, uint64_t dram_bytes, uint32_t seed);
void fast_sim_delete(FastSim* sim);

void fast_sim_set_timing(FastSim* sim, const FastSimTiming* timing);
void fast_sim_add_error_range(FastSim* sim, uint64_t begin, uint64_t end, uint8_t resp);
void fast_sim_clear_error_ranges(FastSim* sim);

int fast_sim_reset(FastSim* sim);
// Cycles until the interrupt is high, or `cycles` of them; whether it is high is fast_sim_irq.
int fast_sim_run(FastSim* sim, uint64_t cycles, int until_irq);
int fast_sim_irq(const FastSim* sim);

// Accesses to registers; `resp` is the answer's code. They take cycles.
int fast_sim_write(FastSim* sim, uint16_t addr, uint32_t value, uint8_t strobes, uint8_t* resp);
int fast_sim_read(FastSim* sim, uint16_t addr, uint32_t* value, uint8_t* resp);

const char* fast_sim_error(const FastSim* sim);
uint64_t fast_sim_cycles(const FastSim* sim);
uint64_t fast_sim_words_read(const FastSim* sim);
uint64_t fast_sim_words_written(const FastSim* sim);
int fast_sim_bus_idle(const FastSim* sim);
}
