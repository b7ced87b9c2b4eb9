// Checks of the baskets of a TTree before ROOT uses them. A basket has a header without a checksum,
// and a file without compression has none at all; ROOT follows the lengths and positions in them
// without looking whether they fit, and crashes.
#pragma once

#include <string>

#include <TBranch.h>
#include <TTree.h>

namespace stationhit::root_io {

// The lists of baskets in the header of the tree: positions inside the file, entries in order; and
// the baskets that are stored in the header itself. Throws DataError naming the file.
void check_basket_lists(TTree& tree, const std::string& file);

// To be called before the entry of the branch is read. Loads its basket if that is another one than
// before, after a look at its header on the disk; then checks that the entry lies inside and that
// the lengths of a vector of numbers fill it exactly. Throws DataError naming file, entry and
// branch.
void check_entry(TBranch& branch, long long entry, const std::string& file);

// The same for every branch of the tree that is switched on.
void check_entry(TTree& tree, long long entry, const std::string& file);

}  // namespace stationhit::root_io
