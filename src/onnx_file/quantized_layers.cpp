// A layer is found by its int8 weights: what reads them is a DequantizeLinear, what reads that is
// the Gemm or MatMul, and the way back along its other inputs leads to the scale of the input and
// to the bias.
#include <algorithm>
#include <map>

#include <stationhit/core/errors.hpp>
#include <stationhit/onnx_file/quantized_layers.hpp>

#include "tensors.hpp"

namespace stationhit::onnx_file {
namespace {

using onnx::NodeProto;
using onnx::TensorProto;

class LayerReader {
 public:
  LayerReader(const onnx::GraphProto& graph, const std::string& where) : where_(where) {
    for (const auto& tensor : graph.initializer()) constants_[tensor.name()] = &tensor;
    for (const auto& node : graph.node())
      for (const auto& output : node.output()) makers_[output] = &node;
  }

  // Empty if the node is no layer in int8.
  std::optional<QuantizedLayer> read(const NodeProto& node) {
    const bool is_product = node.op_type() == "Gemm" || node.op_type() == "MatMul";
    if (!is_product || node.input_size() < 2) return std::nullopt;
    const NodeProto* weights = maker_of(node.input(1), "DequantizeLinear");
    if (weights == nullptr) return std::nullopt;
    const auto name = layer_of_weights(weights->input(0));
    if (!name) return std::nullopt;
    QuantizedLayer layer{.name = *name};
    name_ = *name;
    read_weights(*weights, has_outputs_first(node), layer);
    read_input(node.input(0), layer);
    if (node.input_size() > 2 && !node.input(2).empty())
      layer.bias = values_of<std::int32_t>(input_of(made_by(node.input(2), "DequantizeLinear"), 0),
                                           layer.outputs);
    return layer;
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw core::DataError(where_ + ": the int8 layer " + name_ + ": " + what +
                          "; export the model again");
  }

  const NodeProto* maker_of(const std::string& value, const char* operator_name) const {
    const auto found = makers_.find(value);
    return found == makers_.end() || found->second->op_type() != operator_name ? nullptr
                                                                               : found->second;
  }
  const NodeProto& made_by(const std::string& value, const char* operator_name) const {
    const NodeProto* node = maker_of(value, operator_name);
    if (node == nullptr) refuse(value + " is not made by " + operator_name);
    return *node;
  }
  const std::string& input_of(const NodeProto& node, int number) const {
    if (node.input_size() <= number) refuse(node.name() + " lacks an input");
    return node.input(number);
  }

  const TensorProto& constant(const std::string& name) const {
    const auto found = constants_.find(name);
    if (found == constants_.end()) refuse(name + " is no constant");
    return *found->second;
  }
  template <class T>
  std::vector<T> values_of(const std::string& name, std::size_t count) const {
    const TensorProto& tensor = constant(name);
    if (tensor.data_type() != data_type<T>() || tensor.raw_data().size() != count * sizeof(T))
      refuse("the constant " + name + " has another type or size than expected");
    std::vector<T> values(count);
    std::memcpy(values.data(), tensor.raw_data().data(), tensor.raw_data().size());
    return values;
  }
  template <class T>
  T value_of(const std::string& name) const {
    return values_of<T>(name, 1).front();
  }

  static bool has_outputs_first(const NodeProto& node) {
    return std::ranges::any_of(node.attribute(), [](const auto& attribute) {
      return attribute.name() == "transB" && attribute.i() != 0;
    });
  }

  void read_weights(const NodeProto& node, bool outputs_first, QuantizedLayer& layer) const {
    const TensorProto& tensor = constant(node.input(0));
    if (tensor.dims_size() != 2) refuse("its weights are no matrix");
    const auto rows = static_cast<std::size_t>(tensor.dims(0)),
               columns = static_cast<std::size_t>(tensor.dims(1));
    layer.outputs = outputs_first ? rows : columns;
    layer.inputs = outputs_first ? columns : rows;
    layer.weight_scales = values_of<float>(input_of(node, 1), layer.outputs);
    layer.weights = values_of<std::int8_t>(node.input(0), rows * columns);
    if (outputs_first) return;
    std::vector<std::int8_t> by_output;
    for (std::size_t out = 0; out < layer.outputs; ++out)
      for (std::size_t in = 0; in < layer.inputs; ++in)
        by_output.push_back(layer.weights[in * layer.outputs + out]);
    layer.weights = std::move(by_output);
  }

  void read_input(const std::string& value, QuantizedLayer& layer) const {
    const NodeProto& back = made_by(value, "DequantizeLinear");
    std::string levels = input_of(back, 0);
    if (const NodeProto* clip = maker_of(levels, "Clip")) {
      layer.largest_level = value_of<std::uint8_t>(input_of(*clip, 2));
      levels = clip->input(0);
    }
    const NodeProto& quantize = made_by(levels, "QuantizeLinear");
    layer.scale = value_of<float>(input_of(quantize, 1));
    layer.zero_point = value_of<std::uint8_t>(input_of(quantize, 2));
    if (layer.scale > 0 && layer.zero_point <= layer.largest_level) return;
    refuse("its input has a scale that is not positive, or a zero point beyond the levels");
  }

  const std::string& where_;
  std::string name_;  // of the layer that is being read
  std::map<std::string, const TensorProto*> constants_;
  std::map<std::string, const NodeProto*> makers_;
};

}  // namespace

std::string quantized_layer_prefix(const std::string& weights, const std::string& output) {
  return weights + "/" + output;
}

std::optional<std::string> layer_of_weights(std::string_view constant) {
  if (!constant.ends_with(quantized_weights_suffix)) return std::nullopt;
  constant.remove_suffix(std::string_view(quantized_weights_suffix).size());
  const auto end = constant.find('/');
  if (end == std::string_view::npos) return std::nullopt;
  return std::string(constant.substr(0, end));
}

std::vector<QuantizedLayer> read_quantized_layers(std::string_view content,
                                                  const std::string& where) {
  onnx::ModelProto model;
  if (!model.ParseFromArray(content.data(), static_cast<int>(content.size())))
    throw core::DataError(where + ": not an ONNX model, or truncated; export it again");
  LayerReader reader(model.graph(), where);
  std::vector<QuantizedLayer> layers;
  for (const auto& node : model.graph().node())
    if (auto layer = reader.read(node)) layers.push_back(std::move(*layer));
  return layers;
}

}  // namespace stationhit::onnx_file
