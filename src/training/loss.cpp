#include "loss.hpp"

#include <algorithm>
#include <array>
#include <string_view>
#include <utility>

#include <torch/torch.h>

namespace stationhit::training {
namespace {

using torch::Tensor;
using Loss = Tensor (*)(const Tensor& logits, const Tensor& labels, double pos_weight, const Tensor& weights);

Tensor bce(const Tensor& logits, const Tensor& labels, double pos_weight, const Tensor& weights) {
  return torch::binary_cross_entropy_with_logits(logits, labels, weights, torch::full({1}, pos_weight, logits.options()));
}

// The registry: a new loss is one line here.
constexpr std::array<std::pair<std::string_view, Loss>, 1> losses{{{"bce", bce}}};

}  // namespace

std::vector<std::string> known_losses() {
  std::vector<std::string> names;
  for (const auto& [name, loss] : losses) names.emplace_back(name);
  return names;
}

Tensor node_loss(const LossConfig& config, const Tensor& logits, const Tensor& labels, double pos_weight, const Tensor& weights) {
  if (logits.size(0) == 0) return logits.sum();
  return std::ranges::find(losses, config.name, &std::pair<std::string_view, Loss>::first)->second(logits, labels, pos_weight, weights);
}

}  // namespace stationhit::training
