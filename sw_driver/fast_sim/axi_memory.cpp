#include "axi_memory.h"

#include <algorithm>
#include <cinttypes>
#include <cstdio>
#include <cstring>

namespace reneta {

namespace {

constexpr uint32_t kPage = 4096;
constexpr uint8_t kIncr = 1;
// A rate that was not used is saved up to this much, so that a fraction such as 3/4 is met exactly.
constexpr uint32_t kMostCredit = 2 * MemoryTiming::kOne - 1;

template <typename... Args>
std::string format(const char* text, Args... args) {
  char line[160];
  std::snprintf(line, sizeof line, text, args...);
  return line;
}

}  // namespace

AxiMemory::AxiMemory(uint8_t* bytes, uint64_t size, uint32_t word_bytes)
    : bytes_(bytes),
      size_(size),
      word_bytes_(word_bytes),
      rdata_(word_bytes),
      waiting_word_(word_bytes),
      waiting_strobes_((word_bytes + 7) / 8) {
  while (1U << size_code_ < word_bytes) ++size_code_;
  pins_.rdata = rdata_.data();
}

void AxiMemory::add_error_range(uint64_t begin, uint64_t end, Resp resp) {
  ranges_.push_back({begin, end, resp});
}

void AxiMemory::reset() {
  reads_.clear();
  writes_.clear();
  next_beat_ = 0;
  complete_ = 0;
  read_credit_ = write_credit_ = 0;
  ar_ = aw_ = Waiting{};
  word_waits_ = false;
  pins_ = MemoryPins{};
  pins_.rdata = rdata_.data();
  error_.clear();
}

void AxiMemory::fail(const std::string& text) {
  if (error_.empty()) error_ = text;
}

void AxiMemory::check_waiting(const char* channel, Waiting& waiting, const AddressOffer& offer,
                              bool ready) {
  if (waiting.valid) {
    if (!offer.valid) {
      fail(format("%s: an offer was withdrawn", channel));
    } else if (offer.payload() != waiting.payload) {
      fail(format("%s: an offer changed while it waited, to address 0x%08" PRIx32, channel, offer.addr));
    }
  }
  waiting.valid = offer.valid && !ready;
  waiting.payload = offer.payload();
}

void AxiMemory::check_word_waiting(const MasterPins& master) {
  if (word_waits_) {
    if (!master.wvalid) {
      fail("W: a word was withdrawn");
    } else if (master.wlast != waiting_last_ ||
               std::memcmp(waiting_word_.data(), master.wdata, waiting_word_.size()) != 0 ||
               std::memcmp(waiting_strobes_.data(), master.wstrb, waiting_strobes_.size()) != 0) {
      fail("W: a word changed while it waited");
    }
  }
  word_waits_ = master.wvalid && !pins_.wready;
  if (word_waits_) {
    waiting_last_ = master.wlast;
    std::memcpy(waiting_word_.data(), master.wdata, waiting_word_.size());
    std::memcpy(waiting_strobes_.data(), master.wstrb, waiting_strobes_.size());
  }
}

bool AxiMemory::check_address(const char* channel, const AddressOffer& offer) {
  const uint32_t bytes = (offer.len + 1U) * word_bytes_;
  const char* fault = nullptr;
  if (offer.burst != kIncr) {
    fault = "is not incrementing";
  } else if (offer.size != size_code_) {
    fault = "is not as wide as the bus";
  } else if (offer.addr % word_bytes_ != 0) {
    fault = "does not begin at a word";
  } else if (offer.addr % kPage + bytes > kPage) {
    fault = "crosses a 4 KiB boundary";
  } else if (offer.id != 0) {
    fault = "has another ID";
  }
  if (fault != nullptr) {
    fail(format("%s: the burst of %u words at 0x%08" PRIx32 " %s", channel, offer.len + 1U, offer.addr,
                fault));
  }
  return fault == nullptr;
}

bool AxiMemory::all_okay(uint64_t addr, uint64_t bytes) const {
  const uint64_t end = addr + bytes;
  return end <= size_ && std::none_of(ranges_.begin(), ranges_.end(), [&](const Range& range) {
           return range.begin < end && addr < range.end;
         });
}

Resp AxiMemory::resp_at(uint64_t addr) const {
  const uint64_t end = addr + word_bytes_;
  Resp worst = end <= size_ ? Resp::kOkay : Resp::kDecErr;
  for (const Range& range : ranges_) {
    if (range.begin < end && addr < range.end) worst = std::max(worst, range.resp);
  }
  return worst;
}

void AxiMemory::accept_read(const AddressOffer& offer) {
  const uint32_t beats = offer.len + 1U;
  const size_t bytes = size_t{beats} * word_bytes_;
  Read read{std::vector<uint8_t>(bytes), {}, beats, cycle_ + timing_.read_latency - 1};
  if (all_okay(offer.addr, bytes)) {
    std::memcpy(read.data.data(), bytes_ + offer.addr, bytes);
  } else {
    for (uint32_t beat = 0; beat < beats; ++beat) {
      const size_t place = size_t{beat} * word_bytes_;
      read.resps.push_back(resp_at(offer.addr + place));
      if (read.resps.back() == Resp::kOkay) {
        std::memcpy(read.data.data() + place, bytes_ + offer.addr + place, word_bytes_);
      } else {
        // Nobody may make use of it.
        std::generate_n(read.data.begin() + static_cast<std::ptrdiff_t>(place), word_bytes_,
                        [this] { return static_cast<uint8_t>(random_.next()); });
      }
    }
  }
  reads_.push_back(std::move(read));
}

void AxiMemory::accept_word(const MasterPins& master) {
  Write& write = writes_[complete_];
  const uint8_t full = static_cast<uint8_t>(word_bytes_ < 8 ? (1U << word_bytes_) - 1 : 0xff);
  const auto all = [&](uint8_t value) {
    return std::all_of(master.wstrb, master.wstrb + waiting_strobes_.size(),
                       [value](uint8_t strobes) { return strobes == value; });
  };
  const bool strobe = master.wstrb[0] != 0;
  if (!all(strobe ? full : 0)) fail("W: strobes for a part of a word");
  write.strobes.push_back(strobe);
  write.data.insert(write.data.end(), master.wdata, master.wdata + word_bytes_);
  ++write.taken;
  ++words_written_;
  const bool ends = write.taken == write.beats;
  if (master.wlast != ends) {
    fail(format("W: WLAST is %d at word %u of %u at 0x%08" PRIx32, master.wlast, write.taken, write.beats,
                write.addr));
  }
  if (ends) {
    write.from = cycle_ + timing_.write_latency - 1;
    ++complete_;
  }
}

Resp AxiMemory::answer_of(const Write& write) const {
  Resp worst = Resp::kOkay;
  if (!all_okay(write.addr, uint64_t{write.beats} * word_bytes_)) {
    for (uint32_t beat = 0; beat < write.beats; ++beat) {
      worst = std::max(worst, resp_at(write.addr + uint64_t{beat} * word_bytes_));
    }
  }
  return worst;
}

void AxiMemory::commit(const Write& write) {
  for (uint32_t beat = 0; beat < write.beats; ++beat) {
    const uint64_t place = uint64_t{beat} * word_bytes_;
    if (write.strobes[beat] && resp_at(write.addr + place) == Resp::kOkay) {
      std::memcpy(bytes_ + write.addr + place, write.data.data() + place, word_bytes_);
    }
  }
}

void AxiMemory::offer_word() {
  pins_.rvalid = !reads_.empty() && read_credit_ >= MemoryTiming::kOne && reads_.front().from <= cycle_ &&
                 !stalls();
  if (!pins_.rvalid) {
    // Valid is low: what stands on the bus has no meaning.
    rdata_[0] = static_cast<uint8_t>(~rdata_[0]);
    return;
  }
  read_credit_ -= MemoryTiming::kOne;
  const Read& read = reads_.front();
  std::memcpy(rdata_.data(), read.data.data() + size_t{next_beat_} * word_bytes_, word_bytes_);
  pins_.rresp = read.resps.empty() ? Resp::kOkay : read.resps[next_beat_];
  pins_.rlast = next_beat_ + 1 == read.beats;
}

void AxiMemory::offer_answer() {
  pins_.bvalid = complete_ > 0 && writes_.front().from <= cycle_ && !stalls();
  if (pins_.bvalid) pins_.bresp = answer_of(writes_.front());
}

void AxiMemory::edge(const MasterPins& master) {
  ++cycle_;
  check_waiting("AR", ar_, master.ar, pins_.arready);
  check_waiting("AW", aw_, master.aw, pins_.awready);
  check_word_waiting(master);
  read_credit_ = std::min(read_credit_ + timing_.read_rate, kMostCredit);
  write_credit_ = std::min(write_credit_ + timing_.write_rate, kMostCredit);

  if (pins_.rvalid && master.rready) {
    pins_.rvalid = false;
    ++words_read_;
    ++next_beat_;
    if (pins_.rlast) {
      reads_.pop_front();
      next_beat_ = 0;
    }
  }
  if (pins_.bvalid && master.bready) {
    pins_.bvalid = false;
    commit(writes_.front());
    writes_.pop_front();
    --complete_;
  }
  if (pins_.wready && master.wvalid) {
    write_credit_ -= MemoryTiming::kOne;
    accept_word(master);
  }
  if (master.ar.valid && pins_.arready && check_address("AR", master.ar)) accept_read(master.ar);
  if (master.aw.valid && pins_.awready && check_address("AW", master.aw)) {
    writes_.push_back({master.aw.addr, master.aw.len + 1U, 0, 0, {}, {}});
  }

  if (!pins_.rvalid) offer_word();
  if (!pins_.bvalid) offer_answer();
  pins_.arready = reads_.size() < timing_.reads && !stalls();
  pins_.awready = writes_.size() < timing_.writes && !stalls();
  // What the next cycle adds counts already: the word is taken at its end.
  pins_.wready = complete_ < writes_.size() && write_credit_ + timing_.write_rate >= MemoryTiming::kOne &&
                 !stalls();
}

}  // namespace reneta
