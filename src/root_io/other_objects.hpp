// Copies what a file holds beside a tree: histograms, other trees, folders.
#pragma once

#include <string>
#include <vector>

#include <TFile.h>

namespace stationhit::root_io {

// Copies the newest version of every object of `from`, also in folders, to the same place in `to`,
// except for the tree of this name. Returns what could not be copied, with its class and the
// reason: "rates (ROOT::RNTuple)", "hits/cutflow (TH1D: damaged)".
[[nodiscard]] std::vector<std::string> copy_other_objects(TFile& from, TFile& to,
                                                          const std::string& tree);

}  // namespace stationhit::root_io
