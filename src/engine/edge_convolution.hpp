// EdgeConv in factorized form: the first linear layer of a message is p_i + q_j (exporter/
// edge_convolution.cpp), so linear layers run once per row.
#pragma once

#include <optional>
#include <utility>
#include <vector>

#include <stationhit/kernels/neighbor_combination.hpp>

#include "operand.hpp"

namespace stationhit::engine {

// The numbers of which the values of edges are made (models/edge_values.hpp), in units of their
// resolution: [rows, padded to vectors of 8] in a buffer that only edge convolutions read.
class EdgeNumbers : public Operation {
 public:
  EdgeNumbers(NormalizedNumbers numbers, const Value& rows, int buffer)
      : numbers_(std::move(numbers)), rows_(rows), buffer_(buffer) {}
  void run(const Run& run) const override;
  [[nodiscard]] static std::size_t stride_of(std::size_t numbers) { return (numbers + 7) / 8 * 8; }

 private:
  NormalizedNumbers numbers_;
  Value rows_;
  int buffer_;
};

struct EdgeConvolutionParts {
  OperandPointer input;
  std::size_t graph = 0;
  Neighborhood neighborhood = Neighborhood::table;
  architecture::Aggregation aggregation{};
  ActivationStep activation;
  LinearWeights own, other;               // p and q
  std::optional<LinearWeights> second;    // linear layer of the message, without its bias
  std::vector<float> second_bias;         // [padded columns]
  std::optional<LinearWeights> of_edges;  // W_e
  int edge_buffer = -1;                   // of the EdgeNumbers
  std::optional<Value> after;
  bool visits_edges = false;  // EdgeConvolution::visits_edges
  Value p, q, out;            // p is used where it has to be kept
  Value totals;               // of messages of groups that are visited one by one
};

// Edges whose messages are visited together. Targets count from the row `first`.
struct EdgeBatch {
  kernels::EdgeList edges;
  std::size_t first = 0;
  std::size_t most = 0;  // edges of any batch: memory for them is taken at once
};

class EdgeConvolution : public Operation {
 public:
  explicit EdgeConvolution(EdgeConvolutionParts parts) : parts_(std::move(parts)) {}
  void run(const Run& run) const override;
  [[nodiscard]] std::size_t bytes() const override;

  // Whether messages have to be visited one by one: an activation that is no slope, values of
  // edges, or a second layer under the maximum.
  [[nodiscard]] static bool visits_edges(const architecture::Stage& stage);

 private:
  void fill_q(const Run& run, bool with_p) const;
  [[nodiscard]] ConstMatrix own_terms(const Run& run, std::size_t first, std::size_t n) const;
  void combine(const Run& run) const;
  void combine_block(const Run& run, kernels::NeighborTable table, ConstMatrix p, ConstMatrix q,
                     std::size_t first, std::size_t n) const;
  void sum_groups(const Run& run) const;
  void visit_table(const Run& run) const;
  void visit_groups(const Run& run) const;
  void visit_batch(const Run& run, const EdgeBatch& batch, const ConstMatrix& p,
                   const Matrix& totals) const;
  [[nodiscard]] Matrix messages_of(const Run& run, const EdgeBatch& batch,
                                   const kernels::EdgeTerms& terms) const;
  [[nodiscard]] float start_of_totals() const;
  void finish_totals(const Run& run, const Matrix& totals, const ConstMatrix& p,
                     std::size_t first) const;
  void finish_largest(const Matrix& totals, const ConstMatrix& p) const;
  void divide_by_count(const Run& run, const Matrix& block, std::size_t first) const;
  void add_second(const Run& run, const Matrix& sums, std::size_t first) const;
  [[nodiscard]] float count_of(const Run& run, std::size_t row) const;
  // Whether p can be made again for every block.
  [[nodiscard]] bool makes_p() const { return parts_.input->is_free(); }
  [[nodiscard]] bool is_max() const { return parts_.aggregation == architecture::Aggregation::max; }
  [[nodiscard]] kernels::Reduction reduction() const {
    return parts_.aggregation == architecture::Aggregation::mean ? kernels::Reduction::mean
                                                                 : kernels::Reduction::sum;
  }
  // What neighbors send under a maximum is rounded too: a quarter of the time is spent on reading
  // it.
  [[nodiscard]] bool rounds_q() const {
    return is_max() && by_table() && !parts_.visits_edges &&
           parts_.other.in_bfloat16() != nullptr && parts_.own.in_bfloat16() != nullptr;
  }
  [[nodiscard]] bool by_table() const { return parts_.neighborhood == Neighborhood::table; }

  EdgeConvolutionParts parts_;
};

}  // namespace stationhit::engine
