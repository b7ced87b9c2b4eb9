// Optimizers by name, and their state as named tensors.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <stationhit/models/network.hpp>
#include <stationhit/training/training_config.hpp>

namespace stationhit::training {

// Momentum of sgd.
inline constexpr double sgd_momentum = 0.9;

[[nodiscard]] std::vector<std::string> known_optimizers();
[[nodiscard]] std::unique_ptr<torch::optim::Optimizer> make_optimizer(
    const OptimizerConfig& config, const models::Network& network);

void set_learning_rate(torch::optim::Optimizer& optimizer, double learning_rate);

// "optimizer.<parameter>.<quantity>"; parameters that never had a gradient have none. The tensors
// share memory with the optimizer.
using NamedTensors = std::map<std::string, torch::Tensor>;
[[nodiscard]] NamedTensors optimizer_state(const torch::optim::Optimizer& optimizer,
                                           const models::Network& network);
// Throws DataError naming the parameter whose state is incomplete or has another shape.
void restore_optimizer_state(torch::optim::Optimizer& optimizer, const models::Network& network,
                             const NamedTensors& state);

}  // namespace stationhit::training
