#include "scored_output.hpp"

#include <algorithm>

#include <stationhit/core/file_kind.hpp>
#include <stationhit/core/input_files.hpp>
#include <stationhit/features/needed_branches.hpp>
#include <stationhit/workflow/root_formats.hpp>

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

// A new tree has no branch that some of the files did not have: its values would be made up.
std::vector<std::string> branches_of(const std::vector<data::MissingBranches>& missing) {
  std::vector<std::string> names;
  for (const data::MissingBranches& file : missing)
    names.insert(names.end(), file.branches.begin(), file.branches.end());
  return names;
}

// A network that was trained on files with positions sees others here.
void warn_of_derived_positions(const fs::path& input, const std::vector<std::string>& missing,
                               const core::Logger& log) {
  if (std::ranges::find(missing, "spacePoint_globPosX") != missing.end() &&
      !features::find_missing_edge(missing))
    log.warning(input.string() +
                ": has no global positions; the middle of the ends of each tube or strip is taken, "
                "which is not that of a hit with two coordinates");
}

root_io::ScoredEventOptions options_of(const ScoringOptions& options, const ScoringInput& input,
                                       const core::Logger& log) {
  root_io::ScoredEventOptions made{.mode = options.mode,
                                   .left_out = branches_of(input.missing_branches()),
                                   .sample = input.sample(),
                                   .log = log};
  if (!fs::is_directory(options.input)) {
    made.tree = options.tree;
    if (!core::is_of_kind(options.input, core::FileKind::hdf5)) made.input = options.input;
  }
  return made;
}

}  // namespace

ScoringInput::ScoringInput(const ScoringOptions& options, const core::Logger& log) {
  if (fs::is_directory(options.input)) {
    split_ = data::open_split(options.input);
    missing_ = split_->manifest.provenance.missing_branches;
    events_ = data::read_split(*split_, open_shard);
    return;
  }
  copies_tree_ = !core::is_of_kind(options.input, core::FileKind::hdf5) &&
                 !root_io::holds_ntuple(options.input, options.tree);
  // A copied tree keeps its truth unread; a new one needs it.
  const auto truth = !copies_tree_ ? TruthReading::if_there : TruthReading::leave_out;
  auto reader = open_ntuple_to_score(options.input, options.tree, truth, options.unfinished);
  warn_of_unfinished(*reader, log);
  warn_of_derived_positions(options.input, reader->missing_branches(), log);
  missing_ = {{core::file_name(options.input), reader->missing_branches()}};
  events_ = std::move(reader);
}

core::SampleInfo ScoringInput::sample() const {
  return split_ ? split_->manifest.provenance.sample : core::SampleInfo();
}

ScoredOutput::ScoredOutput(const ScoringOptions& options, const ScoringInput& input,
                           const core::Logger& log) {
  if (input.is_tree()) {
    copied_.emplace(options.input, options.output, options.mode, options.tree, log,
                    options.unfinished);
  } else {
    made_.emplace(options.output, options_of(options, input, log));
  }
}

void ScoredOutput::record_cut(const root_io::ScoreCut& cut) {
  if (copied_) copied_->record_cut(cut.logit, cut.working_point);
  if (made_) made_->record_cut(cut.logit, cut.working_point);
}

void ScoredOutput::write(std::uint64_t entry, const core::Event& event,
                         std::span<const float> scores, std::span<const std::uint8_t> keep) {
  if (copied_) copied_->write(entry, scores, keep);
  if (made_) made_->write(event, scores, keep);
}

void ScoredOutput::close() {
  if (copied_) copied_->close();
  if (made_) made_->close();
}

}  // namespace stationhit::workflow
