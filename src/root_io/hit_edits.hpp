// What mode filter does with the branches of hits: drop the entries of removed hits, or renumber
// the hits in the lists of the buckets.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <vector>

#include <TBranchElement.h>
#include <TTree.h>

#include "filtered_arrays.hpp"

namespace stationhit::root_io {

// Throws DataError that begins with `where` if a branch has another length than there are scores.
void require_length(std::size_t length, std::size_t n_scores, const std::string& where);

// Changes the object of a branch after it was read; new_index[i] is the new number of hit i, or
// `dropped`.
using BranchEdit = std::function<void(void* object, std::span<const std::uint32_t> new_index,
                                      const std::string& where)>;

struct EditedBranch {
  TBranchElement* branch;
  BranchEdit edit;
};

// The edits of all branches of hits, chosen by their types.
class HitEdits {
 public:
  // The edits of mode filter. Throws DataError naming `path` and a branch of hits that is of
  // another type.
  static HitEdits make_filter(TTree& tree, const std::string& path);
  // If all hits stay, the length of one branch is enough to check that scores belong to an entry.
  static HitEdits make_length_check(TTree& tree);

  // Changes the entry that the tree read last. Throws DataError that begins with `place` and the
  // branch that does not fit.
  void apply(std::span<const std::uint32_t> new_index, const std::string& place) const;
  [[nodiscard]] const FilteredArrays& arrays() const { return arrays_; }

 private:
  std::vector<EditedBranch> branches_;
  FilteredArrays arrays_;
};

// Drops the values of the removed hits from an object of the type Values.
template <class Values>
void drop_hits(void* object, std::span<const std::uint32_t> new_index, const std::string& where) {
  auto& values = *static_cast<Values*>(object);
  require_length(values.size(), new_index.size(), where);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < values.size(); ++i)
    if (new_index[i] != dropped) values[kept++] = std::move(values[i]);
  values.resize(kept);
}

}  // namespace stationhit::root_io
