// Structural check of a graph, for files that are read and for graphs that are built or changed.
#pragma once

#include <string>
#include <vector>

#include <onnx-ml.pb.h>

namespace stationhit::onnx_file {

// One line per problem; empty for a well-formed graph.
[[nodiscard]] std::vector<std::string> check_structure(const onnx::GraphProto& graph);

[[nodiscard]] bool is_standard_domain(const std::string& domain);

// "Gather", or "domain::Operator" of another domain.
[[nodiscard]] std::string operator_key(const onnx::NodeProto& node);

}  // namespace stationhit::onnx_file
