// What infer reads and writes: a copy of a tree with scores, or a new tree for events that come
// from an RNTuple, an HDF5 file or a prepared split.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <vector>

#include <stationhit/core/event_stream.hpp>
#include <stationhit/core/logger.hpp>
#include <stationhit/data/prepared_split.hpp>
#include <stationhit/root_io/scored_events.hpp>
#include <stationhit/root_io/scored_ntuple.hpp>
#include <stationhit/workflow/score_ntuple.hpp>

namespace stationhit::workflow {

// The events to be scored.
class ScoringInput {
 public:
  // Throws DataError naming the input. Warns of a file that was not closed.
  ScoringInput(const ScoringOptions& options, const core::Logger& log);

  [[nodiscard]] core::EventReader& events() const { return *events_; }
  [[nodiscard]] const std::vector<data::MissingBranches>& missing_branches() const {
    return missing_;
  }
  // A tree is copied entry by entry; nothing else can be.
  [[nodiscard]] bool is_tree() const { return copies_tree_; }
  [[nodiscard]] core::SampleInfo sample() const;

 private:
  std::optional<data::PreparedSplit> split_;  // of the reader
  bool copies_tree_ = false;
  std::unique_ptr<core::EventReader> events_;
  std::vector<data::MissingBranches> missing_;
};

class ScoredOutput {
 public:
  // Throws DataError as the two writers do.
  ScoredOutput(const ScoringOptions& options, const ScoringInput& input, const core::Logger& log);
  void record_cut(const root_io::ScoreCut& cut);
  // `entry` counts the events of the input from 0. keep: in mode filter, one value per hit.
  void write(std::uint64_t entry, const core::Event& event, std::span<const float> scores,
             std::span<const std::uint8_t> keep);
  void close();

 private:
  std::optional<root_io::ScoredNtupleWriter> copied_;  // one of the two
  std::optional<root_io::ScoredEventWriter> made_;
};

}  // namespace stationhit::workflow
