// The comparison of an ONNX file with the checkpoint that it was made of. The build links
// checkpoint_scores.cpp or, without Torch, checkpoint_scores_left_out.cpp.
#pragma once

#include <filesystem>
#include <optional>
#include <span>

#include <stationhit/core/event.hpp>
#include <stationhit/core/observer.hpp>
#include <stationhit/inference/hit_classifier.hpp>
#include <stationhit/workflow/benchmark_model.hpp>

namespace stationhit::workflow {

// With the scores of the network in `checkpoint`, or, if that is empty, in best.safetensors beside
// the model; empty if there is none. Throws DataError; UsageError for a checkpoint in a build
// without Torch.
[[nodiscard]] std::optional<ScoreComparison> compare_with_checkpoint(
    const inference::HitClassifier& classifier, const std::filesystem::path& checkpoint,
    std::span<const core::Event> events, const core::Observer& observer);

}  // namespace stationhit::workflow
