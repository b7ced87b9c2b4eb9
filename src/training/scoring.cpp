#include <memory>
#include <utility>

#include <torch/torch.h>

#include <stationhit/core/threads.hpp>
#include <stationhit/models/network.hpp>
#include <stationhit/training/scoring.hpp>

#include "event_tensors.hpp"
#include "pipeline.hpp"
#include "torch_threads.hpp"

namespace stationhit::training {
namespace {

// Per thread: scored events that wait for their turn.
constexpr std::size_t events_ahead_of_sink = 2;

// Evaluation mode for the lifetime of this object.
class EvaluationMode {
 public:
  explicit EvaluationMode(models::Network& network) : network_(network), was_training_(network.is_training()) { network_.eval(); }
  ~EvaluationMode() { network_.train(was_training_); }
  EvaluationMode(const EvaluationMode&) = delete;
  EvaluationMode& operator=(const EvaluationMode&) = delete;

 private:
  models::Network& network_;
  bool was_training_;
};

struct FinishedEvent {
  core::Event event;
  features::EventInputs inputs;
  torch::Tensor logits;
};

FinishedEvent score(models::Network& network, const graph::GraphConfig& graph, core::Event&& event) {
  torch::set_num_threads(1);
  const torch::NoGradGuard no_grad;
  FinishedEvent result{std::move(event), {}, {}};
  result.inputs = features::build_inputs(result.event, graph, network.feature_names());
  const auto n_features = static_cast<std::int64_t>(network.feature_names().size());
  const auto tensors = graph_tensors(result.inputs.features.values, result.inputs.neighbours.index, result.inputs.nodes.offsets, n_features,
                                     result.inputs.neighbours.k);
  result.logits = network.forward(tensors).contiguous();
  return result;
}

}  // namespace

double score_events(models::Network& network, const graph::GraphConfig& graph, core::EventReader& reader, const ScoreSink& sink, unsigned threads) {
  const EvaluationMode mode(network);
  const OneTorchThread one_thread;
  const unsigned workers = core::resolve_threads(threads);
  using Events = Pipeline<FinishedEvent>;
  Events events(workers, events_ahead_of_sink * workers, [&]() -> std::optional<Events::Job> {
    const auto event = std::make_shared<core::Event>();
    if (!reader.next(*event)) return std::nullopt;
    return [&network, &graph, event] { return score(network, graph, std::move(*event)); };
  });
  while (const auto next = events.next()) {
    const auto& [event, inputs, logits] = *next;
    const std::span<const float> values(logits.const_data_ptr<float>(), inputs.nodes.size());
    if (!sink({event, inputs, values, graph::hit_scores(inputs.nodes, values, event.hits.size())})) break;
  }
  return events.seconds_taking() / workers;
}

metrics::ScoredSample score_sample(models::Network& network, const graph::GraphConfig& graph, core::EventReader& reader, std::uint64_t max_events,
                                   unsigned threads) {
  metrics::ScoredSample sample;
  if (max_events == 0) return sample;
  const auto append = [&](const ScoredEvent& scored) {
    metrics::append(sample, scored.event, scored.hit_scores);
    return sample.n_events() < max_events;
  };
  score_events(network, graph, reader, append, threads);
  return sample;
}

}  // namespace stationhit::training
