// Trees of hits that stand beside MuonHitDump in the software of the experiment. They are named,
// not read: the hits lack columns that no default can stand for.
#pragma once

#include <algorithm>
#include <array>
#include <vector>

namespace stationhit::root_io {

struct RelatedTree {
  const char* name;     // that its writer gives it
  const char* content;  // what an entry is
  const char* lacks;
  std::vector<const char*> columns;  // by which it is known
};

inline const std::array<RelatedTree, 2>& related_trees() {
  static const std::array<RelatedTree, 2> trees{
      {{"MuonSPId",
        "hits of an event with a label",
        "global positions, technology, channel, event number and muons",
        {"x", "y", "z", "stationIndex", "driftR", "label"}},
       {"MuonBucketDump",
        "hits of one bucket with a label",
        "technology, channel, event number and muons, and an entry is no event",
        {"localPositionX", "globalPositionX", "id_stationIndex", "driftR", "isMdt"}}}};
  return trees;
}

// `has(name)` says whether the tree has a column. nullptr for other trees.
template <class Has>
[[nodiscard]] const RelatedTree* find_related_tree(Has&& has) {
  const auto& trees = related_trees();
  const auto found = std::ranges::find_if(
      trees, [&](const RelatedTree& tree) { return std::ranges::all_of(tree.columns, has); });
  return found == trees.end() ? nullptr : &*found;
}

}  // namespace stationhit::root_io
