// The branches of a MuonHitDump tree that is written, with the buffers to which they point.
#pragma once

#include <deque>
#include <span>
#include <string>
#include <vector>

#include <TFile.h>
#include <TTree.h>

#include <stationhit/core/event.hpp>

namespace stationhit::root_io {

// An empty tree of hits, owned by the file.
[[nodiscard]] TTree& make_dump_tree(TFile& file, const std::string& name);

// Names of all branches of an ntuple.
[[nodiscard]] std::vector<std::string> known_branches();

// Types of the hit indices in bucket_spacePoints.
enum class BucketIndices { bits_16, bits_32 };

// Must exist as long as the tree.
class DumpBranches {
 public:
  // Makes all branches but those of the names `left_out`.
  explicit DumpBranches(TTree& tree, std::span<const std::string> left_out = {},
                        BucketIndices indices = BucketIndices::bits_16);
  DumpBranches(const DumpBranches&) = delete;
  DumpBranches& operator=(const DumpBranches&) = delete;

  // Copies the event into the buffers, before the tree is filled.
  void set(const core::Event& event);

 private:
  core::Event event_;
  std::deque<std::vector<char>> chars_;
  std::deque<std::vector<bool>> bools_;
  BucketIndices indices_;
  std::vector<std::vector<unsigned short>> narrow_hits_;
  std::vector<std::vector<unsigned int>> wide_hits_;
};

}  // namespace stationhit::root_io
