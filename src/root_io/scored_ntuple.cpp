// The tree is cloned with all its branches and copied entry by entry, so branches that this project
// does not know survive. Between reading and writing an entry, hits are dropped from the buffers
// that both trees share (hit_edits.hpp). Memory holds one entry.
#include <algorithm>
#include <optional>

#include <stationhit/core/crash_note.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/output_target.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/root_io/describe.hpp>
#include <stationhit/root_io/scored_ntuple.hpp>

#include "baskets.hpp"
#include "branch_sources.hpp"
#include "cut_info.hpp"
#include "hit_edits.hpp"
#include "other_objects.hpp"
#include "related_trees.hpp"
#include "root_session.hpp"
#include "score_branch.hpp"
#include "unfiltered_branches.hpp"

namespace stationhit::root_io {
namespace {

// An RVec of a class without dictionary is unpacked into the wrong type and crashes the program.
std::vector<std::string> leave_out_unknown_rvecs(TTree& tree) {
  std::vector<std::string> left_out;
  for (TObject* object : *tree.GetListOfBranches()) {
    auto& branch = static_cast<TBranch&>(*object);
    const std::string type = branch.GetClassName();
    if (type.find("RVec<") == std::string::npos || branch_type(branch) != nullptr) continue;
    tree.SetBranchStatus(branch.GetName(), false);
    left_out.push_back(std::string(branch.GetName()) + " (" + type + ": class not known)");
  }
  return left_out;
}

}  // namespace

bool has_scores(const std::filesystem::path& path) {
  try {
    for (const core::ObjectDescription& object : describe(path).objects)
      if (std::ranges::find(object.columns, score_branch, &core::ColumnDescription::name) !=
          object.columns.end())
        return true;
  } catch (const core::DataError&) {
  }
  return false;
}

struct ScoredNtupleWriter::Impl {
  std::string input_path, tree_path;
  std::filesystem::path output_path;
  std::unique_ptr<TFile> input;
  TTree* from = nullptr;
  std::optional<TreeCheck> check;  // of `from`
  HitEdits edits;
  std::optional<UnfilteredBranches> unfiltered;  // in mode filter
  std::vector<std::string> left_out;             // branches
  core::Logger log;
  ScoredMode mode = ScoredMode::score;
  std::vector<float> scores;
  std::vector<std::uint32_t> new_index;
  std::unique_ptr<RootOutput> output;  // last: its tree shares the buffers above
  TTree* to = nullptr;

