// Losses are functions of logits, for numerical stability: a sigmoid that rounds to 0 or 1 would
// make the logarithm infinite.
#include "loss.hpp"

#include <algorithm>
#include <array>
#include <utility>

#include <torch/torch.h>

namespace stationhit::training {
namespace {

using torch::Tensor;
using LossFunction = Tensor (*)(const LossConfig& config, const Tensor& logits,
                                const Tensor& labels, double pos_weight, const Tensor& weights);

Tensor bce(const LossConfig& /*config*/, const Tensor& logits, const Tensor& labels,
           double pos_weight, const Tensor& weights) {
  return torch::binary_cross_entropy_with_logits(logits, labels, weights,
                                                 torch::full({1}, pos_weight, logits.options()));
}

// -alpha_t (1 - p_t)^gamma ln p_t, with p_t the probability given to the true class (Lin et al.,
// arXiv:1708.02002).
Tensor focal(const LossConfig& config, const Tensor& logits, const Tensor& labels,
             double /*pos_weight*/, const Tensor& weights) {
  // With s = +1 for signal and -1 for background, 1 - p_t = sigmoid(-s logit) and -ln p_t =
  // softplus(-s logit).
  const Tensor sign = 2 * labels - 1, alpha = (1 - config.alpha) + (2 * config.alpha - 1) * labels;
  const Tensor losses =
      alpha * torch::sigmoid(-sign * logits).pow(config.gamma) * torch::softplus(-sign * logits);
  return (weights.defined() ? losses * weights : losses).mean();
}

// The registry: a new loss is one line here.
constexpr std::array<std::pair<LossType, LossFunction>, 2> losses{
    {{LossType::bce, bce}, {LossType::focal, focal}}};

}  // namespace

std::vector<std::string> known_losses() {
  std::vector<std::string> names;
  for (const auto& [type, loss] : losses) names.emplace_back(core::name(type));
  return names;
}

Tensor node_loss(const LossConfig& config, const Tensor& logits, const Tensor& labels,
                 double pos_weight, const Tensor& weights) {
  // A mean over nothing is NaN; this 0 still has a gradient, so callers need no special case.
  if (logits.size(0) == 0) return logits.sum();
  return std::ranges::find(losses, config.name, &std::pair<LossType, LossFunction>::first)
      ->second(config, logits, labels, pos_weight, weights);
}

}  // namespace stationhit::training
