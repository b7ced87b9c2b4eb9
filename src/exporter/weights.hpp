// The tensors of a network as plain numbers, so that the rest of the exporter is free of Torch.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include <stationhit/architecture/model_config.hpp>

namespace stationhit::models {
class Network;
}

namespace stationhit::exporter {

struct Tensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;  // row-major
};

// All that an exporter reads; tensors by the names of models/network.hpp.
struct Weights {
  architecture::ModelConfig config;
  std::vector<std::string> feature_names;
  std::map<std::string, Tensor> tensors;

  [[nodiscard]] const Tensor& at(const std::string& name) const { return tensors.at(name); }
  [[nodiscard]] bool has(const std::string& name) const { return tensors.contains(name); }
};

[[nodiscard]] Weights read_weights(const models::Network& network);

}  // namespace stationhit::exporter