  void make_output();
  void number_hits(std::span<const std::uint8_t> keep);
  void read(std::uint64_t entry);
  void copy_others();
};

void ScoredNtupleWriter::Impl::make_output() {
  // Scores of an earlier run are replaced: the clone leaves out branches that are switched off.
  if (from->GetBranch(score_branch) != nullptr) from->SetBranchStatus(score_branch, false);
  const TDirectory::TContext context(&output->file());
  const RootMessages messages;
  // Copies the structure with the settings of all branches, but no entries.
  to = from->CloneTree(0);
  if (to == nullptr)
    throw core::DataError(input_path + ": its tree cannot be copied (ROOT: " + messages.error() +
                          ")");
  to->SetAutoSave(0);
  remove_cut_info(*to);
  to->Branch(score_branch, &scores);
  output->check_written(messages);
}

void ScoredNtupleWriter::Impl::number_hits(std::span<const std::uint8_t> keep) {
  new_index.assign(keep.size(), dropped);
  std::uint32_t next = 0;
  for (std::size_t i = 0; i < keep.size(); ++i) {
    if (keep[i] != 0) new_index[i] = next++;
  }
}

void ScoredNtupleWriter::Impl::read(std::uint64_t entry) {
  const RootMessages messages;
  std::string failure;
  try {
    check->check_entry(static_cast<long long>(entry), input_path);
    if (from->GetEntry(static_cast<Long64_t>(entry)) > 0 && messages.error().empty()) return;
    failure = messages.error();
  } catch (const core::Error&) {
    throw;
  } catch (const std::exception& error) {  // a damaged length asks for absurd memory
    failure = error.what();
  }
  throw core::DataError(input_path + ", entry " + std::to_string(entry) +
                        ": cannot be read (ROOT: " + failure + "); copy the file again");
}

ScoredNtupleWriter::ScoredNtupleWriter(const std::filesystem::path& input,
                                       std::filesystem::path output, ScoredMode mode,
                                       const std::string& tree, core::Logger log,
                                       core::UnfinishedFiles unfinished)
    : impl_(std::make_unique<Impl>()) {
  const core::CrashNote note(input.string());
  core::require_no_input(output, {input});
  impl_->input_path = input.string();
  impl_->output_path = std::move(output);
  impl_->mode = mode;
  impl_->log = std::move(log);
  impl_->tree_path = tree;
  impl_->input = open_file(input, unfinished);
  impl_->from = &get_tree(*impl_->input, tree);
  const auto has = [&](const char* name) { return impl_->from->GetBranch(name) != nullptr; };
  if (const RelatedTree* related = find_related_tree(has);
      related != nullptr && mode == ScoredMode::filter)
    throw core::DataError(impl_->input_path +
                          ": hits are dropped from branches spacePoint_* only, "
                          "which a tree as " +
                          related->name +
                          " does not have; take --mode score and drop them by spacePoint_score");
  impl_->edits = mode == ScoredMode::filter ? HitEdits::make_filter(*impl_->from, impl_->input_path)
                                            : HitEdits::make_length_check(*impl_->from);
  impl_->left_out = leave_out_unknown_rvecs(*impl_->from);
  impl_->check.emplace(*impl_->from);
  if (mode == ScoredMode::filter) impl_->unfiltered.emplace(*impl_->from, impl_->edits.arrays());
  impl_->output = std::make_unique<RootOutput>(impl_->output_path, DumpWriterOptions{}.compression);
  impl_->make_output();
}

ScoredNtupleWriter::~ScoredNtupleWriter() {
  const core::CrashNote note(impl_->input_path);
  impl_.reset();
}

void ScoredNtupleWriter::record_cut(float logit, const std::string& working_point) {
  remove_cut_info(*impl_->to);
  add_cut_info(*impl_->to, {logit, working_point, impl_->mode});
}

void ScoredNtupleWriter::write(std::uint64_t entry, std::span<const float> scores,
                               std::span<const std::uint8_t> keep) {
  const core::CrashNote note(impl_->input_path + ", entry " + std::to_string(entry));
  impl_->read(entry);
  impl_->scores.assign(scores.begin(), scores.end());
  const bool filter = impl_->mode == ScoredMode::filter;
  if (filter) impl_->number_hits(keep);
  if (!filter) impl_->new_index.assign(scores.size(), 0);
  const std::string place = impl_->input_path + ", entry " + std::to_string(entry) + ": branch ";
  impl_->edits.apply(impl_->new_index, place);
  if (impl_->unfiltered) impl_->unfiltered->compare_lengths(scores.size());
  if (filter) drop_hits<std::vector<float>>(&impl_->scores, impl_->new_index, place + score_branch);
  const RootMessages messages;
  impl_->to->Fill();
  impl_->output->check_written(messages);
}

void ScoredNtupleWriter::Impl::copy_others() {
  std::vector<std::string> lost = left_out;
  for (std::string& object : copy_other_objects(*input, output->file(), tree_path))
    lost.push_back(std::move(object));
  if (!lost.empty())
    log.warning(output_path.string() + ": not copied from the input: " + core::join(lost));
  if (!unfiltered) return;
  for (const std::string& line : unfiltered->warnings())
    log.warning(output_path.string() + ": branch " + line);
}

void ScoredNtupleWriter::close() {
  if (impl_->output == nullptr) return;
  const core::CrashNote note(impl_->input_path);
  impl_->copy_others();
  impl_->output->finish(*impl_->to);
  impl_->output.reset();
}

}  // namespace stationhit::root_io
