// Scores and times of ONNX models on labeled events.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <stationhit/core/observer.hpp>
#include <stationhit/inference/hit_classifier.hpp>
#include <stationhit/inference/latency.hpp>
#include <stationhit/metrics/scored_sample.hpp>
#include <stationhit/workflow/labeled_split.hpp>

namespace stationhit::workflow {

// The first max_events events of the split scored by every model, one sample per model; fewer
// events if the observer asks to stop. The models have the features and the graph of the split. The
// samples do not depend on the number of threads. `label` names the progress. Throws DataError.
[[nodiscard]] std::vector<metrics::ScoredSample> score_onnx_models(
    const std::vector<const inference::HitClassifier*>& models, const LabeledSplit& split,
    std::uint64_t max_events, unsigned threads, const std::string& label,
    const core::Observer& observer);

// Times of the models on the first max_events events of the split, one thread, every event
// `passes` times. The models run in turns, because the machine may be busy, on the same inputs:
// they have the features and the graph of the split.
[[nodiscard]] std::vector<inference::SessionTimes> time_onnx_models(
    const std::vector<const inference::HitClassifier*>& models, const LabeledSplit& split,
    std::uint64_t max_events, unsigned threads, std::size_t passes);

}  // namespace stationhit::workflow
