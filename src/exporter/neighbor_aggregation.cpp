#include "neighbor_aggregation.hpp"

#include <stationhit/architecture/numerical_constants.hpp>

namespace stationhit::exporter {

NeighborAggregation::NeighborAggregation(NetworkWriter& writer, Activation activation)
    : writer_(writer), graph_(writer.graph()), inputs_(writer.inputs()), activation_(activation) {}

std::string NeighborAggregation::gather(const std::string& rows, const std::string& index) {
  return graph_.node("Gather", {rows, index}, {{"axis", std::int64_t{0}}});
}

std::string NeighborAggregation::score(const std::string& own, const std::string& other) {
  return graph_.node("LeakyRelu", {graph_.node("Add", {own, other})},
                     {{"alpha", static_cast<float>(architecture::attention_slope)}});
}

std::string NeighborAggregation::largest_product_over(std::int64_t axis,
                                                      const std::string& messages,
                                                      const std::string& weight,
                                                      const std::string& exists) {
  const std::string of_edges = graph_.node(
      "Where",
      {exists, graph_.node("MatMul", {messages, weight}), graph_.scalar(below_everything)});
  return graph_.node("ReduceMax", {of_edges, graph_.indices({axis})},
                     {{"keepdims", std::int64_t{0}}});
}

std::unique_ptr<NeighborAggregation> make_aggregation(NetworkWriter& writer,
                                                      Activation activation) {
  if (!writer.inputs().has_table()) return make_aggregation_by_size_classes(writer, activation);
  return writer.inputs().by_columns() ? make_aggregation_by_columns(writer, activation)
                                      : make_aggregation_by_table(writer, activation);
}

}  // namespace stationhit::exporter
