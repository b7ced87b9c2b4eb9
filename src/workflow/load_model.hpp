// An ONNX file as the subcommands load it.
#pragma once

#include <filesystem>

#include <stationhit/core/logger.hpp>
#include <stationhit/inference/hit_classifier.hpp>

namespace stationhit::workflow {

// Throws like HitClassifier.
[[nodiscard]] inline inference::HitClassifier load_model(const std::filesystem::path& file,
                                                         inference::LoadOptions options,
                                                         const core::Logger& log) {
  options.log = log;
  return inference::HitClassifier(file, options);
}

}  // namespace stationhit::workflow
