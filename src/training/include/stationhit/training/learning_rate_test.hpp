// The learning-rate range test (Smith, arXiv:1506.01186): a training whose learning rate rises from
// step to step until the loss diverges. Free of Torch.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

#include <stationhit/training/training_hooks.hpp>
#include <stationhit/training/training_run.hpp>

namespace stationhit::training {

// The rate of step i (0, 1, ...) is first * (last / first)^(i / (steps - 1)).
struct LearningRateRange {
  double first = 1e-6, last = 1.0;
  std::uint32_t steps = 100;
};

[[nodiscard]] double learning_rate_of_step(const LearningRateRange& range, std::uint32_t step);

struct LearningRateStep {
  double learning_rate = 0;
  double loss = 0;      // of the step, before its weights changed
  double running = 0;   // exponential average of the losses so far, without the bias of its start
  double smoothed = 0;  // average of the steps around, see smooth_losses()
};

// Appends the step that comes next. Its smoothed loss is not yet known.
void append_step(std::vector<LearningRateStep>& steps, double learning_rate, double loss);

// Whether the running average of the last step is more than four times the smallest.
[[nodiscard]] bool has_diverged(std::span<const LearningRateStep> steps);

// Sets the smoothed losses when all steps are there: means over as many steps before as after, with
// weights that fall linearly to 0 at a distance of eleven steps, or of the nearer end. Unlike the
// running average they do not lag behind the losses.
void smooth_losses(std::vector<LearningRateStep>& steps);

// Where the smoothed loss falls fastest, before its minimum and neither in the first nor in the
// last ten steps; nothing if it falls nowhere.
[[nodiscard]] std::optional<double> suggest_learning_rate(std::span<const LearningRateStep> steps);

struct LearningRateTest {
  std::vector<LearningRateStep> steps;  // with smoothed losses
  bool diverged = false;                // before the last step
  bool interrupted = false;             // by the stop flag
};

// Trains the network of the run from its beginning, in as many epochs as it takes, and keeps
// nothing of it. two_stage: the second stage, if the first is finished in the run directory; else
// the first would be trained. Throws as train().
[[nodiscard]] LearningRateTest test_learning_rates(const TrainingRun& run, const TrainingData& data,
                                                   const LearningRateRange& range,
                                                   const TrainingHooks& hooks);

}  // namespace stationhit::training
