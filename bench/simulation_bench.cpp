// Times the toy simulation with one thread.
#include <cstdio>
#include <cstdlib>

#include <benchmark/benchmark.h>

#include <stationhit/core/buckets.hpp>
#include <stationhit/simulation/simulator.hpp>

namespace {

using stationhit::simulation::SimulationConfig;
using stationhit::simulation::Simulator;

SimulationConfig with_mu(std::int64_t mu) {
  SimulationConfig config;
  config.mu = static_cast<double>(mu);
  return config;
}

void generate(benchmark::State& state) {
  const Simulator simulator(with_mu(state.range(0)));
  std::uint64_t event = 0;
  std::size_t hits = 0;
  for (auto _ : state) hits += simulator.generate(event++).hits.size();
  state.counters["events/s"] =
      benchmark::Counter(static_cast<double>(event), benchmark::Counter::kIsRate);
  state.counters["hits/event"] = static_cast<double>(hits) / static_cast<double>(event);
}
BENCHMARK(generate)->Arg(0)->Arg(60)->Arg(200)->Unit(benchmark::kMillisecond);

void build_buckets(benchmark::State& state) {
  const auto event = Simulator(with_mu(200)).generate(0);
  for (auto _ : state) benchmark::DoNotOptimize(stationhit::core::build_buckets(event.hits));
  state.counters["hits/s"] = benchmark::Counter(static_cast<double>(event.hits.size()),
                                                benchmark::Counter::kIsIterationInvariantRate);
}
BENCHMARK(build_buckets)->Unit(benchmark::kMillisecond);

// Checks before anything is timed: an event made twice is the same, is consistent and has many
// hits.
bool answers_are_right() {
  const Simulator simulator(with_mu(200));
  const auto event = simulator.generate(3);
  stationhit::core::check_consistency(event, "event 3");
  return event == simulator.generate(3) && event.hits.size() > 1000;
}

}  // namespace

int main(int argc, char** argv) {
  if (!answers_are_right()) {
    std::fputs("bench_simulation: an event is not reproducible, nothing is timed\n", stderr);
    return EXIT_FAILURE;
  }
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return EXIT_FAILURE;
  benchmark::RunSpecifiedBenchmarks();
  benchmark::Shutdown();
  return EXIT_SUCCESS;
}
