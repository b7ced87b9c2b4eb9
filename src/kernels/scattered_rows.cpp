// The lanes of a vector hold columns of one row, so results are the same on every instruction set.
#include <cassert>
#include <cstddef>
#include <span>

#include <stationhit/kernels/packed_product.hpp>
#include <stationhit/kernels/scattered_rows.hpp>

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "scattered_rows.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

HWY_BEFORE_NAMESPACE();
namespace stationhit::kernels::HWY_NAMESPACE {

namespace hn = hwy::HWY_NAMESPACE;
using Tag = hn::ScalableTag<float>;

void add_to_scattered(MatrixView<const float> rows, std::span<const float> weights,
                      std::span<float* const> to) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d), columns = padded_columns(rows.columns);
  const std::size_t parts = to.size() / rows.rows;
  for (std::size_t place = 0; place < to.size(); ++place) {
    if (to[place] == nullptr) continue;
    const float* row = rows.row(place / parts);
    const auto weight = hn::Set(d, weights.empty() ? 1.0F : weights[place]);
    for (std::size_t c = 0; c < columns; c += lanes) {
      const auto x = hn::Mul(hn::LoadU(d, row + c), weight);
      hn::StoreU(hn::Add(hn::LoadU(d, to[place] + c), x), d, to[place] + c);
    }
  }
}

void sum_scattered(std::span<const float* const> from, std::span<const float> weights,
                   MatrixView<float> out) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d), columns = padded_columns(out.columns);
  const std::size_t parts = from.size() / out.rows;
  for (std::size_t i = 0; i < out.rows; ++i) {
    for (std::size_t c = 0; c < columns; c += lanes) {
      auto sum = hn::Zero(d);
      for (std::size_t place = i * parts; place < (i + 1) * parts; ++place) {
        const auto x = hn::Mul(hn::LoadU(d, from[place] + c), hn::Set(d, weights[place]));
        sum = hn::Add(sum, x);
      }
      hn::StoreU(sum, d, out.row(i) + c);
    }
  }
}

void copy_scattered(std::span<const float* const> from, std::size_t columns, float* out) {
  const Tag d;
  const std::size_t lanes = hn::Lanes(d);
  for (const float* row : from) {
    for (std::size_t c = 0; c < columns; c += lanes) hn::StoreU(hn::LoadU(d, row + c), d, out + c);
    out += columns;
  }
}

}  // namespace stationhit::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stationhit::kernels {

HWY_EXPORT(add_to_scattered);
HWY_EXPORT(sum_scattered);
HWY_EXPORT(copy_scattered);

void add_to_scattered(MatrixView<const float> rows, std::span<const float> weights,
                      std::span<float* const> to) {
  assert(rows.rows > 0 && to.size() % rows.rows == 0);
  assert(weights.empty() || weights.size() == to.size());
  HWY_DYNAMIC_DISPATCH(add_to_scattered)(rows, weights, to);
}

void sum_scattered(std::span<const float* const> from, std::span<const float> weights,
                   MatrixView<float> out) {
  assert(out.rows > 0 && from.size() % out.rows == 0 && weights.size() == from.size());
  HWY_DYNAMIC_DISPATCH(sum_scattered)(from, weights, out);
}

void copy_scattered(std::span<const float* const> from, std::size_t columns, float* out) {
  HWY_DYNAMIC_DISPATCH(copy_scattered)(from, columns, out);
}

}  // namespace stationhit::kernels
#endif
