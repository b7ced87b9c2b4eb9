// The parts that stages are described with: sides of matrices and linear layers.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <stationhit/architecture/network_description.hpp>

namespace stationhit::architecture {

using Units = std::vector<std::int64_t>;

// first, first + 1, ...: n units.
[[nodiscard]] Units unit_range(std::int64_t n, std::int64_t first = 0);

// The units of one axis that a side of a matrix runs over; without an axis there are none.
struct Side {
  std::string axis;
  Units units;

  [[nodiscard]] std::int64_t size() const { return static_cast<std::int64_t>(units.size()); }
};

[[nodiscard]] Side side_without_axis(std::int64_t size);
// The side so many times, one after the other.
[[nodiscard]] Side repeated(const Side& side, int times);

// The side with the units of another one behind its own; these belong to no axis.
[[nodiscard]] Side joined(Side side, const Side& behind);

// How a weight [outputs, inputs], or a bias [outputs], uses the axes of its sides.
[[nodiscard]] std::vector<AxisUse> axis_uses(const Side& outputs, const Side& inputs = {});

// Adds the tensors <name>.weight and <name>.bias of x weight^T + bias to the stage, and its work,
// which is done once per row, or per edge with per = &Work::flops_per_edge.
void add_linear(Stage& stage, const std::string& name, const Side& inputs, const Side& outputs,
                std::uint64_t Work::*per = &Work::flops_per_row);

// Adds the tensors of a convolution of 3 x 3 cells and its work on a map of so many cells.
void add_convolution(Stage& stage, const std::string& name, std::int64_t in, std::int64_t out,
                     std::int64_t cells);

// "64 -> 32"
[[nodiscard]] std::string arrow_text(std::int64_t in, std::int64_t out);

}  // namespace stationhit::architecture
