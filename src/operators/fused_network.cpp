// The engine takes neighbors, groups and events; a file has tables of slots or a list of edges in
// their place. What the engine does not check is checked here: a wrong number must neither be read
// as a place in memory nor become a score that looks like one.
#include "fused_network.hpp"

#include <algorithm>
#include <cmath>
#include <limits>
#include <stdexcept>

#include <stationhit/architecture/model_config_json.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/graph/graph_config.hpp>

#include "graph_inputs.hpp"

namespace stationhit::operators {
namespace {

[[noreturn]] void refuse(const std::string& what) { throw std::invalid_argument(what); }

graph::GraphConfig read_graph(const std::string& text) {
  return graph::from_json(text, "attribute graph");
}

engine::Engine make_engine(const NetworkAttributes& attributes,
                           const std::vector<std::string>& feature_names,
                           engine::Neighborhood neighborhood, const engine::Weights& weights) {
  return {architecture::describe_network(architecture::model_config_from_json(attributes.network),
                                         feature_names),
          weights, neighborhood};
}

bool contains(const std::vector<InputRole>& inputs, InputRole role) {
  return std::ranges::find(inputs, role) != inputs.end();
}

// The inputs tell what the engine needs.
void check_roles(const std::vector<InputRole>& inputs, const engine::Needs& needs) {
  const auto has = [&](InputRole role) { return contains(inputs, role); };
  const bool edges = has(InputRole::edges);
  const bool complete =
      has(InputRole::features) && (!needs.neighbors || has(InputRole::neighbors) || edges) &&
      (!needs.groups || edges || (has(InputRole::slots) && has(InputRole::slot_of_node))) &&
      (!needs.events || has(InputRole::event_of_node)) &&
      !(edges && needs.neighbors && needs.groups);
  if (!complete) refuse("its inputs do not tell what the network needs");
}

void check_finite(const kernels::MatrixView<const float>& features,
                  const std::vector<std::string>& names) {
  const std::span<const float> all(features.data, features.rows * features.columns);
  bool correct = true;
  for (const float value : all) correct &= std::isfinite(value);
  if (correct) return;
  const auto wrong = std::ranges::find_if_not(all, [](float x) { return std::isfinite(x); });
  const auto at = static_cast<std::size_t>(wrong - all.begin());
  refuse("features[" + std::to_string(at / features.columns) + ", " +
         std::to_string(at % features.columns) + "] (" + names[at % features.columns] + ") is " +
         core::to_text(*wrong) + ", expected finite numbers; leave such a hit out of the call");
}

void check_size(const char* input, std::size_t size, std::size_t n_nodes) {
  if (size == n_nodes) return;
  refuse(std::string(input) + " has " + std::to_string(size) + " entries for " +
         std::to_string(n_nodes) + " nodes");
}

// Rows in the order of the engine.
void reorder(const CallInputs& inputs, CallMemory& memory, engine::Inputs& of_engine) {
  const NodeOrder& order = memory.order;
  const std::size_t n = order.nodes.size(), width = inputs.features.columns;
  memory.features.resize(n * width);
  for (std::size_t row = 0; row < n; ++row)
    std::copy_n(inputs.features.row(static_cast<std::size_t>(order.nodes[row])), width,
                memory.features.data() + row * width);
  of_engine.features = {memory.features.data(), n, width};
  if (of_engine.neighbors.rows > 0) {
    const std::size_t k = inputs.neighbors.columns;
    memory.neighbors.clear();
    for (const std::int32_t node : order.nodes) {
      for (const std::int32_t other :
           std::span(inputs.neighbors.row(static_cast<std::size_t>(node)), k))
        memory.neighbors.push_back(other < 0 ? -1 : order.rows[static_cast<std::size_t>(other)]);
    }
    of_engine.neighbors = {memory.neighbors.data(), n, k};
  }
  if (of_engine.event_of_node.empty()) return;
  std::vector<std::int32_t>& events = memory.events_of_rows;
  events.clear();
  for (const std::int32_t node : order.nodes)
    events.push_back(memory.events[static_cast<std::size_t>(node)]);
  if (!std::ranges::is_sorted(events))
    refuse("slots: the groups of an event must stand one after the other");
  of_engine.event_of_node = events;
}

}  // namespace

FusedNetwork::FusedNetwork(const NetworkAttributes& attributes, const engine::Weights& weights)
    : feature_names_(attributes.feature_names),
      inputs_(attributes.inputs),
      k_(static_cast<std::size_t>(graph::table_columns(read_graph(attributes.graph)))),
      neighborhood_(k_ > 0 ? engine::Neighborhood::table : engine::Neighborhood::group),
      engine_(make_engine(attributes, feature_names_, neighborhood_, weights)) {
  check_roles(inputs_, engine_.needs());
}

void FusedNetwork::check_inputs(const CallInputs& inputs, std::size_t n_logits) const {
  const std::size_t n = inputs.features.rows;
  check_size("output", n_logits, n);
  if (n > std::size_t{std::numeric_limits<std::int32_t>::max()})
    refuse("features has " + std::to_string(n) + " rows, which is too many");
  if (inputs.features.columns != feature_names_.size()) {
    refuse("features has " + std::to_string(inputs.features.columns) + " columns, the network " +
           "takes " + std::to_string(feature_names_.size()) + ": " + core::join(feature_names_));
  }
  check_finite(inputs.features, feature_names_);
  if (contains(inputs_, InputRole::neighbors)) {
    check_size(onnx_file::neighbors_input, inputs.neighbors.rows, n);
    if (inputs.neighbors.columns != k_) {
      refuse("neighbours has " + std::to_string(inputs.neighbors.columns) +
             " columns, the network takes k = " + std::to_string(k_));
    }
    check_neighbors(inputs.neighbors);
  }
  if (contains(inputs_, InputRole::slot_of_node))
    check_size(onnx_file::slot_of_node_input, inputs.slot_of_node.size(), n);
  if (contains(inputs_, InputRole::event_of_node))
    check_size(onnx_file::event_of_node_input, inputs.event_of_node.size(), n);
}

void FusedNetwork::add_graph(const CallInputs& inputs, CallMemory& memory,
                             engine::Inputs& of_engine) const {
  memory.order.is_given = true;
  if (contains(inputs_, InputRole::neighbors)) of_engine.neighbors = inputs.neighbors;
  if (contains(inputs_, InputRole::event_of_node)) {
    number_events(inputs.event_of_node, memory.events);
    of_engine.event_of_node = memory.events;
  }
  const EdgeList edges{inputs.edge_sources, inputs.edge_destinations, inputs.features.rows};
  if (contains(inputs_, InputRole::slots)) {
    order_by_slots(inputs.slots, inputs.slot_of_node, memory.order);
    of_engine.offsets = memory.order.offsets;
  } else if (engine_.needs().groups) {
    groups_of_edges(edges, memory);
    of_engine.offsets = memory.order.offsets;
  } else if (contains(inputs_, InputRole::edges)) {
    table_of_edges(edges, k_, memory);
    of_engine.neighbors = {memory.neighbors.data(), edges.n_nodes, k_};
  }
  if (!memory.order.is_given) reorder(inputs, memory, of_engine);
}

void FusedNetwork::run(const CallInputs& inputs, std::span<float> logits) const {
  check_inputs(inputs, logits.size());
  if (logits.empty()) return;
  const auto memory = memories_.borrow([] { return CallMemory(); });
  engine::Inputs of_engine;
  of_engine.features = inputs.features;
  add_graph(inputs, *memory, of_engine);
  if (memory->order.is_given) return engine_.run(of_engine, memory->workspace, logits);
  memory->logits.resize(logits.size());
  engine_.run(of_engine, memory->workspace, memory->logits);
  for (std::size_t row = 0; row < logits.size(); ++row)
    logits[static_cast<std::size_t>(memory->order.nodes[row])] = memory->logits[row];
}

}  // namespace stationhit::operators
