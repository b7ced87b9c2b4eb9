// The learning rate is a function of the share of the training that is done, computed anew for
// every step. Nothing is accumulated, so a continued run has exactly the same rates.
#include "schedule.hpp"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace stationhit::training {
namespace {

// The learning rate is divided by these.
constexpr double warmup_start = 25, one_cycle_end = 250'000;

// Half a cosine from `from` at 0 to `to` at 1.
double half_cosine(double from, double to, double x) {
  return to + (from - to) * (1 + std::cos(std::numbers::pi * x)) / 2;
}

}  // namespace

double scheduled_learning_rate(const SchedulerConfig& config, double learning_rate, double current,
                               double progress) {
  const bool one_cycle = config.name == SchedulerType::one_cycle;
  if (!one_cycle && config.name != SchedulerType::cosine) return current;
  progress = std::clamp(progress, 0.0, 1.0);
  if (progress < config.warmup) {
    const double x = progress / config.warmup;
    const double start = learning_rate / warmup_start;  // not 0, which would lose the first step
    return one_cycle ? half_cosine(start, learning_rate, x) : start + (learning_rate - start) * x;
  }
  return half_cosine(learning_rate,
                     one_cycle ? learning_rate / one_cycle_end : config.min_learning_rate,
                     (progress - config.warmup) / (1 - config.warmup));
}

}  // namespace stationhit::training
