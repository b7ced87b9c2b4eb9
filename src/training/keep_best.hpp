// Which epochs are the best. Free of Torch.
#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include <stationhit/training/epoch_metrics.hpp>

namespace stationhit::training {

// Of the epochs `kept` and the last one of the history, the k with the best value of the metric, in
// ascending order. Of equal values the earlier is better; epochs whose value is not a number are
// left out.
[[nodiscard]] std::vector<std::int32_t> choose_best_epochs(std::vector<std::int32_t> kept,
                                                           const std::vector<EpochMetrics>& history,
                                                           const std::string& metric,
                                                           std::int32_t k);

// Removes the checkpoints of epochs in the run directory, except those of the epochs `kept`.
void remove_epoch_checkpoints(const std::filesystem::path& run_directory,
                              const std::vector<std::int32_t>& kept);

}  // namespace stationhit::training
