// A node is a linear layer if its second input is a constant matrix: a MatMul, or a Gemm without
// scaling factors whose bias, if it has one, is a constant with one number per output. Anything
// else is left alone.
#include <algorithm>
#include <array>
#include <string_view>

#include <stationhit/core/errors.hpp>
#include <stationhit/quantization/products.hpp>

namespace stationhit::quantization {
namespace {

using onnx_file::ModelEditor;
using onnx_file::NodeView;

constexpr std::array<std::string_view, 6> operators_of_int8{
    "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear",
    "MatMulInteger",  "QLinearMatMul",    "ConvInteger"};

// Fills in the numbers of inputs and outputs; empty if the second factor is not a constant.
std::optional<Product> with_weights(const ModelEditor& model, const NodeView& node,
                                    bool outputs_first) {
  if (node.inputs.size() < 2) return std::nullopt;
  const auto weights = model.float_constant(node.inputs[1]);
  if (!weights || weights->shape.size() != 2) return std::nullopt;
  return Product{node.inputs[1],
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

std::optional<Product> as_gemm(const ModelEditor& model, const NodeView& node) {
  if (node.number("alpha", 1) != 1 || node.number("beta", 1) != 1 || node.number("transA", 0) != 0)
    return std::nullopt;
  auto product = with_weights(model, node, node.number("transB", 0) != 0);
  if (!product || node.inputs.size() < 3) return product;
  product->bias = node.inputs[2];
  if (!product->bias.empty() && !is_bias(model, product->bias, product->outputs))
    return std::nullopt;
  return product;
}

}  // namespace

std::optional<Product> as_product(const ModelEditor& model, const NodeView& node) {
  if (node.operator_name == "Gemm") return as_gemm(model, node);
  return node.operator_name == "MatMul" ? with_weights(model, node, false) : std::nullopt;
}

std::vector<Product> find_products(const ModelEditor& model, const std::string& where) {
  constexpr std::int64_t opset_with_axis =
      13;  // QuantizeLinear and DequantizeLinear got scales per channel there
  if (model.opset() < opset_with_axis) {
    throw core::DataError(where + ": operator set " + std::to_string(model.opset()) +
                          ", quantised weights per channel need " +
                          std::to_string(opset_with_axis) + " or newer; export the model again");
  }
  std::vector<Product> products;
  for (const NodeView& node : model.nodes()) {
    if (std::ranges::find(operators_of_int8, node.operator_name) != operators_of_int8.end()) {
      throw core::DataError(where + ": the model is quantised already (it has the operator " +
                            node.operator_name + "); give the float32 model that it was made from");
    }
    if (auto product = as_product(model, node)) products.push_back(*product);
  }
  if (products.empty()) {
    throw core::DataError(where +
                          ": there is no matrix product with constant weights (Gemm, MatMul) in "
                          "it, so nothing to quantise");
  }
  return products;
}

}  // namespace stationhit::quantization
