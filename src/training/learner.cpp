// The seed is set before the network is built, because building draws the initial weights.
#include "learner.hpp"

#include "checkpoint_io.hpp"
#include "event_tensors.hpp"
#include "optimizer.hpp"

namespace stationhit::training {

Learner make_learner(const TrainingRun& run) {
  torch::manual_seed(run.seed);
  Learner learner;
  learner.network = models::build_network(run.model, run.features, run.normalization);
  if (!run.initial_weights.empty())
    (void)read_training_checkpoint(run.initial_weights, *learner.network);
  if (run.gpu)
    learner.network->to(torch::Device(torch::kCUDA, static_cast<torch::DeviceIndex>(*run.gpu)));
  learner.optimizer = make_optimizer(run.training.optimizer, *learner.network);
  return learner;
}

void apply_gradients(Learner& learner, const std::vector<torch::Tensor>& gradients,
                     double gradient_clip) {
  auto parameters = learner.network->trained_parameters().values();
  for (std::size_t i = 0; i < parameters.size(); ++i)
    parameters[i].mutable_grad() = gradients[i].to(parameters[i].device());
  if (gradient_clip > 0) torch::nn::utils::clip_grad_norm_(parameters, gradient_clip);
  learner.optimizer->step();
}

}  // namespace stationhit::training
