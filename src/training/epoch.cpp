// Validation uses a new stream in the order of the split, so its numbers do not depend on the
// shuffling of the training.
#include "epoch.hpp"

#include <utility>

#include "stopwatch.hpp"
#include "training_pass.hpp"
#include "validation.hpp"

namespace stationhit::training {
namespace {

EpochMetrics collect_metrics(std::int32_t epoch, const TrainingPass& pass,
                             const Validation& validation, double seconds) {
  EpochMetrics metrics = validation.metrics;
  metrics.epoch = epoch;
  metrics.train_loss = pass.loss;
  metrics.learning_rate = pass.learning_rate;
  metrics.seconds = seconds;
  metrics.loader_wait = pass.loader_wait + validation.loader_wait;
  metrics.events_per_second = pass.events_per_second;
  return metrics;
}

}  // namespace

std::optional<EpochMeasurement> run_epoch(Learner& learner, Callbacks& callbacks,
                                          const TrainingRun& run, const TrainingData& data,
                                          const TrainingState& state, const SampleSource& samples,
                                          std::uint64_t expected_events,
                                          const TrainingHooks& hooks) {
  const Stopwatch stopwatch;
  const std::int32_t epoch = state.epoch + 1;
  const auto pass =
      run_training_pass(learner, callbacks, run, state, samples, expected_events, hooks);
  if (!pass) return std::nullopt;
  auto validation = validate(*callbacks.validated_network(learner), run, data.validation(),
                             state.pos_weight, epoch, hooks);
  if (!validation) return std::nullopt;
  return EpochMeasurement{collect_metrics(epoch, *pass, *validation, stopwatch.seconds()),
                          std::move(validation->thresholds), pass->events, validation->events};
}

}  // namespace stationhit::training
