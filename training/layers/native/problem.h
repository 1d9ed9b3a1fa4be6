// What the operator is asked, and where its arrays are.

#pragma once

#include <cstdint>

namespace delta_rnn {

using Index = std::int64_t;

enum class Rounding : std::int32_t { kNone, kBf16, kFixed };

struct Quantizer {
  std::int32_t rounding;
  double scale;  // steps in one, fixed point only
  double low;    // smallest and largest number in steps
  double high;
};

// Mirrored by operator.py's `_Problem`. All arrays are contiguous, time first; they are of float or of double.
struct Problem {
  Index steps, batch, inputs, units, threads;
  std::int32_t is_gru, hard_sigmoid, hard_tanh;
  double theta_x, theta_h;
  Quantizer activation, accumulator;
  const void *sigmoid_table, *tanh_table;  // of all activations, where those are rounded
  // Operands: x [T B Nx], transposed weights [Nx G H] and [H G H], G gates; the state before the first step.
  const void *x, *w_x, *w_h, *h0, *c0, *x_hat0, *h_hat0, *m0;
  // Results of the forward pass; the backward pass reads them again.
  void *out;              // [T B H]
  void *cell;             // LSTM: c, [T B H]; GRU: M_nh as the cell saw it
  void *gates;            // LSTM: i f g o, [T B 4 H]; GRU: r z n, [T B 3 H]
  void *tanh_c;           // LSTM: [T B H]
  void *dx, *dh;          // Δ, [T B Nx] and [T B H]
  std::uint8_t *fires_x, *fires_h;
  void *c_n, *x_hat_n, *h_hat_n, *m_n;
  void *abs_dh;           // [B]
  Index *fired;           // [B 2]
  // Gradients that come in (g_*), and those that go out.
  const void *g_out, *g_c_n, *g_x_hat_n, *g_h_hat_n, *g_m_n;
  double g_abs_dh;
  void *d_x, *d_w_x, *d_w_h, *d_h0, *d_c0, *d_x_hat0, *d_h_hat0, *d_m0;
};

template <class Real>
const Real *in(const void *pointer) {
  return static_cast<const Real *>(pointer);
}

template <class Real>
Real *out(void *pointer) {
  return static_cast<Real *>(pointer);
}

}  // namespace delta_rnn
