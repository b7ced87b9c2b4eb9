// A file of operators as a file with one node (onnx_file/fused_network.hpp).
#pragma once

#include <stationhit/architecture/network_description.hpp>
#include <stationhit/onnx_file/graph_builder.hpp>
#include <stationhit/onnx_file/model_metadata.hpp>

namespace stationhit::exporter {

// file: the network as it is written in operators, with its metadata. The result has the same
// inputs, output and weights, and these metadata.
[[nodiscard]] onnx_file::GraphBuilder fuse(const onnx_file::GraphBuilder& file,
                                           const architecture::NetworkDescription& network,
                                           const onnx_file::ModelMetadata& metadata);

}  // namespace stationhit::exporter
