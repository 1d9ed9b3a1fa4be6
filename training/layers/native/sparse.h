// Lists of the elements that fired: the three sparse procedures that they drive, and the delta rule that makes them.

#pragma once

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <type_traits>
#include <vector>

#include "numbers.h"
#include "problem.h"

namespace delta_rnn {

// Columns that are added, or multiplied, in one pass over a vector.
constexpr Index kColumns = 4;
// Partial sums of a dot product; whole vector registers of any width.
constexpr Index kLanes = 16;

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

}  // namespace delta_rnn
