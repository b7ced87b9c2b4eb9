// The network goes to the engine as an exported file that is never written.
#include "network_scorer.hpp"

#include <memory>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/exporter/exporter.hpp>
#include <stationhit/inference/engine_model.hpp>
#include <stationhit/workflow/logit_difference.hpp>

namespace stationhit::workflow {
namespace {

constexpr std::uint64_t compared_events = 3;

using EnginePointer = std::shared_ptr<const inference::EngineModel>;

EnginePointer make_engine(const training::LoadedNetwork& loaded) {
  const auto& metadata = loaded.metadata;
  const std::string content =
      exporter::export_network(*loaded.network,
                               {metadata.graph, metadata.thresholds, metadata.pos_weight, ""})
          .serialize();
  return std::make_shared<const inference::EngineModel>(content, "the network in memory");
}

// Null, and a line in the log, where the network cannot be exported for the engine.
EnginePointer try_engine(const training::LoadedNetwork& loaded, const core::Logger& log) {
  const auto explain = [&](const std::exception& error) {
    log.info(std::string("the network is run by Torch and not by the engine: ") + error.what());
    return nullptr;
  };
  try {
    return make_engine(loaded);
  } catch (const core::ConfigError& error) {
    return explain(error);
  } catch (const core::DataError& error) {
    return explain(error);
  }
}

}  // namespace

training::NodeScorer make_scorer(const training::LoadedNetwork& loaded, const LabeledSplit& split,
                                 const core::Logger& log) {
  training::NodeScorer by_torch = training::torch_scorer(*loaded.network);
  const EnginePointer engine = try_engine(loaded, log);
  if (engine == nullptr) return by_torch;
  LogitDifference difference;
  for (const auto& event : read_first_events(split, compared_events, 1))
    difference.add(engine->node_logits(event.inputs), by_torch(event.inputs));
  if (difference.largest_relative > backend_tolerance) {
    log.warning("the engine and Torch give different logits: " +
                core::to_text(difference.largest_relative) +
                " max(1, |logit|) apart on the first events; Torch is used");
    return by_torch;
  }
  return [engine](const features::EventInputs& event) { return engine->node_logits(event); };
}

}  // namespace stationhit::workflow
