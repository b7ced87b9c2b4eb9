#include "exported_file_check.hpp"

#include <stationhit/config/load.hpp>
#include <stationhit/inference/hit_classifier.hpp>
#include <stationhit/workflow/backend_equality.hpp>
#include <stationhit/workflow/labeled_split.hpp>

namespace stationhit::workflow {

std::optional<metrics::LogitDifference> check_exported_file(
    const std::filesystem::path& model, const training::LoadedNetwork& loaded,
    const config::RunConfig& run, std::uint64_t max_events,
    const std::filesystem::path& config_file, const core::Observer& observer) {
  const std::string& input = config::require(run.test_path.empty() ? run.val_path : run.test_path,
                                             "test_path", config_file);
  const auto split =
      open_labeled_split(input, {loaded.metadata.feature_names, loaded.metadata.graph});
  std::vector<inference::HitClassifier> classifiers;
  for (const auto backend : inference::built_backends())
    classifiers.emplace_back(model, inference::LoadOptions{.backend = backend});
  metrics::LogitDifference difference;
  for (const metrics::LogitDifference& of_backend :
       compare_node_logits(classifiers, *loaded.network, *split->read_all(), max_events, observer))
    difference.add_backend(of_backend);
  return difference;
}

}  // namespace stationhit::workflow
