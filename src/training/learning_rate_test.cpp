// A training like any other, whose learning rate is chosen by a callback that ends it like a stop
// from outside. What other callbacks would do is left out, and no file is written.
#include <atomic>
#include <cmath>
#include <limits>
#include <memory>

#include <stationhit/training/callback.hpp>
#include <stationhit/training/learning_rate_test.hpp>
#include <stationhit/training/trainer.hpp>

namespace stationhit::training {
namespace {

// Raises the learning rate from step to step and writes down the losses. Ends the training by its
// stop flag.
class RisingRate final : public Callback {
 public:
  RisingRate(const LearningRateRange& range, std::atomic<bool>& stop)
      : range_(range), stop_(stop) {}

  [[nodiscard]] std::string name() const override { return "rising_rate"; }
  [[nodiscard]] double learning_rate(double /*scheduled*/) override {
    return learning_rate_of_step(range_, static_cast<std::uint32_t>(test.steps.size()));
  }
  void before_step(const StepReport& step) override {
    append_step(test.steps, step.learning_rate, step.loss);
    test.diverged = has_diverged(test.steps);
    finished = test.diverged || test.steps.size() >= range_.steps;
    if (finished) stop_ = true;
  }

  LearningRateTest test;
  bool finished = false;

 private:
  LearningRateRange range_;
  std::atomic<bool>& stop_;
};

TrainingRun prepare(TrainingRun run) {
  run.keeps_files = false;
  run.training.callbacks.clear();
  run.training.early_stopping.enabled = false;
  run.training.scheduler.name = SchedulerType::none;
  run.training.epochs = std::numeric_limits<std::int32_t>::max();
  run.debug = false;
  // A validation, which the end of an epoch brings, says nothing here.
  run.training.sanity_val_batches = 0;
  run.training.monitor = "train_loss";
  return run;
}

}  // namespace

LearningRateTest test_learning_rates(const TrainingRun& run, const TrainingData& data,
                                     const LearningRateRange& range, const TrainingHooks& hooks) {
  std::atomic<bool> stop = false;
  const auto rising = std::make_shared<RisingRate>(range, stop);
  TrainingHooks own = hooks;
  own.callbacks = {rising};
  own.stop = &stop;
  own.progress = [&](const TrainingProgress& now) {
    if (hooks.stop_requested()) stop = true;
    if (hooks.progress) hooks.progress(now);
  };
  own.epoch_done = nullptr;
  try {
    (void)train(prepare(run), data, own);
  } catch (const NonFiniteStep&) {
    if (rising->test.steps.empty()) throw;
    rising->test.diverged = rising->finished = true;
  }
  rising->test.interrupted = !rising->finished;
  smooth_losses(rising->test.steps);
  return rising->test;
}

}  // namespace stationhit::training
