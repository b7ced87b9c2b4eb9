// The model stays a protobuf message. `rewrite` moves the nodes out and lets a visitor write each
// of them back, changed, replaced or as it was; since new nodes are written at the position of the
// old one, the order in which values are defined stays valid.
#include <algorithm>
#include <set>

#include <onnx-ml.pb.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/onnx_file/model_editor.hpp>
#include <stationhit/onnx_file/model_file.hpp>
#include <stationhit/onnx_file/model_metadata.hpp>

#include "structure.hpp"
#include "tensors.hpp"

namespace stationhit::onnx_file {
namespace {

NodeView describe_node(const onnx::NodeProto& node) {
  NodeView view{operator_key(node),
                {node.input().begin(), node.input().end()},
                {node.output().begin(), node.output().end()},
                {}};
  // Numbers are all that a rewrite looks at; other attributes are kept with their node.
  for (const auto& attribute : node.attribute()) {
    if (attribute.type() == onnx::AttributeProto::INT)
      view.numbers[attribute.name()] = static_cast<double>(attribute.i());
    if (attribute.type() == onnx::AttributeProto::FLOAT)
      view.numbers[attribute.name()] = static_cast<double>(attribute.f());
  }
  return view;
}

class GraphNodeWriter final : public NodeWriter {
 public:
  GraphNodeWriter(const onnx::NodeProto& node, onnx::GraphProto& graph)
      : node_(node), graph_(graph) {}

  void keep() override { *graph_.add_node() = node_; }

  void keep_with_inputs(const std::vector<std::string>& inputs) override {
    onnx::NodeProto& node = *graph_.add_node();
    node = node_;
    node.mutable_input()->Assign(inputs.begin(), inputs.end());
  }

  void add(const std::string& operator_name, const std::vector<std::string>& inputs,
           const std::vector<std::string>& outputs,
           const std::vector<Attribute>& attributes) override {
    onnx::NodeProto& node = *graph_.add_node();
    node.set_op_type(operator_name);
    // Names of values are unique, so the first output also names the node.
    node.set_name(outputs.front());
    node.mutable_input()->Assign(inputs.begin(), inputs.end());
    node.mutable_output()->Assign(outputs.begin(), outputs.end());
    add_attributes(node, attributes);
  }

 private:
  const onnx::NodeProto& node_;
  onnx::GraphProto& graph_;
};

}  // namespace

double NodeView::number(const std::string& attribute, double if_missing) const {
  const auto found = numbers.find(attribute);
  return found == numbers.end() ? if_missing : found->second;
}

struct ModelEditor::Impl {
  onnx::ModelProto model;
  std::int64_t opset = 0;

  onnx::GraphProto& graph() { return *model.mutable_graph(); }

  template <class T>
  std::string add_constant(const std::string& name, std::span<const T> values,
                           const std::vector<std::int64_t>& shape) {
    fill_tensor(*graph().add_initializer(), name, values, shape);
    return name;
  }

  // The stored number of keys is the check for truncation and must follow.
  void update_property_count() {
    auto& properties = *model.mutable_metadata_props();
    const auto count =
        std::ranges::find(properties, property_count, &onnx::StringStringEntryProto::key);
    if (count != properties.end()) count->set_value(std::to_string(properties.size()));
  }

