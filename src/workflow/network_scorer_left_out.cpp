#include "network_scorer.hpp"

namespace stationhit::workflow {

training::NodeScorer make_scorer(const training::LoadedNetwork& loaded,
                                 const LabeledSplit& /*split*/, const core::Logger& /*log*/) {
  return training::torch_scorer(*loaded.network);
}

std::function<training::NodeScorer(models::Network& network)> validation_scorer(
    const graph::GraphConfig& /*graph*/, const LabeledSplit& /*split*/,
    const core::Logger& /*log*/) {
  return {};
}

}  // namespace stationhit::workflow
