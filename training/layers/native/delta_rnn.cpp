// Delta LSTM and delta GRU layers over a whole sequence, forward and backward, on the CPU.
//
// Each thread takes some of the sequences side by side and computes all their steps. Matrix work is done on lists
// of the elements that fired, as on the machine: columns of W that did not fire are neither read nor written, in
// the forward pass (MxV_SP), for the gradients of the deltas (MTxV_SP) and for the weight gradients (VXV_SP).
// Products are added in the order of docs/numerics.md, columns ascending, so that with bfloat16 operands every
// bit is the machine's. Called through ctypes (operator.py); sequence.py's `check` has looked at shapes and dtypes.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "numbers.h"
#include "problem.h"
#include "sparse.h"

namespace delta_rnn {

// Rows of a gate matrix's columns, and where their sums go in M: an LSTM has one run of rows, a GRU's Wh two.
struct Run {
  Index row, m, count;
};

struct Shape {
  Index gates;  // of the weights
  std::vector<Run> x, h;

  explicit Shape(const Problem &p) : gates(p.is_gru ? 3 : 4) {
    const Index units = p.units;
    x = {{0, 0, gates * units}};
    if (p.is_gru)
      h = {{0, 0, 2 * units}, {2 * units, 3 * units, units}};
    else
      h = x;
  }
};

template <class Real>
void lstm_cell(const Problem &p, const Real *m, Real *gates, Real *c, Real *tanh_c, Real *h) {
  const Index n = p.units;
  sigmoid(p, m, gates, 2 * n);
  tanh(p, m + 2 * n, gates + 2 * n, n);
  sigmoid(p, m + 3 * n, gates + 3 * n, n);
  const Real *i = gates, *f = gates + n, *g = gates + 2 * n, *o = gates + 3 * n;
  for (Index k = 0; k < n; ++k) c[k] = i[k] * g[k] + f[k] * c[k];
  quantize_all(p.activation, c, n);
  tanh(p, c, tanh_c, n);
  for (Index k = 0; k < n; ++k) h[k] = o[k] * tanh_c[k];
  quantize_all(p.activation, h, n);
}

template <class Real>
void gru_cell(const Problem &p, const Real *m, Real *gates, Real *m_nh, Real *scratch, Real *h) {
  const Index n = p.units;
  sigmoid(p, m, gates, 2 * n);
  const Real *r = gates, *z = gates + n;
  Real *new_gate = gates + 2 * n;
  std::copy(m + 2 * n, m + 3 * n, scratch);
  // In the bf16 build M_nx is a float32 result.
  if (static_cast<Rounding>(p.activation.rounding) == Rounding::kFixed) quantize_all(p.activation, scratch, n);
  std::copy(m + 3 * n, m + 4 * n, m_nh);
  quantize_all(p.activation, m_nh, n);
  for (Index k = 0; k < n; ++k) scratch[k] += r[k] * m_nh[k];
  tanh(p, scratch, new_gate, n);
  for (Index k = 0; k < n; ++k) {
    const Real rest = new_gate[k] - new_gate[k] * z[k];
    h[k] = rest + z[k] * h[k];
  }
  quantize_all(p.activation, h, n);
}

template <class Real>
void forward_sequence(const Problem &p, const Shape &shape, Index b) {
  const Index units = p.units, inputs = p.inputs, stride = shape.gates * units;
  const Real theta_x = static_cast<Real>(p.theta_x), theta_h = static_cast<Real>(p.theta_h);
  std::vector<Real> m(in<Real>(p.m0) + b * 4 * units, in<Real>(p.m0) + (b + 1) * 4 * units);
  std::vector<Real> h(in<Real>(p.h0) + b * units, in<Real>(p.h0) + (b + 1) * units), c(units), scratch(units);
  if (!p.is_gru) std::copy_n(in<Real>(p.c0) + b * units, units, c.data());
  Real *x_hat = out<Real>(p.x_hat_n) + b * inputs, *h_hat = out<Real>(p.h_hat_n) + b * units;
  std::copy_n(in<Real>(p.x_hat0) + b * inputs, inputs, x_hat);
  std::copy_n(in<Real>(p.h_hat0) + b * units, units, h_hat);
  List<Real> list_x(inputs), list_h(units);
  Real abs_dh = 0;
  Index fired_x = 0, fired_h = 0;
  for (Index t = 0; t < p.steps; ++t) {
    const Index place = t * p.batch + b;
    encode(p, theta_x, in<Real>(p.x) + place * inputs, x_hat, out<Real>(p.dx) + place * inputs,
           p.fires_x + place * inputs, inputs, list_x);
    encode(p, theta_h, h.data(), h_hat, out<Real>(p.dh) + place * units, p.fires_h + place * units, units, list_h);
    for (const Run &run : shape.x) add_rows(&m[run.m], in<Real>(p.w_x) + run.row, stride, list_x, run.count);
    for (const Run &run : shape.h) add_rows(&m[run.m], in<Real>(p.w_h) + run.row, stride, list_h, run.count);
    quantize_all(p.accumulator, m.data(), 4 * units);
    Real *gates = out<Real>(p.gates) + place * stride, *cell = out<Real>(p.cell) + place * units;
    if (p.is_gru) {
      gru_cell(p, m.data(), gates, cell, scratch.data(), h.data());
    } else {
      lstm_cell(p, m.data(), gates, c.data(), out<Real>(p.tanh_c) + place * units, h.data());
      std::copy(c.begin(), c.end(), cell);
    }
    std::copy(h.begin(), h.end(), out<Real>(p.out) + place * units);
    for (Index k = 0; k < list_h.count; ++k) abs_dh += std::abs(list_h.value[k]);
    fired_x += list_x.count;
    fired_h += list_h.count;
  }
  if (!p.is_gru) std::copy(c.begin(), c.end(), out<Real>(p.c_n) + b * units);
  std::copy(m.begin(), m.end(), out<Real>(p.m_n) + b * 4 * units);
  out<Real>(p.abs_dh)[b] = abs_dh;
  p.fired[2 * b] = fired_x;
  p.fired[2 * b + 1] = fired_h;
}

// The gradient of M's own part of this step is added to dm; dc goes to the step before, of a GRU: dh's direct way.
template <bool kHardSigmoid, bool kHardTanh, class Real>
void lstm_cell_backward(const Problem &p, Index place, const Real *__restrict dh, Real *__restrict dc,
                        Real *__restrict dm) {
  const Index n = p.units;
  const Real *__restrict gates = in<Real>(p.gates) + place * 4 * n;
  const Real *__restrict tanh_c = in<Real>(p.tanh_c) + place * n;
  const Real *__restrict before = place >= p.batch ? in<Real>(p.cell) + (place - p.batch) * n : in<Real>(p.c0) + place * n;
  const Real *i = gates, *f = gates + n, *g = gates + 2 * n, *o = gates + 3 * n;
  for (Index k = 0; k < n; ++k) {
    const Real own = dc[k] + dh[k] * o[k] * tanh_slope<kHardTanh>(tanh_c[k]);
    dm[k] += own * g[k] * sigmoid_slope<kHardSigmoid>(i[k]);
    dm[n + k] += own * before[k] * sigmoid_slope<kHardSigmoid>(f[k]);
    dm[2 * n + k] += own * i[k] * tanh_slope<kHardTanh>(g[k]);
    dm[3 * n + k] += dh[k] * tanh_c[k] * sigmoid_slope<kHardSigmoid>(o[k]);
    dc[k] = own * f[k];
  }
}

template <bool kHardSigmoid, bool kHardTanh, class Real>
void gru_cell_backward(const Problem &p, Index place, const Real *__restrict dh, Real *__restrict direct,
                       Real *__restrict dm) {
  const Index n = p.units;
  const Real *__restrict gates = in<Real>(p.gates) + place * 3 * n;
  const Real *__restrict m_nh = in<Real>(p.cell) + place * n;
  const Real *__restrict before = place >= p.batch ? in<Real>(p.out) + (place - p.batch) * n : in<Real>(p.h0) + place * n;
  const Real *r = gates, *z = gates + n, *g = gates + 2 * n;
  for (Index k = 0; k < n; ++k) {
    const Real inner = dh[k] * (1 - z[k]) * tanh_slope<kHardTanh>(g[k]);
    dm[k] += inner * m_nh[k] * sigmoid_slope<kHardSigmoid>(r[k]);
    dm[n + k] += dh[k] * (before[k] - g[k]) * sigmoid_slope<kHardSigmoid>(z[k]);
    dm[2 * n + k] += inner;
    dm[3 * n + k] += inner * r[k];
    direct[k] = dh[k] * z[k];
  }
}

template <class Real>
void cell_backward(const Problem &p, Index place, const Real *dh, Real *carry, Real *dm) {
  const auto with = [&](auto hard_sigmoid, auto hard_tanh) {
    constexpr bool kSigmoid = decltype(hard_sigmoid)::value, kTanh = decltype(hard_tanh)::value;
    if (p.is_gru)
      gru_cell_backward<kSigmoid, kTanh>(p, place, dh, carry, dm);
    else
      lstm_cell_backward<kSigmoid, kTanh>(p, place, dh, carry, dm);
  };
  if (p.hard_sigmoid)
    p.hard_tanh ? with(std::true_type{}, std::true_type{}) : with(std::true_type{}, std::false_type{});
  else
    p.hard_tanh ? with(std::false_type{}, std::true_type{}) : with(std::false_type{}, std::false_type{});
}

// Adds Σ_t dM[t] Δ[t]ᵀ of one sequence, column by column: for each the steps in which it fired.
template <class Real>
void add_weight_gradient(const Problem &p, Index b, const Real *delta, const std::uint8_t *fires, Index size,
                         const std::vector<Run> &runs, Index stride, const std::vector<Real> &dm, Real *dw,
                         List<Real> &list) {
  for (Index j = 0; j < size; ++j) {
    list.count = 0;
    for (Index t = 0; t < p.steps; ++t) {
      const Index place = (t * p.batch + b) * size + j;
      if (fires[place]) list.add(t, delta[place]);
    }
    for (const Run &run : runs) add_rows(dw + j * stride + run.row, dm.data() + run.m, 4 * p.units, list, run.count);
  }
}

template <class Real>
void backward_sequence(const Problem &p, const Shape &shape, Index b, Real *dw_x, Real *dw_h) {
  const Index units = p.units, inputs = p.inputs, stride = shape.gates * units;
  // dM of all steps of this sequence, for the weight gradients.
  std::vector<Real> dm(p.steps * 4 * units), sums(std::max(inputs, units));
  std::vector<Real> dh(units), from_delta(units), direct(units), dm_next(4 * units);
  Real *d_x_hat = out<Real>(p.d_x_hat0) + b * inputs, *d_h_hat = out<Real>(p.d_h_hat0) + b * units;
  std::copy_n(in<Real>(p.g_x_hat_n) + b * inputs, inputs, d_x_hat);
  std::copy_n(in<Real>(p.g_h_hat_n) + b * units, units, d_h_hat);
  std::copy_n(in<Real>(p.g_m_n) + b * 4 * units, 4 * units, dm_next.data());
  std::vector<Real> dc(units);
  if (!p.is_gru) std::copy_n(in<Real>(p.g_c_n) + b * units, units, dc.data());
  List<Real> list_x(inputs), list_h(units), list_t(p.steps);
  for (Index t = p.steps - 1; t >= 0; --t) {
    const Index place = t * p.batch + b;
    Real *dm_t = dm.data() + t * 4 * units;
    std::copy(dm_next.begin(), dm_next.end(), dm_t);
    const Real *g_out = in<Real>(p.g_out) + place * units;
    for (Index k = 0; k < units; ++k) dh[k] = g_out[k] + from_delta[k] + direct[k];
    cell_backward(p, place, dh.data(), p.is_gru ? direct.data() : dc.data(), dm_t);

    list_of(in<Real>(p.dx) + place * inputs, p.fires_x + place * inputs, inputs, list_x);
    std::fill_n(sums.begin(), list_x.count, Real(0));
    for (const Run &run : shape.x)
      dot_rows(sums.data(), in<Real>(p.w_x) + run.row, stride, list_x, dm_t + run.m, run.count);
    decode_gradient(list_x, sums.data(), out<Real>(p.d_x) + place * inputs, d_x_hat, inputs);

    list_of(in<Real>(p.dh) + place * units, p.fires_h + place * units, units, list_h);
    for (Index k = 0; k < list_h.count; ++k) {
      const Real delta = list_h.value[k];
      sums[k] = static_cast<Real>(p.g_abs_dh) * static_cast<Real>((delta > 0) - (delta < 0));
    }
    for (const Run &run : shape.h)
      dot_rows(sums.data(), in<Real>(p.w_h) + run.row, stride, list_h, dm_t + run.m, run.count);
    decode_gradient(list_h, sums.data(), from_delta.data(), d_h_hat, units);
    std::copy_n(dm_t, 4 * units, dm_next.data());
  }
  for (Index k = 0; k < units; ++k) out<Real>(p.d_h0)[b * units + k] = from_delta[k] + direct[k];
  if (!p.is_gru) std::copy(dc.begin(), dc.end(), out<Real>(p.d_c0) + b * units);
  std::copy(dm_next.begin(), dm_next.end(), out<Real>(p.d_m0) + b * 4 * units);
  add_weight_gradient(p, b, in<Real>(p.dx), p.fires_x, inputs, shape.x, stride, dm, dw_x, list_t);
  add_weight_gradient(p, b, in<Real>(p.dh), p.fires_h, units, shape.h, stride, dm, dw_h, list_t);
}

Index workers_of(const Problem &p) { return std::max<Index>(1, std::min(p.threads, p.batch)); }

// Runs work(worker, first, last) over parts of the batch, one part a thread. OpenMP, because PyTorch's own threads
// are OpenMP's: others beside them would have to wait while those spin.
template <class Work>
void in_parts(const Problem &p, Work work) {
  const Index workers = workers_of(p);
#pragma omp parallel for num_threads(workers) schedule(static, 1)
  for (Index worker = 0; worker < workers; ++worker)
    work(worker, worker * p.batch / workers, (worker + 1) * p.batch / workers);
}

template <class Real>
void forward(const Problem &p) {
  const Shape shape(p);
  in_parts(p, [&](Index, Index first, Index last) {
    for (Index b = first; b < last; ++b) forward_sequence<Real>(p, shape, b);
  });
}

template <class Real>
void backward(const Problem &p) {
  const Shape shape(p);
  const Index column = shape.gates * p.units, size_x = p.inputs * column, size_h = p.units * column;
  // A worker's own sums; the first one's are the result.
  const Index workers = workers_of(p);
  std::vector<std::vector<Real>> parts(workers);
  for (Index worker = 1; worker < workers; ++worker) parts[worker].resize(size_x + size_h);
  Real *total_x = out<Real>(p.d_w_x), *total_h = out<Real>(p.d_w_h);
  in_parts(p, [&](Index worker, Index first, Index last) {
    Real *dw_x = worker ? parts[worker].data() : total_x;
    Real *dw_h = worker ? parts[worker].data() + size_x : total_h;
    for (Index b = first; b < last; ++b) backward_sequence<Real>(p, shape, b, dw_x, dw_h);
  });
  for (Index worker = 1; worker < workers; ++worker) {
    const Real *part = parts[worker].data();
    for (Index k = 0; k < size_x; ++k) total_x[k] += part[k];
    for (Index k = 0; k < size_h; ++k) total_h[k] += part[size_x + k];
  }
}

}  // namespace delta_rnn

extern "C" {

void delta_rnn_forward_f32(const delta_rnn::Problem *p) { delta_rnn::forward<float>(*p); }
void delta_rnn_forward_f64(const delta_rnn::Problem *p) { delta_rnn::forward<double>(*p); }
void delta_rnn_backward_f32(const delta_rnn::Problem *p) { delta_rnn::backward<float>(*p); }
void delta_rnn_backward_f64(const delta_rnn::Problem *p) { delta_rnn::backward<double>(*p); }

}  // extern "C"
