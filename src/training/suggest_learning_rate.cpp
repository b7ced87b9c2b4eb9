#include <algorithm>
#include <cmath>

#include <stationhit/training/learning_rate_test.hpp>

namespace stationhit::training {
namespace {

constexpr double smoothing = 0.95;       // what a step leaves of the average
constexpr double divergence = 4;         // times the smallest smoothed loss
constexpr std::size_t first_steps = 10;  // whose average is of too few losses

}  // namespace

double learning_rate_of_step(const LearningRateRange& range, std::uint32_t step) {
  const double share = static_cast<double>(step) / std::max<double>(1, range.steps - 1.0);
  return range.first * std::pow(range.last / range.first, share);
}

void append_step(std::vector<LearningRateStep>& steps, double learning_rate, double loss) {
  const auto weight = [](std::size_t n) { return 1 - std::pow(smoothing, static_cast<double>(n)); };
  const std::size_t n = steps.size();
  const double before = n == 0 ? 0 : steps.back().smoothed * weight(n);
  steps.push_back(
      {learning_rate, loss, (smoothing * before + (1 - smoothing) * loss) / weight(n + 1)});
}

bool has_diverged(std::span<const LearningRateStep> steps) {
  if (steps.size() <= first_steps) return false;
  const double smallest =
      std::ranges::min_element(steps, {}, &LearningRateStep::smoothed)->smoothed;
  return steps.back().smoothed > divergence * smallest;
}

std::optional<double> suggest_learning_rate(std::span<const LearningRateStep> steps) {
  if (steps.size() <= first_steps) return std::nullopt;
  const auto later = steps.subspan(first_steps);
  const auto minimum = std::ranges::min_element(later, {}, &LearningRateStep::smoothed);
  const auto at_minimum = first_steps + static_cast<std::size_t>(minimum - later.begin());
  std::optional<double> suggestion;
  // What is above this is rounding.
  double steepest = -1e-9 * steps[first_steps].smoothed;
  // The rates are equally far apart on their logarithmic axis, so differences are slopes.
  for (std::size_t i = first_steps; i < at_minimum; ++i) {
    const double slope = steps[i + 1].smoothed - steps[i - 1].smoothed;
    if (slope >= steepest) continue;
    steepest = slope;
    suggestion = steps[i].learning_rate;
  }
  return suggestion;
}

}  // namespace stationhit::training
