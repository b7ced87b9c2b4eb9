#include <memory>

#include <torch/torch.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/threads.hpp>
#include <stationhit/models/network.hpp>
#include <stationhit/training/scoring.hpp>

#include "prefetcher.hpp"

namespace stationhit::training {
namespace {

constexpr std::size_t events_ahead = 4;

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

struct PreparedEvent {
  core::Event event;
  features::EventInputs inputs;
};

torch::Tensor run(models::Network& network, const features::EventInputs& inputs) {
  const auto nodes = static_cast<std::int64_t>(inputs.nodes.size());
  // Torch takes no pointer to const; the tensors are only read.
  auto* features = const_cast<float*>(inputs.features.values.data());
  auto* neighbours = const_cast<std::int32_t*>(inputs.neighbours.index.data());
  const auto n_features = static_cast<std::int64_t>(network.feature_names().size());
  return network.forward({torch::from_blob(features, {nodes, n_features}), torch::from_blob(neighbours, {nodes, inputs.neighbours.k}, torch::kInt)})
      .contiguous();
}

}  // namespace

void set_torch_threads(unsigned threads) { torch::set_num_threads(static_cast<int>(core::resolve_threads(threads))); }

double score_events(models::Network& network, const graph::GraphConfig& graph, core::EventReader& reader, const ScoreSink& sink) {
  const torch::NoGradGuard no_grad;
  const EvaluationMode mode(network);
  Prefetcher<std::unique_ptr<PreparedEvent>> events(events_ahead, [&]() -> std::optional<std::unique_ptr<PreparedEvent>> {
    auto prepared = std::make_unique<PreparedEvent>();
    if (!reader.next(prepared->event)) return std::nullopt;
    try {
      prepared->inputs = features::build_inputs(prepared->event, graph, network.feature_names());
    } catch (const core::DataError& error) {
      throw core::DataError(reader.where() + ": " + error.what());
    }
    return prepared;
  });
  while (const auto next = events.next()) {
    const auto& [event, inputs] = **next;
    const torch::Tensor logits = run(network, inputs);
    const std::span<const float> values(logits.const_data_ptr<float>(), inputs.nodes.size());
    if (!sink({event, inputs, values, graph::hit_scores(inputs.nodes, values, event.hits.size())})) break;
  }
  return events.seconds_waited();
}

metrics::ScoredSample score_sample(models::Network& network, const graph::GraphConfig& graph, core::EventReader& reader, std::uint64_t max_events) {
  metrics::ScoredSample sample;
  if (max_events == 0) return sample;
  score_events(network, graph, reader, [&](const ScoredEvent& scored) {
    metrics::append(sample, scored.event, scored.hit_scores);
    return sample.n_events() < max_events;
  });
  return sample;
}

}  // namespace stationhit::training
