// The formulas are in the header. The update uses a mixture of mean and gradient (beta1) that is
// not stored; the stored mean moves more slowly (beta2).
#include "lion.hpp"

#include <memory>

#include <torch/torch.h>

namespace stationhit::training {
namespace {

constexpr double beta1 = 0.9, beta2 = 0.99;

}  // namespace

Lion::Lion(const std::vector<torch::Tensor>& parameters, LionOptions options)
    : Optimizer({torch::optim::OptimizerParamGroup(parameters)},
                std::make_unique<LionOptions>(options)) {}

torch::Tensor Lion::step(LossClosure closure) {
  torch::Tensor loss;
  if (closure) loss = closure();
  const torch::NoGradGuard no_grad;
  for (auto& group : param_groups()) {
    const auto& options = static_cast<const LionOptions&>(group.options());
    for (auto& parameter : group.params()) {
      const torch::Tensor& gradient = parameter.grad();
      if (!gradient.defined()) continue;
      auto& state = state_[parameter.unsafeGetTensorImpl()];
      if (!state) {
        auto fresh = std::make_unique<LionParamState>();
        fresh->exp_avg(torch::zeros_like(parameter));
        state = std::move(fresh);
      }
      torch::Tensor& mean = static_cast<LionParamState&>(*state).exp_avg();
      // lerp(gradient, mean, beta1) = beta1 mean + (1 - beta1) gradient.
      parameter.mul_(1 - options.lr() * options.weight_decay())
          .add_(torch::lerp(gradient, mean, beta1).sign_(), -options.lr());
      mean.lerp_(gradient, 1 - beta2);
    }
  }
  return loss;
}

}  // namespace stationhit::training
