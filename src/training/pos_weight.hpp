// The weight of signal nodes in the loss. Free of Torch.
#pragma once

#include <stationhit/training/training_run.hpp>

#include "samples.hpp"

namespace stationhit::training {

// True if it follows from the training split, so that all of its nodes have to be counted.
[[nodiscard]] bool pos_weight_is_automatic(const LossConfig& config);

// Background over signal nodes of the training split, or the number of the configuration. Throws
// DataError for a split without signal; a debug run, which sees few events, then takes 1.
[[nodiscard]] double choose_pos_weight(const TrainingRun& run, const NodeCounts& counts);

}  // namespace stationhit::training
