// Training on the same few events in every epoch. Free of Torch.
#pragma once

#include <stationhit/training/training_run.hpp>

namespace stationhit::training {

// The first training.overfit_batches batches of the training split, of all ranks together, in the
// order of the split and in every epoch, as training and as validation split; all data where the
// setting is 0.
[[nodiscard]] TrainingData overfit_data(const TrainingRun& run, const TrainingData& data);

}  // namespace stationhit::training
