// Thin layer over the protobuf messages: every call appends to the graph and returns the name of
// the value that it made. Generated names count up, so that the same calls give the same file, byte
// by byte.
#include <algorithm>
#include <cctype>

#include <onnx-ml.pb.h>

#include <stationhit/core/files.hpp>
#include <stationhit/onnx_file/graph_builder.hpp>

#include "tensors.hpp"

namespace stationhit::onnx_file {
namespace {

void describe(onnx::ValueInfoProto& info, const std::string& name, ElementType type,
              const std::vector<Dimension>& shape) {
  info.set_name(name);
  auto& tensor = *info.mutable_type()->mutable_tensor_type();
  tensor.set_elem_type(type_code(type));
  for (const Dimension& dimension : shape) {
    auto& target = *tensor.mutable_shape()->add_dim();
    if (const auto* size = std::get_if<std::int64_t>(&dimension.value())) {
      target.set_dim_value(*size);
    } else {
      // A dimension with a name stays open: the runtime takes any size for it.
      target.set_dim_param(std::get<std::string>(dimension.value()));
    }
  }
}

std::string lower_case(std::string text) {
  for (char& c : text) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
  return text;
}

}  // namespace

// Hidden from the header, because LibTorch brings its own google/ headers, which must not meet
// those of protobuf in one unit.
struct GraphBuilder::Impl {
  onnx::ModelProto model;
  std::size_t generated = 0;

  // One counter for all kinds of names: a name cannot occur twice.
  std::string generated_name(const std::string& stem) {
    return lower_case(stem) + "_" + std::to_string(generated++);
  }
};

GraphBuilder::GraphBuilder(const std::string& graph_name) : impl_(std::make_unique<Impl>()) {
  onnx::ModelProto& model = impl_->model;
  // Versions are fixed and not those of the installed library, so that old runtimes load the file.
  model.set_ir_version(ir_version);
  model.set_producer_name("stationhit");
  model.add_opset_import()->set_version(opset_version);
  model.mutable_graph()->set_name(graph_name);
}

GraphBuilder::~GraphBuilder() = default;
GraphBuilder::GraphBuilder(GraphBuilder&&) noexcept = default;
GraphBuilder& GraphBuilder::operator=(GraphBuilder&&) noexcept = default;

std::string GraphBuilder::input(const std::string& name, ElementType type,
                                const std::vector<Dimension>& shape) {
  describe(*impl_->model.mutable_graph()->add_input(), name, type, shape);
  return name;
}

void GraphBuilder::output(const std::string& value, ElementType type,
                          const std::vector<Dimension>& shape) {
  describe(*impl_->model.mutable_graph()->add_output(), value, type, shape);
}

std::string GraphBuilder::constant(const std::string& name, std::span<const float> values,
                                   const std::vector<std::int64_t>& shape) {
  fill_tensor(*impl_->model.mutable_graph()->add_initializer(), name, values, shape);
  return name;
}

std::string GraphBuilder::constant(const std::string& name, std::span<const std::int32_t> values,
                                   const std::vector<std::int64_t>& shape) {
  fill_tensor(*impl_->model.mutable_graph()->add_initializer(), name, values, shape);
  return name;
}

std::string GraphBuilder::constant(const std::string& name, std::span<const std::int64_t> values,
                                   const std::vector<std::int64_t>& shape) {
  fill_tensor(*impl_->model.mutable_graph()->add_initializer(), name, values, shape);
  return name;
}

std::string GraphBuilder::scalar(float value) {
  return constant(impl_->generated_name("scalar"), std::span<const float>(&value, 1), {});
}

std::string GraphBuilder::indices(const std::vector<std::int64_t>& values) {
  return constant(impl_->generated_name("indices"), std::span<const std::int64_t>(values),
                  {static_cast<std::int64_t>(values.size())});
}

std::string GraphBuilder::node(const std::string& operator_name,
                               const std::vector<std::string>& inputs,
                               const std::vector<Attribute>& attributes,
                               const std::string& output_name) {
  onnx::NodeProto& node = *impl_->model.mutable_graph()->add_node();
  const std::string name = impl_->generated_name(operator_name);
  node.set_op_type(operator_name);
  node.set_name(name);
  for (const std::string& input : inputs) node.add_input(input);
  const std::string& result = output_name.empty() ? name : output_name;
  node.add_output(result);
  add_attributes(node, attributes);
  return result;
}

void GraphBuilder::custom_node(const CustomOperator& custom, const std::string& node_name,
                               const std::vector<std::string>& inputs,
                               const std::vector<Attribute>& attributes,
                               const std::string& output_name) {
  (void)node(custom.name, inputs, attributes, output_name);
  onnx::NodeProto& added = *impl_->model.mutable_graph()->mutable_node()->rbegin();
  added.set_domain(custom.domain);
  added.set_name(node_name);
  auto& domains = *impl_->model.mutable_opset_import();
  const auto known = std::ranges::find(domains, custom.domain, &onnx::OperatorSetIdProto::domain);
  if (known != domains.end()) return;
  auto& domain = *domains.Add();
  domain.set_domain(custom.domain);
  domain.set_version(custom.version);
}

std::pair<std::string, std::string> GraphBuilder::node_of_two(
    const std::string& operator_name, const std::vector<std::string>& inputs,
    const std::vector<Attribute>& attributes) {
  // The node that was just added is the last one; it gets its second output here.
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

std::string GraphBuilder::serialize() const { return serialized(impl_->model); }

void GraphBuilder::write(const std::filesystem::path& path) const {
  core::write_text_file(path, serialize());
}

}  // namespace stationhit::onnx_file
