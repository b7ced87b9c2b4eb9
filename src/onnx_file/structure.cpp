// One pass over the graph in the order of the file. Every value must be defined exactly once (as
// input, constant or output of a node) before it is used, which also excludes cycles.
#include "structure.hpp"

#include <set>

#include <stationhit/onnx_file/fused_network.hpp>

namespace stationhit::onnx_file {
namespace {

class StructureChecker {
 public:
  void define(const std::string& value, const std::string& where) {
    if (!defined_.insert(value).second)
      problems_.push_back(where + " makes \"" + value + "\", which exists already");
  }

  void use(const std::string& value, const std::string& where) {
    // Inputs are found by position, so an optional one in the middle is left out by an empty name.
    const bool left_out = value.empty();  // an optional input
    if (!left_out && !defined_.contains(value))
      problems_.push_back(where + " uses \"" + value + "\" before it is made");
  }

  void node(const onnx::NodeProto& node) {
    const std::string where =
        "node " + node.op_type() + (node.name().empty() ? "" : " \"" + node.name() + "\"");
    if (!is_standard_domain(node.domain()) && operator_key(node) != network_operator_key)
      problems_.push_back(where + " belongs to the domain \"" + node.domain() +
                          "\", not to the standard one");
    for (const std::string& value : node.input()) use(value, where);
    for (const std::string& value : node.output()) {
      if (!value.empty()) define(value, where);
    }
  }

  [[nodiscard]] std::vector<std::string> take_problems() { return std::move(problems_); }

 private:
  std::set<std::string> defined_;
  std::vector<std::string> problems_;
};

}  // namespace

bool is_standard_domain(const std::string& domain) { return domain.empty() || domain == "ai.onnx"; }

std::string operator_key(const onnx::NodeProto& node) {
  return is_standard_domain(node.domain()) ? node.op_type() : node.domain() + "::" + node.op_type();
}

std::vector<std::string> check_structure(const onnx::GraphProto& graph) {
  StructureChecker checker;
  std::set<std::string> inputs;
  for (const auto& input : graph.input()) {
    checker.define(input.name(), "the input list");
    inputs.insert(input.name());
  }
  for (const auto& tensor : graph.initializer()) {
    // An initializer may give an input its default; the name is then defined already.
    const bool default_of_input = inputs.contains(tensor.name());
    if (!default_of_input) checker.define(tensor.name(), "the initializer list");
  }
  for (const auto& node : graph.node()) checker.node(node);
  for (const auto& output : graph.output()) checker.use(output.name(), "the output list");
  return checker.take_problems();
}

}  // namespace stationhit::onnx_file
