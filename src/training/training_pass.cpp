// Batch after batch: take the samples, set the learning rate that the schedule gives at this point
// of the training, compute loss and gradients event by event (batch_gradients.hpp), sum them over
// the ranks (step_sum.hpp) and let the optimizer take a step. Randomness depends on seed, epoch and
// number of the event only, which makes continuing a run exact.
#include "training_pass.hpp"

#include <algorithm>
#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/training/shuffle.hpp>

#include "batch_gradients.hpp"
#include "limits.hpp"
#include "optimizer.hpp"
#include "schedule.hpp"
#include "step_sum.hpp"
#include "stopwatch.hpp"
#include "survivors.hpp"

namespace stationhit::training {
namespace {

using Batch = std::vector<std::shared_ptr<const Sample>>;

// The next samples, fewer at the end of the epoch. Adds the time it took to `seconds`.
Batch next_batch(SampleStream& stream, std::int32_t batch_size, double& seconds) {
  const Stopwatch stopwatch;
  Batch batch;
  while (batch.size() < static_cast<std::size_t>(batch_size)) {
    auto sample = stream.next();
    if (!sample) break;
    batch.push_back(std::move(sample));
  }
  seconds += stopwatch.seconds();
  return batch;
}

StepSettings make_step_settings(const TrainingRun& run, double pos_weight, std::int32_t epoch) {
  return {run.training.loss,
          pos_weight,
          graph::table_columns(run.graph),
          background_share_of(run),
          mixed_seed(run.seed, static_cast<std::uint64_t>(epoch)),
          core::resolve_threads(run.threads),
          run.ranks.size(),
          run.training.missing_stations};
}

// The learning rate of the step that comes after `events` events of the epoch.
double find_learning_rate(const TrainingRun& run, const TrainingState& state, std::uint64_t events,
                          std::uint64_t expected_events) {
  const double share_of_epoch = static_cast<double>(events) /
                                static_cast<double>(std::max<std::uint64_t>(expected_events, 1));
  const double share_of_training = (state.epoch + share_of_epoch) / epochs_of(run);
  return scheduled_learning_rate(run.training.scheduler, run.training.optimizer.learning_rate,
                                 state.progress.learning_rate, share_of_training);
}

void require_finite(double loss, std::int32_t epoch, std::uint64_t events) {
  if (std::isfinite(loss)) return;
  throw core::DataError("the loss is " + std::to_string(loss) + " in epoch " +
                        std::to_string(epoch) + " after " + std::to_string(events) +
                        " events; lower training.optimizer.learning_rate, or set "
                        "training.optimizer.gradient_clip or normalization_stats");
}

// Loss and gradients over the batches of all ranks, before the step. first_event: number of the
// first event of them all in its epoch.
Step measure_step(Learner& learner, const Batch& batch, const StepSettings& settings,
                  const TrainingRun& run, std::uint64_t first_event, const TrainingHooks& hooks) {
  Step own;
  own.sum = sum_gradients(*learner.network, batch, settings, first_event + run.ranks.rank());
  own.events = batch.size();
  own.stop = hooks.stop_requested();
  return sum_over_ranks(run.ranks, std::move(own));
}

}  // namespace

std::optional<TrainingPass> run_training_pass(Learner& learner, const TrainingRun& run,
                                              const TrainingState& state,
                                              const SampleSource& samples,
                                              std::uint64_t expected_events,
                                              const TrainingHooks& hooks) {
  const Stopwatch stopwatch;
  const std::int32_t epoch = state.epoch + 1;
  learner.network->train();
  const StepSettings settings = make_step_settings(run, state.pos_weight, epoch);
  const auto stream = samples.stream(static_cast<std::uint64_t>(epoch));
  TrainingPass pass;
  double summed_loss = 0;
  std::uint64_t nodes = 0;
  while (pass.events < events_limit(run)) {
    const Batch batch = next_batch(*stream, run.training.batch_size, pass.loader_wait);
    const Step step = measure_step(learner, batch, settings, run, pass.events, hooks);
    if (step.stop) return std::nullopt;
    // Where one rank has no events left, another may still have some.
    if (step.events == 0) break;
    const BatchGradients mean = mean_gradients(step.sum);
    require_finite(mean.loss, epoch, pass.events);
    const double learning_rate = find_learning_rate(run, state, pass.events, expected_events);
    if (pass.events == 0) pass.learning_rate = learning_rate;
    set_learning_rate(*learner.optimizer, learning_rate);
    apply_gradients(learner, mean.gradients, run.training.optimizer.gradient_clip);
    // Sums over nodes, because batches differ in size and the loss is a mean over nodes.
    summed_loss += step.sum.loss;
    nodes += step.sum.nodes;
    pass.events += step.events;
    pass.loss = summed_loss / static_cast<double>(std::max<std::uint64_t>(nodes, 1));
    if (hooks.progress) {
      hooks.progress({Phase::training, epoch, epochs_of(run), pass.events, expected_events,
                      pass.loss, learning_rate});
    }
  }
  pass.events_per_second = static_cast<double>(pass.events) / stopwatch.seconds();
  return pass;
}

}  // namespace stationhit::training
