#include <memory>

#include <stationhit/core/event_stream.hpp>
#include <stationhit/training/scoring.hpp>
#include <stationhit/workflow/backend_equality.hpp>

namespace stationhit::workflow {

LogitDifference compare_node_logits(const inference::HitClassifier& classifier,
                                    models::Network& network, features::LabeledEventStream& events,
                                    std::uint64_t max_events, const core::Observer& observer) {
  LogitDifference difference;
  training::score_events(network, events, [&](const training::ScoredEvent& scored) {
    difference.add(classifier.node_logits(classifier.prepare(scored.event.inputs)),
                   scored.node_logits);
    return ++difference.events < max_events && !observer.stop_requested();
  });
  return difference;
}

LogitDifference compare_hit_scores(const inference::HitClassifier& classifier,
                                   const training::LoadedNetwork& loaded,
                                   std::span<const core::Event> events,
                                   const core::Observer& observer) {
  const auto labeled = features::label_events(std::make_unique<core::MemoryReader>(events),
                                              loaded.metadata.graph, loaded.metadata.feature_names);
  LogitDifference difference;
  training::score_events(*loaded.network, *labeled, [&](const training::ScoredEvent& scored) {
    difference.add(classifier.scores(events[difference.events++]), scored.hit_scores);
    return !observer.stop_requested();
  });
  return difference;
}

}  // namespace stationhit::workflow
