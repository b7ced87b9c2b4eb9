// A network as one node of a file: the operator stationhit_ops::Network, which the library
// libstationhit_ops.so (src/operators) brings to ONNX Runtime. Its inputs are those of the file
// (model_tensors.hpp) and then the weights, as constants; its output is `output`.
#pragma once

#include <cstdint>

namespace stationhit::onnx_file {

// The name of the library, because ONNX Runtime says nothing but domain and operator where it does
// not know one.
inline constexpr const char* operator_domain = "stationhit_ops";
inline constexpr std::int64_t operator_domain_version = 1;
inline constexpr const char* network_operator = "Network";
inline constexpr const char* network_operator_key =
    "stationhit_ops::Network";  // ModelFile::operators

// The name of the node, which ONNX Runtime says where a call fails.
inline constexpr const char* network_node =
    "network (custom operator library libstationhit_ops.so)";

// Attributes of the node, all text. Those that the metadata have too (model_metadata.hpp) are the
// same there: ONNX Runtime does not show an operator the metadata of its file.
inline constexpr const char* network_attribute = "network";              // JSON, as the metadata
inline constexpr const char* graph_attribute = "graph";                  // JSON, as the metadata
inline constexpr const char* feature_names_attribute = "feature_names";  // JSON, as the metadata
inline constexpr const char* inputs_attribute = "inputs";    // JSON array: names in the contract
inline constexpr const char* weights_attribute = "weights";  // JSON array: names of the constants

}  // namespace stationhit::onnx_file
