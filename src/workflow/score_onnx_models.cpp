// Threads take one event each, prepare it once and run all models on the same inputs; a pipeline
// gives the scores back in the order of the events.
#include "score_onnx_models.hpp"

#include <algorithm>
#include <optional>
#include <utility>

#include <stationhit/core/pipeline.hpp>

namespace stationhit::workflow {
namespace {

using inference::HitClassifier;

// Scores of all hits of an event by each model.
struct ScoresOfEvent {
  core::EventTruth truth;
  std::vector<std::vector<float>> of_models;
};

ScoresOfEvent score_event(features::LabeledEvent event,
                          const std::vector<const HitClassifier*>& models) {
  const inference::PreparedEvents prepared = models.front()->prepare(std::move(event.inputs));
  ScoresOfEvent scores{std::move(event.truth), {}};
  for (const HitClassifier* model : models) {
    scores.of_models.push_back(graph::hit_scores(
        prepared.nodes.front(), model->node_logits(prepared), scores.truth.n_hits()));
  }
  return scores;
}

}  // namespace

std::vector<metrics::ScoredSample> score_onnx_models(
    const std::vector<const HitClassifier*>& models, const LabeledSplit& split,
    std::uint64_t max_events, unsigned threads, const std::string& label,
    const core::Observer& observer) {
  constexpr std::size_t events_ahead = 4;  // per thread
  using Scored = core::Pipeline<ScoresOfEvent>;
  const auto events = split.read_verified();
  Scored scored(threads, events_ahead * threads, [&]() -> std::optional<Scored::Job> {
    auto event = events->next();
    if (!event) return std::nullopt;
    return [&models, make = std::move(*event)] { return score_event(make(), models); };
  });
  const std::uint64_t limit = std::min(max_events, split.n_events());
  std::vector<metrics::ScoredSample> samples(models.size());
  const auto progress = observer.start_progress(label, limit);
  for (std::uint64_t done = 0; done < limit && !observer.stop_requested();
       progress->update(++done)) {
    const auto next = scored.next();
    if (!next) break;
    for (std::size_t m = 0; m < models.size(); ++m)
      metrics::append(samples[m], next->truth, next->of_models[m]);
  }
  return samples;
}

std::vector<inference::SessionTimes> time_onnx_models(
    const std::vector<const HitClassifier*>& models, const LabeledSplit& split,
    std::uint64_t max_events, unsigned threads, std::size_t passes) {
  std::vector<inference::PreparedEvents> prepared;
  for (features::LabeledEvent& event : read_first_events(split, max_events, threads))
    prepared.push_back(models.front()->prepare(std::move(event.inputs)));
  return inference::measure_sessions(models, prepared, passes);
}

}  // namespace stationhit::workflow
