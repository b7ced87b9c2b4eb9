// The weights are constants of the file, so the engine is compiled when the session is made; a call
// only looks at the first inputs.
#include "network_kernel.hpp"

#include <algorithm>
#include <functional>
#include <numeric>

#include <nlohmann/json.hpp>

#include <stationhit/core/json_text.hpp>
#include <stationhit/onnx_file/fused_network.hpp>

namespace stationhit::operators {
namespace {

[[noreturn]] void refuse(const std::string& what) { throw std::invalid_argument(what); }

onnx_file::ModelTensor tensor_of(InputRole role) {
  switch (role) {
    case InputRole::features:
      return onnx_file::features_tensor();
    case InputRole::neighbors:
      return onnx_file::neighbors_tensor();
    case InputRole::slots:
      return onnx_file::slots_tensor();
    case InputRole::slot_of_node:
      return onnx_file::slot_of_node_tensor();
    case InputRole::event_of_node:
      return onnx_file::event_of_node_tensor();
    case InputRole::edges:
      break;
  }
  return onnx_file::edges_tensor();
}

ONNXTensorElementDataType type_of(onnx_file::ElementType type) {
  switch (type) {
    case onnx_file::ElementType::int32:
      return ONNX_TENSOR_ELEMENT_DATA_TYPE_INT32;
    case onnx_file::ElementType::int64:
      return ONNX_TENSOR_ELEMENT_DATA_TYPE_INT64;
    case onnx_file::ElementType::boolean:
      return ONNX_TENSOR_ELEMENT_DATA_TYPE_BOOL;
    case onnx_file::ElementType::float32:
      break;
  }
  return ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT;
}

std::vector<std::string> names_in(const OrtApi& api, const OrtKernelInfo& info, const char* name) {
  const std::string where = std::string("its attribute ") + name;
  const auto json =
      core::parse_json_or_discard<nlohmann::json>(text_attribute(api, info, name), where);
  if (!json.is_array() ||
      !std::ranges::all_of(json, [](const auto& item) { return item.is_string(); }))
    refuse(where + " is no JSON array of names");
  return json.get<std::vector<std::string>>();
}

std::vector<InputRole> roles_of(const OrtApi& api, const OrtKernelInfo& info) {
  std::vector<InputRole> roles;
  for (const std::string& name : names_in(api, info, onnx_file::inputs_attribute)) {
    const auto role = core::value_of<InputRole>(name);
    if (!role)
      refuse("it does not know the input \"" + name + "\"; use the library of the " +
             "version that wrote the file");
    roles.push_back(*role);
  }
  return roles;
}

engine::Weight weight_of(const OrtApi& api, const OrtKernelInfo& info, std::size_t input,
                         const std::string& name) {
  int is_constant = 0;
  const OrtValue* value = nullptr;
  require(api, api.KernelInfoGetConstantInput_tensor(&info, input, &is_constant, &value));
  if (is_constant == 0 || value == nullptr)
    refuse("its weight \"" + name + "\" is no constant of the file");
  const Shape shape = shape_of(api, *value);
  if (shape.type != ONNX_TENSOR_ELEMENT_DATA_TYPE_FLOAT || shape.rank > shape.sizes.size())
    refuse("its weight \"" + name + "\" is no float32 tensor of up to four dimensions");
  engine::Weight weight{{shape.sizes.begin(), shape.sizes.begin() + shape.rank}, {}};
  const auto n = std::accumulate(weight.shape.begin(), weight.shape.end(), std::int64_t{1},
                                 std::multiplies<>());
  const auto* values = data_of<const float>(api, *value);
  weight.values.assign(values, values + n);
  return weight;
}

engine::Weights weights_of(const OrtApi& api, const OrtKernelInfo& info, std::size_t first) {
  const auto names = names_in(api, info, onnx_file::weights_attribute);
  std::size_t n_inputs = 0;
  require(api, api.KernelInfo_GetInputCount(&info, &n_inputs));
  if (n_inputs != first + names.size()) {
    refuse("it has " + std::to_string(n_inputs) + " inputs, its attributes name " +
           std::to_string(first + names.size()));
  }
  engine::Weights weights;
  for (std::size_t i = 0; i < names.size(); ++i)
    weights.emplace(names[i], weight_of(api, info, first + i, names[i]));
  return weights;
}

FusedNetwork make_network(const OrtApi& api, const OrtKernelInfo& info) {
  const std::vector<InputRole> roles = roles_of(api, info);
  return {{.network = text_attribute(api, info, onnx_file::network_attribute),
           .graph = text_attribute(api, info, onnx_file::graph_attribute),
           .feature_names = names_in(api, info, onnx_file::feature_names_attribute),
           .inputs = roles},
          weights_of(api, info, roles.size())};
}

std::size_t size(const Shape& shape, std::size_t dimension) {
  return static_cast<std::size_t>(shape.sizes.at(dimension));
}

}  // namespace

NetworkKernel::NetworkKernel(const OrtApi& api, const OrtKernelInfo& info)
    : api_(api), inputs_(node_inputs(roles_of(api, info))), network_(make_network(api, info)) {}

std::vector<NetworkKernel::NodeInput> NetworkKernel::node_inputs(
    const std::vector<InputRole>& roles) {
  std::vector<NodeInput> inputs;
  for (const InputRole role : roles) {
    const onnx_file::ModelTensor tensor = tensor_of(role);
    inputs.push_back({role, type_of(tensor.type), tensor.shape.size()});
  }
  return inputs;
}

CallInputs NetworkKernel::inputs_of(const OrtKernelContext& context) const {
  CallInputs inputs;
  for (std::size_t i = 0; i < inputs_.size(); ++i) {
    const NodeInput& input = inputs_[i];
    const OrtValue* value = nullptr;
    require(api_, api_.KernelContext_GetInput(&context, i, &value));
    const Shape shape = shape_of(api_, *value);
    if (shape.type != input.type || shape.rank != input.rank)
      refuse(std::string(core::name(input.role)) + " has another type or number of dimensions");
    switch (input.role) {
      case InputRole::features:
        inputs.features = {data_of<const float>(api_, *value), size(shape, 0), size(shape, 1)};
        break;
      case InputRole::neighbors:
        inputs.neighbors = {data_of<const std::int32_t>(api_, *value), size(shape, 0),
                            size(shape, 1)};
        break;
      case InputRole::slots:
        inputs.slots = {data_of<const std::int32_t>(api_, *value), size(shape, 0), size(shape, 1)};
        break;
      case InputRole::slot_of_node:
        inputs.slot_of_node = {data_of<const std::int32_t>(api_, *value), size(shape, 0)};
        break;
      case InputRole::event_of_node:
        inputs.event_of_node = {data_of<const std::int32_t>(api_, *value), size(shape, 0)};
        break;
      case InputRole::edges: {
        if (shape.sizes[0] != 2) refuse("edge_index needs two rows, sources and destinations");
        const auto* edges = data_of<const std::int64_t>(api_, *value);
        inputs.edge_sources = {edges, size(shape, 1)};
        inputs.edge_destinations = {edges + size(shape, 1), size(shape, 1)};
      }
    }
  }
  return inputs;
}

void NetworkKernel::compute(OrtKernelContext& context) const {
  const CallInputs inputs = inputs_of(context);
  const std::array<std::int64_t, 2> shape{static_cast<std::int64_t>(inputs.features.rows), 1};
  OrtValue* output = nullptr;
  require(api_, api_.KernelContext_GetOutput(&context, 0, shape.data(), shape.size(), &output));
  network_.run(inputs, {data_of<float>(api_, *output), inputs.features.rows});
}

}  // namespace stationhit::operators
