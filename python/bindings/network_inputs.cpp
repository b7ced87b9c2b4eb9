// Nodes, features and neighbors of one event: what features::InputBuilder makes for every network.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include <nanobind/nanobind.h>
#include <nanobind/stl/string.h>
#include <nanobind/stl/vector.h>

#include <stationhit/features/column_needs.hpp>
#include <stationhit/features/features.hpp>
#include <stationhit/features/input_builder.hpp>
#include <stationhit/graph/neighbor_builder.hpp>
#include <stationhit/graph/node_builder.hpp>
#include <stationhit/inference/edge_list.hpp>

#include "bindings.hpp"
#include "event_reader.hpp"
#include "new_array.hpp"

namespace stationhit::python {
namespace {

using namespace nb::literals;

// Throws as HitClassifier::scores.
void check(const core::EventColumns& event, const std::vector<std::string>& names,
           const graph::GraphConfig& config, const std::string& where) {
  core::check_consistency(event, where);
  features::ColumnNeeds(names, config, features::NeededBy::caller).check(event, where);
  features::check_technologies(event.hits.technology, where);
}

// Without names there are no features, which the input builder does not know.
features::EventInputs make_inputs(const core::EventColumns& event,
                                  const std::vector<std::string>& names,
                                  const graph::GraphConfig& config) {
  features::EventInputs inputs;
  if (!names.empty()) {
    features::InputBuilder(config, names).build(event, inputs);
    return inputs;
  }
  graph::NodeBuilder(config).build(event, inputs.nodes);
  graph::NeighborBuilder(config).build(event, inputs.nodes, inputs.neighbors);
  return inputs;
}

std::vector<std::int64_t> make_edges(const features::EventInputs& inputs,
                                     const graph::GraphConfig& config, const std::string& where) {
  if (!graph::has_table(config)) inference::check_pair_count(inputs.nodes, where);
  inference::ModelInputs edges;
  inference::append_edges(edges, inputs.nodes, inputs.neighbors, 0);
  std::vector<std::int64_t> both = std::move(edges.edge_sources);
  both.insert(both.end(), edges.edge_destinations.begin(), edges.edge_destinations.end());
  return both;
}

nb::dict build_inputs(nb::handle given, const std::vector<std::string>& names,
                      const std::string& graph_json, bool edges) {
  const graph::GraphConfig config = graph::from_json(graph_json, "graph");
  graph::check(config);
  if (!names.empty()) features::check_feature_names(names);
  EventArrays event = read_event(columns_of(given));
  const std::string where = "event " + std::to_string(event.columns.header.event_number);
  features::EventInputs inputs;
  std::vector<std::int64_t> pairs;
  {
    const nb::gil_scoped_release others_run;
    check(event.columns, names, config, where);
    features::ZeroColumns zeros;
    zeros.fill_in(event.columns.hits);
    inputs = make_inputs(event.columns, names, config);
    if (edges) pairs = make_edges(inputs, config, where);
  }
  const std::size_t n_nodes = inputs.nodes.size();
  nb::dict result;
  result["hit"] = to_array(std::move(inputs.nodes.hit));
  result["offsets"] = to_array(std::move(inputs.nodes.offsets));
  result["y_min"] = to_array(std::move(inputs.nodes.y_min));
  result["y_max"] = to_array(std::move(inputs.nodes.y_max));
  if (graph::has_table(config)) {
    const auto k = static_cast<std::size_t>(inputs.neighbors.k);
    result["neighbors"] =
        to_array<std::int32_t, 2>(std::move(inputs.neighbors.index), {n_nodes, k});
  }
  if (edges) {
    const std::size_t n_edges = pairs.size() / 2;
    result["edge_index"] = to_array<std::int64_t, 2>(std::move(pairs), {2, n_edges});
  }
  if (!names.empty())
    result["features"] =
        to_array<float, 2>(std::move(inputs.features.values), {n_nodes, names.size()});
  return result;
}

nb::list known_features() {
  nb::list known;
  for (const features::FeatureInfo& feature : features::known_features()) {
    nb::dict entry;
    entry["name"] = feature.name;
    entry["unit"] = feature.unit;
    entry["meaning"] = feature.meaning;
    known.append(entry);
  }
  return known;
}

}  // namespace

void add_network_inputs(nb::module_& module) {
  module.def("_build_inputs", &build_inputs, "columns"_a, "names"_a, "graph_json"_a, "edges"_a);
  module.def("_known_features", &known_features);
  module.def("_default_graph", [] { return graph::to_json({}); });
}

}  // namespace stationhit::python
