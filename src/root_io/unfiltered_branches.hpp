// Branches that mode filter copies as they are although they hold several values per event.
#pragma once

#include <cstddef>
#include <string>
#include <vector>

#include <TTree.h>

#include "filtered_arrays.hpp"

namespace stationhit::root_io {

// Only branches with the prefix spacePoint_ are known to be per hit. Others may be, too; that they
// have one value per hit in every event is a hint, and their names are worth a warning.
class UnfilteredBranches {
 public:
  // Branches with values that are no single number, except for those of hits, muons and buckets,
  // the filtered arrays and branches that are switched off.
  UnfilteredBranches(TTree& tree, const FilteredArrays& filtered);

  // Compares lengths in the entry that the tree read last.
  void compare_lengths(std::size_t n_hits);

  // One line for each kind: branches that had one value per hit in all entries with hits, and the
  // rest; nothing if there are none.
  [[nodiscard]] std::vector<std::string> warnings() const;

 private:
  struct Watched {
    TBranch* branch;
    bool is_as_long_as_hits;
  };
  std::vector<Watched> branches_;
  bool has_seen_hits_ = false;
};

}  // namespace stationhit::root_io
