// Times a training step (forward, backward, AdamW) of the benchmark network on a batch of four
// events of the size of <mu> = 200: 6,900 nodes each in buckets of about 31, k = 16, 13 features;
// Fourier base 3, scales -6..6, width 64, three EdgeConv blocks, one message layer, maximum. Four
// forms take turns:
//  * one event per thread, as in `stationhit train`;
//  * the batch as one graph, with the threads of Torch's own operations;
//  * one event in the factorized form in plain Torch on the neighbor table, the fastest form
//  without
//    custom kernels that a Python user can write (bench/peers: "plain PyTorch on the table");
//  * one event in the direct form, with a matrix product per edge, like PyTorch Geometric.
// Before anything is timed, losses and gradients of all forms are compared.
// usage: bench_training [repeats [threads]]
#include <algorithm>
#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include <sys/resource.h>
#include <torch/torch.h>

#include <stationhit/architecture/cost.hpp>
#include <stationhit/models/network.hpp>
#include <stationhit/training/trainer.hpp>

#include "../src/training/batch_gradients.hpp"
#include "../src/training/event_tensors.hpp"
#include "../src/training/loss.hpp"
#include "random_event_graph.hpp"

namespace {

using namespace stationhit;
using torch::Tensor;

constexpr std::int64_t n_nodes = 6900, k = 16, n_features = 13;
constexpr std::size_t events_per_batch = 4;
constexpr double pos_weight = 170;

std::shared_ptr<const training::Sample> make_sample(std::mt19937_64& engine) {
  training::Sample sample;
  std::normal_distribution<float> normal;
  std::bernoulli_distribution is_signal(0.006);
  for (std::int64_t i = 0; i < n_nodes * n_features; ++i) sample.features.push_back(normal(engine));
  for (std::int64_t i = 0; i < n_nodes; ++i) sample.labels.push_back(is_signal(engine) ? 1 : 0);
  sample.neighbors = bench::make_neighbors(n_nodes, k, engine);
  return std::make_shared<const training::Sample>(std::move(sample));
}

using Samples = std::vector<std::shared_ptr<const training::Sample>>;

Samples make_samples() {
  std::mt19937_64 engine(1);
  Samples samples;
  for (std::size_t i = 0; i < events_per_batch; ++i) samples.push_back(make_sample(engine));
  return samples;
}

struct Workload {
  models::GraphTensors graph;
  Tensor labels;
};

// Joins the events to one graph.
Workload join(const Samples& samples) {
  std::vector<Tensor> features, neighbors, labels;
  for (std::size_t i = 0; i < samples.size(); ++i) {
    const auto graph = training::graph_tensors(samples[i]->features, samples[i]->neighbors,
                                               samples[i]->offsets, n_features, k);
    features.push_back(graph.features);
    neighbors.push_back(torch::where(graph.neighbors < 0, graph.neighbors,
                                     graph.neighbors + static_cast<int>(i * n_nodes)));
    labels.push_back(training::label_tensor(samples[i]->labels));
  }
  return {{torch::cat(features), torch::cat(neighbors), {}}, torch::cat(labels)};
}

std::shared_ptr<models::Network> make_network() {
  torch::manual_seed(2);
  std::vector<std::string> names;
  for (int f = 0; f < n_features; ++f) names.push_back("f" + std::to_string(f));
  const std::vector<float> zeros(n_features, 0.0F), ones(n_features, 1.0F);
  const architecture::ModelConfig config;
  return models::build_network(config, names, features::NormalizationConstants{zeros, ones});
}

Tensor encoded_input(const models::Network& network, const models::GraphTensors& graph) {
  const auto weights = network.named_parameters();
  const Tensor angles = graph.features.unsqueeze(1) *
                        network.named_buffers()["encoding.frequencies"].view({1, -1, 1});
  return torch::relu(torch::linear(torch::stack({angles.sin(), angles.cos()}, 2).flatten(1),
                                   weights["input.weight"], weights["input.bias"]));
}

Tensor head(const models::Network& network, const Tensor& hidden) {
  const auto weights = network.named_parameters();
  return torch::linear(hidden, weights["head.0.weight"], weights["head.0.bias"]).squeeze(1);
}

std::string message_of(std::int64_t block) {
  return "blocks." + std::to_string(block) + ".message.0";
}

// The factorized form on the neighbor table; padding refers to a sentinel row.
Tensor plain_table(const models::Network& network, const models::GraphTensors& graph) {
  const auto weights = network.named_parameters();
  const auto nodes = graph.features.size(0);
  const Tensor table = torch::where(graph.neighbors < 0, nodes, graph.neighbors.to(torch::kLong));
  const Tensor connected = graph.neighbors.narrow(1, 0, 1).ge(0).to(torch::kFloat);
  Tensor hidden = encoded_input(network, graph);
  for (int block = 0; block < network.config().blocks; ++block) {
    const auto halves = weights[message_of(block) + ".weight"].chunk(2, 1);
    const Tensor own =
        torch::linear(hidden, halves[0] - halves[1], weights[message_of(block) + ".bias"]);
    const Tensor other =
        torch::constant_pad_nd(torch::linear(hidden, halves[1]), {0, 0, 0, 1}, -1e30);
    hidden = hidden + torch::relu(own + torch::embedding(other, table).amax(1)) * connected;
  }
  return head(network, hidden);
}

// The definition with a matrix product per edge, on the same weights.
Tensor edge_wise(const models::Network& network, const models::GraphTensors& graph) {
  const auto weights = network.named_parameters();
  Tensor hidden = encoded_input(network, graph);
  const Tensor present = graph.neighbors.ge(0).flatten();
  const Tensor source = graph.neighbors.flatten().to(torch::kLong).index({present});
  const Tensor target = torch::arange(graph.features.size(0)).repeat_interleave(k).index({present});
  for (int block = 0; block < network.config().blocks; ++block) {
    const std::string name = message_of(block);
    const Tensor own = hidden.index_select(0, target);
    const Tensor message =
        torch::relu(torch::linear(torch::cat({own, hidden.index_select(0, source) - own}, 1),
                                  weights[name + ".weight"], weights[name + ".bias"]));
    const Tensor index = target.unsqueeze(1).expand_as(message);
    hidden = hidden + torch::zeros_like(hidden).scatter_reduce(0, index, message, "amax",
                                                               /*include_self=*/false);
  }
  return head(network, hidden);
}

// Computes loss and gradients of the whole workload with the given forward pass.
template <class Forward>
training::BatchGradients gradients_of(models::Network& network, const Workload& work,
                                      const Forward& forward) {
  const Tensor loss =
      training::node_loss({}, forward(network, work.graph), work.labels, pos_weight);
  return {loss.item<double>(), torch::autograd::grad({loss}, network.parameters())};
}

Tensor factorized(models::Network& network, const models::GraphTensors& graph) {
  return network.forward(graph);
}

training::BatchGradients event_per_thread(models::Network& network, const Samples& samples,
                                          unsigned threads) {
  return training::batch_gradients(network, samples, {{}, pos_weight, k, 1, 0, threads}, 0);
}

void require_equal(const char* name, const training::BatchGradients& actual,
                   const training::BatchGradients& expected) {
  const double loss = std::abs(actual.loss - expected.loss);
  double gradients = 0;
  for (std::size_t i = 0; i < expected.gradients.size(); ++i) {
    const auto difference = (actual.gradients[i] - expected.gradients[i]).abs().max() /
                            expected.gradients[i].abs().max();
    gradients = std::max(gradients, difference.item<double>());
  }
  std::printf("%s against the edge-wise definition: loss %.2g, gradients (relative) %.2g apart\n",
              name, loss, gradients);
  if (loss < 1e-4 && gradients < 1e-2) return;
  std::fprintf(stderr, "the answers differ: nothing is timed\n");
  std::exit(1);
}

void check(models::Network& network, const Samples& samples) {
  const Workload batch = join(samples);
  const auto expected = gradients_of(network, batch, edge_wise);
  require_equal("plain Torch on the table", gradients_of(network, batch, plain_table), expected);
  require_equal("one graph", gradients_of(network, batch, factorized), expected);
  require_equal("event per thread", event_per_thread(network, samples, 2), expected);
}

struct Cost {
  double ms = 0, cpu_ms = 0, page_faults = 0;
};

Cost now() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  const auto ms = [](const timeval& time) {
    return 1e3 * static_cast<double>(time.tv_sec) + 1e-3 * static_cast<double>(time.tv_usec);
  };
  const auto clock = std::chrono::steady_clock::now().time_since_epoch();
  return {std::chrono::duration<double, std::milli>(clock).count(),
          ms(usage.ru_utime) + ms(usage.ru_stime), static_cast<double>(usage.ru_minflt)};
}

