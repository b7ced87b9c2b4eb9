// What the operator computes, without ONNX Runtime: from the inputs of a file to logits.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include <stationhit/core/named_enum.hpp>
#include <stationhit/core/object_pool.hpp>
#include <stationhit/engine/engine.hpp>
#include <stationhit/kernels/views.hpp>
#include <stationhit/onnx_file/model_tensors.hpp>

#include "call_memory.hpp"

namespace stationhit::operators {

// The inputs of a file.
enum class InputRole { features, neighbors, slots, slot_of_node, event_of_node, edges };
constexpr auto names_of(InputRole) {
  return std::to_array<std::string_view>({onnx_file::features_input, onnx_file::neighbors_input,
                                          onnx_file::slots_input, onnx_file::slot_of_node_input,
                                          onnx_file::event_of_node_input, onnx_file::edges_input});
}

// Attributes of the node (onnx_file/fused_network.hpp).
struct NetworkAttributes {
  std::string network, graph;
  std::vector<std::string> feature_names;
  std::vector<InputRole> inputs;
};

// The tensors of one call; those that the file does not have are empty.
struct CallInputs {
  kernels::MatrixView<const float> features;                      // [N, F]
  kernels::MatrixView<const std::int32_t> neighbors, slots;       // [N, k], [B, M]
  std::span<const std::int32_t> slot_of_node, event_of_node;      // [N]
  std::span<const std::int64_t> edge_sources, edge_destinations;  // [E]
};

// Const calls may run on several threads at once.
class FusedNetwork {
 public:
  // Throws core::ConfigError or std::invalid_argument where attributes, inputs and weights do not
  // belong together.
  FusedNetwork(const NetworkAttributes& attributes, const engine::Weights& weights);

  // Logits [N]. Allocates nothing once it has seen calls of this size. Throws std::invalid_argument
  // naming input, place and value: numbers that are not finite, nodes that do not exist, groups or
  // edges that do not fit together, sizes that are not those of the network.
  void run(const CallInputs& inputs, std::span<float> logits) const;

 private:
  void check_inputs(const CallInputs& inputs, std::size_t n_logits) const;
  void add_graph(const CallInputs& inputs, CallMemory& memory, engine::Inputs& of_engine) const;

  std::vector<std::string> feature_names_;
  std::vector<InputRole> inputs_;
  std::size_t k_ = 0;
  engine::Neighborhood neighborhood_;
  engine::Engine engine_;
  mutable core::ObjectPool<CallMemory> memories_;
};

}  // namespace stationhit::operators
