// Writes events with scores as a new ntuple: the output of the subcommand infer for inputs that are
// no tree, which cannot be copied entry by entry.
#pragma once

#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <stationhit/core/event.hpp>
#include <stationhit/core/logger.hpp>
#include <stationhit/core/sample_info.hpp>
#include <stationhit/root_io/scored_ntuple.hpp>

namespace stationhit::root_io {

// Whether the object of this name, which may have folders before it, is an RNTuple. Throws
// DataError naming the file if it is no readable ROOT file.
[[nodiscard]] bool holds_ntuple(const std::filesystem::path& file,
                                const std::string& name = default_tree);

struct ScoredEventOptions {
  ScoredMode mode = ScoredMode::score;
  std::string tree = default_tree;         // its folders are left out
  std::vector<std::string> left_out = {};  // branches that the input does not have
  core::SampleInfo sample = {};
  // A ROOT file with the RNTuple `tree`, whose other objects are copied; empty: none.
  std::filesystem::path input = {};
  core::Logger log = {};
};

// A TTree with the branches of MuonHitDumpWriter and spacePoint_score; bucket_spacePoints has
// indices of 32 bits. Mode filter drops hits and renumbers the buckets, of which those that become
// empty stay. Writes aside; close() gives the file its name and warns of fields and objects of the
// input that are not copied.
class ScoredEventWriter {
 public:
  // Throws DataError naming the path that cannot be written, or that is the input.
  explicit ScoredEventWriter(std::filesystem::path output, ScoredEventOptions options = {});
  ~ScoredEventWriter();

  // As ScoredNtupleWriter does.
  void record_cut(float logit, const std::string& working_point);
  // scores and keep: one value per hit; keep is ignored in mode score.
  void write(const core::Event& event, std::span<const float> scores,
             std::span<const std::uint8_t> keep);
  void close();

 private:
  struct Impl;
  std::unique_ptr<Impl> impl_;
};

}  // namespace stationhit::root_io
