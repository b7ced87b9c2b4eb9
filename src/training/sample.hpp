// One event as the network takes it: the only form in which the training split stays in memory.
// Free of Torch.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include <stationhit/features/labeled_events.hpp>

namespace stationhit::training {

// Network inputs and labels of one event, without what only metrics need.
struct Sample {
  std::vector<float> features;          // [n_nodes, F]
  std::vector<std::int32_t> neighbors;  // [n_nodes, k], -1 padded; empty: fully connected groups
  std::vector<std::uint8_t> labels;     // [n_nodes]
  // [n_groups + 1]: the nodes of group g are [offsets[g], offsets[g + 1]); neighbors are in the
  // same group.
  std::vector<std::uint32_t> offsets;
  std::vector<float> weights;       // [n_nodes] in the loss; empty = 1 each
  std::vector<float> first_logits;  // [n_nodes] features::LabeledEvent::first_logits
  std::uint64_t event_number = 0;   // for messages

  [[nodiscard]] std::size_t bytes() const {
    return (features.size() + neighbors.size() + offsets.size() + weights.size() +
            first_logits.size()) *
               4 +
           labels.size();
  }
};

[[nodiscard]] Sample make_sample(features::LabeledEvent&& event);

}  // namespace stationhit::training
