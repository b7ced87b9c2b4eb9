// The validation split after an epoch.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>

#include <stationhit/training/epoch_metrics.hpp>
#include <stationhit/training/training_hooks.hpp>
#include <stationhit/training/training_run.hpp>

namespace stationhit::models {
class Network;
}

namespace stationhit::training {

struct Validation {
  // The metrics of the validation split are filled; NaN where they have no meaning (no events; no
  // signal or no background).
  EpochMetrics metrics;
  std::map<std::string, float> thresholds;  // by working point; empty without signal
  double loader_wait = 0;                   // s
  std::uint64_t events = 0;                 // of all ranks
};

// events: the whole split, of which this rank scores its own; the result is that of all ranks.
// Returns nullopt if the stop flag was set in any of them. Throws what the stream throws.
[[nodiscard]] std::optional<Validation> validate(
    models::Network& network, const TrainingRun& run,
    std::unique_ptr<features::LabeledEventStream> events, double pos_weight, std::int32_t epoch,
    const TrainingHooks& hooks);

}  // namespace stationhit::training
