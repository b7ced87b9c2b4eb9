// Values that no detector gives. Uncompressed ntuples and text have no checksums, so that damage
// shows only in this way.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <stationhit/core/event.hpp>

namespace stationhit::data {

// What is implausible -> number of hits, muons, buckets or events: {"hits beyond 50 m": 3}.
using ImplausibleCounts = std::map<std::string, std::uint64_t>;

// Adds what is implausible in the event: positions beyond 50 m, unknown technologies, drift radii
// outside of 0 to 50 mm, negative variances, chambers that do not exist, muons with a pT outside of
// 0 to 10 TeV, buckets with xMin > xMax, events with hits whose buckets are all empty. NaN and Inf
// are counted elsewhere.
void add_implausible(const core::Event& event, ImplausibleCounts& counts);

// "3 hits beyond 50 m, 1 ..."; "" if there is nothing.
[[nodiscard]] std::string describe(const ImplausibleCounts& counts);

}  // namespace stationhit::data
