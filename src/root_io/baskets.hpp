// Checks of the baskets of a TTree before ROOT uses them. A basket has a header without a checksum,
// and a file without compression has none at all; ROOT follows the lengths and positions in them
// without looking whether they fit, and crashes.
#pragma once

#include <string>
#include <vector>

#include <TBranch.h>
#include <TLeaf.h>
#include <TTree.h>

#include "entry_layout.hpp"

namespace stationhit::root_io {

// The lists of baskets in the header of the tree: positions inside the file, entries in order; and
// the baskets that are stored in the header itself. Throws DataError naming the file.
void check_basket_lists(TTree& tree, const std::string& file);

// Checks the entries of one branch, whose type is looked up once.
class BranchCheck {
 public:
  explicit BranchCheck(TBranch& branch);
  [[nodiscard]] TBranch& branch() const { return *branch_; }

  // To be called before the entry is read. Loads its basket if that is another one than before,
  // after a look at its header on the disk; then checks that the entry lies inside and that the
  // lengths of its lists, or of its C array, fit its bytes. Throws DataError naming file, entry and
  // branch.
  void check_entry(long long entry, const std::string& file) const;

 private:
  TBranch* branch_;
  EntryLayout layout_;
  TLeaf* array_;
};

// The same for every branch of a tree that is switched on when an entry is checked.
class TreeCheck {
 public:
  explicit TreeCheck(TTree& tree);
  void check_entry(long long entry, const std::string& file) const;

 private:
  std::vector<BranchCheck> branches_;
};

}  // namespace stationhit::root_io
