#include "progress_state.hpp"

#include <algorithm>

namespace stationhit::training {
namespace {

void advance_schedule(ProgressState& state, const SchedulerConfig& config, bool improved) {
  if (config.name != "reduce_lr_on_plateau") return;
  state.schedule_waited = improved ? 0 : state.schedule_waited + 1;
  if (state.schedule_waited <= config.patience) return;
  state.learning_rate = std::max(state.learning_rate * config.factor,
                                 std::min(state.learning_rate, config.min_learning_rate));
  state.schedule_waited = 0;
}

void advance_stopping(ProgressState& state, const EarlyStoppingConfig& config, double value) {
  if (!state.stopping_best || value < *state.stopping_best - config.min_delta) {
    state.stopping_best = value;
    state.stopping_waited = 0;
  } else {
    ++state.stopping_waited;
  }
  state.stopped_early = config.enabled && state.stopping_waited >= config.patience;
}

}  // namespace

ProgressState start_progress(const TrainingConfig& config) {
  ProgressState state;
  state.learning_rate = config.optimizer.learning_rate;
  return state;
}

double monitored(const TrainingConfig& config, const EpochMetrics& metrics) {
  if (config.monitor == "val_auc") return -metrics.val_auc;
  if (config.monitor == "val_purity_0.99") return -metrics.val_purity;
  return metrics.val_loss;
}

bool advance(ProgressState& state, const TrainingConfig& config, const EpochMetrics& metrics) {
  const double value = monitored(config, metrics);
  const bool improved = state.best ? value < *state.best : value == value;
  if (improved) {
    state.best = value;
    state.best_epoch = metrics.epoch;
  }
  advance_schedule(state, config.scheduler, improved);
  if (value == value) advance_stopping(state, config.early_stopping, value);
  return improved;
}

}  // namespace stationhit::training
