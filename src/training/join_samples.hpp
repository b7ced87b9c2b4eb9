// The events of a batch as one graph, for devices that want much work at once. Free of Torch.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "sample.hpp"

namespace stationhit::training {

struct JoinedSamples {
  Sample sample;                     // weights where one of the events has weights
  std::vector<std::int64_t> events;  // [n_nodes] the event of every node, ascending from 0
};

// The nodes and groups of the samples one after the other; neighbors are rows of the joined
// features. Samples without nodes are left out.
[[nodiscard]] JoinedSamples join_samples(std::span<const Sample* const> samples);

}  // namespace stationhit::training
