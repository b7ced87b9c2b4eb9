// The optimizer Lion (Chen et al., arXiv:2302.06675): with m the running mean of the gradient g,
//   p <- (1 - lr * weight_decay) p - lr * sign(beta1 m + (1 - beta1) g),   m <- beta2 m + (1 -
//   beta2) g.
// Steps have the size lr in every weight: learning rates are 3 to 10 times smaller than those of
// AdamW, weight decays as much larger.
#pragma once

#include <torch/optim/optimizer.h>

namespace stationhit::training {

struct LionOptions : torch::optim::OptimizerCloneableOptions<LionOptions> {
  explicit LionOptions(double lr) : lr_(lr) {}
  TORCH_ARG(double, lr);
  TORCH_ARG(double, weight_decay) = 0;

 public:
  [[nodiscard]] double get_lr() const override { return lr(); }
  void set_lr(double value) override { lr(value); }
};

struct LionParamState : torch::optim::OptimizerCloneableParamState<LionParamState> {
  TORCH_ARG(torch::Tensor, exp_avg);
};

class Lion : public torch::optim::Optimizer {
 public:
  Lion(const std::vector<torch::Tensor>& parameters, LionOptions options);
  torch::Tensor step(LossClosure closure = nullptr) override;
};

}  // namespace stationhit::training
