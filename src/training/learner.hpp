// A network and the optimizer that trains it.
#pragma once

#include <memory>
#include <vector>

#include <torch/torch.h>

#include <stationhit/models/network.hpp>
#include <stationhit/training/training_run.hpp>

namespace stationhit::training {

struct Learner {
  std::shared_ptr<models::Network> network;
  std::unique_ptr<torch::optim::Optimizer> optimizer;
};

// Seeds Torch's default generator with the seed of the run, then draws the weights, or reads them
// from run.initial_weights. Throws DataError for a file that is not a checkpoint of the network.
[[nodiscard]] Learner make_learner(const TrainingRun& run);

// One step of the optimizer. gradients: in the order of the parameters; gradient_clip: the largest
// L2 norm of all of them together, 0 = no clipping.
void apply_gradients(Learner& learner, const std::vector<torch::Tensor>& gradients,
                     double gradient_clip);

}  // namespace stationhit::training
