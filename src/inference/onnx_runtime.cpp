#include "onnx_runtime.hpp"

#include <onnxruntime_c_api.h>

#include <stationhit/inference/onnx_model.hpp>

namespace stationhit::inference {

std::vector<BackendChoice> built_backends() {
  return {BackendChoice::onnxruntime, BackendChoice::engine};
}

std::string onnxruntime_version() { return OrtGetApiBase()->GetVersionString(); }

std::string onnx_runtime_hint() { return "use the backend onnxruntime"; }

std::unique_ptr<const Model> make_onnx_model(std::string_view content,
                                             const std::filesystem::path& path,
                                             const SessionOptions& options,
                                             const onnx_file::ModelFile& file) {
  return std::make_unique<OnnxModel>(content, path, options, file);
}

}  // namespace stationhit::inference
