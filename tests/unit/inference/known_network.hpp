// A network whose logits a test can work out by hand, in a file that both backends run: logit = x +
// 2 y of the features localX and localY. The engine reads the network and its weights, ONNX Runtime
// the operators.
#pragma once

#include <functional>
#include <map>
#include <numeric>
#include <string>
#include <vector>

#include <support/known_models.hpp>

#include <stationhit/architecture/model_config_json.hpp>
#include <stationhit/architecture/network_description.hpp>

namespace stationhit::test {

inline architecture::ModelConfig known_network() {
  architecture::ModelConfig config;
  config.architecture = "mlp";
  config.encoding.type = architecture::EncodingType::none;
  config.width = 2;
  config.blocks = 1;
  return config;
}

// relu(x + 2 y) - relu(-x - 2 y), with a block between that adds relu(0).
inline std::map<std::string, std::vector<float>> known_weights() {
  return {{"input.weight", {1, 2, -1, -2}}, {"head.0.weight", {1, -1}}};
}

inline onnx_file::ModelMetadata known_network_metadata() {
  onnx_file::ModelMetadata metadata = known_metadata();
  metadata.architecture = "mlp";
  metadata.network_json = architecture::to_json(known_network());
  return metadata;
}

// Tensors that `weights` does not name are 0.
inline GraphBuilder network_model(
    const std::map<std::string, std::vector<float>>& weights = known_weights()) {
  GraphBuilder graph = nodes_model();
  const auto network =
      architecture::describe_network(known_network(), known_metadata().feature_names);
  for (const auto& [name, tensor] : architecture::tensors_by_name(network)) {
    if (tensor.kind == architecture::TensorKind::normalization) continue;
    const auto found = weights.find(name);
    const std::vector<float> values =
        found != weights.end() ? found->second
                               : std::vector<float>(static_cast<std::size_t>(tensor.size()), 0.0F);
    graph.constant(name, std::span<const float>(values), tensor.shape);
  }
  return graph;
}

inline std::filesystem::path write_network() {
  return write_model(network_model(), known_network_metadata());
}

}  // namespace stationhit::test
