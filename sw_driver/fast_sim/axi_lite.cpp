#include "axi_lite.h"

namespace reneta {

void AxiLiteMaster::begin_write(uint16_t addr, uint32_t data, uint8_t strobes) {
  state_ = State::kWrite;
  pins_.addr = addr;
  pins_.wdata = data;
  pins_.strobes = strobes;
  address_left_ = data_left_ = true;
}

void AxiLiteMaster::begin_read(uint16_t addr) {
  state_ = State::kRead;
  pins_.addr = addr;
  address_left_ = true;
}

void AxiLiteMaster::reset() {
  state_ = State::kIdle;
  pins_ = LiteMasterPins{};
  address_left_ = data_left_ = waits_ = false;
  error_.clear();
}

void AxiLiteMaster::fail(const char* text) {
  if (error_.empty()) error_ = text;
}

void AxiLiteMaster::edge(const LiteSlavePins& slave) {
  const bool writes = state_ == State::kWrite;
  const bool asked = !address_left_ && !data_left_ && !pins_.awvalid && !pins_.wvalid && !pins_.arvalid;
  if (slave.bvalid && !(writes && asked)) fail("AXI4-Lite B: an answer to no write");
  if (slave.rvalid && !(state_ == State::kRead && asked)) fail("AXI4-Lite R: an answer to no read");
  const bool valid = writes ? slave.bvalid : slave.rvalid;
  const uint8_t resp = writes ? slave.bresp : slave.rresp;
  if (waits_ && !(valid && resp == waiting_resp_ && (writes || slave.rdata == waiting_data_))) {
    fail("AXI4-Lite: an answer changed while it waited");
  }
  const bool ready = writes ? pins_.bready : pins_.rready;
  waits_ = valid && !ready;
  waiting_resp_ = resp;
  waiting_data_ = slave.rdata;

  if (pins_.awvalid && slave.awready) pins_.awvalid = false;
  if (pins_.wvalid && slave.wready) pins_.wvalid = false;
  if (pins_.arvalid && slave.arready) pins_.arvalid = false;
  if (valid && ready) {
    state_ = State::kIdle;
    resp_ = resp;
    data_ = slave.rdata;
  }

  if (address_left_ && !stalls()) {
    (writes ? pins_.awvalid : pins_.arvalid) = true;
    address_left_ = false;
  }
  if (data_left_ && !stalls()) {
    pins_.wvalid = true;
    data_left_ = false;
  }
  pins_.bready = state_ == State::kWrite && !stalls();
  pins_.rready = state_ == State::kRead && !stalls();
}

}  // namespace reneta
