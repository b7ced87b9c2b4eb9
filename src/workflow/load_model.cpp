#include "load_model.hpp"

#include <stationhit/inference/load_warnings.hpp>

namespace stationhit::workflow {

inference::HitClassifier load_model(const std::filesystem::path& file,
                                    inference::BackendChoice backend,
                                    onnx_file::ChangedModel changed_model,
                                    const core::Logger& log) {
  inference::HitClassifier classifier(
      file, {.backend = backend, .session = {.changed_model = changed_model}});
  const std::string& obstacle = classifier.engine_obstacle();
  log.info(file.string() +
           (classifier.model().backend() == inference::Backend::engine ? ": run by the engine"
                                                                       : ": run by ONNX Runtime") +
           (obstacle.empty() ? "" : ", because " + obstacle));
  for (const std::string& warning : inference::load_warnings(classifier.model()))
    log.warning(warning);
  return classifier;
}

}  // namespace stationhit::workflow
