// Training step (forward, backward, AdamW) of the benchmark network on one event of the size of <mu> = 200: 6,900 nodes in buckets of about 31,
// k = 16, 13 features; Fourier base 3, scales -6..6, width 64, three EdgeConv blocks, one message layer, maximum. Interleaved with the same step
// in the unrewritten form (a matrix product per edge), after logits and gradients of both were compared.
// usage: bench_training [repeats [threads]]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <random>
#include <string>
#include <vector>

#include <torch/torch.h>

#include <stationhit/models/cost.hpp>
#include <stationhit/models/network.hpp>
#include <stationhit/training/trainer.hpp>

namespace {

using namespace stationhit;
using torch::Tensor;

constexpr std::int64_t n_nodes = 6900, k = 16, n_features = 13;

struct Workload {
  models::GraphTensors graph;
  Tensor labels;
};

// Neighbours are other nodes of the same bucket; small buckets leave padding.
Workload make_workload() {
  std::mt19937_64 engine(1);
  Workload work{{torch::randn({n_nodes, n_features}), torch::full({n_nodes, k}, -1, torch::kInt)},
                (torch::rand({n_nodes}) < 0.006).to(torch::kFloat)};
  auto table = work.graph.neighbours.accessor<std::int32_t, 2>();
  for (std::int64_t first = 0; first < n_nodes;) {
    const std::int64_t size = std::min<std::int64_t>(n_nodes - first, 1 + static_cast<std::int64_t>(engine() % 61));
    for (std::int64_t i = first; i < first + size; ++i) {
      for (std::int64_t slot = 0; slot < std::min(k, size - 1); ++slot) {
        table[i][slot] = static_cast<std::int32_t>(first + (i - first + 1 + slot * (size - 1) / std::min(k, size - 1)) % size);
      }
    }
    first += size;
  }
  return work;
}

std::shared_ptr<models::Network> make_network() {
  torch::manual_seed(2);
  std::vector<std::string> names;
  for (int f = 0; f < n_features; ++f) names.push_back("f" + std::to_string(f));
  const std::vector<float> zeros(n_features, 0.0F), ones(n_features, 1.0F);
  const models::ModelConfig config;
  return models::build_network(config, names, features::NormalizationConstants{zeros, ones});
}

// The definition with a matrix product per edge, on the same weights.
Tensor edge_wise(const models::Network& network, const models::GraphTensors& graph) {
  const auto weights = network.named_parameters();
  const auto frequencies = network.named_buffers()["encoding.frequencies"];
  const Tensor angles = graph.features.unsqueeze(1) * frequencies.view({1, -1, 1});
  const Tensor encoded = torch::stack({angles.sin(), angles.cos()}, 2).flatten(1);
  Tensor hidden = torch::relu(torch::linear(encoded, weights["input.weight"], weights["input.bias"]));
  const Tensor present = graph.neighbours.ge(0).flatten();
  const Tensor source = graph.neighbours.flatten().to(torch::kLong).index({present});
  const Tensor target = torch::arange(n_nodes).repeat_interleave(k).index({present});
  for (int block = 0; block < network.config().blocks; ++block) {
    const std::string name = "blocks." + std::to_string(block) + ".message.0";
    const Tensor own = hidden.index_select(0, target);
    const Tensor message =
        torch::relu(torch::linear(torch::cat({own, hidden.index_select(0, source) - own}, 1), weights[name + ".weight"], weights[name + ".bias"]));
    const Tensor index = target.unsqueeze(1).expand_as(message);
    hidden = hidden + torch::zeros_like(hidden).scatter_reduce(0, index, message, "amax", /*include_self=*/false);
  }
  return torch::linear(hidden, weights["head.0.weight"], weights["head.0.bias"]).squeeze(1);
}

using Forward = std::function<Tensor()>;

Tensor loss_of(const Forward& forward, const Workload& work) {
  return torch::binary_cross_entropy_with_logits(forward(), work.labels, {}, torch::full({1}, 170.0F));
}

double largest_gradient_difference(models::Network& network, const Workload& work, const Forward& a, const Forward& b) {
  loss_of(a, work).backward();
  std::vector<Tensor> gradients;
  for (auto& parameter : network.parameters()) gradients.push_back(parameter.grad().clone());
  network.zero_grad();
  loss_of(b, work).backward();
  double largest = 0;
  for (std::size_t i = 0; i < gradients.size(); ++i) {
    const auto other = network.parameters()[i].grad();
    largest = std::max(largest, ((gradients[i] - other).abs().max() / other.abs().max()).item<double>());
  }
  network.zero_grad();
  return largest;
}

void check(models::Network& network, const Workload& work, const Forward& factorised, const Forward& naive) {
  const double logits = (factorised() - naive()).abs().max().item<double>();
  const double gradients = largest_gradient_difference(network, work, factorised, naive);
  std::printf("largest difference to the edge-wise definition: logits %.2g, gradients (relative) %.2g\n", logits, gradients);
  if (logits < 1e-4 && gradients < 1e-2) return;
  std::fprintf(stderr, "the answers differ: nothing is timed\n");
  std::exit(1);
}

struct Timing {
  std::string name;
  std::function<void()> work;
  std::vector<double> ms;
};

void measure(std::vector<Timing>& timings, int repeats) {
  for (int repeat = -2; repeat < repeats; ++repeat) {
    for (auto& timing : timings) {
      const auto start = std::chrono::steady_clock::now();
      timing.work();
      if (repeat >= 0) timing.ms.push_back(std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - start).count());
    }
  }
  for (auto& timing : timings) {
    std::ranges::sort(timing.ms);
    const double median = timing.ms[timing.ms.size() / 2];
    std::printf("  %-28s min %8.2f  median %8.2f ms  (%.1f events/s)\n", timing.name.c_str(), timing.ms.front(), median, 1000 / median);
  }
}

}  // namespace

int main(int argc, char** argv) {
  const int repeats = argc > 1 ? std::max(1, std::atoi(argv[1])) : 15;
  training::keep_freed_memory();
  const Workload work = make_workload();
  const auto network = make_network();
  const Forward factorised = [&] { return network->forward(work.graph); }, naive = [&] { return edge_wise(*network, work.graph); };
  check(*network, work, factorised, naive);
  const auto cost = models::cost(network->config(), n_features);
  std::printf("%ju parameters, %.0f MFLOP per event forward, %d repeats\n", static_cast<std::uintmax_t>(cost.parameters),
              static_cast<double>(cost.flops(n_nodes, 0)) / 1e6, repeats);

  torch::optim::AdamW optimizer(network->parameters(), torch::optim::AdamWOptions(1e-5));
  const auto step = [&](const Forward& forward) {
    optimizer.zero_grad();
    loss_of(forward, work).backward();
    optimizer.step();
  };
  for (const int threads : argc > 2 ? std::vector<int>{std::max(1, std::atoi(argv[2]))} : std::vector<int>{1, 2}) {
    torch::set_num_threads(threads);
    std::printf("%d thread%s\n", threads, threads > 1 ? "s" : "");
    std::vector<Timing> timings{{"forward",
                                 [&] {
                                   const torch::NoGradGuard guard;
                                   (void)factorised();
                                 },
                                 {}},
                                {"step", [&] { step(factorised); }, {}},
                                {"step, edge-wise definition", [&] { step(naive); }, {}}};
    measure(timings, repeats);
  }
  return 0;
}
