// What scores events with a float32 file and the int8 files that are made of it.
#pragma once

#include <filesystem>
#include <memory>
#include <span>
#include <string>

#include <stationhit/core/logger.hpp>
#include <stationhit/features/labeled_events.hpp>
#include <stationhit/inference/model.hpp>

namespace stationhit::quantization {

// A file in memory, run by this backend; `path` names it. Throws like EngineModel or OnnxModel.
[[nodiscard]] std::unique_ptr<const inference::Model> load_content(
    const std::string& content, const std::filesystem::path& path, inference::Backend backend);

// The engine, if it runs both files and gives what ONNX Runtime gives on the events: logits agree
// to metrics::backend_tolerance max(1, |logit|), and those of the int8 file may differ by a tenth
// of what int8 itself changes (rms of both), because the last bits of an operation in float32 can
// move an activation to the next level. ONNX Runtime otherwise; the log says why, as a warning
// where logits differ. The events have the features and the graph of the files. Throws like
// load_content.
[[nodiscard]] inference::Backend choose_backend(const std::string& float32, const std::string& int8,
                                                const std::filesystem::path& path,
                                                std::span<const features::LabeledEvent> events,
                                                const core::Logger& log);

}  // namespace stationhit::quantization
