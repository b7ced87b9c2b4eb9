// The end of a training before its last epoch, where the monitored quantity no longer improves.
// Free of Torch.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include <stationhit/training/checkpoint_metadata.hpp>
#include <stationhit/training/training_config.hpp>

namespace stationhit::training {

inline constexpr const char* early_stopping_name = "early_stopping";

// Its memory from one epoch to the next.
struct EarlyStoppingState {
  std::int32_t waited = 0;     // epochs without improvement by min_delta
  std::optional<double> best;  // in a form in which smaller is better
  bool stopped = false;

  bool operator==(const EarlyStoppingState&) const = default;
};

// Takes in the monitored quantity of an epoch. One that is not a number is passed over.
[[nodiscard]] EarlyStoppingState take_in(EarlyStoppingState state,
                                         const EarlyStoppingConfig& config, double value);

// The state of a run that is continued: more patience continues one that had stopped.
[[nodiscard]] EarlyStoppingState continued(EarlyStoppingState saved,
                                           const EarlyStoppingConfig& config);

// As the numbers of a callback, and back.
[[nodiscard]] std::map<std::string, double> to_numbers(const EarlyStoppingState& state);
[[nodiscard]] EarlyStoppingState early_stopping_from(const std::map<std::string, double>& numbers);

// Whether early stopping ended the training that wrote checkpoints/last, and whether it did or so
// many epochs are done.
[[nodiscard]] bool stopped_early(const CheckpointMetadata& last);
[[nodiscard]] bool is_finished(const CheckpointMetadata& last, std::int32_t epochs);

}  // namespace stationhit::training