struct Timing {
  std::string name;
  std::size_t events;
  std::function<void()> work;
  std::vector<Cost> costs;
};

double quantile(const std::vector<Cost>& costs, double Cost::*what, double fraction) {
  std::vector<double> values;
  for (const auto& cost : costs) values.push_back(cost.*what);
  std::ranges::sort(values);
  return values[static_cast<std::size_t>(fraction * static_cast<double>(values.size() - 1))];
}

void print(const Timing& timing) {
  const auto per_event = [&](double Cost::*what, double fraction) {
    return quantile(timing.costs, what, fraction) / static_cast<double>(timing.events);
  };
  const double least = per_event(&Cost::ms, 0), median = per_event(&Cost::ms, 0.5);
  std::printf(
      "  %-31s per event: min %7.2f  median %7.2f ms (%.1f and %.1f events/s), processor %7.2f ms, "
      "%.0f page faults\n",
      timing.name.c_str(), least, median, 1000 / least, 1000 / median,
      per_event(&Cost::cpu_ms, 0.5), per_event(&Cost::page_faults, 0.5));
}

void measure(std::vector<Timing>& timings, int repeats) {
  for (int repeat = -2; repeat < repeats; ++repeat) {
    for (auto& timing : timings) {
      const Cost start = now();
      timing.work();
      const Cost end = now();
      if (repeat >= 0)
        timing.costs.push_back(
            {end.ms - start.ms, end.cpu_ms - start.cpu_ms, end.page_faults - start.page_faults});
    }
  }
  for (const auto& timing : timings) print(timing);
}

