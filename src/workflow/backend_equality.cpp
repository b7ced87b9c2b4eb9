#include <memory>

#include <stationhit/core/event_stream.hpp>
#include <stationhit/training/scoring.hpp>
#include <stationhit/workflow/backend_equality.hpp>

namespace stationhit::workflow {

std::vector<metrics::LogitDifference> compare_node_logits(
    std::span<const inference::HitClassifier> classifiers, models::Network& network,
    features::LabeledEventStream& events, std::uint64_t max_events,
    const core::Observer& observer) {
  std::vector<metrics::LogitDifference> differences(classifiers.size());
  std::uint64_t n_events = 0;
  training::score_events(network, events, [&](const training::ScoredEvent& scored) {
    for (std::size_t i = 0; i < classifiers.size(); ++i) {
      differences[i].add(classifiers[i].node_logits(classifiers[i].prepare(scored.event.inputs)),
                         scored.node_logits);
      ++differences[i].events;
    }
    return ++n_events < max_events && !observer.stop_requested();
  });
  return differences;
}

metrics::LogitDifference compare_hit_scores(const inference::HitClassifier& classifier,
                                            const training::LoadedNetwork& loaded,
                                            std::span<const core::Event> events,
                                            const core::Observer& observer) {
  const auto labeled = features::label_events(std::make_unique<core::MemoryReader>(events),
                                              loaded.metadata.graph, loaded.metadata.feature_names);
  metrics::LogitDifference difference;
  training::score_events(*loaded.network, *labeled, [&](const training::ScoredEvent& scored) {
    difference.add(classifier.scores(events[difference.events++]), scored.hit_scores);
    return !observer.stop_requested();
  });
  return difference;
}

}  // namespace stationhit::workflow
