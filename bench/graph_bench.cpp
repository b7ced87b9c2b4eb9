// Preparation of toy events at mu = 200, one thread: nodes, neighbour table (k = 16), the 13 features of the deployment contract, all of them
// together, statistics. Before the clock runs, the neighbour tables are compared with a sort of all distances in each group.
#include <algorithm>
#include <cstdio>
#include <string>
#include <tuple>
#include <vector>

#include <benchmark/benchmark.h>

#include <stationhit/features/inputs.hpp>
#include <stationhit/features/statistics_accumulator.hpp>
#include <stationhit/simulation/simulator.hpp>

namespace {

using namespace stationhit;

constexpr std::size_t n_events = 32;
const graph::GraphConfig config;
const std::vector<std::string> names{"localX",         "localY",    "localZ",         "stationIndex", "stationPhi", "stationEta", "driftR",
                                     "relative_layer", "neighbors", "bucket_density", "isolation",    "covX",       "covY"};

std::vector<std::int32_t> naive_neighbours(const core::Event& event, const graph::NodeTable& nodes) {
  std::vector<std::int32_t> table;
  const auto& y = event.hits.local_y;
  const auto& z = event.hits.local_z;
  for (std::size_t b = 0; b < nodes.n_groups(); ++b) {
    for (std::uint32_t i = nodes.offsets[b]; i < nodes.offsets[b + 1]; ++i) {
      std::vector<std::tuple<float, std::uint32_t>> others;
      for (std::uint32_t j = nodes.offsets[b]; j < nodes.offsets[b + 1]; ++j) {
        const float dy = y[nodes.hit[i]] - y[nodes.hit[j]];
        const float dz = z[nodes.hit[i]] - z[nodes.hit[j]];
        if (i != j) others.emplace_back(dy * dy + dz * dz, j);
      }
      std::sort(others.begin(), others.end());
      others.resize(std::min(others.size(), static_cast<std::size_t>(config.k)));
      for (const auto& [d2, j] : others) table.push_back(static_cast<std::int32_t>(j));
      table.resize(static_cast<std::size_t>(i + 1) * static_cast<std::size_t>(config.k), graph::no_neighbour);
    }
  }
  return table;
}

// All hits of the event in one bucket.
core::Event in_one_bucket(core::Event event) {
  core::BucketTable& buckets = event.buckets;
  core::for_each_bucket_column([&](const char*, auto member) { (buckets.*member).resize(1); });
  buckets.hits.clear();
  for (std::uint32_t hit = 0; hit < event.hits.size(); ++hit) buckets.hits.push_back(hit);
  buckets.offsets = {0, static_cast<std::uint32_t>(event.hits.size())};
  return event;
}

struct Sample {
  std::vector<core::Event> events, one_bucket;
  std::vector<graph::NodeTable> nodes, one_bucket_nodes;

  Sample() {
    const simulation::Simulator simulator{{}};
    for (std::size_t e = 0; e < n_events; ++e) {
      events.push_back(simulator.generate(e));
      nodes.push_back(graph::make_nodes(events.back(), config));
      one_bucket.push_back(in_one_bucket(events.back()));
      one_bucket_nodes.push_back(graph::make_nodes(one_bucket.back(), config));
    }
  }
};

const Sample& sample() {
  static const Sample sample;
  return sample;
}

bool answers_are_right() {
  const Sample& s = sample();
  for (std::size_t e = 0; e < n_events; ++e)
    if (graph::build_neighbours(s.events[e], s.nodes[e], config).index != naive_neighbours(s.events[e], s.nodes[e])) return false;
  return graph::build_neighbours(s.one_bucket[0], s.one_bucket_nodes[0], config).index == naive_neighbours(s.one_bucket[0], s.one_bucket_nodes[0]);
}

// Runs step(event number) on all events in turn; the time is per event.
template <class Step>
void per_event(benchmark::State& state, Step step) {
  std::size_t e = 0;
  double hits = 0;
  for (auto _ : state) {
    benchmark::DoNotOptimize(step(e));
    hits += static_cast<double>(sample().events[e].hits.size());
    e = (e + 1) % n_events;
  }
  state.counters["hits/event"] = benchmark::Counter(hits, benchmark::Counter::kAvgIterations);
}

void nodes_of_file_buckets(benchmark::State& state) {
  per_event(state, [](std::size_t e) { return graph::make_nodes(sample().events[e], config); });
}
void nodes_of_built_buckets(benchmark::State& state) {
  graph::GraphConfig build = config;
  build.buckets = "build";
  per_event(state, [&](std::size_t e) { return graph::make_nodes(sample().events[e], build); });
}
void neighbours(benchmark::State& state) {
  per_event(state, [](std::size_t e) { return graph::build_neighbours(sample().events[e], sample().nodes[e], config); });
}
void neighbours_in_one_bucket(benchmark::State& state) {
  per_event(state, [](std::size_t e) { return graph::build_neighbours(sample().one_bucket[e], sample().one_bucket_nodes[e], config); });
}
void features_13(benchmark::State& state) {
  per_event(state, [](std::size_t e) { return features::compute_features(sample().events[e], sample().nodes[e], names); });
}
void inputs(benchmark::State& state) {
  per_event(state, [](std::size_t e) { return features::build_inputs(sample().events[e], config, names); });
}
void statistics(benchmark::State& state) {
  const auto table = features::compute_features(sample().events[0], sample().nodes[0], names);
  features::StatisticsAccumulator accumulator(names);
  for (auto _ : state) accumulator.add(table);
}
void single_feature(benchmark::State& state, const std::string& name) {
  const std::vector<std::string> one{name};
  per_event(state, [&](std::size_t e) { return features::compute_features(sample().events[e], sample().nodes[e], one); });
}

BENCHMARK(nodes_of_file_buckets)->Unit(benchmark::kMillisecond);
BENCHMARK(nodes_of_built_buckets)->Unit(benchmark::kMillisecond);
BENCHMARK(neighbours)->Unit(benchmark::kMillisecond);
BENCHMARK(neighbours_in_one_bucket)->Unit(benchmark::kMillisecond);
BENCHMARK(features_13)->Unit(benchmark::kMillisecond);
BENCHMARK(inputs)->Unit(benchmark::kMillisecond);
BENCHMARK(statistics)->Unit(benchmark::kMillisecond);

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  if (!answers_are_right()) {
    std::fputs("the neighbour tables differ from those of the definition\n", stderr);
    return 1;
  }
  for (const features::FeatureInfo& info : features::known_features())
    benchmark::RegisterBenchmark(("feature/" + info.name).c_str(), single_feature, info.name)->Unit(benchmark::kMillisecond);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
