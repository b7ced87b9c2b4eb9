// Values are looked up in the history, so that only the numbers of the epochs need to be remembered
// and another metric takes effect at once.
#include <algorithm>
#include <cmath>
#include <tuple>

#include <stationhit/training/run_files.hpp>

#include "keep_best.hpp"
#include "monitor.hpp"

namespace stationhit::training {
namespace {

// In a form in which smaller is better; NaN where the history lacks the epoch.
double value_of(const std::vector<EpochMetrics>& history, std::int32_t epoch,
                const std::string& metric) {
  const auto row = std::ranges::find(history, epoch, &EpochMetrics::epoch);
  return row == history.end() ? std::nan("") : monitored_value(metric, *row);
}

}  // namespace

std::vector<std::int32_t> choose_best_epochs(std::vector<std::int32_t> kept,
                                             const std::vector<EpochMetrics>& history,
                                             const std::string& metric, std::int32_t k) {
  if (!history.empty()) kept.push_back(history.back().epoch);
  const auto value = [&](std::int32_t epoch) { return value_of(history, epoch, metric); };
  std::erase_if(kept, [&](std::int32_t epoch) { return std::isnan(value(epoch)); });
  std::ranges::sort(kept);
  kept.erase(std::unique(kept.begin(), kept.end()), kept.end());
  std::ranges::stable_sort(kept, {}, value);
  if (kept.size() > static_cast<std::size_t>(k)) kept.resize(static_cast<std::size_t>(k));
  std::ranges::sort(kept);
  return kept;
}

void remove_epoch_checkpoints(const std::filesystem::path& run_directory,
                              const std::vector<std::int32_t>& kept) {
  const std::filesystem::path folder = last_checkpoint(run_directory).parent_path();
  std::vector<std::filesystem::path> superfluous;
  std::error_code missing;
  for (const auto& entry : std::filesystem::directory_iterator(folder, missing)) {
    const auto epoch = epoch_of_checkpoint(entry.path());
    if (epoch && !std::ranges::binary_search(kept, *epoch)) superfluous.push_back(entry.path());
  }
  for (const auto& file : superfluous) std::filesystem::remove(file);
}

}  // namespace stationhit::training
