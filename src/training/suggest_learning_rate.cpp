#include <algorithm>
#include <cmath>

#include <stationhit/training/learning_rate_test.hpp>

namespace stationhit::training {
namespace {

constexpr double smoothing = 0.95;  // what a step leaves of the running average
constexpr double divergence = 4;    // times the smallest running average
// Of the smoothed losses; steps that are nearer to an end have too few around them.
constexpr std::size_t half_window = 10;

}  // namespace

double learning_rate_of_step(const LearningRateRange& range, std::uint32_t step) {
  const double share = static_cast<double>(step) / std::max<double>(1, range.steps - 1.0);
  return range.first * std::pow(range.last / range.first, share);
}

void append_step(std::vector<LearningRateStep>& steps, double learning_rate, double loss) {
  const auto weight = [](std::size_t n) { return 1 - std::pow(smoothing, static_cast<double>(n)); };
  const std::size_t n = steps.size();
  const double before = n == 0 ? 0 : steps.back().running * weight(n);
  steps.push_back(
      {learning_rate, loss, (smoothing * before + (1 - smoothing) * loss) / weight(n + 1)});
}

void smooth_losses(std::vector<LearningRateStep>& steps) {
  for (std::size_t i = 0; i < steps.size(); ++i) {
    const std::size_t half = std::min({half_window, i, steps.size() - 1 - i});
    double sum = static_cast<double>(half + 1) * steps[i].loss;
    for (std::size_t distance = 1; distance <= half; ++distance)
      sum += static_cast<double>(half + 1 - distance) *
             (steps[i - distance].loss + steps[i + distance].loss);
    steps[i].smoothed = sum / static_cast<double>((half + 1) * (half + 1));
  }
}

bool has_diverged(std::span<const LearningRateStep> steps) {
  if (steps.size() <= half_window) return false;
  const double smallest = std::ranges::min_element(steps, {}, &LearningRateStep::running)->running;
  return steps.back().running > divergence * smallest;
}

std::optional<double> suggest_learning_rate(std::span<const LearningRateStep> steps) {
  if (steps.size() <= 2 * half_window) return std::nullopt;
  const auto inner = steps.subspan(half_window, steps.size() - 2 * half_window);
  const auto minimum = std::ranges::min_element(inner, {}, &LearningRateStep::smoothed);
  const auto at_minimum = half_window + static_cast<std::size_t>(minimum - inner.begin());
  std::optional<double> suggestion;
  // What is above this is rounding.
  double steepest = -1e-9 * steps[half_window].smoothed;
  // The rates are equally far apart on their logarithmic axis, so differences are slopes.
  for (std::size_t i = half_window; i < at_minimum; ++i) {
    const double slope = steps[i + 1].smoothed - steps[i - 1].smoothed;
    if (slope >= steepest) continue;
    steepest = slope;
    suggestion = steps[i].learning_rate;
  }
  return suggestion;
}

}  // namespace stationhit::training
