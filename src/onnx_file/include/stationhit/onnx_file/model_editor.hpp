// Changes a finished ONNX file: other nodes, more constants and outputs, metadata. Protobuf stays
// inside.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/onnx_file/graph_builder.hpp>
#include <stationhit/onnx_file/model_file.hpp>

namespace stationhit::onnx_file {

struct FloatTensor {
  std::vector<std::int64_t> shape;
  std::vector<float> values;  // row-major
};

// A node as it is in the file.
struct NodeView {
  std::string operator_name;  // of another domain: "domain::operator"
  std::vector<std::string> inputs, outputs;
  std::map<std::string, double> numbers;  // attributes that are one number

  [[nodiscard]] double number(const std::string& attribute, double if_missing) const;
};

// Receives the nodes that replace one node.
class NodeWriter {
 public:
  virtual ~NodeWriter() = default;
  // The node itself, or the node with other inputs.
  virtual void keep() = 0;
  virtual void keep_with_inputs(const std::vector<std::string>& inputs) = 0;
  // A new node with the given outputs, whose names must be new.
  virtual void add(const std::string& operator_name, const std::vector<std::string>& inputs,
                   const std::vector<std::string>& outputs,
                   const std::vector<Attribute>& attributes = {}) = 0;
};

class ModelEditor {
 public:
  // Throws DataError naming `where` like parse_model, for a model whose checksum does not fit
  // unless it is accepted, and for one that has its weights in other files. What serialize() gives
  // of an accepted one has a checksum that fits, and no description of its network any more
  // (network_key), because nothing says that it still describes the graph.
  ModelEditor(std::string_view content, const std::string& where,
              ChangedModel changed_model = ChangedModel::refuse);
  ~ModelEditor();
  ModelEditor(ModelEditor&&) noexcept;
  ModelEditor& operator=(ModelEditor&&) noexcept;

  // Version of the standard operators.
  [[nodiscard]] std::int64_t opset() const;
  // In the order of the file.
  [[nodiscard]] std::vector<NodeView> nodes() const;
  // The constant of this name; empty if there is none or it is not float32.
  [[nodiscard]] std::optional<FloatTensor> float_constant(const std::string& name) const;

  // Calls visit for every node in order; the nodes that it writes become the graph.
  void rewrite(const std::function<void(const NodeView& node, NodeWriter& writer)>& visit);

  // A constant under a new name; returns the name.
  std::string constant(const std::string& name, std::span<const float> values,
                       const std::vector<std::int64_t>& shape);
  std::string constant(const std::string& name, std::span<const std::int8_t> values,
                       const std::vector<std::int64_t>& shape);
  std::string constant(const std::string& name, std::span<const std::uint8_t> values,
                       const std::vector<std::int64_t>& shape);
  std::string constant(const std::string& name, std::span<const std::int32_t> values,
                       const std::vector<std::int64_t>& shape);
  // Removes the constants that no node and no output uses any more.
  void remove_unused_constants();

  // Makes a float32 value of the graph an output too.
  void add_output(const std::string& value);

  // Adds or replaces a key; the count of keys follows where the file has one.
  void set_metadata(const std::string& key, const std::string& value);

  // The file's content, with a new checksum where the model is one of ours. Throws core::Error
  // (internal) if the graph is not well formed.
  [[nodiscard]] std::string serialize() const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stationhit::onnx_file
