// C arrays with one value per hit, from which hits are dropped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <vector>

#include <TBranch.h>
#include <TLeaf.h>
#include <TTree.h>

namespace stationhit::root_io {

// In place of the new number of a hit.
inline constexpr std::uint32_t dropped = std::numeric_limits<std::uint32_t>::max();

// Arrays whose length is in another branch (`x[n]/F`). Values and lengths are changed in the
// buffers of the leaves, which a clone of the tree shares.
class FilteredArrays {
 public:
  // False if the branch is no such array.
  bool add(TBranch& branch);
  // Adds all arrays whose length is in the same branch as that of an added one: they have one value
  // per hit as well, whatever their names are.
  void add_of_same_length(TTree& tree);
  [[nodiscard]] bool contains(const TBranch& branch) const;

  // Changes the entry that was read last; new_index[i] is the new number of hit i, or `dropped`.
  // Throws DataError that begins with `place` and the branch if it has another length.
  void drop_hits(std::span<const std::uint32_t> new_index, const std::string& place) const;

 private:
  void drop_from(const TLeaf& values, std::span<const std::uint32_t> new_index,
                 const std::string& place) const;

  std::vector<TLeaf*> arrays_;
  std::vector<TLeaf*> lengths_;  // of these, each once
};

}  // namespace stationhit::root_io
