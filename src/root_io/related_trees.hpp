// Trees of hits that stand beside MuonHitDump in the software of the experiment. They have no muons
// and fewer columns, under other names. The names were taken from the public sources of their
// writers.
#pragma once

#include <algorithm>
#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace stationhit::root_io {

struct StoredName {
  std::string_view column;  // of core::Event, or hit_bucket
  const char* branch;
};

// The number of the bucket of each hit; hits of a bucket stand side by side. No column of
// core::Event.
inline constexpr const char* hit_bucket = "hit_bucket";

struct RelatedTree {
  const char* name;     // that its writer gives it
  const char* content;  // what an entry is
  bool entry_is_bucket;
  std::vector<const char*> known_by;  // branches
  std::vector<StoredName> names;
};

inline const std::array<RelatedTree, 2>& related_trees() {
  static const std::array<RelatedTree, 2> trees{
      {{"MuonSPId",
        "hits of an event with a label",
        false,
        {"x", "y", "z", "stationIndex", "driftR", "label"},
        {{"spacePoint_PositionX", "x"},
         {"spacePoint_PositionY", "y"},
         {"spacePoint_PositionZ", "z"},
         {"spacePoint_stationIndex", "stationIndex"},
         {"spacePoint_driftR", "driftR"},
         {hit_bucket, "bucket_index"}}},
       {"MuonBucketDump",
        "hits of one bucket with a label",
        true,
        {"localPositionX", "globalPositionX", "id_stationIndex", "driftR", "isMdt"},
        {{"spacePoint_PositionX", "localPositionX"},
         {"spacePoint_PositionY", "localPositionY"},
         {"spacePoint_PositionZ", "localPositionZ"},
         {"spacePoint_globPosX", "globalPositionX"},
         {"spacePoint_globPosY", "globalPositionY"},
         {"spacePoint_globPosZ", "globalPositionZ"},
         {"spacePoint_stationIndex", "id_stationIndex"},
         {"spacePoint_stationEta", "id_stationEta"},
         {"spacePoint_stationPhi", "id_stationPhi"},
         {"spacePoint_driftR", "driftR"},
         {"spacePoint_covXX", "covX"},
         {"spacePoint_covXY", "covXY"},
         {"spacePoint_covYX", "covYX"},
         {"spacePoint_covYY", "covY"},
         {"spacePoint_measEta", "measuresEta"},
         {"spacePoint_measPhi", "measuresPhi"},
         {"spacePoint_nEtaInUse", "nEtaInUse"},
         {"spacePoint_nPhiInUse", "nPhiInUse"},
         {"bucket_xMin", "bucket_min"},
         {"bucket_xMax", "bucket_max"}}}}};
  return trees;
}

// `has(name)` says whether the tree has a branch. nullptr for other trees, MuonHitDump among them.
template <class Has>
[[nodiscard]] const RelatedTree* find_related_tree(Has&& has) {
  if (has("spacePoint_PositionX") || has("spacePoint_globEdgeLowX")) return nullptr;
  const auto& trees = related_trees();
  const auto found = std::ranges::find_if(
      trees, [&](const RelatedTree& tree) { return std::ranges::all_of(tree.known_by, has); });
  return found == trees.end() ? nullptr : &*found;
}

// The branch that holds a column; empty if there is none.
[[nodiscard]] inline std::string stored_name(const RelatedTree& tree, std::string_view column) {
  const auto found = std::ranges::find(tree.names, column, &StoredName::column);
  return found == tree.names.end() ? std::string() : found->branch;
}

}  // namespace stationhit::root_io
