// The exponential moving average of the weights: the first step gives it the weights, every later
// one average <- d average + (1 - d) weights. It is a network of its own, which is validated and
// saved in the place of the trained one.
//
// d is the decay, but in the first steps less: min(decay, (1 + n) / (10 + n)) after n steps, as
// ExponentialMovingAverage of TensorFlow has it (num_updates). With the decay from the beginning,
// the weights of the first step would be decay^n of the average: 37 % after 1000 steps of 0.999.
#include <algorithm>

#include <torch/torch.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/training/callback.hpp>

#include "survivors.hpp"

namespace stationhit::training {
namespace {

class Ema final : public Callback {
 public:
  explicit Ema(const TrainingConfig& config) : decay_(config.ema.decay) {}

  [[nodiscard]] std::string name() const override { return "ema"; }

  void begin(const TrainingStart& start) override {
    average_ = copy_network(start.network, start.run.normalization);
    const torch::NoGradGuard no_grad;
    for (const auto& item : average_->trained_parameters()) {
      if (saved_.tensors.empty()) continue;
      item.value().copy_(saved_tensor(item.key(), item.value()));
    }
    steps_ = static_cast<std::int64_t>(saved_.numbers["steps"]);
  }

  void after_step(const StepReport& /*step*/, const models::Network& network) override {
    const torch::NoGradGuard no_grad;
    const auto weights = network.trained_parameters().values();
    const auto averages = average_->trained_parameters().values();
    for (std::size_t i = 0; i < weights.size(); ++i)
      averages[i].lerp_(weights[i], 1 - share_kept());
    ++steps_;
  }
  [[nodiscard]] std::shared_ptr<models::Network> validated_network() override { return average_; }

  [[nodiscard]] CallbackState state() const override {
    CallbackState state{{{"steps", static_cast<double>(steps_)}}, {}};
    for (const auto& item : average_->trained_parameters())
      state.tensors.emplace(item.key(), item.value());
    return state;
  }
  void restore(const CallbackState& state) override { saved_ = state; }

 private:
  // Of the average, by the next step.
  [[nodiscard]] double share_kept() const {
    const auto n = static_cast<double>(steps_);
    return steps_ == 0 ? 0.0 : std::min(decay_, (1 + n) / (10 + n));
  }

  [[nodiscard]] const torch::Tensor& saved_tensor(const std::string& name,
                                                  const torch::Tensor& parameter) const {
    const auto found = saved_.tensors.find(name);
    if (found == saved_.tensors.end() || found->second.sizes() != parameter.sizes())
      throw core::DataError("the state of the callback ema lacks " + name +
                            " or has it in another shape; start again with --force or "
                            "training.resume: false");
    return found->second;
  }

  double decay_;
  CallbackState saved_;
  std::shared_ptr<models::Network> average_;
  std::int64_t steps_ = 0;  // that it has taken in
};

}  // namespace

std::unique_ptr<Callback> make_ema(const TrainingRun& run) {
  return std::make_unique<Ema>(run.training);
}

}  // namespace stationhit::training
