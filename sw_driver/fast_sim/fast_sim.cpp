#include "fast_sim.h"

#include <cstdarg>
#include <cstdio>
#include <cstring>
#include <memory>
#include <string>
#include <type_traits>
#include <utility>

#include "Vdtv1.h"
#include "axi_lite.h"
#include "axi_memory.h"
#include "model_print.h"
#include "verilated.h"

using reneta::AxiLiteMaster;
using reneta::AxiMemory;
using reneta::LiteMasterPins;
using reneta::LiteSlavePins;
using reneta::MasterPins;
using reneta::MemoryPins;
using reneta::MemoryTiming;

namespace {

constexpr uint32_t kResetCycles = 4;
// A register that has not answered by then never will.
constexpr uint32_t kRegisterCycles = 10000;
constexpr char kErrorMark[] = "%Error: ";

// What the model has printed about errors in this thread, and why it stopped.
thread_local std::string error_text;
thread_local std::string stop_text;

// The bytes of a port of any width, as the model holds it.
template <typename Port>
const uint8_t* bytes_of(const Port& port) {
  return reinterpret_cast<const uint8_t*>(&port);
}

}  // namespace

int fast_sim_print(const char* format, ...) {
  char line[1024];
  va_list values;
  va_start(values, format);
  const int length = std::vsnprintf(line, sizeof line, format, values);
  va_end(values);
  // "[time] %Error: where: what", and the end of the line.
  const char* mark = std::strstr(line, kErrorMark);
  if (mark == nullptr) {
    std::fputs(line, stdout);
  } else if (error_text.empty()) {
    error_text = mark + std::strlen(kErrorMark);
    error_text.erase(error_text.find_last_not_of('\n') + 1);
  }
  return length;
}

// Verilator's own functions of these names end the process. An assertion prints, then stops.
void vl_stop(const char* file, int line, const char* /*scope*/) {
  stop_text = error_text.empty() ? std::string("a stop at ") + file + ":" + std::to_string(line) : error_text;
}
void vl_fatal(const char* file, int line, const char* scope, const char* text) {
  error_text = text;
  vl_stop(file, line, scope);
}
void vl_finish(const char* file, int line, const char* scope) { vl_stop(file, line, scope); }

struct FastSim {
 public:
  FastSim(uint8_t* dram, uint64_t dram_bytes, uint32_t seed)
      : memory_(dram, dram_bytes, fast_sim_word_bytes()) {
    context_.randReset(2);
    // Verilator takes seed 0 as "from the clock", and seeds of 31 bits.
    context_.randSeed(static_cast<int>(seed % 0x7ffffffeU + 1));
    memory_.seed(seed);
    lite_.seed(~uint64_t{seed});
    top_ = std::make_unique<Vdtv1>(&context_, "dtv1");
    top_->rst_ni = 1;
    top_->clk_i = 0;
    drive();
    top_->eval();
    reset();
  }
  ~FastSim() { top_->final(); }

  void set_timing(const MemoryTiming& timing) {
    memory_.set_timing(timing);
    lite_.set_stall(timing.stall);
  }
  AxiMemory& memory() { return memory_; }
  const AxiMemory& memory() const { return memory_; }

  int reset() {
    error_.clear();
    error_text.clear();
    stop_text.clear();
    memory_.reset();
    lite_.reset();
    top_->rst_ni = 0;
    drive();
    for (uint32_t i = 0; i < kResetCycles; ++i) {
      settle();
      rise();
      if (top_->m_axi_arvalid_o || top_->m_axi_awvalid_o || top_->m_axi_wvalid_o || top_->s_axil_bvalid_o ||
          top_->s_axil_rvalid_o) {
        return fail("a valid is high during the reset");
      }
    }
    top_->rst_ni = 1;
    return cycle() ? 0 : -1;
  }

  int run(uint64_t cycles, bool until_irq) {
    if (!error_.empty()) return -1;
    while (cycles-- > 0 && !(until_irq && irq())) {
      if (!cycle()) return -1;
    }
    return 0;
  }

  int write(uint16_t addr, uint32_t value, uint8_t strobes, uint8_t* resp) {
    if (!error_.empty()) return -1;
    lite_.begin_write(addr, value, strobes);
    return finish_access(resp);
  }

  int read(uint16_t addr, uint32_t* value, uint8_t* resp) {
    if (!error_.empty()) return -1;
    lite_.begin_read(addr);
    const int result = finish_access(resp);
    *value = lite_.data();
    return result;
  }

  bool irq() const { return top_->irq_o; }
  const std::string& error() const { return error_; }
  uint64_t cycles() const { return cycles_; }

 private:
  int fail(const std::string& text) {
    if (error_.empty()) error_ = "cycle " + std::to_string(cycles_) + ": " + text;
    return -1;
  }

  int finish_access(uint8_t* resp) {
    for (uint32_t left = kRegisterCycles; lite_.busy(); --left) {
      if (left == 0) return fail("a register does not answer");
      if (!cycle()) return -1;
    }
    *resp = lite_.resp();
    return 0;
  }

  // The first half of a cycle, in which signals follow what was driven, and the rising edge.
  void settle() {
    top_->clk_i = 0;
    top_->eval();
  }
  void rise() {
    top_->clk_i = 1;
    top_->eval();
    ++cycles_;
  }

