// The events of one rank. Free of Torch.
#pragma once

#include <cstdint>
#include <limits>
#include <memory>

#include <stationhit/features/labeled_events.hpp>
#include <stationhit/training/ranks.hpp>

namespace stationhit::training {

// Of the first `limit` events those that this rank takes, in order. The others are read but their
// inputs are not made.
[[nodiscard]] std::unique_ptr<features::LabeledEventStream> take_own_events(
    std::unique_ptr<features::LabeledEventStream> all, const Ranks& ranks,
    std::uint64_t limit = std::numeric_limits<std::uint64_t>::max());

}  // namespace stationhit::training
