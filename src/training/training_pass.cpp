// Step after step: take the samples (of one batch or several), set the learning rate that the
// schedule gives at this point of the training, compute loss and gradients event by event
// (batch_gradients.hpp), sum them over the ranks (step_sum.hpp) and let the optimizer take a step.
// Randomness depends on seed, epoch and number of the event only, which makes continuing a run
// exact.
#include "training_pass.hpp"

#include <algorithm>
#include <utility>
#include <vector>

#include <stationhit/core/threads.hpp>
#include <stationhit/training/shuffle.hpp>

#include "batch_gradients.hpp"
#include "limits.hpp"
#include "non_finite.hpp"
#include "optimizer.hpp"
#include "schedule.hpp"
#include "step_sum.hpp"
#include "stopwatch.hpp"
#include "survivors.hpp"

namespace stationhit::training {
namespace {

// The samples of a step.
using Batch = std::vector<std::shared_ptr<const Sample>>;

// Takes the samples of this rank for one step after the other.
class StepSamples {
 public:
  StepSamples(std::unique_ptr<SampleStream> stream, const TrainingRun& run)
      : stream_(std::move(stream)), run_(run) {}

  // Those of the step that comes after `events` events of the epoch, fewer at its end.
  Batch next(std::uint64_t events, StepTimes& times) {
    const Stopwatch stopwatch;
    const std::uint64_t left = (training_limit(run_) - events) / run_.ranks.size();
    const std::uint64_t size = std::min(events_per_step(run_), left);
    Batch batch;
    while (batch.size() < size) {
      auto sample = stream_->next();
      if (!sample) break;
      batch.push_back(std::move(sample));
    }
    times.waiting = stopwatch.seconds();
    const double made = stream_->seconds_making();
    times.making = made - std::exchange(made_, made);
    return batch;
  }

 private:
  std::unique_ptr<SampleStream> stream_;
  const TrainingRun& run_;
  double made_ = 0;  // s, until the last step
};

StepSettings make_step_settings(const TrainingRun& run, double pos_weight, std::int32_t epoch) {
  return {run.training.loss,
          pos_weight,
          graph::table_columns(run.graph),
          background_share_of(run),
          mixed_seed(run.seed, static_cast<std::uint64_t>(epoch)),
          core::resolve_threads(run.threads),
          run.ranks.size(),
          run.training.missing_stations,
          joined_events(run),
          run.training.precision};
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

// The time of the passes, of which several threads made `events` side by side in `seconds`.
void add_pass_times(StepTimes& times, const PassTimes& passes, double seconds, std::size_t events,
                    unsigned threads) {
  const double busy = std::max<double>(1, std::min<double>(threads, static_cast<double>(events)));
  times.tensors = passes.tensors / busy;
  times.forward = passes.forward / busy;
  times.backward = passes.backward / busy;
  times.summing = seconds - passes.total() / busy;
}

// Loss and gradients over the batches of all ranks, before the step. first_event: number of the
// first event of them all in its epoch.
Step measure_step(Learner& learner, const Batch& batch, const StepSettings& settings,
                  const TrainingRun& run, std::uint64_t first_event, const TrainingHooks& hooks,
                  StepTimes& times) {
  Stopwatch stopwatch;
  Step own;
  own.sum = sum_gradients(*learner.network, batch, settings, first_event + run.ranks.rank());
  // Events that are one graph are in one thread.
  const unsigned threads = settings.joined_events > 0 ? 1 : settings.threads;
  add_pass_times(times, own.sum.times, stopwatch.lap(), batch.size(), threads);
  own.events = batch.size();
  own.stop = hooks.stop_requested();
  Step all = sum_over_ranks(run.ranks, std::move(own));
  times.all_reduce = stopwatch.lap();
  return all;
}

void take_step(Learner& learner, Callbacks& callbacks, const StepReport& step,
               const OptimizerConfig& config) {
  callbacks.before_step(step);
  set_learning_rate(*learner.optimizer, step.learning_rate);
  apply_gradients(learner, step.gradients, config.gradient_clip);
  callbacks.after_step(step, *learner.network);
}

}  // namespace

std::optional<TrainingPass> run_training_pass(Learner& learner, Callbacks& callbacks,
                                              const TrainingRun& run, const TrainingState& state,
                                              const SampleSource& samples,
                                              std::uint64_t expected_events,
                                              const TrainingHooks& hooks) {
  const Stopwatch stopwatch;
  const std::int32_t epoch = state.epoch + 1;
  learner.network->train();
  const StepSettings settings = make_step_settings(run, state.pos_weight, epoch);
  StepSamples samples_of_step(samples.stream(static_cast<std::uint64_t>(epoch)), run);
  TrainingPass pass;
  double summed_loss = 0;
  std::uint64_t nodes = 0, steps = 0;
  while (pass.events < training_limit(run)) {
    StepTimes times;
    const Batch batch = samples_of_step.next(pass.events, times);
    pass.loader_wait += times.waiting;
    const Step step = measure_step(learner, batch, settings, run, pass.events, hooks, times);
    if (step.stop) return std::nullopt;
    // Where one rank has no events left, another may still have some.
    if (step.events == 0) break;
    const BatchGradients mean = mean_gradients(step.sum);
    if (!is_finite(mean)) {
      refuse_step(*learner.network,
                  {batch, pass.events + run.ranks.rank(), mean.loss, epoch, pass.events}, settings,
                  run.ranks);
    }
    const double learning_rate =
        callbacks.learning_rate(find_learning_rate(run, state, pass.events, expected_events));
    if (pass.events == 0) pass.learning_rate = learning_rate;
    take_step(learner, callbacks,
              {epoch, ++steps, pass.events + step.events, mean.loss, learning_rate, mean.gradients,
               times},
              run.training.optimizer);
    // Sums over nodes, because batches differ in size and the loss is a mean over nodes.
    summed_loss += step.sum.loss;
    nodes += step.sum.nodes;
    pass.events += step.events;
    pass.loss = summed_loss / static_cast<double>(std::max<std::uint64_t>(nodes, 1));
    if (hooks.progress) {
      hooks.progress({Phase::training, epoch, epochs_of(run), pass.events, expected_events,
                      pass.loss, mean.loss, learning_rate});
    }
  }
  pass.events_per_second = static_cast<double>(pass.events) / stopwatch.seconds();
  return pass;
}

}  // namespace stationhit::training
