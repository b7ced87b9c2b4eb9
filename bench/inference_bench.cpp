// Times the reference edgeconv (8 features, Fourier base 3 with 13 scales, 3 blocks of width 64, k
// = 16) on toy events at mu = 200 with one thread: preparation, session and both together. The
// weights are random, because the time does not depend on them. Before anything is timed, the
// logits of ONNX Runtime are compared with those of the network in Torch.
#include <cmath>
#include <cstdio>
#include <filesystem>

#include <benchmark/benchmark.h>
#include <torch/torch.h>
#include <unistd.h>

#include <stationhit/exporter/exporter.hpp>
#include <stationhit/inference/hit_classifier.hpp>
#include <stationhit/models/network.hpp>
#include <stationhit/simulation/simulator.hpp>

namespace {

using namespace stationhit;
using inference::HitClassifier;

constexpr std::size_t n_events = 8;

std::shared_ptr<models::Network> reference_network() {
  torch::manual_seed(1);
  features::NormalizationConstants normalization;
  normalization.mean = {0, 0, 0, 10, 4, 0, 5, 0.5F};
  normalization.inv_std = {1e-3F, 1e-3F, 1e-2F, 0.1F, 0.3F, 0.2F, 0.2F, 2};
  const architecture::ModelConfig config;
  auto network = models::build_network(config,
                                       {"localX", "localY", "localZ", "stationIndex", "stationPhi",
                                        "stationEta", "driftR", "relative_layer"},
                                       normalization);
  network->eval();
  return network;
}

HitClassifier export_and_load(const models::Network& network) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("stationhit_bench_" + std::to_string(::getpid()) + ".onnx");
  exporter::export_network(network, {}).write(path);
  HitClassifier classifier(path);
  std::filesystem::remove(path);
  return classifier;
}

// The largest |difference| / max(1, |logit|) over all nodes.
double difference(models::Network& network, const HitClassifier& classifier,
                  const core::Event& event) {
  const torch::NoGradGuard no_gradients;
  const auto prepared = classifier.prepare({&event, 1});
  const auto n = static_cast<std::int64_t>(prepared.inputs.n_nodes);
  const torch::Tensor features =
      torch::tensor(prepared.inputs.features, torch::kFloat).view({n, -1});
  const torch::Tensor neighbors =
      torch::tensor(prepared.inputs.neighbors, torch::kInt).view({n, prepared.inputs.k});
  const torch::Tensor expected = network.forward({features, neighbors});
  const torch::Tensor logits = torch::tensor(classifier.node_logits(prepared), torch::kFloat);
  return ((logits - expected).abs() / expected.abs().clamp_min(1)).max().item<double>();
}

struct Setup {
  std::shared_ptr<models::Network> network = reference_network();
  HitClassifier classifier = export_and_load(*network);
  std::vector<core::Event> events;

  Setup() {
    const simulation::Simulator simulator{simulation::SimulationConfig{}};
    double worst = 0, hits = 0;
    for (std::size_t e = 0; e < n_events; ++e) {
      events.push_back(simulator.generate(e));
      worst = std::max(worst, difference(*network, classifier, events.back()));
      hits += static_cast<double>(events.back().hits.size()) / n_events;
    }
    std::printf("%zu events, %.0f hits each; ONNX Runtime and Torch differ by at most %.1e\n",
                n_events, hits, worst);
    if (!(worst <= 1e-4))
      throw std::runtime_error("the exported network gives other logits than the network");
  }
};

Setup& setup() {
  static Setup instance;
  return instance;
}

void preparation(benchmark::State& state) {
  std::size_t e = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(setup().classifier.prepare({&setup().events[e++ % n_events], 1}));
}

void session(benchmark::State& state) {
  std::vector<inference::PreparedEvents> prepared;
  for (const auto& event : setup().events)
    prepared.push_back(setup().classifier.prepare({&event, 1}));
  std::size_t e = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(setup().classifier.node_logits(prepared[e++ % n_events]));
}

void scores(benchmark::State& state) {
  std::size_t e = 0;
  for (auto _ : state)
    benchmark::DoNotOptimize(setup().classifier.scores(setup().events[e++ % n_events]));
}

void export_and_load(benchmark::State& state) {
  for (auto _ : state) benchmark::DoNotOptimize(export_and_load(*setup().network));
}

BENCHMARK(preparation)->Unit(benchmark::kMillisecond);
BENCHMARK(session)->Unit(benchmark::kMillisecond);
BENCHMARK(scores)->Unit(benchmark::kMillisecond);
BENCHMARK(export_and_load)->Unit(benchmark::kMillisecond);

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  setup();
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
