#include "load_model.hpp"

#include <stationhit/core/named_enum.hpp>
#include <stationhit/inference/load_warnings.hpp>

namespace stationhit::workflow {

inference::HitClassifier load_model(const std::filesystem::path& file,
                                    const inference::LoadOptions& options,
                                    const core::Logger& log) {
  inference::HitClassifier classifier(file, options);
  const std::string& obstacle = classifier.engine_obstacle();
  const inference::Model& model = classifier.model();
  const std::string precision = precision_of(model);
  log.info(file.string() +
           (model.backend() == inference::Backend::engine ? ": run by the engine"
                                                          : ": run by ONNX Runtime") +
           (precision == "float32" ? "" : " in " + precision) +
           (obstacle.empty() ? "" : ", because " + obstacle));
  for (const std::string& warning : inference::load_warnings(model)) log.warning(warning);
  return classifier;
}

std::string precision_of(const inference::Model& model) {
  if (!model.metadata().quantization_json.empty()) return "int8";
  return std::string(core::name(model.precision()));
}

}  // namespace stationhit::workflow
