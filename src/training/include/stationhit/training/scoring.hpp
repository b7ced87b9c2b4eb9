// Scores of a stream of events. Free of Torch.
#pragma once

#include <cstdint>
#include <functional>
#include <limits>
#include <memory>
#include <span>
#include <vector>

#include <stationhit/features/labeled_events.hpp>
#include <stationhit/metrics/scored_sample.hpp>
#include <stationhit/training/training_config.hpp>

namespace stationhit::models {
class Network;
}

namespace stationhit::training {

struct ScoredEvent {
  const features::LabeledEvent& event;
  std::span<const float> node_logits;  // [n_nodes]
  std::span<const float> hit_scores;   // [n_hits] graph::hit_scores
};
// Called in the order of the events; false ends the scoring.
using ScoreSink = std::function<bool(const ScoredEvent&)>;

// The logits of the nodes of an event, [n_nodes]. Threads call it side by side.
using NodeScorer = std::function<std::vector<float>(const features::EventInputs& event)>;

// A forward pass of the network, without gradients. The network is in evaluation mode and outlives
// the scorer.
[[nodiscard]] NodeScorer torch_scorer(models::Network& network);

// Scores an event per thread (0 = all cores); the events, which have the features of the network,
// are read in order, and neither scores nor the order in which `sink` gets them (in this thread)
// depend on `threads`. Returns the seconds that a thread spent reading, on average. Throws what the
// stream and the scorer throw.
double score_events(const NodeScorer& scorer, features::LabeledEventStream& events,
                    const ScoreSink& sink, unsigned threads = 0);
// By Torch, in evaluation mode.
double score_events(models::Network& network, features::LabeledEventStream& events,
                    const ScoreSink& sink, unsigned threads = 0);

// Sum of the loss of the training over the nodes of an event; signal nodes weigh pos_weight where
// the loss has such a weight.
[[nodiscard]] double summed_loss(const LossConfig& config, const ScoredEvent& scored,
                                 double pos_weight);

// The scores of all events, or of the first max_events.
[[nodiscard]] metrics::ScoredSample score_sample(
    models::Network& network, features::LabeledEventStream& events,
    std::uint64_t max_events = std::numeric_limits<std::uint64_t>::max(), unsigned threads = 0);

}  // namespace stationhit::training
