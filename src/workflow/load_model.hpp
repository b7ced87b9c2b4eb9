// An ONNX file as the subcommands load it.
#pragma once

#include <filesystem>
#include <string>

#include <stationhit/core/logger.hpp>
#include <stationhit/inference/hit_classifier.hpp>

namespace stationhit::workflow {

// Logs what runs the model, and what inference::load_warnings says. Throws like HitClassifier.
[[nodiscard]] inference::HitClassifier load_model(const std::filesystem::path& file,
                                                  const inference::LoadOptions& options,
                                                  const core::Logger& log);

// Of the products of a model: "float32", "bfloat16" or "int8".
[[nodiscard]] std::string precision_of(const inference::Model& model);

}  // namespace stationhit::workflow
