// Logits of one network by ONNX Runtime and by Torch. Only in builds with both.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include <stationhit/core/event.hpp>
#include <stationhit/core/observer.hpp>
#include <stationhit/features/labeled_events.hpp>
#include <stationhit/inference/hit_classifier.hpp>
#include <stationhit/metrics/logit_difference.hpp>
#include <stationhit/training/checkpoint.hpp>

namespace stationhit::workflow {

// The logits of all nodes of the first max_events events, for every classifier those against the
// network, which runs once; fewer events if the observer asks to stop. The events have the features
// and the graph of the network. Throws what the stream throws.
[[nodiscard]] std::vector<metrics::LogitDifference> compare_node_logits(
    std::span<const inference::HitClassifier> classifiers, models::Network& network,
    features::LabeledEventStream& events, std::uint64_t max_events, const core::Observer& observer);

// The scores of all hits of the events, for which both build their inputs; fewer events if the
// observer asks to stop.
[[nodiscard]] metrics::LogitDifference compare_hit_scores(
    const inference::HitClassifier& classifier, const training::LoadedNetwork& loaded,
    std::span<const core::Event> events, const core::Observer& observer);

}  // namespace stationhit::workflow
