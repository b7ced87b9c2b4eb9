#include <algorithm>
#include <cassert>
#include <cstddef>
#include <numeric>

// Arrays of vectors need vectors of a size known at compile time.
#define HWY_DISABLED_TARGETS (HWY_SVE | HWY_SVE2 | HWY_SVE_256 | HWY_SVE2_128 | HWY_RVV)

#include <stationhit/kernels/packed_product.hpp>

#include "pass_layout.hpp"

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "packed_product.cpp"
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "float_dot-inl.hpp"
#include "tiles-inl.hpp"

HWY_BEFORE_NAMESPACE();
namespace stationhit::kernels::HWY_NAMESPACE {

std::size_t columns_of_pass() { return columns_of_tile(); }

void multiply(std::span<const Panel> panels, const PackedWeights& weights, const ProductEnd& end,
              MatrixView<float> out) {
  multiply_passes(FloatDot{weights.bias()}, panels, weights.inputs(), weights.values(),
                  weights.outputs(), RowsEnd{end, out});
}

}  // namespace stationhit::kernels::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace stationhit::kernels {

HWY_EXPORT(columns_of_pass);
HWY_EXPORT(multiply);

PackedWeights::PackedWeights(MatrixView<const float> weight, std::span<const float> bias)
    : inputs_(weight.columns), outputs_(weight.rows) {
  const PassLayout layout{outputs_, inputs_, HWY_DYNAMIC_DISPATCH(columns_of_pass)()};
  const std::size_t all = layout.columns() + layout.size();
  float* values = values_.reserve(all);
  std::fill_n(values, all, 0.0F);
  std::ranges::copy(bias, values);
  values += layout.columns();
  for (std::size_t out = 0; out < outputs_; ++out)
    for (std::size_t in = 0; in < inputs_; ++in)
      values[layout.index(out, in)] = weight.row(out)[in];
}

void multiply(std::span<const Panel> panels, const PackedWeights& weights, const ProductEnd& end,
              MatrixView<float> out) {
  assert(std::accumulate(panels.begin(), panels.end(), std::size_t{0},
                         [](std::size_t sum, const Panel& panel) { return sum + panel.columns; }) ==
         weights.inputs());
  HWY_DYNAMIC_DISPATCH(multiply)(panels, weights, end, out);
}

}  // namespace stationhit::kernels
#endif
