// Losses by name.
#pragma once

#include <string>
#include <vector>

#include <torch/types.h>

#include <stationhit/training/training_config.hpp>

namespace stationhit::training {

[[nodiscard]] std::vector<std::string> known_losses();

// Mean over the nodes. logits, labels (0 or 1), weights: [N] of one type; without weights every
// node counts once. bce: signal nodes weigh pos_weight besides; focal: signal nodes weigh alpha,
// the others 1 - alpha. No nodes: 0.
[[nodiscard]] torch::Tensor node_loss(const LossConfig& config, const torch::Tensor& logits,
                                      const torch::Tensor& labels, double pos_weight,
                                      const torch::Tensor& weights = {});

}  // namespace stationhit::training
