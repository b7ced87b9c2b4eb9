// A node is a linear layer if its second input is a constant matrix: a MatMul, or a Gemm without
// scaling factors whose bias, if it has one, is a constant with one number per output. Anything
// else is left alone.
#include <algorithm>
#include <array>
#include <string_view>

#include <stationhit/core/errors.hpp>
#include <stationhit/quantization/linear_layers.hpp>

namespace stationhit::quantization {
namespace {

using onnx_file::ModelEditor;
using onnx_file::NodeView;

constexpr std::array<std::string_view, 6> int8_operators{
    "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear",
    "MatMulInteger",  "QLinearMatMul",    "ConvInteger"};

// Fills in the numbers of inputs and outputs; empty if the second factor is not a constant.
std::optional<LinearLayer> read_weights(const ModelEditor& model, const NodeView& node,
                                        bool outputs_first) {
  if (node.inputs.size() < 2) return std::nullopt;
  const auto weights = model.float_constant(node.inputs[1]);
  if (!weights || weights->shape.size() != 2) return std::nullopt;
  return LinearLayer{node.inputs[1],
                     node.inputs[0],
                     "",
                     outputs_first,
                     weights->shape[outputs_first ? 1 : 0],
                     weights->shape[outputs_first ? 0 : 1]};
}

// A bias has one number per output of the layer.
bool is_bias(const ModelEditor& model, const std::string& name, std::int64_t outputs) {
  const auto bias = model.float_constant(name);
  return bias && static_cast<std::int64_t>(bias->values.size()) == outputs &&
         bias->shape.back() == outputs;
}

std::optional<LinearLayer> as_gemm_layer(const ModelEditor& model, const NodeView& node) {
  if (node.number("alpha", 1) != 1 || node.number("beta", 1) != 1 || node.number("transA", 0) != 0)
    return std::nullopt;
  auto layer = read_weights(model, node, node.number("transB", 0) != 0);
  if (!layer || node.inputs.size() < 3) return layer;
  layer->bias = node.inputs[2];
  if (!layer->bias.empty() && !is_bias(model, layer->bias, layer->outputs)) return std::nullopt;
  return layer;
}

}  // namespace

std::optional<LinearLayer> as_linear_layer(const ModelEditor& model, const NodeView& node) {
  if (node.operator_name == "Gemm") return as_gemm_layer(model, node);
  return node.operator_name == "MatMul" ? read_weights(model, node, false) : std::nullopt;
}

std::vector<LinearLayer> find_linear_layers(const ModelEditor& model, const std::string& where) {
  constexpr std::int64_t opset_with_axis =
      13;  // QuantizeLinear and DequantizeLinear got scales per channel there
  if (model.opset() < opset_with_axis) {
    throw core::DataError(where + ": operator set " + std::to_string(model.opset()) +
                          ", quantized weights per channel need " +
                          std::to_string(opset_with_axis) + " or newer; export the model again");
  }
  std::vector<LinearLayer> layers;
  for (const NodeView& node : model.nodes()) {
    if (std::ranges::find(int8_operators, node.operator_name) != int8_operators.end()) {
      throw core::DataError(where + ": the model is quantized already (it has the operator " +
                            node.operator_name + "); give the float32 model that it was made from");
    }
    if (auto layer = as_linear_layer(model, node)) layers.push_back(*layer);
  }
  if (layers.empty()) {
    throw core::DataError(where +
                          ": it has no linear layer (Gemm or MatMul with constant weights), so "
                          "there is nothing to quantize");
  }
  return layers;
}

}  // namespace stationhit::quantization
