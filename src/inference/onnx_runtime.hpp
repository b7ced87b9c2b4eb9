// A file that ONNX Runtime runs. The build links onnx_runtime.cpp or, without ONNX Runtime,
// onnx_runtime_left_out.cpp.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <string_view>

#include <stationhit/inference/model.hpp>
#include <stationhit/inference/session_options.hpp>

namespace stationhit::inference {

// How to get a file run by ONNX Runtime: "use the backend onnxruntime".
[[nodiscard]] std::string onnx_runtime_hint();

// file: onnx_file::parse_model of this content. Throws like OnnxModel. Without ONNX Runtime always:
// DataError with the reason why the engine cannot run the file, UsageError if it can.
[[nodiscard]] std::unique_ptr<const Model> make_onnx_model(std::string_view content,
                                                           const std::filesystem::path& path,
                                                           const SessionOptions& options,
                                                           const onnx_file::ModelFile& file);

}  // namespace stationhit::inference
