// Which dimension of which tensor of a network runs over which units. The names are those of
// models/network.hpp.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <stationhit/architecture/model_config.hpp>

namespace stationhit::training {

// Dimension `dimension` of a tensor: its entry i belongs to unit units[i] of `axis`, or to none
// (-1), in which case it always stays.
struct AxisUse {
  std::string axis;
  std::int64_t dimension = 0;
  std::vector<std::int64_t> units;
  bool makes_units =
      false;  // the entries of the other dimensions are the weights that make the unit
};

// Tensors whose dimensions [H, D] are one axis of H D units are seen flattened.
[[nodiscard]] bool is_flattened(const std::string& tensor);

// Those of the tensor `name`, in the order of its dimensions; empty: the tensor has no units.
[[nodiscard]] std::vector<AxisUse> axes_of(const std::string& name,
                                           const architecture::ModelConfig& model,
                                           const std::vector<std::string>& feature_names);

}  // namespace stationhit::training
