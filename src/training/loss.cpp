#include "loss.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <torch/torch.h>

namespace stationhit::training {
namespace {

using torch::Tensor;
using Loss = Tensor (*)(const LossConfig& config, const Tensor& logits, const Tensor& labels,
                        double pos_weight, const Tensor& weights);

Tensor bce(const LossConfig& /*config*/, const Tensor& logits, const Tensor& labels,
           double pos_weight, const Tensor& weights) {
  return torch::binary_cross_entropy_with_logits(logits, labels, weights,
                                                 torch::full({1}, pos_weight, logits.options()));
}

// -alpha_t (1 - p_t)^gamma ln p_t, with p_t the probability given to the true class (Lin et al.,
// arXiv:1708.02002).
Tensor focal(const LossConfig& config, const Tensor& logits, const Tensor& labels,
             double /*pos_weight*/, const Tensor& weights) {
  const Tensor sign = 2 * labels - 1, alpha = (1 - config.alpha) + (2 * config.alpha - 1) * labels;
  const Tensor losses =
      alpha * torch::sigmoid(-sign * logits).pow(config.gamma) * torch::softplus(-sign * logits);
  return (weights.defined() ? losses * weights : losses).mean();
}

// The registry: a new loss is one line here.
constexpr std::array<std::pair<std::string_view, Loss>, 2> losses{{{"bce", bce}, {"focal", focal}}};

}  // namespace

std::vector<std::string> known_losses() {
  std::vector<std::string> names;
  for (const auto& [name, loss] : losses) names.emplace_back(name);
  return names;
}

Tensor node_loss(const LossConfig& config, const Tensor& logits, const Tensor& labels,
                 double pos_weight, const Tensor& weights) {
  if (logits.size(0) == 0) return logits.sum();
  return std::ranges::find(losses, config.name, &std::pair<std::string_view, Loss>::first)
      ->second(config, logits, labels, pos_weight, weights);
}

}  // namespace stationhit::training
