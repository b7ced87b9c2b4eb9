// An ONNX file as the subcommands load it.
#pragma once

#include <filesystem>

#include <stationhit/core/logger.hpp>
#include <stationhit/inference/hit_classifier.hpp>

namespace stationhit::workflow {

// Logs what runs the model, and what inference::load_warnings says. Throws like HitClassifier.
[[nodiscard]] inference::HitClassifier load_model(const std::filesystem::path& file,
                                                  inference::BackendChoice backend,
                                                  onnx_file::ChangedModel changed_model,
                                                  const core::Logger& log);

}  // namespace stationhit::workflow
