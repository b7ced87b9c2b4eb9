// The weights are taken from the finished file of operators, because the engine reads them in the
// forms and under the names that they have there. Constants that do not belong to a tensor of the
// network (padding rows, numbers of operators) are left out.
#include "fused_network.hpp"

#include <algorithm>
#include <map>
#include <span>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

#include <stationhit/core/named_enum.hpp>
#include <stationhit/core/numbers.hpp>
#include <stationhit/onnx_file/constants.hpp>
#include <stationhit/onnx_file/fused_network.hpp>
#include <stationhit/onnx_file/model_file.hpp>
#include <stationhit/onnx_file/model_tensors.hpp>

namespace stationhit::exporter {
namespace {

using onnx_file::ElementType;
using onnx_file::GraphBuilder;

// What stands before the names of the tensors of a linear layer, with the point.
std::string layer_of(const std::string& tensor) { return tensor.substr(0, tensor.rfind('.') + 1); }

class Weights {
 public:
  explicit Weights(const architecture::NetworkDescription& network)
      : tensors_(architecture::tensors_by_name(network)) {}

  [[nodiscard]] bool contain(const std::string& constant) const {
    return std::ranges::any_of(tensors_, [&](const auto& tensor) {
      const std::string layer = layer_of(tensor.first);
      return constant == tensor.first || (!layer.empty() && constant.starts_with(layer));
    });
  }

 private:
  std::map<std::string, architecture::TensorDescription> tensors_;
};

void add_input(GraphBuilder& graph, const onnx_file::ValueInfo& input) {
  std::vector<onnx_file::Dimension> shape;
  for (const std::string& size : input.shape) {
    const auto number = core::parse_number<std::int64_t>(size);
    shape.push_back(number ? onnx_file::Dimension(*number) : onnx_file::Dimension(size));
  }
  graph.input(input.name, core::value_of<ElementType>(input.type).value(), shape);
}

}  // namespace

onnx_file::GraphBuilder fuse(const GraphBuilder& file,
                             const architecture::NetworkDescription& network,
                             const onnx_file::ModelMetadata& metadata) {
  const std::string content = file.serialize();
  GraphBuilder graph(network.name);
  std::vector<std::string> inputs, weights;
  for (const onnx_file::ValueInfo& input : onnx_file::parse_model(content, network.name).inputs) {
    add_input(graph, input);
    inputs.push_back(input.name);
  }
  const Weights of_network(network);
  for (const auto& constant : onnx_file::read_float_constants(content, network.name)) {
    if (!of_network.contain(constant.name)) continue;
    weights.push_back(
        graph.constant(constant.name, std::span<const float>(constant.values), constant.shape));
  }
  std::vector<std::string> all = inputs;
  all.insert(all.end(), weights.begin(), weights.end());
  const onnx_file::ModelTensor logits = onnx_file::logits_tensor();
  graph.custom_node(
      {onnx_file::operator_domain, onnx_file::operator_domain_version, onnx_file::network_operator},
      onnx_file::network_node, all,
      {{onnx_file::network_attribute, metadata.network_json},
       {onnx_file::graph_attribute, metadata.graph_json},
       {onnx_file::feature_names_attribute, nlohmann::json(metadata.feature_names).dump()},
       {onnx_file::inputs_attribute, nlohmann::json(inputs).dump()},
       {onnx_file::weights_attribute, nlohmann::json(weights).dump()}},
      logits.name);
  graph.output(logits.name, logits.type, logits.shape);
  graph.metadata(onnx_file::to_properties(metadata));
  return graph;
}

}  // namespace stationhit::exporter
