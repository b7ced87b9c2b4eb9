// The memory of the learning rate schedule and the choice of the best epoch from one epoch to the
// next. Part of checkpoints/last.
#pragma once

#include <cstdint>
#include <optional>

namespace stationhit::training {

// "Better" means smaller: quantities that should be large stand here with the opposite sign.
struct ProgressState {
  double learning_rate = 0;     // for the next epoch
  std::optional<double> best;   // best value of the monitored quantity so far
  std::int32_t best_epoch = 0;  // epoch that gave it, 0 = none yet
  // Epochs without improvement since the learning rate was lowered last.
  std::int32_t schedule_waited = 0;

  bool operator==(const ProgressState&) const = default;
};

}  // namespace stationhit::training
