#include <stationhit/core/errors.hpp>

#include "checkpoint_scores.hpp"

namespace stationhit::workflow {

std::optional<ScoreComparison> compare_with_checkpoint(
    const inference::HitClassifier& /*classifier*/, const std::filesystem::path& checkpoint,
    std::span<const core::Event> /*events*/, const core::Observer& /*observer*/) {
  if (!checkpoint.empty())
    throw core::UsageError("--checkpoint needs a build with Torch (STATIONHIT_WITH_TORCH=ON)");
  return std::nullopt;
}

}  // namespace stationhit::workflow
