// Copies the input ntuple and adds scores: the output of the subcommand infer.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include <stationhit/core/logger.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>

namespace stationhit::root_io {

enum class ScoredMode {
  score,   // every hit stays
  filter,  // hits with keep = 0 are dropped
};
constexpr auto names_of(ScoredMode) { return std::to_array<std::string_view>({"score", "filter"}); }

// The cut that says which hits are kept.
struct ScoreCut {
  float logit = 0;                      // hits with a larger score are kept
  std::string working_point = {};       // "0.99"; empty: the cut was given as a logit
  ScoredMode mode = ScoredMode::score;  // filter: the file has only the kept hits
};

// Whether the file is a result of the class below: a tree in it has the branch spacePoint_score.
// False too for a file that cannot be read.
[[nodiscard]] bool has_scores(const std::filesystem::path& path);

// Copies a tree entry by entry with all its branches, including those unknown to this project, and
// adds spacePoint_score (vector<float>, raw logits; a branch of that name in the input is
// replaced). Mode filter drops hits from every spacePoint_* branch and renumbers
// bucket_spacePoints; buckets that become empty, muons and all other branches stay. close() copies
// the other objects of the input file (histograms, trees, folders), and warns of those that it
// cannot copy and, in mode filter, of branches with several values per event that it does not know:
// they may be per hit and have kept their length. Writes aside; close() gives the file its name.
// Not thread-safe.
class ScoredNtupleWriter {
 public:
  // Throws DataError naming the file: as MuonHitDumpReader does, output equal to input, and in mode
  // filter a spacePoint_* branch that is no vector of numbers, strings or vectors of numbers
  // (scalars stay).
  ScoredNtupleWriter(const std::filesystem::path& input, std::filesystem::path output,
                     ScoredMode mode, const std::string& tree = default_tree, core::Logger log = {},
                     core::UnfinishedFiles unfinished = core::UnfinishedFiles::refuse);
  ~ScoredNtupleWriter();

  // Writes the cut into the user information of the tree (score_cut.hpp), in place of what the
  // input says about an earlier one.
  void record_cut(float logit, const std::string& working_point);
  // Copies `entry` of the input. scores and keep: one value per hit of that entry, DataError
  // otherwise; keep is ignored in mode score.
  void write(std::uint64_t entry, std::span<const float> scores,
             std::span<const std::uint8_t> keep);
  void close();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stationhit::root_io
