// What files of other layouts than MuonHitDump lack besides branches. Readers report it among the
// names of missing branches.
#pragma once

namespace stationhit::core {

// An entry is one bucket and not an event.
inline constexpr const char* whole_events = "whole events";
// A hit stands in the file once for each of its buckets.
inline constexpr const char* single_hits = "hits that stand once";

}  // namespace stationhit::core
