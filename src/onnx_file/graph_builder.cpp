#include <bit>
#include <cassert>
#include <cctype>
#include <cstring>
#include <functional>
#include <numeric>

#include <onnx-ml.pb.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/onnx_file/graph_builder.hpp>

#include "structure.hpp"

namespace stationhit::onnx_file {
namespace {

onnx::TensorProto::DataType code(ElementType type) {
  switch (type) {
    case ElementType::float32:
      return onnx::TensorProto::FLOAT;
    case ElementType::int32:
      return onnx::TensorProto::INT32;
    case ElementType::int64:
      return onnx::TensorProto::INT64;
    case ElementType::boolean:
      return onnx::TensorProto::BOOL;
  }
  return onnx::TensorProto::UNDEFINED;
}

void describe(onnx::ValueInfoProto& info, const std::string& name, ElementType type, const std::vector<Dimension>& shape) {
  info.set_name(name);
  auto& tensor = *info.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(code(type));
  for (const Dimension& dimension : shape) {
    auto& target = *tensor.mutable_shape()->add_dim();
    if (const auto* size = std::get_if<std::int64_t>(&dimension.value())) {
      target.set_dim_value(*size);
    } else {
      target.set_dim_param(std::get<std::string>(dimension.value()));
    }
  }
}

template <class T>
void fill_tensor(onnx::TensorProto& tensor, const std::string& name, onnx::TensorProto::DataType type, std::span<const T> values,
                 const std::vector<std::int64_t>& shape) {
  static_assert(std::endian::native == std::endian::little, "raw tensor data in ONNX files are little-endian");
  assert(static_cast<std::int64_t>(values.size()) == std::accumulate(shape.begin(), shape.end(), std::int64_t{1}, std::multiplies<>()));
  tensor.set_name(name);
  tensor.set_data_type(type);
  tensor.mutable_dims()->Add(shape.begin(), shape.end());
  std::string raw(values.size_bytes(), '\0');
  if (!values.empty()) std::memcpy(raw.data(), values.data(), raw.size());
  tensor.set_raw_data(std::move(raw));
}

struct AttributeWriter {
  onnx::AttributeProto& target;

  void operator()(std::int64_t value) const {
    target.set_type(onnx::AttributeProto::INT);
    target.set_i(value);
  }
  void operator()(float value) const {
    target.set_type(onnx::AttributeProto::FLOAT);
    target.set_f(value);
  }
  void operator()(const std::string& value) const {
    target.set_type(onnx::AttributeProto::STRING);
    target.set_s(value);
  }
  void operator()(const std::vector<std::int64_t>& values) const {
    target.set_type(onnx::AttributeProto::INTS);
    target.mutable_ints()->Add(values.begin(), values.end());
  }
};

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

struct GraphBuilder::Impl {
  onnx::ModelProto model;
  std::size_t generated = 0;

  std::string generated_name(const std::string& stem) { return lower_case(stem) + "_" + std::to_string(generated++); }
};

GraphBuilder::GraphBuilder(const std::string& graph_name) : impl_(std::make_unique<Impl>()) {
  onnx::ModelProto& model = impl_->model;
  model.set_ir_version(ir_version);
  model.set_producer_name("stationhit");
  model.add_opset_import()->set_version(opset_version);
  model.mutable_graph()->set_name(graph_name);
}

GraphBuilder::~GraphBuilder() = default;
GraphBuilder::GraphBuilder(GraphBuilder&&) noexcept = default;
GraphBuilder& GraphBuilder::operator=(GraphBuilder&&) noexcept = default;

std::string GraphBuilder::input(const std::string& name, ElementType type, const std::vector<Dimension>& shape) {
  describe(*impl_->model.mutable_graph()->add_input(), name, type, shape);
  return name;
}

void GraphBuilder::output(const std::string& value, ElementType type, const std::vector<Dimension>& shape) {
  describe(*impl_->model.mutable_graph()->add_output(), value, type, shape);
}

std::string GraphBuilder::constant(const std::string& name, std::span<const float> values, const std::vector<std::int64_t>& shape) {
  fill_tensor(*impl_->model.mutable_graph()->add_initializer(), name, onnx::TensorProto::FLOAT, values, shape);
  return name;
}

std::string GraphBuilder::constant(const std::string& name, std::span<const std::int32_t> values, const std::vector<std::int64_t>& shape) {
  fill_tensor(*impl_->model.mutable_graph()->add_initializer(), name, onnx::TensorProto::INT32, values, shape);
  return name;
}

std::string GraphBuilder::constant(const std::string& name, std::span<const std::int64_t> values, const std::vector<std::int64_t>& shape) {
  fill_tensor(*impl_->model.mutable_graph()->add_initializer(), name, onnx::TensorProto::INT64, values, shape);
  return name;
}

std::string GraphBuilder::scalar(float value) { return constant(impl_->generated_name("scalar"), std::span<const float>(&value, 1), {}); }

std::string GraphBuilder::indices(const std::vector<std::int64_t>& values) {
  return constant(impl_->generated_name("indices"), std::span<const std::int64_t>(values), {static_cast<std::int64_t>(values.size())});
}

std::string GraphBuilder::node(const std::string& operator_name, const std::vector<std::string>& inputs, const std::vector<Attribute>& attributes,
                               const std::string& output_name) {
  onnx::NodeProto& node = *impl_->model.mutable_graph()->add_node();
  const std::string name = impl_->generated_name(operator_name);
  node.set_op_type(operator_name);
  node.set_name(name);
  for (const std::string& input : inputs) node.add_input(input);
  const std::string& result = output_name.empty() ? name : output_name;
  node.add_output(result);
  for (const Attribute& attribute : attributes) {
    onnx::AttributeProto& target = *node.add_attribute();
    target.set_name(attribute.name);
    std::visit(AttributeWriter{target}, attribute.value);
  }
  return result;
}

std::pair<std::string, std::string> GraphBuilder::node_of_two(const std::string& operator_name, const std::vector<std::string>& inputs,
                                                              const std::vector<Attribute>& attributes) {
  const std::string first = node(operator_name, inputs, attributes), second = first + "_second";
  impl_->model.mutable_graph()->mutable_node()->rbegin()->add_output(second);
  return {first, second};
}

void GraphBuilder::metadata(const std::vector<std::pair<std::string, std::string>>& properties) {
  for (const auto& [key, value] : properties) {
    auto& property = *impl_->model.add_metadata_props();
    property.set_key(key);
    property.set_value(value);
  }
}

std::string GraphBuilder::serialise() const {
  const std::vector<std::string> problems = check_structure(impl_->model.graph());
  if (!problems.empty()) throw core::Error(core::ExitCode::internal, "the ONNX graph is not well formed: " + core::join(problems, "; "));
  std::string content;
  if (!impl_->model.SerializeToString(&content)) {
    throw core::Error(core::ExitCode::internal, "the ONNX model cannot be serialised (larger than 2 GB?)");
  }
  return content;
}

void GraphBuilder::write(const std::filesystem::path& path) const { core::write_text_file(path, serialise()); }

}  // namespace stationhit::onnx_file
