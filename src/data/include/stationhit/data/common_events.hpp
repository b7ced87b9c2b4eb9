// Events that two prepared splits have in common: a network must not be judged by events that it
// was trained on.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <stationhit/core/event_list.hpp>
#include <stationhit/data/manifest.hpp>

namespace stationhit::data {

// Which events a split holds, as far as its manifest says.
struct SplitOrigin {
  std::string fingerprint;  // of the set
  std::string split;        // "train", "val_small", ...
  std::string split_method;
  SplitConfig division;
  std::vector<InputRecord> inputs;  // of the set; empty: unknown
};

[[nodiscard]] SplitOrigin origin_of(const SplitManifest& manifest);

// Whether both are splits of one set, or of sets that divide the same files by event in the same
// way (with other cuts, say): different ones have no event in common.
[[nodiscard]] bool have_one_division(const SplitOrigin& a, const SplitOrigin& b);

// Why the two have events in common, or may have: "both are train of one set", "both were made from
// zmumu.root". No value if they have none, or if the manifests do not say which files they were
// made from. Input files are compared by their checksums.
[[nodiscard]] std::optional<std::string> find_common_events(const SplitOrigin& a,
                                                            const SplitOrigin& b);

struct CommonEvents {
  std::uint64_t count = 0;
  core::EventKey first;  // one of them
};

// The events of `b` that are in `a` too: equal run number (if both have them) and event number, as
// many hits, and these at the same places. Events without hits are left out. Reads the hits only of
// events whose numbers agree; needs 16 bytes per event besides. Throws DataError.
[[nodiscard]] CommonEvents count_common_events(const core::EventList& a, const core::EventList& b);

}  // namespace stationhit::data
