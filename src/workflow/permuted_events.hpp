// Events in which the values of some features are permuted.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include <stationhit/features/labeled_events.hpp>

namespace stationhit::workflow {

// The events of `events`; in each the rows of these columns of the features are exchanged among its
// nodes, all columns by the same permutation, so that values that belong together stay so. Labels,
// groups and neighbors stay. The permutations depend on seed, repetition and the place of the event
// only.
[[nodiscard]] std::unique_ptr<features::LabeledEventStream> permute_columns(
    std::unique_ptr<features::LabeledEventStream> events, std::vector<std::size_t> columns,
    std::uint64_t seed, std::uint64_t repetition);

}  // namespace stationhit::workflow