  void remove_metadata(const std::string& name) {
    auto& properties = *model.mutable_metadata_props();
    const auto found = std::ranges::find(properties, name, &onnx::StringStringEntryProto::key);
    if (found == properties.end()) return;
    properties.erase(found);
    update_property_count();
  }
};

ModelEditor::ModelEditor(std::string_view content, const std::string& where,
                         ChangedModel changed_model)
    : impl_(std::make_unique<Impl>()) {
  const ModelFile file = parse_model(content, where);  // finds all that can be wrong with a file
  // The edited model gets a checksum of its own, which must not hide an earlier change.
  if (changed_model == ChangedModel::refuse) require_unchanged(file, where);
  const std::vector<std::string> files(file.data_files.begin(), file.data_files.end());
  if (!files.empty()) {
    throw core::DataError(where + ": has its weights in other files (" + core::join(files) +
                          "); save it as one file first: onnx.save(onnx.load(MODEL), NEW)");
  }
  impl_->opset = file.opset;
  // The content was parsed once to be checked; this copy is the one that is edited.
  impl_->model.ParseFromArray(content.data(), static_cast<int>(content.size()));
  // What was edited may compute something else than the network of this description, and the new
  // checksum would say that both belong together.
  if (file.integrity != Integrity::unchanged) impl_->remove_metadata(network_key);
  // Files of versions before the checksum get one.
  const bool made_here = file.metadata.contains(property_count);
  if (made_here && !file.metadata.contains(checksum_key)) set_metadata(checksum_key, "");
}

ModelEditor::~ModelEditor() = default;
ModelEditor::ModelEditor(ModelEditor&&) noexcept = default;
ModelEditor& ModelEditor::operator=(ModelEditor&&) noexcept = default;

std::int64_t ModelEditor::opset() const { return impl_->opset; }

std::vector<NodeView> ModelEditor::nodes() const {
  std::vector<NodeView> views;
  for (const auto& node : impl_->model.graph().node()) views.push_back(describe_node(node));
  return views;
}

std::optional<FloatTensor> ModelEditor::float_constant(const std::string& name) const {
  const auto& tensors = impl_->model.graph().initializer();
  const auto found = std::ranges::find(tensors, name, &onnx::TensorProto::name);
  if (found == tensors.end() || found->data_type() != onnx::TensorProto::FLOAT) return std::nullopt;
  return FloatTensor{{found->dims().begin(), found->dims().end()}, float_values(*found)};
}

void ModelEditor::rewrite(const std::function<void(const NodeView&, NodeWriter&)>& visit) {
  google::protobuf::RepeatedPtrField<onnx::NodeProto> nodes;
  nodes.Swap(impl_->graph().mutable_node());
  for (const auto& node : nodes) {
    GraphNodeWriter writer(node, impl_->graph());
    visit(describe_node(node), writer);
  }
}

std::string ModelEditor::constant(const std::string& name, std::span<const float> values,
                                  const std::vector<std::int64_t>& shape) {
  return impl_->add_constant(name, values, shape);
}

std::string ModelEditor::constant(const std::string& name, std::span<const std::int8_t> values,
                                  const std::vector<std::int64_t>& shape) {
  return impl_->add_constant(name, values, shape);
}

std::string ModelEditor::constant(const std::string& name, std::span<const std::uint8_t> values,
                                  const std::vector<std::int64_t>& shape) {
  return impl_->add_constant(name, values, shape);
}

std::string ModelEditor::constant(const std::string& name, std::span<const std::int32_t> values,
                                  const std::vector<std::int64_t>& shape) {
  return impl_->add_constant(name, values, shape);
}

// Rewriting leaves behind the weights that it replaced, which would make the file larger instead of
// smaller.
void ModelEditor::remove_unused_constants() {
  std::set<std::string> used;
  for (const auto& node : impl_->graph().node())
    used.insert(node.input().begin(), node.input().end());
  for (const auto& output : impl_->graph().output()) used.insert(output.name());
  auto& tensors = *impl_->graph().mutable_initializer();
  const auto unused = std::remove_if(
      tensors.begin(), tensors.end(),
      [&](const onnx::TensorProto& tensor) { return !used.contains(tensor.name()); });
  tensors.erase(unused, tensors.end());
}

void ModelEditor::add_output(const std::string& value) {
  onnx::ValueInfoProto& output = *impl_->graph().add_output();
  output.set_name(value);
  // Only the type is needed: the runtime infers the shape.
  output.mutable_type()->mutable_tensor_type()->set_elem_type(onnx::TensorProto::FLOAT);
}

void ModelEditor::set_metadata(const std::string& key, const std::string& value) {
  auto& properties = *impl_->model.mutable_metadata_props();
  auto property = std::ranges::find(properties, key, &onnx::StringStringEntryProto::key);
  if (property == properties.end()) {
    properties.Add()->set_key(key);
    property = properties.end() - 1;
  }
  property->set_value(value);
  impl_->update_property_count();
}

std::string ModelEditor::serialize() const { return serialized(impl_->model); }

}  // namespace stationhit::onnx_file
