// The groups of a fully connected graph are the ranges of nodes that no edge leaves. All pairs of
// every group must be there; they are counted, and a missing one is looked for only if the count is
// wrong.
#include <algorithm>
#include <numeric>
#include <utility>

#include <stationhit/core/errors.hpp>
#include <stationhit/graph/hit_scores.hpp>
#include <stationhit/inference/dumped_inputs.hpp>
#include <stationhit/inference/edge_list.hpp>

namespace stationhit::inference {
namespace {

using Pair = std::pair<std::int64_t, std::int64_t>;

void check_features(const DumpedEvent& event, const Model& model, const std::string& where) {
  const std::vector<std::string>& expected = model.metadata().feature_names;
  const std::vector<std::string>& found = event.feature_names;
  if (found == expected) return;
  const std::string advice = "; give the model that the dump was made with";
  if (found.size() != expected.size()) {
    throw core::DataError(where + ": feature_names has " + std::to_string(found.size()) +
                          " features, " + model.path().string() + " takes " +
                          std::to_string(expected.size()) + advice);
  }
  const auto [a, b] = std::mismatch(found.begin(), found.end(), expected.begin());
  throw core::DataError(where + ": feature_names[" + std::to_string(a - found.begin()) + "] is " +
                        *a + ", " + model.path().string() + " takes " + *b + " there" + advice);
}

// [n_groups + 1]
std::vector<std::uint32_t> groups_of(const DumpedEvent& event) {
  const std::size_t n = event.n_nodes();
  std::vector<std::int64_t> last(n);  // the largest node that an edge joins with this one
  std::iota(last.begin(), last.end(), 0);
  for (std::size_t i = 0; i < event.edge_sources.size(); ++i) {
    const auto [low, high] = std::minmax(event.edge_sources[i], event.edge_destinations[i]);
    auto& reached = last[static_cast<std::size_t>(low)];
    reached = std::max(reached, high);
  }
  std::vector<std::uint32_t> offsets{0};
  std::int64_t reached = -1;
  for (std::size_t node = 0; node < n; ++node) {
    reached = std::max(reached, last[node]);
    if (std::cmp_equal(reached, node)) offsets.push_back(static_cast<std::uint32_t>(node + 1));
  }
  return offsets;
}

// The edges without direction, each once.
std::vector<Pair> pairs_of(const DumpedEvent& event) {
  std::vector<Pair> pairs;
  pairs.reserve(event.edge_sources.size());
  for (std::size_t i = 0; i < event.edge_sources.size(); ++i)
    pairs.emplace_back(std::minmax(event.edge_sources[i], event.edge_destinations[i]));
  std::sort(pairs.begin(), pairs.end());
  pairs.erase(std::unique(pairs.begin(), pairs.end()), pairs.end());
  return pairs;
}

// What the loops over all groups would meet first. `pairs` is sorted as they go.
Pair first_missing(const std::vector<Pair>& pairs, const std::vector<std::uint32_t>& offsets) {
  auto next = pairs.begin();
  for (std::size_t group = 0; group + 1 < offsets.size(); ++group) {
    for (std::int64_t low = offsets[group]; low < offsets[group + 1]; ++low) {
      for (std::int64_t high = low + 1; high < offsets[group + 1]; ++high) {
        if (next == pairs.end() || *next != Pair{low, high}) return {low, high};
        ++next;
      }
    }
  }
  return {};
}

void check_no_loop(const DumpedEvent& event, const std::string& where) {
  for (std::size_t i = 0; i < event.edge_sources.size(); ++i) {
    if (event.edge_sources[i] != event.edge_destinations[i]) continue;
    throw core::DataError(where + ": edge " + std::to_string(i) + " of edge_index goes from node " +
                          std::to_string(event.edge_sources[i]) +
                          " to itself, and the network adds that itself; leave it out");
  }
}

void check_complete(const DumpedEvent& event, const std::vector<std::uint32_t>& offsets,
                    const std::string& where) {
  check_no_loop(event, where);
  std::size_t expected = 0;
  for (std::size_t group = 0; group + 1 < offsets.size(); ++group) {
    const std::size_t size = offsets[group + 1] - offsets[group];
    expected += size * (size - 1) / 2;
  }
  const std::vector<Pair> pairs = pairs_of(event);
  if (pairs.size() == expected) return;
  const auto [low, high] = first_missing(pairs, offsets);
  throw core::DataError(where + ": edge_index joins nodes around " + std::to_string(low) + " and " +
                        std::to_string(high) +
                        " to one bucket but has no edge between these two; "
                        "the model takes all edges of a bucket, whose nodes lie side by side");
}

graph::NeighborTable neighbors_of(const DumpedEvent& event, std::int32_t k,
                                  const std::string& where) {
  graph::NeighborTable table;
  table.k = k;
  table.index.assign(event.n_nodes() * static_cast<std::size_t>(k), graph::no_neighbor);
  std::vector<std::int32_t> degree(event.n_nodes(), 0);
  for (std::size_t i = 0; i < event.edge_sources.size(); ++i) {
    const auto to = static_cast<std::size_t>(event.edge_destinations[i]);
    if (degree[to] == k) {
      throw core::DataError(where + ": edge_index has more than " + std::to_string(k) +
                            " edges to node " + std::to_string(to) + ", and the model takes " +
                            std::to_string(k) + "; make the graph with the k of the model");
    }
    table.index[to * static_cast<std::size_t>(k) + static_cast<std::size_t>(degree[to]++)] =
        static_cast<std::int32_t>(event.edge_sources[i]);
  }
  return table;
}

void require_no_buckets(const Model& model, const std::string& where) {
  const InputNeeds needs = model.needs();
  if (!needs.offsets && !needs.slots) return;
  throw core::DataError(where + ": " + model.path().string() +
                        " takes neighbors and the buckets too, which a list of edges to neighbors "
                        "does not have; score the events with stationhit infer");
}

// Without groups; every node is a hit of its own.
graph::NodeTable nodes_as_hits(std::size_t n) {
  graph::NodeTable nodes;
  nodes.hit.resize(n);
  std::iota(nodes.hit.begin(), nodes.hit.end(), 0U);
  return nodes;
}

// The edge list of one prepared event.
void add_edges(const Model& model, PreparedEvents& prepared, const std::string& where) {
  if (model.needs().edges) return;
  ModelInputs& inputs = prepared.inputs;
  const graph::NodeTable& nodes = prepared.nodes.front();
  graph::NeighborTable table;
  if (!graph::has_table(model.graph())) {
    check_pair_count(nodes, where);
  } else if (model.needs().neighbors) {
    table.k = model.graph().k;
    table.index = inputs.neighbors;
  } else {
    return;  // the network looks at no neighbors
  }
  append_edges(inputs, nodes, table, 0);
}

}  // namespace

PreparedEvents prepare_dumped(const HitClassifier& classifier, const DumpedEvent& event,
                              const std::string& where) {
  const Model& model = classifier.model();
  check_features(event, model, where);
  features::EventInputs inputs;
  inputs.nodes = nodes_as_hits(event.n_nodes());
  inputs.features = {event.feature_names, event.features};
  if (graph::has_table(model.graph())) {
    require_no_buckets(model, where);
    inputs.neighbors = neighbors_of(event, model.graph().k, where);
  } else {
    inputs.nodes.offsets = groups_of(event);
    check_complete(event, inputs.nodes.offsets, where);
  }
  PreparedEvents prepared = classifier.prepare(std::move(inputs));
  if (model.needs().edges) {
    prepared.inputs.edge_sources = event.edge_sources;
    prepared.inputs.edge_destinations = event.edge_destinations;
  }
  return prepared;
}

std::vector<float> tool_scores(const HitClassifier& classifier, const PreparedEvents& prepared) {
  const std::vector<float> logits = classifier.node_logits(prepared);
  return graph::hit_scores(nodes_as_hits(logits.size()), logits, logits.size());
}

DumpedEvent dump_event(const HitClassifier& classifier, const core::Event& event,
                       const std::string& model_hash, float cut) {
  const Model& model = classifier.model();
  PreparedEvents prepared = classifier.prepare({&event, 1});
  DumpedEvent dumped;
  dumped.model_hash = model_hash;
  dumped.run_number = event.header.run_number;
  dumped.event_number = event.header.event_number;
  dumped.feature_names = model.metadata().feature_names;
  dumped.cut = cut;
  dumped.scores = tool_scores(classifier, prepared);
  for (const float score : dumped.scores) dumped.kept.push_back(score > cut ? 1 : 0);
  add_edges(model, prepared, "event " + std::to_string(dumped.event_number));
  dumped.features = std::move(prepared.inputs.features);
  dumped.edge_sources = std::move(prepared.inputs.edge_sources);
  dumped.edge_destinations = std::move(prepared.inputs.edge_destinations);
  return dumped;
}

}  // namespace stationhit::inference
