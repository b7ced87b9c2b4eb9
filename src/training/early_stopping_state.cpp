#include <cmath>
#include <utility>

#include <stationhit/training/early_stopping.hpp>

namespace stationhit::training {
namespace {

bool patience_is_over(const EarlyStoppingState& state, const EarlyStoppingConfig& config) {
  return config.enabled && state.waited >= config.patience;
}

}  // namespace

EarlyStoppingState take_in(EarlyStoppingState state, const EarlyStoppingConfig& config,
                           double value) {
  if (std::isnan(value)) return state;
  if (!state.best || value < *state.best - config.min_delta) {
    state.best = value;
    state.waited = 0;
  } else {
    ++state.waited;
  }
  state.stopped = patience_is_over(state, config);
  return state;
}

EarlyStoppingState continued(EarlyStoppingState saved, const EarlyStoppingConfig& config) {
  saved.stopped = patience_is_over(saved, config);
  return saved;
}

std::map<std::string, double> to_numbers(const EarlyStoppingState& state) {
  std::map<std::string, double> numbers{{"waited", state.waited},
                                        {"stopped", state.stopped ? 1 : 0}};
  if (state.best) numbers.emplace("best", *state.best);
  return numbers;
}

EarlyStoppingState early_stopping_from(const std::map<std::string, double>& numbers) {
  const auto number = [&](const char* name) -> std::optional<double> {
    const auto found = numbers.find(name);
    return found == numbers.end() ? std::nullopt : std::optional(found->second);
  };
  return {static_cast<std::int32_t>(number("waited").value_or(0)), number("best"),
          number("stopped").value_or(0) != 0};
}

bool stopped_early(const CheckpointMetadata& last) {
  const auto numbers = last.callbacks.find(early_stopping_name);
  return numbers != last.callbacks.end() && early_stopping_from(numbers->second).stopped;
}

bool is_finished(const CheckpointMetadata& last, std::int32_t epochs) {
  return last.epoch >= epochs || stopped_early(last);
}

}  // namespace stationhit::training