void compare(models::Network& network, const Samples& samples, int threads, int repeats) {
  torch::optim::AdamW optimizer(network.parameters(), torch::optim::AdamWOptions(1e-5));
  const auto step = [&](const training::BatchGradients& batch) {
    auto parameters = network.parameters();
    for (std::size_t i = 0; i < parameters.size(); ++i)
      parameters[i].mutable_grad() = batch.gradients[i];
    optimizer.step();
  };
  const Workload batch = join(samples), one_event = join({samples[0]});
  const auto forward = [&] {
    const torch::NoGradGuard guard;
    (void)network.forward(one_event.graph);
  };
  std::vector<Timing> timings{
      {"forward, one event", 1, forward, {}},
      {"step, an event per thread",
       samples.size(),
       [&] { step(event_per_thread(network, samples, static_cast<unsigned>(threads))); },
       {}},
      {"step, one graph",
       samples.size(),
       [&] { step(gradients_of(network, batch, factorized)); },
       {}},
      {"step, plain Torch on the table",
       1,
       [&] { step(gradients_of(network, one_event, plain_table)); },
       {}},
      {"step, edge-wise in plain Torch",
       1,
       [&] { step(gradients_of(network, one_event, edge_wise)); },
       {}}};
  std::printf("%d thread%s\n", threads, threads > 1 ? "s" : "");
  torch::set_num_threads(threads);
  measure(timings, repeats);
}

}  // namespace

int main(int argc, char** argv) {
  const int repeats = argc > 1 ? std::max(1, std::atoi(argv[1])) : 15;
  training::keep_freed_memory();
  const Samples samples = make_samples();
  const auto network = make_network();
  check(*network, samples);
  const auto description =
      architecture::describe_network(network->config(), network->feature_names());
  std::printf(
      "%ju parameters, %.0f MFLOP per event forward, %d repeats\n",
      static_cast<std::uintmax_t>(architecture::compute_cost(description).parameters),
      static_cast<double>(architecture::count_flops(description, {n_nodes, {{"hits", {}}}})) / 1e6,
      repeats);
  for (const int threads :
       argc > 2 ? std::vector<int>{std::max(1, std::atoi(argv[2]))} : std::vector<int>{1, 2}) {
    compare(*network, samples, threads, repeats);
  }
  return 0;
}
