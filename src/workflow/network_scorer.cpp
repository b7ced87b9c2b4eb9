// The network goes to the engine as an exported file that is never written.
#include "network_scorer.hpp"

#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/exporter/exporter.hpp>
#include <stationhit/inference/engine_model.hpp>
#include <stationhit/metrics/logit_difference.hpp>
#include <stationhit/models/network.hpp>

namespace stationhit::workflow {
namespace {

constexpr std::uint64_t compared_events = 3;

using EnginePointer = std::shared_ptr<const inference::EngineModel>;
using Events = std::vector<features::LabeledEvent>;

EnginePointer make_engine(const models::Network& network, const exporter::Provenance& provenance) {
  const std::string content = exporter::export_network(network, provenance).serialize();
  return std::make_shared<const inference::EngineModel>(content, "the network in memory");
}

// Null, and a line in the log, where the network cannot be exported for the engine.
EnginePointer try_engine(const models::Network& network, const exporter::Provenance& provenance,
                         const core::Logger& log) {
  const auto explain = [&](const std::exception& error) {
    log.info(std::string("the network is run by Torch and not by the engine: ") + error.what());
    return nullptr;
  };
  try {
    return make_engine(network, provenance);
  } catch (const core::ConfigError& error) {
    return explain(error);
  } catch (const core::DataError& error) {
    return explain(error);
  }
}

bool agree(const inference::EngineModel& engine, const training::NodeScorer& by_torch,
           const Events& events, const core::Logger& log) {
  metrics::LogitDifference difference;
  for (const auto& event : events)
    difference.add(engine.node_logits(event.inputs), by_torch(event.inputs));
  if (difference.largest_relative <= metrics::backend_tolerance) return true;
  log.warning(
      "the engine and Torch give different logits: " + core::to_text(difference.largest_relative) +
      " max(1, |logit|) apart on the first events; Torch is used");
  return false;
}

// Empty where Torch is to be used.
training::NodeScorer engine_scorer(models::Network& network, const exporter::Provenance& provenance,
                                   const Events& events, const core::Logger& log) {
  const EnginePointer engine = try_engine(network, provenance, log);
  if (engine == nullptr || !agree(*engine, training::torch_scorer(network), events, log)) return {};
  return [engine](const features::EventInputs& event) { return engine->node_logits(event); };
}

}  // namespace

training::NodeScorer make_scorer(const training::LoadedNetwork& loaded, const LabeledSplit& split,
                                 const core::Logger& log) {
  const auto& metadata = loaded.metadata;
  training::NodeScorer scorer = engine_scorer(
      *loaded.network, {metadata.graph, metadata.thresholds, metadata.pos_weight, "", ""},
      read_first_events(split, compared_events, 1), log);
  return scorer ? scorer : training::torch_scorer(*loaded.network);
}

std::function<training::NodeScorer(models::Network& network)> validation_scorer(
    const graph::GraphConfig& graph, const LabeledSplit& split, const core::Logger& log) {
  // What every call finds: the events, and whether an earlier one has left it to Torch.
  struct Shared {
    std::optional<Events> events;
    bool by_torch = false;
  };
  exporter::Provenance provenance;
  provenance.graph = graph;
  return [provenance, &split, log, shared = std::make_shared<Shared>()](models::Network& network) {
    if (shared->by_torch) return training::NodeScorer();
    if (!shared->events) shared->events = read_first_events(split, compared_events, 1);
    training::NodeScorer scorer = engine_scorer(network, provenance, *shared->events, log);
    shared->by_torch = !scorer;
    return scorer;
  };
}

}  // namespace stationhit::workflow
