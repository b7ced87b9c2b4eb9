// Times the kernels of message passing, forward and backward, on one event of <mu> = 200 (6,900
// nodes in buckets of about 31, k = 16, 64 columns; 13 features at 13 scales) with one thread. They
// are compared with plain loops compiled like the rest of the program ("plain") and with Torch's
// operations ("torch"), after a check that all results agree.
#include <algorithm>
#include <cmath>
#include <cstdio>
#include <cstdlib>
#include <random>
#include <string>
#include <vector>

#include <benchmark/benchmark.h>
#include <torch/torch.h>

#include <stationhit/training/trainer.hpp>

#include "../src/models/encode.hpp"
#include "../src/models/linear.hpp"
#include "../src/models/neighbor_ops.hpp"
#include "../src/models/neighbor_ops_aten.hpp"
#include "random_event_graph.hpp"

namespace {

using namespace stationhit;
using torch::Tensor;

constexpr std::int64_t n_nodes = 6900, k = 16, width = 64, heads = 4, n_features = 13;

struct Workload {
  Tensor neighbors, joint, a, b, values, gradient, features, weight;
  models::InputConstants constants;
};

const Workload& workload() {
  static const Workload work = [] {
    torch::manual_seed(1);
    std::mt19937_64 engine(1);
    auto table = bench::make_neighbors(n_nodes, k, engine);
    Workload w;
    w.neighbors = torch::tensor(table, torch::kInt).view({n_nodes, k});
    w.joint = torch::randn({n_nodes, 2 * width});
    w.a = torch::randn({n_nodes, heads});
    w.b = torch::randn({n_nodes, heads});
    w.values = torch::randn({n_nodes, width});
    w.gradient = torch::randn({n_nodes, width});
    w.features = torch::randn({n_nodes, n_features});
    w.weight = torch::randn({2 * width, width}) / 8;
    std::vector<float> frequencies;
    for (int scale = -6; scale <= 6; ++scale)
      frequencies.push_back(static_cast<float>(std::pow(3.0, -scale)));
    w.constants = {torch::zeros({n_features}), torch::ones({n_features}),
                   torch::tensor(frequencies)};
    return w;
  }();
  return work;
}

// Plain loops.

Tensor plain_max(const Tensor& joint, const models::Edges& edges, double slope) {
  const Tensor result = torch::zeros({n_nodes, width});
  const auto values = joint.accessor<float, 2>();
  const auto table = edges.table.accessor<std::int32_t, 2>();
  auto out = result.accessor<float, 2>();
  for (std::int64_t i = 0; i < n_nodes; ++i) {
    for (std::int64_t c = 0; c < width && table[i][0] >= 0; ++c) {
      float best = -INFINITY;
      for (std::int64_t n = 0; n < k && table[i][n] >= 0; ++n)
        best = std::max(best, values[table[i][n]][width + c]);
      const float x = values[i][c] + best;
      out[i][c] = x > 0 ? x : static_cast<float>(slope) * x;
    }
  }
  return result;
}

Tensor plain_mean(const Tensor& joint, const models::Edges& edges, double slope, bool mean) {
  const Tensor result = torch::zeros({n_nodes, width});
  const auto values = joint.accessor<float, 2>();
  const auto table = edges.table.accessor<std::int32_t, 2>();
  auto out = result.accessor<float, 2>();
  for (std::int64_t i = 0; i < n_nodes; ++i) {
    std::int64_t degree = 0;
    for (; degree < k && table[i][degree] >= 0; ++degree) {
      for (std::int64_t c = 0; c < width; ++c) {
        const float x = values[i][c] + values[table[i][degree]][width + c];
        out[i][c] += x > 0 ? x : static_cast<float>(slope) * x;
      }
    }
    for (std::int64_t c = 0; c < width && mean && degree > 0; ++c)
      out[i][c] /= static_cast<float>(degree);
  }
  return result;
}

Tensor plain_encode(const models::InputConstants& constants, const Tensor& features) {
  const auto scales = constants.frequencies.size(0);
  const Tensor result = torch::empty({n_nodes, 2 * n_features * scales});
  const auto x = features.accessor<float, 2>();
  auto out = result.accessor<float, 2>();
  const auto mean = constants.mean.accessor<float, 1>(),
             inv_std = constants.inv_std.accessor<float, 1>(),
             frequencies = constants.frequencies.accessor<float, 1>();
  for (std::int64_t i = 0; i < n_nodes; ++i) {
    for (std::int64_t s = 0; s < scales; ++s) {
      for (std::int64_t f = 0; f < n_features; ++f) {
        const float angle = (x[i][f] - mean[f]) * inv_std[f] * frequencies[s];
        out[i][2 * s * n_features + f] = std::sin(angle);
        out[i][(2 * s + 1) * n_features + f] = std::cos(angle);
      }
    }
  }
  return result;
}

// The operations on the workload, for any implementation.

auto max_by(decltype(&models::max_message) op) {
  return [op](const Tensor& x) { return op(x, {workload().neighbors}, 0.0); };
}
auto mean_by(decltype(&models::sum_message) op) {
  return [op](const Tensor& x) { return op(x, {workload().neighbors}, 0.0, true); };
}
auto gather_by(decltype(&models::gather_neighbors) op) {
  return [op](const Tensor& x) { return op(x, workload().neighbors); };
}
auto attention_by(decltype(&models::attend_neighbors) op) {
  return
      [op](const Tensor& x) { return op(workload().a, workload().b, x, {workload().neighbors}); };
}
Tensor own_linear(const Tensor& x) { return models::apply_linear(x, workload().weight); }
Tensor torch_linear(const Tensor& x) { return torch::linear(x, workload().weight); }
auto encoding_by(decltype(&models::encode) op) {
  return [op](const Tensor& x) { return op(workload().constants, x); };
}

template <class Op>
void forward(benchmark::State& state, const Op& op, const Tensor& input) {
  const torch::NoGradGuard no_gradients;
  for (auto _ : state) benchmark::DoNotOptimize(op(input).data_ptr());
}

template <class Op>
void forward_and_backward(benchmark::State& state, const Op& op, const Tensor& input) {
  const Tensor x = input.clone().set_requires_grad(true);
  for (auto _ : state) {
    const Tensor out = op(x);
    benchmark::DoNotOptimize(torch::autograd::grad({out}, {x}, {torch::ones({}).expand_as(out)}));
  }
}

template <class Op>
void add(const char* name, const Op& op, const Tensor& input, bool differentiable = true) {
  benchmark::RegisterBenchmark(name, [=](benchmark::State& state) {
    forward(state, op, input);
  })->Unit(benchmark::kMillisecond);
  if (!differentiable) return;
  benchmark::RegisterBenchmark(
      (std::string(name) + "/with gradient").c_str(),
      [=](benchmark::State& state) { forward_and_backward(state, op, input); })
      ->Unit(benchmark::kMillisecond);
}

bool equal(const char* what, const Tensor& a, const Tensor& b) {
  const double difference = (a - b).abs().max().item<double>();
  if (difference < 1e-5) return true;
  std::fprintf(stderr, "bench_kernels: %s: the answers differ by %.2g, nothing is timed\n", what,
               difference);
  return false;
}

bool answers_are_right() {
  const Workload& w = workload();
  const Tensor largest = max_by(models::max_message)(w.joint),
               mean = mean_by(models::sum_message)(w.joint),
               encoded = encoding_by(models::encode)(w.features);
  return equal("max", largest, max_by(plain_max)(w.joint)) &&
         equal("max", largest, max_by(models::aten::max_message)(w.joint)) &&
         equal("mean", mean, mean_by(plain_mean)(w.joint)) &&
         equal("mean", mean, mean_by(models::aten::sum_message)(w.joint)) &&
         equal("gather", gather_by(models::gather_neighbors)(w.values),
               gather_by(models::aten::gather_neighbors)(w.values)) &&
         equal("attention", attention_by(models::attend_neighbors)(w.values),
               attention_by(models::aten::attend_neighbors)(w.values)) &&
         equal("linear", own_linear(w.values), torch_linear(w.values)) &&
         equal("encoding", encoded, encoding_by(plain_encode)(w.features)) &&
         equal("encoding", encoded, encoding_by(models::aten::encode)(w.features));
}

void register_all() {
  const Workload& w = workload();
  add("max", max_by(models::max_message), w.joint);
  add("max/plain", max_by(plain_max), w.joint, false);
  add("max/torch", max_by(models::aten::max_message), w.joint);
  add("mean", mean_by(models::sum_message), w.joint);
  add("mean/plain", mean_by(plain_mean), w.joint, false);
  add("mean/torch", mean_by(models::aten::sum_message), w.joint);
  add("gather", gather_by(models::gather_neighbors), w.values);
  add("gather/torch", gather_by(models::aten::gather_neighbors), w.values);
  add("attention", attention_by(models::attend_neighbors), w.values);
  add("attention/torch", attention_by(models::aten::attend_neighbors), w.values);
  add("linear", own_linear, w.values);
  add("linear/torch", torch_linear, w.values);
  add("encoding", encoding_by(models::encode), w.features, false);
  add("encoding/plain", encoding_by(plain_encode), w.features, false);
  add("encoding/torch", encoding_by(models::aten::encode), w.features, false);
}

}  // namespace

int main(int argc, char** argv) {
  training::keep_freed_memory();
  torch::set_num_threads(1);
  if (!answers_are_right()) return EXIT_FAILURE;
  register_all();
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return EXIT_FAILURE;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return EXIT_SUCCESS;
}
