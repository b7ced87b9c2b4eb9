// The strategy for wide neighbor tables: one Gather of [N, k, C] values.
#pragma once

#include "neighbor_aggregation.hpp"

namespace stationhit::exporter {

class TableAggregation : public NeighborAggregation {
 public:
  using NeighborAggregation::NeighborAggregation;
  std::string largest(const Messages& messages) override;
  std::string largest_product(const Messages& messages, const std::string& weight,
                              const std::string& bias) override;
  std::string sum(const Messages& messages) override;
  std::string attend(const ScoredValues& scored) override;
  std::string zero_if_isolated(const std::string& rows) override;
  std::string mean_divisor() override;

 protected:
  std::string split_heads(const std::string& rows, const ScoredValues& scored);
  std::string join_heads(const std::string& rows, const ScoredValues& scored);

 private:
  std::string terms_of_edges(const Messages& messages, float padding);
  std::string messages_of_edges(const Messages& messages);
};

}  // namespace stationhit::exporter
