// How a file combines what the neighbors of every node send to it. There are three strategies: by
// the columns of a neighbor table, one after the other; by the table as a whole; or by groups of
// similar size, where the groups are fully connected.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "network_writer.hpp"

namespace stationhit::exporter {

// What an EdgeConv sends along its edges: act(own_i + other_j [+ of_edges_ij]).
struct Messages {
  std::string own, other;     // [N, C]
  std::int64_t columns;       // C
  std::string of_edges = {};  // [N, k, C], only with the strategy of the table as a whole
};

// The values and scores of additive attention with H heads of D columns: the weights are the
// softmax over j of leaky_relu(own_i + other_j), over the neighbors and the node itself.
struct ScoredValues {
  std::string values;                  // [N, H D]
  std::string own_score, other_score;  // [N, H]
  std::int64_t heads, head_width;      // H, D

  [[nodiscard]] std::int64_t width() const { return heads * head_width; }
};

class NeighborAggregation {
 public:
  NeighborAggregation(NetworkWriter& writer, Activation activation);
  virtual ~NeighborAggregation() = default;

  // max_j (other_j [+ of_edges_ij]): [N, C]. Far below every value for a node without neighbors.
  virtual std::string largest(const Messages& messages) = 0;
  // bias + max_j message_ij weight, 0 for a node without neighbors. weight: [C, C]
  virtual std::string largest_product(const Messages& messages, const std::string& weight,
                                      const std::string& bias) = 0;
  // sum_j message_ij: [N, C]
  virtual std::string sum(const Messages& messages) = 0;
  // sum_j of the weighted values: [N, H D]
  virtual std::string attend(const ScoredValues& scored) = 0;

  // The rows, with 0 for nodes without neighbors.
  virtual std::string zero_if_isolated(const std::string& rows) = 0;
  // The number by which a sum becomes a mean: [N, 1]
  virtual std::string mean_divisor() = 0;

 protected:
  std::string activate(const std::string& x) { return writer_.activate(x, activation_); }
  // Rows of the first dimension: [N + 1, ...], [...] -> [..., ...]
  std::string gather(const std::string& rows, const std::string& index);
  std::string score(const std::string& own, const std::string& other);
  // max over `axis` of messages weight, where `exists`.
  std::string largest_product_over(std::int64_t axis, const std::string& messages,
                                   const std::string& weight, const std::string& exists);

  NetworkWriter& writer_;
  onnx_file::GraphBuilder& graph_;
  GraphInputs& inputs_;
  Activation activation_;
};

// The strategy for the inputs of the file, for a stage with this activation.
[[nodiscard]] std::unique_ptr<NeighborAggregation> make_aggregation(NetworkWriter& writer,
                                                                    Activation activation);
[[nodiscard]] std::unique_ptr<NeighborAggregation> make_aggregation_by_columns(
    NetworkWriter& writer, Activation activation);
[[nodiscard]] std::unique_ptr<NeighborAggregation> make_aggregation_by_table(NetworkWriter& writer,
                                                                             Activation activation);
[[nodiscard]] std::unique_ptr<NeighborAggregation> make_aggregation_by_size_classes(
    NetworkWriter& writer, Activation activation);

}  // namespace stationhit::exporter
