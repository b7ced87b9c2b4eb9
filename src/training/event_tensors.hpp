// The inputs of one event as tensors.
#pragma once

#include <cstdint>
#include <span>

#include <stationhit/models/network.hpp>

namespace stationhit::training {

// features: [n_nodes, n_features]; neighbors: [n_nodes, k], or none with k = 0 (fully connected
// groups); offsets: [n_groups + 1]. Features and neighbors are views: they live as long as the
// data and must not be written.
[[nodiscard]] models::GraphTensors graph_tensors(std::span<const float> features,
                                                 std::span<const std::int32_t> neighbors,
                                                 std::span<const std::uint32_t> offsets,
                                                 std::int64_t n_features, std::int64_t k);

// All tensors of the graph on the device but its offsets, which networks want on the CPU. Copies
// where it is another device.
[[nodiscard]] models::GraphTensors to_device(models::GraphTensors graph,
                                             const torch::Device& device);

// The device of the weights.
[[nodiscard]] torch::Device device_of(const models::Network& network);

// A generator of the device, of its own and with this seed.
[[nodiscard]] at::Generator make_generator(const torch::Device& device, std::uint64_t seed);

// [n_nodes] float32, 0 or 1: a copy.
[[nodiscard]] torch::Tensor label_tensor(std::span<const std::uint8_t> labels);

// [n_nodes] float32, a view; undefined where there are none. Weights, or logits of a first stage.
[[nodiscard]] torch::Tensor optional_tensor(std::span<const float> values);

}  // namespace stationhit::training
