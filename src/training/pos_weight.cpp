// With this weight both classes contribute equally to the loss on average. The few events of a
// debug run may hold no signal at all, which is why it may fall back to 1.
#include "pos_weight.hpp"

#include <string>

#include <stationhit/core/errors.hpp>

namespace stationhit::training {

bool pos_weight_is_automatic(const LossConfig& config) { return !config.pos_weight; }

double choose_pos_weight(const TrainingRun& run, const NodeCounts& counts) {
  if (run.training.loss.pos_weight) return *run.training.loss.pos_weight;
  if (counts.signal > 0)
    return static_cast<double>(counts.background) / static_cast<double>(counts.signal);
  if (run.debug) return 1;
  throw core::DataError("training.loss.pos_weight: auto needs signal hits, but the " +
                        std::to_string(counts.events) +
                        " events of the training split have none; check train_path and the "
                        "cuts of prepare, or give a number");
}

}  // namespace stationhit::training
