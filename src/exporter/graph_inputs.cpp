#include "graph_inputs.hpp"

#include <array>

#include <stationhit/onnx_file/model_tensors.hpp>

namespace stationhit::exporter {

using onnx_file::ElementType;

std::string GraphInputs::with_padding(const std::string& rows, std::int64_t columns,
                                      float padding) {
  const std::vector<float> row(static_cast<std::size_t>(columns), padding);
  const std::string constant =
      graph_.constant("padding_of_" + rows, std::span<const float>(row), {1, columns});
  return graph_.node("Concat", {rows, constant}, {{"axis", std::int64_t{0}}});
}

std::string GraphInputs::input(const onnx_file::ModelTensor& tensor) {
  return graph_.input(tensor.name, tensor.type, tensor.shape);
}

const std::string& GraphInputs::table() {
  if (table_.empty()) {
    table_ = interface_ == onnx_file::Interface::edges
                 ? table_of_edges()
                 : input(onnx_file::neighbors_tensor(std::int64_t{config_.k}));
  }
  return table_;
}

const std::string& GraphInputs::neighbors() {
  if (neighbors_.empty()) {
    neighbors_ = n_columns_ == config_.k
                     ? table()
                     : graph_.node("Slice", {table(), graph_.indices({0}),
                                             graph_.indices({n_columns_}), graph_.indices({1})});
  }
  return neighbors_;
}

const std::vector<std::string>& GraphInputs::columns() {
  for (auto i = static_cast<std::int64_t>(columns_.size()); i < n_columns_; ++i) {
    const std::string number = graph_.constant("column_" + std::to_string(i) + "_of_" + table(),
                                               std::span<const std::int64_t>(&i, 1), {});
    columns_.push_back(graph_.node("Gather", {table(), number}, {{"axis", std::int64_t{1}}}));
  }
  return columns_;
}

std::string GraphInputs::exists(const std::string& indices) {
  const std::array<std::int32_t, 1> zero{0};
  const std::string first =
      graph_.constant("first_of_" + indices, std::span<const std::int32_t>(zero), {});
  return graph_.node("GreaterOrEqual", {indices, first});
}

const std::string& GraphInputs::edge_exists() {
  if (edge_exists_.empty()) edge_exists_ = exists(neighbors());
  return edge_exists_;
}

const std::string& GraphInputs::edge_weight() {
  if (edge_weight_.empty())
    edge_weight_ = graph_.node("Cast", {edge_exists()}, {{"to", ElementType::float32}});
  return edge_weight_;
}

const std::string& GraphInputs::degree() {
  if (!degree_.empty()) return degree_;
  if (has_table()) {
    degree_ = graph_.node("ReduceSum", {edge_weight(), graph_.indices({1})},
                          {{"keepdims", std::int64_t{1}}});
  } else {
    make_classes();
    const std::string size = graph_.node("Gather", {group_size_, group_of_node_});
    degree_ = graph_.node("Unsqueeze", {graph_.node("Cast", {size}, {{"to", ElementType::float32}}),
                                        graph_.indices({1})});
  }
  return degree_;
}

const std::string& GraphInputs::has_neighbors() {
  if (has_neighbors_.empty())
    has_neighbors_ = graph_.node("Greater", {degree(), graph_.scalar(0.0F)});
  return has_neighbors_;
}

const std::string& GraphInputs::slots() {
  if (slots_.empty() && interface_ == onnx_file::Interface::edges) make_slots_of_edges();
  if (slots_.empty()) slots_ = input(onnx_file::slots_tensor());
  return slots_;
}

const std::string& GraphInputs::slot_of_node() {
  if (slot_of_node_.empty() && interface_ == onnx_file::Interface::edges) make_slots_of_edges();
  if (slot_of_node_.empty()) slot_of_node_ = input(onnx_file::slot_of_node_tensor());
  return slot_of_node_;
}

std::string GraphInputs::SizeClass::spread(const std::string& padded_rows) const {
  return inputs_.graph_.node("Gather", {padded_rows, slots_}, {{"axis", std::int64_t{0}}});
}

// In Reshape 0 keeps a dimension, also one of no length.
std::string GraphInputs::SizeClass::heads_of(const std::string& padded_rows, std::int64_t heads,
                                             std::int64_t width) const {
  auto& graph = inputs_.graph_;
  const std::string split =
      graph.node("Reshape", {spread(padded_rows), graph.indices({0, 0, heads, width})});
  return graph.node("Transpose", {split}, {{"perm", std::vector<std::int64_t>{0, 2, 1, 3}}});
}

std::string GraphInputs::SizeClass::head_columns_of(const std::string& padded_rows,
                                                    std::int64_t heads, std::int64_t width) const {
  return inputs_.graph_.node("Transpose", {heads_of(padded_rows, heads, width)},
                             {{"perm", std::vector<std::int64_t>{0, 1, 3, 2}}});
}

std::string GraphInputs::SizeClass::attend(const std::string& scores,
                                           const std::string& values) const {
  auto& graph = inputs_.graph_;
  const std::string weights = graph.node("Softmax", {scores}, {{"axis", std::int64_t{-1}}});
  return graph.node("Transpose", {graph.node("MatMul", {weights, values})},
                    {{"perm", std::vector<std::int64_t>{0, 2, 1, 3}}});
}

const std::string& GraphInputs::SizeClass::exists() const {
  if (exists_.empty()) exists_ = inputs_.exists(slots_);
  return exists_;
}

const std::string& GraphInputs::SizeClass::weight() const {
  if (weight_.empty())
    weight_ = inputs_.graph_.node("Cast", {exists()}, {{"to", ElementType::float32}});
  return weight_;
}

const std::string& GraphInputs::SizeClass::missing_score() const {
  auto& graph = inputs_.graph_;
  if (missing_score_.empty()) {
    const std::string missing = graph.node("Sub", {graph.scalar(1.0F), weight()});
    missing_score_ = graph.node(
        "Unsqueeze", {graph.node("Mul", {missing, graph.scalar(no_score)}), graph.indices({1, 2})});
  }
  return missing_score_;
}

// Sizes 1..4, 5..8, ..., 65...: the slots of a class are cut to its largest size. A node's row
// among the slots of all classes, one class after the other, is the first row of its group plus its
// place in the group.
void GraphInputs::make_classes() {
  if (!classes_.empty()) return;
  const std::string longest = graph_.node("Shape", {slots()}, {{"start", std::int64_t{1}}});
  group_size_ = graph_.node(
      "ReduceSum",
      {graph_.node("Cast", {exists(slots())}, {{"to", ElementType::int64}}), graph_.indices({1})},
      {{"keepdims", std::int64_t{0}}});
  std::vector<std::string> members, first_rows;
  std::string rows_before = graph_.indices({0});
  std::int64_t above = 0;
  for (const std::int64_t largest : {std::int64_t{4}, std::int64_t{8}, std::int64_t{16},
                                     std::int64_t{32}, std::int64_t{64}, std::int64_t{INT32_MAX}}) {
    const std::string fits =
        graph_.node("And", {graph_.node("Greater", {group_size_, graph_.indices({above})}),
                            graph_.node("LessOrEqual", {group_size_, graph_.indices({largest})})});
    members.push_back(
        graph_.node("Squeeze", {graph_.node("NonZero", {fits}), graph_.indices({0})}));
    const std::string all_slots =
        graph_.node("Gather", {slots(), members.back()}, {{"axis", std::int64_t{0}}});
    classes_.emplace_back(
        *this, graph_.node("Slice", {all_slots, graph_.indices({0}), graph_.indices({largest}),
                                     graph_.indices({1})}));
    const std::string width =
        graph_.node("Shape", {classes_.back().slots_}, {{"start", std::int64_t{1}}});
    const std::string count = graph_.node("Shape", {members.back()});
    first_rows.push_back(
        graph_.node("Add", {graph_.node("Mul", {range_to(count), width}), rows_before}));
    rows_before = graph_.node("Add", {rows_before, graph_.node("Mul", {count, width})});
    above = largest;
  }
  const std::string zeros = graph_.node("Mul", {group_size_, graph_.indices({0})});
  const std::string groups = graph_.node("Concat", members, {{"axis", std::int64_t{0}}});
  const std::string first_row =
      graph_.node("ScatterElements",
                  {zeros, groups, graph_.node("Concat", first_rows, {{"axis", std::int64_t{0}}})});
  const std::string rank =
      graph_.node("ScatterElements", {zeros, groups, range_to(graph_.node("Shape", {groups}))});
  const std::string slot = graph_.node("Cast", {slot_of_node()}, {{"to", ElementType::int64}});
  group_of_node_ = graph_.node("Div", {slot, longest});
  const std::string place =
      graph_.node("Sub", {slot, graph_.node("Mul", {group_of_node_, longest})});
  row_of_node_ = graph_.node("Add", {graph_.node("Gather", {first_row, group_of_node_}), place});
  group_row_of_node_ = graph_.node("Gather", {rank, group_of_node_});
}

std::string GraphInputs::map_slots(std::int64_t columns, const OnClass& work) {
  make_classes();
  std::vector<std::string> rows;
  for (const SizeClass& of_size : classes_)
    rows.push_back(graph_.node("Reshape", {work(of_size), graph_.indices({-1, columns})}));
  const std::string all = graph_.node("Concat", rows, {{"axis", std::int64_t{0}}});
  return graph_.node("Gather", {all, row_of_node_}, {{"axis", std::int64_t{0}}});
}

std::string GraphInputs::pool_groups(const OnClass& work) {
  make_classes();
  std::vector<std::string> rows;
  for (const SizeClass& of_size : classes_) rows.push_back(work(of_size));
  return graph_.node("Concat", rows, {{"axis", std::int64_t{0}}});
}

std::string GraphInputs::spread_groups(const std::string& rows) {
  return graph_.node("Gather", {rows, group_row_of_node_}, {{"axis", std::int64_t{0}}});
}

const std::string& GraphInputs::edge_index() {
  if (edge_index_.empty()) edge_index_ = input(onnx_file::edges_tensor());
  return edge_index_;
}

// Row 0: sources, row 1: destinations. [E] int64
std::string GraphInputs::edge_end(std::int64_t row) {
  const std::string number =
      graph_.constant("end_" + std::to_string(row), std::span<const std::int64_t>(&row, 1), {});
  return graph_.node("Gather", {edge_index(), number}, {{"axis", std::int64_t{0}}});
}

// size: [1] int64 -> [size] int64
std::string GraphInputs::filled_with_minus_one(const std::string& size) {
  return graph_.node("Expand", {graph_.indices({-1}), size});
}

// 0, 1, ..., size - 1
std::string GraphInputs::range_to(const std::string& size) {
  const std::array<std::int64_t, 2> limits{0, 1};
  const std::string zero =
      graph_.constant("zero_before_" + size, std::span(limits).subspan(0, 1), {});
  const std::string one =
      graph_.constant("one_before_" + size, std::span(limits).subspan(1, 1), {});
  return graph_.node("Range", {zero, graph_.node("Squeeze", {size}), one});
}

// Edges in the order of their destinations; the place of an edge in the row of its destination is
// its rank there. A node with more than k edges is none that the network knows: their places lie
// outside the table, and ONNX Runtime refuses them. [N, k]
std::string GraphInputs::table_of_edges() {
  const std::string source = edge_end(0), destination = edge_end(1);
  const std::string n_edges = graph_.node("Shape", {destination});
  const std::string n_nodes =
      graph_.node("Shape", {onnx_file::features_input}, {{"end", std::int64_t{1}}});
  const auto [sorted, order] =
      graph_.node_of_two("TopK", {destination, n_edges}, {{"largest", std::int64_t{0}}});
  const std::string ones = graph_.node("Expand", {graph_.indices({1}), n_edges});
  const std::string zeros = graph_.node("Expand", {graph_.indices({0}), n_nodes});
  const std::string degrees = graph_.node("ScatterElements", {zeros, destination, ones},
                                          {{"reduction", std::string("add")}});
  const std::string start =
      graph_.node("CumSum", {degrees, graph_.indices({0})}, {{"exclusive", std::int64_t{1}}});
  const std::string rank =
      graph_.node("Sub", {range_to(n_edges), graph_.node("Gather", {start, sorted})});
  const std::string width = graph_.indices({config_.k}),
                    size = graph_.node("Mul", {n_nodes, width});
  const std::string beyond = graph_.node("Cast", {graph_.node("GreaterOrEqual", {rank, width})},
                                         {{"to", ElementType::int64}});
  const std::string place =
      graph_.node("Add", {graph_.node("Add", {graph_.node("Mul", {sorted, width}), rank}),
                          graph_.node("Mul", {beyond, size})});
  const std::string flat = graph_.node("ScatterElements", {filled_with_minus_one(size), place,
                                                           graph_.node("Gather", {source, order})});
  return graph_.node("Cast", {graph_.node("Reshape", {flat, graph_.indices({-1, config_.k})})},
                     {{"to", ElementType::int32}});
}

// The nodes of a group stand side by side: its first node is the smallest one that is at the other
// end of an edge, of either direction.
void GraphInputs::make_slots_of_edges() {
  const std::string source = edge_end(0), destination = edge_end(1);
  const std::string n_nodes =
      graph_.node("Shape", {onnx_file::features_input}, {{"end", std::int64_t{1}}});
  const std::string node = range_to(n_nodes), zero_axis = graph_.indices({0});
  const std::vector<onnx_file::Attribute> smallest{{"reduction", std::string("min")}};
  const std::string first = graph_.node(
      "ScatterElements",
      {graph_.node("ScatterElements", {node, destination, source}, smallest), source, destination},
      smallest);
  const std::string starts =
      graph_.node("Cast", {graph_.node("Equal", {first, node})}, {{"to", ElementType::int64}});
  const std::string group =
      graph_.node("Sub", {graph_.node("CumSum", {starts, zero_axis}), graph_.indices({1})});
  const std::string place = graph_.node("Sub", {node, first});
  const std::string sizes =
      graph_.node("Concat", {graph_.node("Add", {place, graph_.indices({1})}), graph_.indices({1})},
                  {{"axis", std::int64_t{0}}});
  const std::string longest =
      graph_.node("ReduceMax", {sizes, zero_axis}, {{"keepdims", std::int64_t{1}}});
  const std::string n_groups =
      graph_.node("ReduceSum", {starts, zero_axis}, {{"keepdims", std::int64_t{1}}});
  const std::string slot = graph_.node("Add", {graph_.node("Mul", {group, longest}), place});
  const std::string flat =
      graph_.node("ScatterElements",
                  {filled_with_minus_one(graph_.node("Mul", {n_groups, longest})), slot, node});
  const std::string shape = graph_.node("Concat", {n_groups, longest}, {{"axis", std::int64_t{0}}});
  slots_ =
      graph_.node("Cast", {graph_.node("Reshape", {flat, shape})}, {{"to", ElementType::int32}});
  slot_of_node_ = graph_.node("Cast", {slot}, {{"to", ElementType::int32}});
}

}  // namespace stationhit::exporter
