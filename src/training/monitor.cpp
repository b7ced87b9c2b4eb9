// Each decision is a function of its own that takes the part of the state that it needs and gives
// it back changed; decide_after_epoch() puts them together. Both compare with the best value so
// far.
#include "monitor.hpp"

#include <algorithm>
#include <cmath>
#include <string>

#include <stationhit/core/errors.hpp>

namespace stationhit::training {
namespace {

ProgressState choose_best(ProgressState state, double value, std::int32_t epoch, bool is_best) {
  if (!is_best) return state;
  state.best = value;
  state.best_epoch = epoch;
  return state;
}

ProgressState decide_learning_rate(ProgressState state, const SchedulerConfig& config,
                                   bool improved) {
  if (config.name != SchedulerType::reduce_lr_on_plateau) return state;
  state.schedule_waited = improved ? 0 : state.schedule_waited + 1;
  if (state.schedule_waited <= config.patience) return state;
  state.learning_rate = std::max(state.learning_rate * config.factor,
                                 // A rate that is below the minimum already stays where it is and
                                 // is never raised.
                                 std::min(state.learning_rate, config.min_learning_rate));
  state.schedule_waited = 0;
  return state;
}

}  // namespace

ProgressState start_progress(const TrainingConfig& config) {
  ProgressState state;
  state.learning_rate = config.optimizer.learning_rate;
  return state;
}

double continue_learning_rate(double saved, double earlier, double now, double lowest) {
  if (earlier == now) return saved;  // bit by bit
  return saved == earlier ? now : std::max(saved / earlier * now, std::min(now, lowest));
}

double monitored_value(const std::string& name, const EpochMetrics& metrics) {
  const EpochMetric* metric = find_monitored_metric(name);
  if (metric != nullptr) return written_value(name, metrics.*metric->value);
  // Epochs of a run that had other working points lack the purity.
  const auto purity = metrics.val_purities.find(name);
  return purity == metrics.val_purities.end() ? std::nan("") : written_value(name, purity->second);
}

double written_value(const std::string& name, double monitored) {
  const EpochMetric* metric = find_monitored_metric(name);
  const bool smaller_is_better =
      metric != nullptr && metric->monitor == MonitorDirection::smaller_is_better;
  return smaller_is_better ? monitored : -monitored;
}

std::string describe_reduction(const ProgressState& before, const ProgressState& after,
                               const TrainingConfig& config, std::int32_t epoch) {
  const std::int32_t waited = before.schedule_waited + 1;
  // Only a debug run goes on without a number.
  const double best = written_value(config.monitor, after.best.value_or(std::nan("")));
  return "epoch " + std::to_string(epoch) + ": learning rate " +
         core::to_text(before.learning_rate) + " -> " + core::to_text(after.learning_rate) +
         ", because " + config.monitor + " has not improved on the " +
         core::to_text(static_cast<float>(best)) + " of epoch " + std::to_string(after.best_epoch) +
         " for " + std::to_string(waited) + (waited == 1 ? " epoch" : " epochs") +
         " (training.scheduler.patience: " + std::to_string(config.scheduler.patience) + ")";
}

void require_monitored_value(const TrainingConfig& config, const EpochMetrics& metrics) {
  if (!std::isnan(monitored_value(config.monitor, metrics))) return;
  const std::string missing =
      "the validation split has no events, no signal hits or no background hits; check val_path";
  const bool may_diverge = std::isnan(metrics.val_loss);
  throw core::DataError("training.monitor: " + config.monitor + " is not a number after epoch " +
                        std::to_string(metrics.epoch) + ": " +
                        (may_diverge ? "the training has diverged; lower "
                                       "training.optimizer.learning_rate. Or " +
                                           missing
                                     : missing));
}

EpochDecision decide_after_epoch(const ProgressState& before, const TrainingConfig& config,
                                 const EpochMetrics& metrics) {
  const double value = monitored_value(config.monitor, metrics);
  const bool is_number = !std::isnan(value);
  const bool is_best = is_number && (!before.best || value < *before.best);
  ProgressState after = choose_best(before, value, metrics.epoch, is_best);
  after = decide_learning_rate(after, config.scheduler, is_best);
  return {after, is_best};
}

}  // namespace stationhit::training
