// Events that two prepared splits have in common: a network must not be judged by events that it
// was trained on.
#pragma once

#include <optional>
#include <string>
#include <vector>

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

// Why the two have events in common, or may have: "both are train of one set", "both were made from
// zmumu.root". No value if they have none, or if the manifests do not say which files they were
// made from. Input files are compared by their checksums. Two sets that divide the same files by
// event in the same way (other cuts, say) have no event in common between different splits.
[[nodiscard]] std::optional<std::string> find_common_events(const SplitOrigin& a,
                                                            const SplitOrigin& b);

}  // namespace stationhit::data
