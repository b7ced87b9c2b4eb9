// Events of one optimiser step, one after the other.
#pragma once

#include <memory>
#include <span>

#include <stationhit/models/network.hpp>

#include "samples.hpp"

namespace stationhit::training {

struct Batch {
  models::GraphTensors graph;
  torch::Tensor labels;  // [N] float32, 0 or 1
  std::size_t events = 0;
};

// Neighbour rows are shifted to where their event starts. All samples have n_features features and k neighbours per node.
[[nodiscard]] Batch make_batch(std::span<const std::shared_ptr<const Sample>> samples, std::int64_t n_features, std::int64_t k);

}  // namespace stationhit::training
