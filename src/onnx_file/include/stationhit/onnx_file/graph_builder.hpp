// Builds ONNX files: opset 18, IR version 8, which ONNX Runtime 1.17 and newer load. Protobuf stays
// inside.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <variant>
#include <vector>

namespace stationhit::onnx_file {

inline constexpr std::int64_t opset_version = 18;
inline constexpr std::int64_t ir_version = 8;

enum class ElementType { float32, int32, int64, boolean };
// As ModelFile states types.
constexpr auto names_of(ElementType) {
  return std::to_array<std::string_view>({"float32", "int32", "int64", "bool"});
}

// A fixed size or the symbol of one known at run time: Dimension(8), Dimension("n_nodes").
class Dimension {
 public:
  Dimension(std::int64_t size) : value_(size) {}       // NOLINT(google-explicit-constructor)
  Dimension(int size) : value_(std::int64_t{size}) {}  // NOLINT(google-explicit-constructor)
  Dimension(std::string symbol)
      : value_(std::move(symbol)) {}  // NOLINT(google-explicit-constructor)
  Dimension(const char* symbol)
      : value_(std::string(symbol)) {}  // NOLINT(google-explicit-constructor)
  [[nodiscard]] const std::variant<std::int64_t, std::string>& value() const { return value_; }

 private:
  std::variant<std::int64_t, std::string> value_;
};

struct Attribute {
  std::string name;
  std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>, ElementType>
      value;  // ElementType: what Cast gives
};

// An operator of another domain.
struct CustomOperator {
  std::string domain;
  std::int64_t version = 1;  // of the domain
  std::string name;
};

// A value of the graph is named by its string; nodes get generated names ("gather_12"). Operators
// are those of the standard domain, except for custom_node.
class GraphBuilder {
 public:
  explicit GraphBuilder(const std::string& graph_name);
  ~GraphBuilder();
  GraphBuilder(GraphBuilder&&) noexcept;
  GraphBuilder& operator=(GraphBuilder&&) noexcept;

  std::string input(const std::string& name, ElementType type, const std::vector<Dimension>& shape);
  // Names `value` as an output of the graph. The output's name is that of the value: see the last
  // argument of node().
  void output(const std::string& value, ElementType type, const std::vector<Dimension>& shape);

  // Constants. The number of values is the product of the shape (asserted); an empty shape is a
  // scalar.
  std::string constant(const std::string& name, std::span<const float> values,
                       const std::vector<std::int64_t>& shape);
  std::string constant(const std::string& name, std::span<const std::int32_t> values,
                       const std::vector<std::int64_t>& shape);
  std::string constant(const std::string& name, std::span<const std::int64_t> values,
                       const std::vector<std::int64_t>& shape);
  // Small constants under a generated name.
  std::string scalar(float value);
  std::string indices(const std::vector<std::int64_t>& values);

  // One operator with one output; returns the output's name: the given one or a generated one.
  std::string node(const std::string& operator_name, const std::vector<std::string>& inputs,
                   const std::vector<Attribute>& attributes = {},
                   const std::string& output_name = "");

  // One operator of another domain; the node has this name. The file names the domain with its
  // version.
  void custom_node(const CustomOperator& custom, const std::string& node_name,
                   const std::vector<std::string>& inputs, const std::vector<Attribute>& attributes,
                   const std::string& output_name);

  // One operator with two outputs, under generated names.
  std::pair<std::string, std::string> node_of_two(const std::string& operator_name,
                                                  const std::vector<std::string>& inputs,
                                                  const std::vector<Attribute>& attributes = {});

  // Metadata of the model (custom metadata map of ONNX Runtime), written in this order. Keys must
  // differ.
  void metadata(const std::vector<std::pair<std::string, std::string>>& properties);

  // The file's content. Throws core::Error (internal) with the list of check_structure if the graph
  // is not well formed.
  [[nodiscard]] std::string serialize() const;
  // Writes aside and renames. Throws DataError naming the path.
  void write(const std::filesystem::path& path) const;

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stationhit::onnx_file
