// Pure functions from one state to the next, so that what a run decides can be tested without a
// network.
#include "training_state.hpp"

#include <utility>

#include <stationhit/core/version.hpp>

#include "limits.hpp"
#include "monitor.hpp"

namespace stationhit::training {

TrainingState start_state(const TrainingConfig& config) {
  TrainingState state;
  state.progress = start_progress(config);
  return state;
}

TrainingState continue_state(CheckpointMetadata saved) {
  return {saved.epoch, saved.pos_weight, *saved.progress, std::move(saved.history)};
}

bool is_finished(const TrainingState& state, const TrainingRun& run) {
  return state.epoch >= epochs_of(run);
}

EpochResult finish_epoch(TrainingState& state, const TrainingRun& run, EpochMeasurement measured) {
  if (!run.debug) require_monitored_value(run.training, measured.metrics);
  const EpochDecision decision = decide_after_epoch(state.progress, run.training, measured.metrics);
  state.epoch = measured.metrics.epoch;
  state.history.push_back(measured.metrics);
  state.progress = decision.progress;
  return {measured.metrics, std::move(measured.thresholds), decision.is_best,
          measured.validation_events};
}

CheckpointMetadata describe_network(const TrainingRun& run, const TrainingState& state) {
  CheckpointMetadata metadata;
  metadata.program_version = core::version();
  metadata.git_commit = core::git_commit();
  metadata.config_yaml = run.config_yaml;
  metadata.model = run.model;
  metadata.feature_names = run.features;
  metadata.graph = run.graph;
  metadata.normalization = run.normalization;
  metadata.training_events = run.training_events;
  metadata.validation_events = run.validation_events;
  metadata.ranks = run.ranks.size();
  metadata.device = run.gpu ? "GPU" : "CPU";
  metadata.optimizer = core::name(run.training.optimizer.name);
  metadata.pos_weight = state.pos_weight;
  metadata.epoch = state.epoch;
  return metadata;
}

}  // namespace stationhit::training
