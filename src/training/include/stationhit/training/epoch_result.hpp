// The result of an epoch, as it is saved and as observers of a training get it. Free of Torch.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <stationhit/training/epoch_metrics.hpp>

namespace stationhit::training {

struct EpochResult {
  EpochMetrics metrics;
  // Logit thresholds on the validation split by working point; empty without signal hits.
  std::map<std::string, float> thresholds;
  bool is_best = false;  // the best epoch so far: checkpoints/best holds its network
  std::uint64_t validation_events = 0;
};

}  // namespace stationhit::training
