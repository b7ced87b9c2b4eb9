// Times the preparation of toy events at mu = 200 on one thread: nodes and neighbor tables (k = 16;
// within 10 cm) for buckets, sectors and the whole event, the 13 features of the deployment
// contract, all of these together, and statistics. Before anything is timed, the neighbor tables
// are compared with a sort of all distances in each group.
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
const std::vector<graph::Grouping> groupings{graph::Grouping::bucket, graph::Grouping::sector,
                                             graph::Grouping::event};
const std::vector<graph::EdgeKind> edge_kinds{graph::EdgeKind::knn, graph::EdgeKind::radius};
const std::vector<std::string> names{"localX",     "localY",         "localZ",    "stationIndex",
                                     "stationPhi", "stationEta",     "driftR",    "relative_layer",
                                     "neighbors",  "bucket_density", "isolation", "covX",
                                     "covY"};

graph::GraphConfig config_of(graph::Grouping grouping, graph::EdgeKind edges) {
  graph::GraphConfig result;
  result.grouping = grouping;
  result.edges = edges;
  return result;
}

std::vector<std::int32_t> naive_neighbors(const core::Event& event, const graph::NodeTable& nodes,
                                          const graph::GraphConfig& kind) {
  std::vector<std::int32_t> table;
  const auto radius = static_cast<float>(10 * kind.radius);
  const auto& y = event.hits.local_y;
  const auto& z = event.hits.local_z;
  for (std::size_t b = 0; b < nodes.n_groups(); ++b) {
    for (std::uint32_t i = nodes.offsets[b]; i < nodes.offsets[b + 1]; ++i) {
      std::vector<std::tuple<float, std::uint32_t>> others;
      for (std::uint32_t j = nodes.offsets[b]; j < nodes.offsets[b + 1]; ++j) {
        const float dy = y[nodes.hit[i]] - y[nodes.hit[j]];
        const float dz = z[nodes.hit[i]] - z[nodes.hit[j]];
        const float d2 = dy * dy + dz * dz;
        if (i != j && (kind.edges == graph::EdgeKind::knn || d2 <= radius * radius))
          others.emplace_back(d2, j);
      }
      std::sort(others.begin(), others.end());
      others.resize(std::min(others.size(), static_cast<std::size_t>(kind.k)));
      for (const auto& [d2, j] : others) table.push_back(static_cast<std::int32_t>(j));
      table.resize(static_cast<std::size_t>(i + 1) * static_cast<std::size_t>(kind.k),
                   graph::no_neighbor);
    }
  }
  return table;
}

struct Sample {
  std::vector<core::Event> events;
  std::vector<graph::NodeTable> nodes;

  Sample() {
    const simulation::Simulator simulator{{}};
    for (std::size_t e = 0; e < n_events; ++e) {
      events.push_back(simulator.generate(e));
      nodes.push_back(graph::make_nodes(events.back(), config));
    }
  }
};

const Sample& sample() {
  static const Sample sample;
  return sample;
}

bool answers_are_right() {
  for (const graph::Grouping grouping : groupings) {
    for (const graph::EdgeKind edges : edge_kinds) {
      const graph::GraphConfig kind = config_of(grouping, edges);
      for (std::size_t e = 0; e < (grouping == graph::Grouping::event ? 1 : n_events); ++e) {
        const core::Event& event = sample().events[e];
        const graph::NodeTable nodes = graph::make_nodes(event, kind);
        if (graph::build_neighbors(event, nodes, kind).index != naive_neighbors(event, nodes, kind))
          return false;
      }
    }
  }
  return true;
}

// Runs step(event number) on all events in turn and reports the time per event.
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
  build.buckets = graph::BucketSource::build;
  per_event(state, [&](std::size_t e) { return graph::make_nodes(sample().events[e], build); });
}
void nodes_of_grouping(benchmark::State& state, graph::Grouping grouping) {
  per_event(state, [kind = config_of(grouping, graph::EdgeKind::knn)](std::size_t e) {
    return graph::make_nodes(sample().events[e], kind);
  });
}
void neighbors(benchmark::State& state, const graph::GraphConfig& kind) {
  std::vector<graph::NodeTable> nodes;
  for (const core::Event& event : sample().events) nodes.push_back(graph::make_nodes(event, kind));
  per_event(state, [&](std::size_t e) {
    return graph::build_neighbors(sample().events[e], nodes[e], kind);
  });
}
void features_13(benchmark::State& state) {
  per_event(state, [](std::size_t e) {
    return features::compute_features(sample().events[e], sample().nodes[e], names);
  });
}
void inputs(benchmark::State& state, graph::Grouping grouping) {
  per_event(state, [kind = config_of(grouping, graph::EdgeKind::knn)](std::size_t e) {
    return features::build_inputs(sample().events[e], kind, names);
  });
}
void statistics(benchmark::State& state) {
  const auto table = features::compute_features(sample().events[0], sample().nodes[0], names);
  features::StatisticsAccumulator accumulator(names);
  for (auto _ : state) accumulator.add(table);
}
void single_feature(benchmark::State& state, const std::string& name) {
  const std::vector<std::string> one{name};
  per_event(state, [&](std::size_t e) {
    return features::compute_features(sample().events[e], sample().nodes[e], one);
  });
}

BENCHMARK(nodes_of_file_buckets)->Unit(benchmark::kMillisecond);
BENCHMARK(nodes_of_built_buckets)->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(nodes_of_grouping, sector, graph::Grouping::sector)
    ->Unit(benchmark::kMillisecond);
BENCHMARK_CAPTURE(nodes_of_grouping, event, graph::Grouping::event)->Unit(benchmark::kMillisecond);
BENCHMARK(features_13)->Unit(benchmark::kMillisecond);
BENCHMARK(statistics)->Unit(benchmark::kMillisecond);

}  // namespace

int main(int argc, char** argv) {
  benchmark::Initialize(&argc, argv);
  if (benchmark::ReportUnrecognizedArguments(argc, argv)) return 2;
  if (!answers_are_right()) {
    std::fputs("the neighbor tables differ from those of the definition\n", stderr);
    return 1;
  }
  for (const graph::Grouping grouping : groupings) {
    for (const graph::EdgeKind edges : edge_kinds)
      benchmark::RegisterBenchmark(
          ("neighbours/" + core::value_text(grouping) + "/" + core::value_text(edges)).c_str(),
          neighbors, config_of(grouping, edges))
          ->Unit(benchmark::kMillisecond);
    graph::GraphConfig global = config_of(grouping, graph::EdgeKind::knn);
    global.metric = {"globX", "globY", "globZ"};
    benchmark::RegisterBenchmark(
        ("neighbours/" + core::value_text(grouping) + "/knn_global").c_str(), neighbors, global)
        ->Unit(benchmark::kMillisecond);
    benchmark::RegisterBenchmark(("inputs/" + core::value_text(grouping)).c_str(), inputs, grouping)
        ->Unit(benchmark::kMillisecond);
  }
  for (const features::FeatureInfo& info : features::known_features())
    benchmark::RegisterBenchmark(("feature/" + info.name).c_str(), single_feature, info.name)
        ->Unit(benchmark::kMillisecond);
  benchmark::RunSpecifiedBenchmarks();
  return 0;
}
