#include <fstream>

#include <stationhit/core/named_enum.hpp>
#include <stationhit/inference/load_warnings.hpp>
#include <stationhit/inference/processor.hpp>

namespace stationhit::inference {
namespace {

bool lacks_vnni() {
  std::ifstream cpuinfo("/proc/cpuinfo");
  return find_vnni(cpuinfo) == Vnni::missing;
}

}  // namespace

std::vector<std::string> load_warnings(const Model& model) {
  const std::string file = model.path().string();
  std::vector<std::string> warnings;
  if (model.integrity() == onnx_file::Integrity::changed)
    warnings.push_back(file + ": the model was changed after it was written; accepted as it is");
  const bool made_here = !model.metadata().version.empty();
  if (made_here && model.integrity() == onnx_file::Integrity::unknown) {
    warnings.push_back(file + ": has no checksum (stationhit " + model.metadata().version +
                       " wrote none), so damage goes unnoticed; export it again");
  }
  // The sums of the engine are exact on every processor.
  const bool by_session = model.backend() == Backend::onnxruntime;
  if (by_session && onnx_file::target_cpu(model.metadata()) == "vnni" && lacks_vnni()) {
    warnings.push_back(file +
                       ": int8 for processors with VNNI, which this one lacks: scores can differ "
                       "from those measured at export; quantize with quantization.target_cpu: any");
  }
  return warnings;
}

std::string precision_of(const Model& model) {
  if (!model.metadata().quantization_json.empty()) return "int8";
  return std::string(core::name(model.precision()));
}

void log_loading(const Model& model, const std::string& engine_obstacle, const core::Logger& log) {
  const std::string precision = precision_of(model);
  log.info(model.path().string() +
           (model.backend() == Backend::engine ? ": run by the engine" : ": run by ONNX Runtime") +
           (precision == "float32" ? "" : " in " + precision) +
           (engine_obstacle.empty() ? "" : ", because " + engine_obstacle));
  for (const std::string& warning : load_warnings(model)) log.warning(warning);
}

}  // namespace stationhit::inference