  // A whole cycle with its exchange of signals; whether all is well.
  bool cycle() {
    settle();
    // Before the edge: the words of the bus are looked at where the model has them.
    sample();
    memory_.edge(master_);
    lite_.edge(slave_);
    rise();
    drive();
    if (!stop_text.empty()) {
      fail(stop_text);
    } else if (!memory_.error().empty()) {
      fail(memory_.error());
    } else if (!lite_.error().empty()) {
      fail(lite_.error());
    } else {
      return true;
    }
    return false;
  }

  // What the chip drives, before a rising edge.
  void sample() {
    const Vdtv1& top = *top_;
    master_.ar = {top.m_axi_arvalid_o != 0, top.m_axi_araddr_o, top.m_axi_arlen_o, top.m_axi_arsize_o,
                  top.m_axi_arburst_o,      top.m_axi_arid_o,   top.m_axi_arcache_o, top.m_axi_arprot_o};
    master_.aw = {top.m_axi_awvalid_o != 0, top.m_axi_awaddr_o, top.m_axi_awlen_o, top.m_axi_awsize_o,
                  top.m_axi_awburst_o,      top.m_axi_awid_o,   top.m_axi_awcache_o, top.m_axi_awprot_o};
    master_.rready = top.m_axi_rready_o;
    master_.bready = top.m_axi_bready_o;
    master_.wvalid = top.m_axi_wvalid_o;
    master_.wlast = top.m_axi_wlast_o;
    master_.wdata = bytes_of(top.m_axi_wdata_o);
    master_.wstrb = bytes_of(top.m_axi_wstrb_o);
    slave_ = {top.s_axil_awready_o != 0, top.s_axil_wready_o != 0, top.s_axil_bvalid_o != 0,
              top.s_axil_arready_o != 0, top.s_axil_rvalid_o != 0, top.s_axil_bresp_o,
              top.s_axil_rresp_o,        top.s_axil_rdata_o};
  }

  // What the chip sees, behind a rising edge.
  void drive() {
    Vdtv1& top = *top_;
    const MemoryPins& memory = memory_.pins();
    top.m_axi_arready_i = memory.arready;
    top.m_axi_awready_i = memory.awready;
    top.m_axi_wready_i = memory.wready;
    top.m_axi_rvalid_i = memory.rvalid;
    top.m_axi_rlast_i = memory.rlast;
    top.m_axi_rresp_i = static_cast<uint8_t>(memory.rresp);
    top.m_axi_bvalid_i = memory.bvalid;
    top.m_axi_bresp_i = static_cast<uint8_t>(memory.bresp);
    std::memcpy(&top.m_axi_rdata_i, memory.rdata, sizeof top.m_axi_rdata_i);
    const LiteMasterPins& lite = lite_.pins();
    top.s_axil_awvalid_i = lite.awvalid;
    top.s_axil_awaddr_i = lite.addr;
    top.s_axil_wvalid_i = lite.wvalid;
    top.s_axil_wdata_i = lite.wdata;
    top.s_axil_wstrb_i = lite.strobes;
    top.s_axil_bready_i = lite.bready;
    top.s_axil_arvalid_i = lite.arvalid;
    top.s_axil_araddr_i = lite.addr;
    top.s_axil_rready_i = lite.rready;
  }

  VerilatedContext context_;
  std::unique_ptr<Vdtv1> top_;
  AxiMemory memory_;
  AxiLiteMaster lite_;
  MasterPins master_{};
  LiteSlavePins slave_{};
  std::string error_;
  uint64_t cycles_ = 0;
};

uint32_t fast_sim_word_bytes() {
  return sizeof(std::remove_reference_t<decltype(std::declval<Vdtv1&>().m_axi_rdata_i)>);
}

FastSim* fast_sim_new(uint8_t* dram, uint64_t dram_bytes, uint32_t seed) {
  return new FastSim(dram, dram_bytes, seed);
}
void fast_sim_delete(FastSim* sim) { delete sim; }

void fast_sim_set_timing(FastSim* sim, const FastSimTiming* timing) {
  sim->set_timing({timing->read_latency, timing->write_latency, timing->read_rate, timing->write_rate,
                   timing->reads, timing->writes, timing->stall});
}
void fast_sim_add_error_range(FastSim* sim, uint64_t begin, uint64_t end, uint8_t resp) {
  sim->memory().add_error_range(begin, end, static_cast<reneta::Resp>(resp));
}
void fast_sim_clear_error_ranges(FastSim* sim) { sim->memory().clear_error_ranges(); }

int fast_sim_reset(FastSim* sim) { return sim->reset(); }
int fast_sim_run(FastSim* sim, uint64_t cycles, int until_irq) { return sim->run(cycles, until_irq != 0); }
int fast_sim_irq(const FastSim* sim) { return sim->irq(); }

int fast_sim_write(FastSim* sim, uint16_t addr, uint32_t value, uint8_t strobes, uint8_t* resp) {
  return sim->write(addr, value, strobes, resp);
}
int fast_sim_read(FastSim* sim, uint16_t addr, uint32_t* value, uint8_t* resp) {
  return sim->read(addr, value, resp);
}

const char* fast_sim_error(const FastSim* sim) { return sim->error().c_str(); }
uint64_t fast_sim_cycles(const FastSim* sim) { return sim->cycles(); }
uint64_t fast_sim_words_read(const FastSim* sim) { return sim->memory().words_read(); }
uint64_t fast_sim_words_written(const FastSim* sim) { return sim->memory().words_written(); }
int fast_sim_bus_idle(const FastSim* sim) { return sim->memory().idle(); }
