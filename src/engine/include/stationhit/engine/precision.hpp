// How the engine computes products.
#pragma once

#include <array>
#include <string_view>

namespace stationhit::engine {

enum class Precision {
  float32,
  // Weights and inputs of linear layers with 16 inputs or more are rounded to bfloat16
  // (kernels/bfloat16_product.hpp), and what neighbors send under a maximum; all else, sums
  // included, stays float32.
  bfloat16
};
constexpr auto names_of(Precision) {
  return std::to_array<std::string_view>({"float32", "bfloat16"});
}

}  // namespace stationhit::engine
