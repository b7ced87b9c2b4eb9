// Where packed weights lie. Private to the module.
#pragma once

#include <algorithm>
#include <cstddef>

#include <stationhit/kernels/packed_product.hpp>

namespace stationhit::kernels {

// Passes of a few columns, one behind the other, each [depth, its columns]. Columns are outputs,
// padded to whole vectors; depth counts inputs or groups of them.
struct PassLayout {
  std::size_t outputs = 0, depth = 0, columns_of_pass = 0;

  [[nodiscard]] std::size_t columns() const { return padded_columns(outputs); }
  [[nodiscard]] std::size_t size() const { return columns() * depth; }
  [[nodiscard]] std::size_t index(std::size_t output, std::size_t place) const {
    const std::size_t first = output / columns_of_pass * columns_of_pass;
    const std::size_t width = std::min(columns_of_pass, columns() - first);
    return first * depth + place * width + (output - first);
  }
};

}  // namespace stationhit::kernels
