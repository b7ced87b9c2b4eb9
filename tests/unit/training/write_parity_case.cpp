// Writes what tests/python/test_parity.py holds against networks of other libraries, as one
// safetensors file:
//   write_parity_case FILE NODES float32|float64 [KEY=VALUE ...]
// with settings of a run configuration (seed, features, graph.k, model.*, training.optimizer.*,
// training.loss.*; pos_weight a number). In the file:
//   weights.<name>    parameters and buffers, drawn at random      gradients.<name>   of the loss,
//   for every parameter features [N, F], neighbors [N, k], offsets [G + 1], labels [N]: a random
//   graph      logits [N]      losses [10]: before each optimizer step
#include <algorithm>
#include <array>
#include <exception>
#include <iostream>
#include <numeric>
#include <random>
#include <span>

#include <stationhit/config/load.hpp>
#include <stationhit/data/safetensors.hpp>
#include <stationhit/models/network.hpp>

#include "../../../src/training/loss.hpp"
#include "../../../src/training/optimizer.hpp"

namespace stationhit::training {
namespace {

using torch::Tensor;

constexpr int n_steps = 10;

// Group sizes 2, 1, 15, 7, 2, ...; the last group is cut.
Tensor group_offsets(std::int64_t nodes) {
  constexpr std::array<std::int64_t, 4> sizes{2, 1, 15, 7};
  std::vector<std::int64_t> offsets{0};
  while (offsets.back() < nodes)
    offsets.push_back(std::min(nodes, offsets.back() + sizes[(offsets.size() - 1) % sizes.size()]));
  return torch::tensor(offsets);
}

// Nodes of a group have k, k - 1, ..., 0, k, ... neighbors in it (fewer in small groups), all
// different, drawn at random, never themselves.
Tensor neighbor_table(const Tensor& offsets, std::int64_t k, std::mt19937_64& engine) {
  Tensor table = torch::full({offsets[-1].item<std::int64_t>(), k}, -1, torch::kInt);
  for (std::int64_t group = 0; group + 1 < offsets.size(0); ++group) {
    const auto first = offsets[group].item<std::int64_t>(),
               last = offsets[group + 1].item<std::int64_t>();
    const auto most = std::min(k, last - first - 1);
    for (auto node = first; node < last; ++node) {
      std::vector<std::int64_t> others(static_cast<std::size_t>(last - first));
      std::iota(others.begin(), others.end(), first);
      std::erase(others, node);
      std::ranges::shuffle(others, engine);
      const auto degree = most - (node - first) % (most + 1);
      for (std::int64_t column = 0; column < degree; ++column)
        table[node][column] = others[static_cast<std::size_t>(column)];
    }
  }
  return table;
}

models::GraphTensors random_graph(const config::RunConfig& config, std::int64_t nodes,
                                  torch::ScalarType type) {
  std::mt19937_64 engine(config.seed);
  models::GraphTensors graph{
      torch::randn({nodes, static_cast<std::int64_t>(config.features.size())}).to(type),
      {},
      group_offsets(nodes)};
  graph.neighbors = neighbor_table(graph.offsets, config.graph.k, engine);
  return graph;
}

// Initial weights and something added: layer norms and biases too differ from what libraries start
// with.
std::shared_ptr<models::Network> random_network(const config::RunConfig& config,
                                                torch::ScalarType type) {
  features::NormalizationConstants constants;
  for (std::size_t i = 0; i < config.features.size(); ++i) {
    constants.mean.push_back(torch::randn({}).item<float>());
    constants.inv_std.push_back(0.5F + torch::rand({}).item<float>());
  }
  auto network = models::build_network(config.model, config.features, constants);
  const torch::NoGradGuard no_grad;
  for (auto& parameter : network->parameters()) parameter.add_(0.1 * torch::randn_like(parameter));
  network->to(type);
  return network;
}

NamedTensors weights_of(const models::Network& network) {
  NamedTensors tensors;
  for (const auto& item : network.named_parameters())
    tensors.emplace("weights." + item.key(), item.value().detach().clone());
  for (const auto& item : network.named_buffers())
    tensors.emplace("weights." + item.key(), item.value());
  return tensors;
}

// Gradients of the first step and the losses of all.
NamedTensors train(const config::RunConfig& config, models::Network& network,
                   const models::GraphTensors& graph, const Tensor& labels) {
  const double pos_weight = config.training.loss.pos_weight.value();
  const auto optimizer = make_optimizer(config.training.optimizer, network);
  NamedTensors tensors;
  std::vector<double> losses;
  for (int step = 0; step < n_steps; ++step) {
    optimizer->zero_grad();
    const Tensor loss = node_loss(config.training.loss, network.forward(graph), labels, pos_weight);
    loss.backward();
    losses.push_back(loss.item<double>());
    if (step == 0) {
      for (const auto& item : network.named_parameters())
        tensors.emplace("gradients." + item.key(), item.value().grad().clone());
    }
    optimizer->step();
  }
  tensors.emplace("losses", torch::tensor(losses, torch::kDouble));
  return tensors;
}

NamedTensors parity_case(const config::RunConfig& config, std::int64_t nodes,
                         torch::ScalarType type) {
  torch::manual_seed(config.seed);
  const auto network = random_network(config, type);
  const auto graph = random_graph(config, nodes, type);
  const Tensor labels = (torch::rand({nodes}) < 0.2).to(type);
  NamedTensors tensors = weights_of(*network);
  tensors.insert({{"features", graph.features},
                  {"neighbours", graph.neighbors},
                  {"offsets", graph.offsets},
                  {"labels", labels}});
  tensors.emplace("logits", network->forward(graph).detach());
  tensors.merge(train(config, *network, graph, labels));
  return tensors;
}

data::TensorView view(const Tensor& tensor) {
  const auto to_view = [&]<class T>(T) {
    return data::view_tensor(
        std::span(tensor.const_data_ptr<T>(), static_cast<std::size_t>(tensor.numel())),
        tensor.sizes().vec());
  };
  switch (tensor.scalar_type()) {
    case torch::kFloat:
      return to_view(float{});
    case torch::kDouble:
      return to_view(double{});
    case torch::kInt:
      return to_view(std::int32_t{});
    default:
      return to_view(std::int64_t{});
  }
}

void write(const std::filesystem::path& path, NamedTensors tensors) {
  std::vector<data::NamedTensor> views;
  for (auto& [name, tensor] : tensors) {
    tensor = tensor.contiguous();
    views.push_back({name, view(tensor)});
  }
  data::write_safetensors(path, views);
}

}  // namespace
}  // namespace stationhit::training

int main(int argc, char** argv) {
  using namespace stationhit;
  if (argc < 4) return 2;
  try {
    at::set_num_threads(1);
    const std::vector<std::string> settings(argv + 4, argv + argc);
    const auto config = config::parse_text<config::RunConfig>("", "command line", settings);
    const auto type = std::string_view(argv[3]) == "float64" ? torch::kDouble : torch::kFloat;
    training::write(argv[1], training::parity_case(config, std::stoll(argv[2]), type));
  } catch (const std::exception& error) {
    std::cerr << error.what() << '\n';
    return 1;
  }
  return 0;
}
