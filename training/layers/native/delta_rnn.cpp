// Delta LSTM and delta GRU layers over a whole sequence, forward and backward, on the CPU.
//
// Each thread takes some of the sequences side by side and computes all their steps. Matrix work is done on lists
// of the elements that fired, as on the machine: columns of W that did not fire are neither read nor written, in
// the forward pass (MxV_SP), for the gradients of the deltas (MTxV_SP) and for the weight gradients (VXV_SP).
// Products are added in the order of docs/numerics.md, columns ascending, so that with bfloat16 operands every
// bit is the machine's. Called through ctypes (operator.py); sequence.py's `check` has looked at shapes and dtypes.

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>
#include <type_traits>
#include <vector>

namespace {

using Index = std::int64_t;

// Columns that are added, or multiplied, in one pass over a vector.
constexpr Index kColumns = 4;
// Partial sums of a dot product; whole vector registers of any width.
constexpr Index kLanes = 16;

constexpr float kSmallestNormal = 0x1p-126f;

enum class Rounding : std::int32_t { kNone, kBf16, kFixed };

struct Quantizer {
  std::int32_t rounding;
  double scale;  // steps in one, fixed point only
  double low;    // smallest and largest number in steps
  double high;
};

}  // namespace

extern "C" {

// Mirrored by operator.py's `Problem`. All arrays are contiguous, time first; `real` is float or double.
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

}  // extern "C"

namespace {

template <class Real>
const Real *in(const void *pointer) {
  return static_cast<const Real *>(pointer);
}

template <class Real>
Real *out(void *pointer) {
  return static_cast<Real *>(pointer);
}

// ---- numbers ----

template <class Real>
Real round_bf16(Real x) {
  const float single = static_cast<float>(x);
  if (std::isnan(single)) return std::numeric_limits<Real>::quiet_NaN();
  const auto bits = std::bit_cast<std::uint32_t>(single);
  const float rounded = std::bit_cast<float>((bits + 0x7FFFu + ((bits >> 16) & 1u)) & 0xFFFF0000u);
  // Also what would round up to a normal number.
  return std::abs(single) < kSmallestNormal ? std::copysign(0.0f, single) : rounded;
}

template <class Real>
Real quantize(const Quantizer &q, Real x) {
  switch (static_cast<Rounding>(q.rounding)) {
    case Rounding::kBf16:
      return round_bf16(x);
    case Rounding::kFixed:
      // std::rint rounds half to even: nobody changes the rounding mode.
      return static_cast<Real>(std::clamp(std::rint(static_cast<double>(x) * q.scale), q.low, q.high) / q.scale);
    default:
      return x;
  }
}

// exp, with Cephes' coefficients (single precision); in a form that compilers turn into vector code. NaN gives
// NaN: both bounds let it pass.
inline float exp_of(float x) {
  const float bounded = std::min(std::max(x, -87.0f), 88.0f);
  // Adding 1.5 · 2^23 rounds to the nearest integer, which then stands in the low bits.
  const float shifted = bounded * 1.44269504f + 12582912.0f;
  const float n = shifted - 12582912.0f;
  const float r = (bounded - n * 0.693359375f) + n * 2.12194440e-4f;
  float p = 1.9875691500e-4f;
  p = p * r + 1.3981999507e-3f;
  p = p * r + 8.3334519073e-3f;
  p = p * r + 4.1665795894e-2f;
  p = p * r + 1.6666665459e-1f;
  p = p * r + 5.0000001201e-1f;
  p = p * (r * r) + r + 1.0f;
  return p * std::bit_cast<float>((std::bit_cast<std::uint32_t>(shifted) + 127u) << 23);
}

inline double exp_of(double x) { return std::exp(x); }

inline float tanh_of(float x) {
  const float square = x * x;
  float p = -5.70498872745e-3f;
  p = p * square + 2.06390887954e-2f;
  p = p * square - 5.37397155531e-2f;
  p = p * square + 1.33314422036e-1f;
  p = p * square - 3.33332819422e-1f;
  const float near_zero = x + x * square * p;
  const float magnitude = 1.0f - 2.0f / (exp_of(2.0f * std::abs(x)) + 1.0f);
  const float far = std::copysign(magnitude, x);
  return std::abs(x) < 0.625f ? near_zero : far;
}

inline double tanh_of(double x) { return std::tanh(x); }

template <class Real>
Real sigmoid_of(Real x) {
  return Real(1) / (Real(1) + exp_of(-x));
}

template <class Real>
Real looked_up(const Quantizer &q, const Real *table, Real x) {
  const Real rounded = quantize(q, x);
  if (static_cast<Rounding>(q.rounding) == Rounding::kBf16)
    return table[std::bit_cast<std::uint32_t>(static_cast<float>(rounded)) >> 16];
  // Not a number has no place in a table of fixed-point numbers.
  if (rounded != rounded) return rounded;
  return table[static_cast<Index>(static_cast<double>(rounded) * q.scale - q.low)];
}

template <class Real>
void sigmoid(const Problem &p, const Real *x, Real *y, Index n) {
  if (const Real *table = in<Real>(p.sigmoid_table)) {
    for (Index k = 0; k < n; ++k) y[k] = looked_up(p.activation, table, x[k]);
  } else if (p.hard_sigmoid) {
    for (Index k = 0; k < n; ++k) y[k] = std::min(std::max(Real(0.25) * x[k] + Real(0.5), Real(0)), Real(1));
  } else {
    for (Index k = 0; k < n; ++k) y[k] = sigmoid_of(x[k]);
  }
}

template <class Real>
void tanh(const Problem &p, const Real *x, Real *y, Index n) {
  if (const Real *table = in<Real>(p.tanh_table)) {
    for (Index k = 0; k < n; ++k) y[k] = looked_up(p.activation, table, x[k]);
  } else if (p.hard_tanh) {
    for (Index k = 0; k < n; ++k) y[k] = std::min(std::max(x[k], Real(-1)), Real(1));
  } else {
    for (Index k = 0; k < n; ++k) y[k] = tanh_of(x[k]);
  }
}

template <class Real>
void quantize_all(const Quantizer &q, Real *x, Index n) {
  if (static_cast<Rounding>(q.rounding) == Rounding::kNone) return;
  for (Index k = 0; k < n; ++k) x[k] = quantize(q, x[k]);
}

// Derivatives from the output, as on the machine. Which functions there are is known when this is compiled: a
// choice within their loops would keep those from becoming vector code.
template <bool kHard, class Real>
Real sigmoid_slope(Real y) {
  if constexpr (kHard) return y > 0 && y < 1 ? Real(0.25) : Real(0);
  return y * (1 - y);
}

template <bool kHard, class Real>
Real tanh_slope(Real y) {
  if constexpr (kHard) return std::abs(y) < 1 ? Real(1) : Real(0);
  return 1 - y * y;
}

// ---- the three sparse procedures ----

// The elements that fired: which, and their values.
template <class Real>
struct List {
  std::vector<Index> index;
  std::vector<Real> value;
  Index count = 0;

