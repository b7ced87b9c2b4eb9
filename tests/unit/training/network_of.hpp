// The network of a run with weights that are always the same.
#pragma once

#include <memory>

#include <torch/torch.h>

#include <stationhit/models/network.hpp>
#include <stationhit/training/training_run.hpp>

namespace stationhit::test {

inline std::shared_ptr<models::Network> network_of(const training::TrainingRun& run) {
  torch::manual_seed(3);
  return models::build_network(run.model, run.features, run.normalization);
}

}  // namespace stationhit::test
