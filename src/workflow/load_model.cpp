#include "load_model.hpp"

#include <stationhit/inference/load_warnings.hpp>

namespace stationhit::workflow {

inference::HitClassifier load_model(const std::filesystem::path& file,
                                    onnx_file::ChangedModel changed_model,
                                    const core::Logger& log) {
  inference::HitClassifier classifier(file, {.changed_model = changed_model});
  for (const std::string& warning : inference::load_warnings(classifier.model()))
    log.warning(warning);
  return classifier;
}

}  // namespace stationhit::workflow
