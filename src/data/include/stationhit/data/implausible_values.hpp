// Values that no detector gives. Uncompressed ntuples and text have no checksums, so that damage
// shows only in this way.
#pragma once

#include <cstdint>
#include <map>
#include <string>

#include <stationhit/core/event.hpp>
#include <stationhit/core/logger.hpp>

namespace stationhit::data {

// What is implausible -> number of hits, muons, buckets or events: {"hits beyond 50 m": 3}.
using ImplausibleCounts = std::map<std::string, std::uint64_t>;

// Adds what is implausible in the event: positions beyond 50 m, unknown technologies, drift radii
// outside of 0 to 50 mm, negative variances, chambers that do not exist, muons with a pT outside of
// 0 to 10 TeV, buckets with xMin > xMax, events with hits whose buckets are all empty. NaN and Inf
// are counted elsewhere.
void add_implausible(const core::Event& event, ImplausibleCounts& counts);

// The same for the counts of a part of the events.
void add_implausible(const ImplausibleCounts& part, ImplausibleCounts& counts);

// One warning about `input`: "<input>: implausible values: 3 hits beyond 50 m, 1 ..."; none if
// there is nothing.
void warn_of_implausible(const ImplausibleCounts& counts, const std::string& input,
                         const core::Logger& log);

}  // namespace stationhit::data
