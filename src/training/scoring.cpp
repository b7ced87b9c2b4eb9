// Events are made and scored on several threads, and the results are handed to the caller in the
// order of the split, so sums over them do not depend on the number of threads. The queue of
// finished events is bounded, because each holds its inputs.
#include <memory>
#include <utility>

#include <torch/torch.h>

#include <stationhit/core/pipeline.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/models/network.hpp>
#include <stationhit/training/scoring.hpp>

#include "evaluation_mode.hpp"
#include "event_tensors.hpp"
#include "loss.hpp"
#include "torch_threads.hpp"

namespace stationhit::training {
namespace {

// Per thread: scored events that wait for their turn.
constexpr std::size_t events_ahead_of_sink = 2;

struct FinishedEvent {
  features::LabeledEvent event;
  std::vector<float> logits;
};

FinishedEvent score_event(const NodeScorer& scorer, features::LabeledEvent&& event) {
  FinishedEvent result{std::move(event), {}};
  result.logits = scorer(result.event.inputs);
  return result;
}

}  // namespace

NodeScorer torch_scorer(models::Network& network) {
  return [&network](const features::EventInputs& inputs) -> std::vector<float> {
    torch::set_num_threads(1);
    const torch::NoGradGuard no_grad;
    const auto n_features = static_cast<std::int64_t>(network.feature_names().size());
    const auto tensors = graph_tensors(inputs.features.values, inputs.neighbors.index,
                                       inputs.nodes.offsets, n_features, inputs.neighbors.k);
    const auto logits = network.forward(to_device(tensors, device_of(network))).cpu().contiguous();
    const float* const first = logits.const_data_ptr<float>();
    return {first, first + inputs.nodes.size()};
  };
}

double score_events(models::Network& network, features::LabeledEventStream& events,
                    const ScoreSink& sink, unsigned threads) {
  const EvaluationMode mode(network);
  return score_events(torch_scorer(network), events, sink, threads);
}

double score_events(const NodeScorer& scorer, features::LabeledEventStream& events,
                    const ScoreSink& sink, unsigned threads) {
  const OneTorchThread one_thread;  // of the sink too
  const unsigned workers = core::resolve_threads(threads);
  using Scored = core::Pipeline<FinishedEvent>;
  Scored scored(workers, events_ahead_of_sink * workers, [&]() -> std::optional<Scored::Job> {
    auto event = events.next();
    if (!event) return std::nullopt;
    return [&scorer, make = std::move(*event)] { return score_event(scorer, make()); };
  });
  while (const auto next = scored.next()) {
    const auto& [event, logits] = *next;
    const graph::NodeTable& nodes = event.inputs.nodes;
    if (!sink({event, logits, graph::hit_scores(nodes, logits, event.truth.n_hits())})) break;
  }
  // The threads wait side by side, so their times are averaged.
  return scored.seconds_taking() / workers;
}

double summed_loss(const LossConfig& config, const ScoredEvent& scored, double pos_weight) {
  // A view; Torch takes no pointer to const, and the loss only reads.
  const auto logits = torch::from_blob(const_cast<float*>(scored.node_logits.data()),
                                       {static_cast<std::int64_t>(scored.node_logits.size())});
  const auto& labels = scored.event.labels;
  return node_loss(config, logits, label_tensor(labels), pos_weight).item<double>() *
         static_cast<double>(labels.size());
}

metrics::ScoredSample score_sample(models::Network& network, features::LabeledEventStream& events,
                                   std::uint64_t max_events, unsigned threads) {
  metrics::ScoredSample sample;
  if (max_events == 0) return sample;
  const auto append = [&](const ScoredEvent& scored) {
    metrics::append(sample, scored.event.truth, scored.hit_scores);
    return sample.n_events() < max_events;
  };
  score_events(network, events, append, threads);
  return sample;
}

}  // namespace stationhit::training
