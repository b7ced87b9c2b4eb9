// Most of the work is one pass over the numbers; what is wrong is searched for only when something
// is.
#include "graph_inputs.hpp"

#include <algorithm>
#include <numeric>
#include <stdexcept>
#include <string>

#include <stationhit/onnx_file/model_tensors.hpp>

namespace stationhit::operators {
namespace {

[[noreturn]] void refuse(const std::string& what) { throw std::invalid_argument(what); }

std::string place(const char* input, std::size_t i) {
  return std::string(input) + "[" + std::to_string(i) + "]";
}

std::string place(const char* input, std::size_t row, std::size_t column) {
  return std::string(input) + "[" + std::to_string(row) + ", " + std::to_string(column) + "]";
}

// -1 or a node.
bool is_entry(std::int32_t entry, std::size_t n_nodes) {
  return static_cast<std::uint32_t>(entry) + 1U <= n_nodes;
}

bool is_node(std::int64_t number, std::size_t n_nodes) {
  return static_cast<std::uint64_t>(number) < n_nodes;
}

void check_entries(const IntMatrix& table, const char* input, std::size_t n_nodes) {
  const std::span<const std::int32_t> all(table.data, table.rows * table.columns);
  bool correct = true;
  for (const std::int32_t entry : all) correct &= is_entry(entry, n_nodes);
  if (correct) return;
  const auto wrong =
      std::ranges::find_if(all, [&](std::int32_t entry) { return !is_entry(entry, n_nodes); });
  const auto at = static_cast<std::size_t>(wrong - all.begin());
  refuse(place(input, at / table.columns, at % table.columns) + " = " + std::to_string(*wrong) +
         ", expected -1 or a node, 0 to " + std::to_string(n_nodes) + " - 1");
}

void check_edge(const EdgeList& edges, std::size_t e) {
  for (const std::size_t row : {0, 1}) {
    const std::int64_t node = (row == 0 ? edges.sources : edges.destinations)[e];
    if (is_node(node, edges.n_nodes)) continue;
    refuse(place(onnx_file::edges_input, row, e) + " = " + std::to_string(node) +
           ", expected a node, 0 to " + std::to_string(edges.n_nodes) + " - 1");
  }
}

// Every node is at its place in the table, and nothing else is there.
void check_slots(const IntMatrix& slots, std::span<const std::int32_t> slot_of_node) {
  const std::span<const std::int32_t> table(slots.data, slots.rows * slots.columns);
  for (std::size_t node = 0; node < slot_of_node.size(); ++node) {
    const std::int32_t slot = slot_of_node[node];
    if (!is_node(slot, table.size()) ||
        table[static_cast<std::size_t>(slot)] != static_cast<std::int32_t>(node)) {
      refuse(place(onnx_file::slot_of_node_input, node) + " = " + std::to_string(slot) +
             ", which is not the place of node " + std::to_string(node) + " in slots");
    }
  }
  std::size_t filled = 0;
  for (const std::int32_t entry : table) filled += entry >= 0 ? 1 : 0;
  if (filled != slot_of_node.size()) {
    refuse("slots names " + std::to_string(filled) + " nodes, expected each of the " +
           std::to_string(slot_of_node.size()) + " nodes once");
  }
}

void close_group(NodeOrder& order, std::size_t n_rows) {
  const auto end = static_cast<std::int64_t>(n_rows);
  if (end > order.offsets.back()) order.offsets.push_back(end);
}

// Groups whose nodes come one after the other.
void take_given_order(std::size_t longest, std::span<const std::int32_t> slot_of_node,
                      NodeOrder& order) {
  std::size_t group = 0;
  for (std::size_t node = 0; node < slot_of_node.size(); ++node) {
    const std::size_t of_node = static_cast<std::size_t>(slot_of_node[node]) / longest;
    if (of_node != group) close_group(order, node);
    group = of_node;
  }
  close_group(order, slot_of_node.size());
}

void take_order_of_slots(const IntMatrix& slots, NodeOrder& order) {
  order.nodes.clear();
  for (std::size_t group = 0; group < slots.rows; ++group) {
    for (const std::int32_t node : std::span(slots.row(group), slots.columns))
      if (node >= 0) order.nodes.push_back(node);
    close_group(order, order.nodes.size());
  }
  order.rows.resize(order.nodes.size());
  for (std::size_t row = 0; row < order.nodes.size(); ++row)
    order.rows[static_cast<std::size_t>(order.nodes[row])] = static_cast<std::int32_t>(row);
}

// The lowest neighbor of every node, itself if none is lower, and how many edges go to lower ones.
void find_lower_nodes(const EdgeList& edges, CallMemory& memory) {
  memory.first_nodes.resize(edges.n_nodes);
  std::iota(memory.first_nodes.begin(), memory.first_nodes.end(), std::int64_t{0});
  memory.degrees.assign(edges.n_nodes, 0);
  for (std::size_t e = 0; e < edges.sources.size(); ++e) {
    check_edge(edges, e);
    const auto [low, high] = std::minmax(edges.sources[e], edges.destinations[e]);
    if (low == high) continue;
    const auto at = static_cast<std::size_t>(high);
    memory.first_nodes[at] = std::min(memory.first_nodes[at], low);
    ++memory.degrees[at];
  }
}

}  // namespace

void check_neighbors(const IntMatrix& neighbors) {
  check_entries(neighbors, onnx_file::neighbors_input, neighbors.rows);
}

void order_by_slots(const IntMatrix& slots, std::span<const std::int32_t> slot_of_node,
                    NodeOrder& order) {
  check_entries(slots, onnx_file::slots_input, slot_of_node.size());
  check_slots(slots, slot_of_node);
  order.offsets.assign(1, 0);
  order.is_given = std::ranges::is_sorted(slot_of_node);
  if (order.is_given) return take_given_order(slots.columns, slot_of_node, order);
  take_order_of_slots(slots, order);
}

void groups_of_edges(const EdgeList& edges, CallMemory& memory) {
  find_lower_nodes(edges, memory);
  memory.order.is_given = true;
  memory.order.offsets.assign(1, 0);
  for (std::size_t node = 0; node < edges.n_nodes; ++node) {
    const auto number = static_cast<std::int64_t>(node), first = memory.first_nodes[node];
    if (first == number) close_group(memory.order, node);
    const std::int64_t start = memory.order.offsets.back(), lower = number - start;
    const std::int64_t degree = memory.degrees[node];
    if (first == start && (degree == lower || degree == 2 * lower)) continue;
    refuse("edge_index: node " + std::to_string(node) + " has " + std::to_string(degree) +
           " edges to lower nodes, the lowest of them " + std::to_string(first) +
           "; expected all edges between the nodes of a group, which stand side by side, here one "
           "or two to each of the nodes from " +
           std::to_string(start) + " on");
  }
  close_group(memory.order, edges.n_nodes);
}

void table_of_edges(const EdgeList& edges, std::size_t k, CallMemory& memory) {
  memory.degrees.assign(edges.n_nodes, 0);
  memory.neighbors.assign(edges.n_nodes * k, -1);
  for (std::size_t e = 0; e < edges.sources.size(); ++e) {
    check_edge(edges, e);
    const auto node = static_cast<std::size_t>(edges.destinations[e]);
    const auto degree = static_cast<std::size_t>(memory.degrees[node]++);
    if (degree >= k) {
      refuse("edge_index: node " + std::to_string(node) + " is the destination of more than " +
             std::to_string(k) + " edges, which is k of the network");
    }
    memory.neighbors[node * k + degree] = static_cast<std::int32_t>(edges.sources[e]);
  }
}

void number_events(std::span<const std::int32_t> event_of_node, std::vector<std::int32_t>& events) {
  events.resize(event_of_node.size());
  std::int32_t number = 0;
  for (std::size_t node = 0; node < event_of_node.size(); ++node) {
    const std::int32_t event = event_of_node[node],
                       before = node == 0 ? 0 : event_of_node[node - 1];
    if (event < before) {
      refuse(place(onnx_file::event_of_node_input, node) + " = " + std::to_string(event) +
             ", expected numbers that ascend from 0");
    }
    number += node > 0 && event > before ? 1 : 0;
    events[node] = number;
  }
}

}  // namespace stationhit::operators
