#include "network_scorer.hpp"

namespace stationhit::workflow {

training::NodeScorer make_scorer(const training::LoadedNetwork& loaded,
                                 const LabeledSplit& /*split*/, const core::Logger& /*log*/) {
  return training::torch_scorer(*loaded.network);
}

}  // namespace stationhit::workflow
