#include "graph_inputs.hpp"

#include <array>

#include <stationhit/onnx_file/model_metadata.hpp>

namespace stationhit::exporter {

using onnx_file::ElementType;

std::string GraphInputs::with_padding(const std::string& rows, std::int64_t columns, float padding) {
  const std::vector<float> row(static_cast<std::size_t>(columns), padding);
  const std::string constant = graph_.constant("padding_of_" + rows, std::span<const float>(row), {1, columns});
  return graph_.node("Concat", {rows, constant}, {{"axis", std::int64_t{0}}});
}

const std::string& GraphInputs::neighbours() {
  if (neighbours_.empty()) neighbours_ = graph_.input(onnx_file::neighbours_input, ElementType::int32, {"n_nodes", k()});
  return neighbours_;
}

const std::vector<std::string>& GraphInputs::columns() {
  for (auto i = static_cast<std::int64_t>(columns_.size()); i < k(); ++i) {
    const std::string number = graph_.constant("column_" + std::to_string(i), std::span<const std::int64_t>(&i, 1), {});
    columns_.push_back(graph_.node("Gather", {neighbours(), number}, {{"axis", std::int64_t{1}}}));
  }
  return columns_;
}

std::string GraphInputs::exists(const std::string& indices) {
  const std::array<std::int32_t, 1> zero{0};
  const std::string first = graph_.constant("first_of_" + indices, std::span<const std::int32_t>(zero), {});
  return graph_.node("GreaterOrEqual", {indices, first});
}

const std::string& GraphInputs::edge_exists() {
  if (edge_exists_.empty()) edge_exists_ = exists(neighbours());
  return edge_exists_;
}

const std::string& GraphInputs::edge_weight() {
  if (edge_weight_.empty()) edge_weight_ = graph_.node("Cast", {edge_exists()}, {{"to", std::int64_t{1}}});
  return edge_weight_;
}

const std::string& GraphInputs::degree() {
  if (!degree_.empty()) return degree_;
  const std::string sum =
      graph_.node("ReduceSum", {has_table() ? edge_weight() : slot_weight(), graph_.indices({1})}, {{"keepdims", std::int64_t{1}}});
  degree_ = has_table() ? sum : of_group(sum);
  return degree_;
}

const std::string& GraphInputs::has_neighbours() {
  if (has_neighbours_.empty()) has_neighbours_ = graph_.node("Greater", {degree(), graph_.scalar(0.0F)});
  return has_neighbours_;
}

const std::string& GraphInputs::slots() {
  if (slots_.empty()) slots_ = graph_.input(onnx_file::slots_input, ElementType::int32, {"n_groups", "longest"});
  return slots_;
}

const std::string& GraphInputs::slot_of_node() {
  if (slot_of_node_.empty()) slot_of_node_ = graph_.input(onnx_file::slot_of_node_input, ElementType::int32, {"n_nodes"});
  return slot_of_node_;
}

std::string GraphInputs::to_slots(const std::string& padded_rows) { return graph_.node("Gather", {padded_rows, slots()}, {{"axis", std::int64_t{0}}}); }

std::string GraphInputs::from_slots(const std::string& values, std::int64_t columns) {
  const std::string flat = graph_.node("Reshape", {values, graph_.indices({-1, columns})});
  return graph_.node("Gather", {flat, slot_of_node()}, {{"axis", std::int64_t{0}}});
}

std::string GraphInputs::of_group(const std::string& values) {
  if (group_of_node_.empty()) {
    const std::string longest = graph_.node("Shape", {slots()}, {{"start", std::int64_t{1}}});
    const std::string in_int32 = graph_.node("Cast", {longest}, {{"to", std::int64_t{6}}});
    group_of_node_ = graph_.node("Div", {slot_of_node(), in_int32});
  }
  return graph_.node("Gather", {values, group_of_node_}, {{"axis", std::int64_t{0}}});
}

const std::string& GraphInputs::slot_exists() {
  if (slot_exists_.empty()) slot_exists_ = exists(slots());
  return slot_exists_;
}

const std::string& GraphInputs::slot_weight() {
  if (slot_weight_.empty()) slot_weight_ = graph_.node("Cast", {slot_exists()}, {{"to", std::int64_t{1}}});
  return slot_weight_;
}

// In Reshape 0 keeps a dimension, also one of no length.
std::string GraphInputs::heads_of(const std::string& padded_rows, std::int64_t heads, std::int64_t width) {
  const std::string split = graph_.node("Reshape", {to_slots(padded_rows), graph_.indices({0, 0, heads, width})});
  return graph_.node("Transpose", {split}, {{"perm", std::vector<std::int64_t>{0, 2, 1, 3}}});
}

std::string GraphInputs::from_heads(const std::string& values, std::int64_t columns) {
  return from_slots(graph_.node("Transpose", {values}, {{"perm", std::vector<std::int64_t>{0, 2, 1, 3}}}), columns);
}

}  // namespace stationhit::exporter
