// Which hits have numbers that can be used.
#pragma once

#include <cstdint>
#include <vector>

#include <stationhit/core/event_columns.hpp>

namespace stationhit::core {

// Like non_finite_hits (core/event.hpp), of the columns that are there, in memory that is used
// again. marks: [n_hits]
void mark_non_finite_hits(const HitColumns& hits, std::vector<std::uint8_t>& marks);

}  // namespace stationhit::core
