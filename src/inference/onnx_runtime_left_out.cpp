#include <stationhit/core/errors.hpp>
#include <stationhit/inference/engine_model.hpp>

#include "onnx_runtime.hpp"

namespace stationhit::inference {

std::vector<BackendChoice> built_backends() { return {BackendChoice::engine}; }

std::string onnxruntime_version() { return {}; }

std::string onnx_runtime_hint() {
  return "use a build with ONNX Runtime (-DSTATIONHIT_WITH_ONNXRUNTIME=ON)";
}

std::unique_ptr<const Model> make_onnx_model(std::string_view content,
                                             const std::filesystem::path& path,
                                             const SessionOptions& options,
                                             const onnx_file::ModelFile& file) {
  if (options.changed_model == onnx_file::ChangedModel::refuse)
    onnx_file::require_unchanged(file, path.string());
  // Throws where the file is wrong in itself, and otherwise with the reason why the engine cannot
  // run it.
  const EngineModel by_engine(content, path, file);
  throw core::UsageError(path.string() +
                         ": this program has no ONNX Runtime; use the backend engine, which can "
                         "run this file, or " +
                         onnx_runtime_hint());
}

}  // namespace stationhit::inference
