// Rounding to the machine's formats, and the functions on the way out with their derivatives.

#pragma once

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstdint>
#include <limits>

#include "problem.h"

namespace delta_rnn {

constexpr float kSmallestNormal = 0x1p-126f;

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

}  // namespace delta_rnn
