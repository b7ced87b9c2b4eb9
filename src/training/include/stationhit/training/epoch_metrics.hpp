// Numbers of one epoch.
#pragma once

#include <cstdint>
#include <span>
#include <string>

namespace stationhit::training {

struct EpochMetrics {
  std::int32_t epoch = 0;  // 1, 2, ...
  double train_loss = 0;   // mean over the nodes of the epoch, while the weights moved
  double val_loss = 0;     // mean over the nodes of the validation split
  double val_auc = 0;      // hits of the validation split; NaN where it lacks signal or background
  double val_purity = 0;   // at 99 % hit efficiency; NaN likewise
  double learning_rate = 0;      // of the last step of the epoch
  double seconds = 0;            // training and validation
  double loader_wait = 0;        // seconds of these spent waiting for events
  double events_per_second = 0;  // training part
};

// metrics.csv: a header and one line per epoch.
[[nodiscard]] std::string metrics_csv(std::span<const EpochMetrics> history);

}  // namespace stationhit::training
