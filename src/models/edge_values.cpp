#include "edge_values.hpp"

#include <torch/torch.h>

#include <stationhit/architecture/encoded_layout.hpp>
#include <stationhit/architecture/numerical_constants.hpp>
#include <stationhit/core/errors.hpp>

namespace stationhit::models {

using torch::Tensor;

EdgeValues::EdgeValues(const architecture::ModelConfig& config,
                       const std::vector<std::string>& feature_names)
    : columns_(architecture::edge_columns(config, feature_names)) {}

Tensor EdgeValues::operator()(const Tensor& numbers, const Edges& edges) const {
  if (!edges.has_table()) {
    throw core::ConfigError(
        "model.edge_features needs a neighbor table; set graph.edges: knn or radius");
  }
  const torch::NoGradGuard constant;
  const Tensor columns = torch::tensor(columns_, torch::kLong).to(numbers.device());
  const Tensor own = numbers.index_select(1, columns) * (1 / architecture::edge_resolution);
  const Tensor difference = gather_neighbors(own, edges.table) - own.unsqueeze(1);
  return difference.sign() * difference.abs().log1p() * architecture::edge_factor;
}

}  // namespace stationhit::models
