// The decisions that follow one monitored quantity: the schedule of the learning rate and the
// choice of the best epoch. Free of Torch.
#pragma once

#include <cstdint>
#include <string>

#include <stationhit/training/epoch_metrics.hpp>
#include <stationhit/training/progress_state.hpp>
#include <stationhit/training/training_config.hpp>

namespace stationhit::training {

// The progress before the first epoch.
[[nodiscard]] ProgressState start_progress(const TrainingConfig& config);

// The learning rate of a continued run whose setting changed from `earlier` to `now`: what the
// schedule took away from the earlier one, it also takes away from the new one, as far as `lowest`
// allows, below which the schedule lowers no rate.
[[nodiscard]] double continue_learning_rate(double saved, double earlier, double now,
                                            double lowest);

// A metric of an epoch by its name, one of comparable_metrics, in a form in which smaller is
// better; NaN where the epoch lacks it.
[[nodiscard]] double monitored_value(const std::string& name, const EpochMetrics& metrics);

// The same value as metrics.csv has it, and back.
[[nodiscard]] double written_value(const std::string& name, double monitored);

// "epoch 7: learning rate 0.001 -> 0.0005, because ..." after an epoch that lowered the rate.
[[nodiscard]] std::string describe_reduction(const ProgressState& before,
                                             const ProgressState& after,
                                             const TrainingConfig& config, std::int32_t epoch);

// Throws DataError if the monitored quantity is not a number.
void require_monitored_value(const TrainingConfig& config, const EpochMetrics& metrics);

struct EpochDecision {
  ProgressState progress;  // after the epoch
  bool is_best = false;    // the best epoch so far
};

// Takes in a finished epoch. A value that is not a number is never the best.
[[nodiscard]] EpochDecision decide_after_epoch(const ProgressState& before,
                                               const TrainingConfig& config,
                                               const EpochMetrics& metrics);

}  // namespace stationhit::training
