#include "checkpoint_scores.hpp"

#include <stationhit/training/checkpoint.hpp>
#include <stationhit/training/run_files.hpp>
#include <stationhit/workflow/backend_equality.hpp>

namespace stationhit::workflow {

std::optional<ScoreComparison> compare_with_checkpoint(const inference::HitClassifier& classifier,
                                                       const std::filesystem::path& checkpoint,
                                                       std::span<const core::Event> events,
                                                       const core::Observer& observer) {
  const auto beside = classifier.model().path().parent_path() / training::best_checkpoint_name;
  const auto found = checkpoint.empty() && std::filesystem::exists(beside) ? beside : checkpoint;
  if (found.empty()) {
    observer.log().info(
        "no checkpoint beside the model: its scores are not compared with those of a network");
    return std::nullopt;
  }
  return ScoreComparison{.with = found,
                         .difference = compare_hit_scores(classifier, training::load_network(found),
                                                          events, observer)};
}

}  // namespace stationhit::workflow