  explicit List(Index most) : index(most), value(most) {}

  void add(Index i, Real v) {
    index[count] = i;
    value[count] = v;
    ++count;
  }
};

// acc[0..n) += Σ value · row, the rows of the list one after another; MxV_SP and VXV_SP.
template <class Real>
void add_rows(Real *__restrict acc, const Real *rows, Index stride, const List<Real> &list, Index n) {
  Index k = 0;
  for (; k + kColumns <= list.count; k += kColumns) {
    const Real *__restrict r0 = rows + list.index[k] * stride, *__restrict r1 = rows + list.index[k + 1] * stride;
    const Real *__restrict r2 = rows + list.index[k + 2] * stride, *__restrict r3 = rows + list.index[k + 3] * stride;
    const Real v0 = list.value[k], v1 = list.value[k + 1], v2 = list.value[k + 2], v3 = list.value[k + 3];
    for (Index i = 0; i < n; ++i) {
      Real sum = acc[i];
      sum += v0 * r0[i];
      sum += v1 * r1[i];
      sum += v2 * r2[i];
      sum += v3 * r3[i];
      acc[i] = sum;
    }
  }
  for (; k < list.count; ++k) {
    const Real *__restrict row = rows + list.index[k] * stride;
    const Real v = list.value[k];
    for (Index i = 0; i < n; ++i) acc[i] += v * row[i];
  }
}

// sums[k] += row · vector for each row of the list; MTxV_SP.
template <class Real>
void dot_rows(Real *sums, const Real *rows, Index stride, const List<Real> &list, const Real *__restrict vector,
              Index n) {
  const Index whole = n / kLanes * kLanes;
  const auto some = [&](Index k, auto columns) {
    constexpr Index kCount = decltype(columns)::value;
    Real part[kCount][kLanes] = {};
    const Real *row[kCount];
    for (Index c = 0; c < kCount; ++c) row[c] = rows + list.index[k + c] * stride;
    for (Index i = 0; i < whole; i += kLanes)
      for (Index c = 0; c < kCount; ++c)
        for (Index lane = 0; lane < kLanes; ++lane) part[c][lane] += row[c][i + lane] * vector[i + lane];
    for (Index c = 0; c < kCount; ++c) {
      Real sum = 0;
      for (Index lane = 0; lane < kLanes; ++lane) sum += part[c][lane];
      for (Index i = whole; i < n; ++i) sum += row[c][i] * vector[i];
      sums[k + c] += sum;
    }
  };
  Index k = 0;
  for (; k + kColumns <= list.count; k += kColumns) some(k, std::integral_constant<Index, kColumns>{});
  for (; k < list.count; ++k) some(k, std::integral_constant<Index, 1>{});
}

// ---- delta rule ----

template <class Real>
void encode(const Problem &p, Real theta, const Real *v, Real *v_hat, Real *delta, std::uint8_t *fires, Index n,
            List<Real> &list) {
  list.count = 0;
  for (Index i = 0; i < n; ++i) {
    const Real difference = v[i] - v_hat[i];
    // A difference that is not a number fires.
    fires[i] = !(std::abs(difference) < theta);
    delta[i] = 0;
    if (fires[i]) {
      delta[i] = quantize(p.activation, difference);
      v_hat[i] = v[i];
      list.add(i, delta[i]);
    }
  }
}

// dv of the values and dv̂ of the state before, from the gradients of the deltas that fired (in the list's order).
template <class Real>
void decode_gradient(const List<Real> &list, const Real *d_delta, Real *d_v, Real *d_v_hat, Index n) {
  std::fill(d_v, d_v + n, Real(0));
  for (Index k = 0; k < list.count; ++k) {
    const Index i = list.index[k];
    d_v[i] = d_v_hat[i] + d_delta[k];
    d_v_hat[i] = -d_delta[k];
  }
}

template <class Real>
void list_of(const Real *delta, const std::uint8_t *fires, Index n, List<Real> &list) {
  list.count = 0;
  for (Index i = 0; i < n; ++i)
    if (fires[i]) list.add(i, delta[i]);
}

// ---- layers ----

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

}  // namespace

extern "C" {

void delta_rnn_forward_f32(const Problem *p) { forward<float>(*p); }
void delta_rnn_forward_f64(const Problem *p) { forward<double>(*p); }
void delta_rnn_backward_f32(const Problem *p) { backward<float>(*p); }
void delta_rnn_backward_f64(const Problem *p) { backward<double>(*p); }

}  // extern "C"
