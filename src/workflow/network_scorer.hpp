// What scores events with a trained network.
#pragma once

#include <functional>

#include <stationhit/core/logger.hpp>
#include <stationhit/graph/graph_config.hpp>
#include <stationhit/training/checkpoint.hpp>
#include <stationhit/training/scoring.hpp>
#include <stationhit/workflow/labeled_split.hpp>

namespace stationhit::workflow {

// The engine, which is several times as fast as Torch on a CPU, after its logits were compared with
// those of Torch on the first events of the split. Torch in builds without the engine, for a
// network that the engine cannot run, which is logged, and where the logits differ by more than
// metrics::backend_tolerance max(1, |logit|), with a warning. The network outlives the scorer.
[[nodiscard]] training::NodeScorer make_scorer(const training::LoadedNetwork& loaded,
                                               const LabeledSplit& split, const core::Logger& log);

// The same for the validation split of a training (TrainingHooks::make_scorer): the weights go to
// the engine in every epoch, and are compared each time. An empty function, or an empty scorer,
// where Torch is to be used; the log says the reason once. The split outlives the function.
[[nodiscard]] std::function<training::NodeScorer(models::Network& network)> validation_scorer(
    const graph::GraphConfig& graph, const LabeledSplit& split, const core::Logger& log);

}  // namespace stationhit::workflow
