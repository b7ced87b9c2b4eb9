// The tree is cloned with all its branches and copied entry by entry, so branches that this project
// does not know survive. In mode `filter`, every branch of hits has an edit that is chosen once by
// the C++ type of its vector: drop the entries of removed hits, or renumber them in the lists of
// the buckets. Memory holds one entry.
#include <functional>
#include <optional>
#include <typeinfo>

#include <TBranchElement.h>

#include <stationhit/core/crash_note.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/output_target.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/root_io/scored_ntuple.hpp>

#include "array_sources.hpp"
#include "baskets.hpp"
#include "branch_columns.hpp"
#include "other_objects.hpp"
#include "root_session.hpp"
#include "unfiltered_branches.hpp"

namespace stationhit::root_io {
namespace {

constexpr const char* score_branch = "spacePoint_score";
constexpr std::uint32_t dropped = UINT32_MAX;

// Changes the object of a branch after it was read; new_index[i] is the new number of hit i, or
// `dropped`.
using BranchEdit = std::function<void(void* object, std::span<const std::uint32_t> new_index,
                                      const std::string& where)>;

template <class Values>
void check_length(void* object, std::span<const std::uint32_t> new_index,
                  const std::string& where) {
  const std::size_t size = static_cast<Values*>(object)->size();
  if (size == new_index.size()) return;
  throw core::DataError(where + " has " + std::to_string(size) +
                        " values, but there are scores of " + std::to_string(new_index.size()) +
                        " hits; the event is damaged or the branch is not one of hits (--mode "
                        "score copies any branch)");
}

template <class Values>
void drop_hits(void* object, std::span<const std::uint32_t> new_index, const std::string& where) {
  auto& values = *static_cast<Values*>(object);
  check_length<Values>(object, new_index, where);
  std::size_t kept = 0;
  for (std::size_t i = 0; i < values.size(); ++i) {
    if (new_index[i] != dropped) values[kept++] = values[i];
  }
  values.resize(kept);
}

template <class T>
void renumber_hits(void* object, std::span<const std::uint32_t> new_index,
                   const std::string& where) {
  for (std::vector<T>& hits : *static_cast<std::vector<std::vector<T>>*>(object)) {
    std::size_t kept = 0;
    for (const T hit : hits) {
      // A negative number becomes a large one and is refused as well.
      if (static_cast<std::size_t>(hit) >= new_index.size())
        throw core::DataError(where + " refers to hit " + std::to_string(hit) +
                              ", which does not exist");
      const std::uint32_t index = new_index[static_cast<std::size_t>(hit)];
      if (index != dropped) hits[kept++] = static_cast<T>(index);
    }
    hits.resize(kept);
  }
}

// The supported element types of a branch of hits.
using HitTypes =
    TypeList<float, double, char, signed char, unsigned char, bool, short, unsigned short, int,
             unsigned int, long, unsigned long, long long, unsigned long long, std::string,
             std::vector<float>, std::vector<double>, std::vector<unsigned char>,
             std::vector<short>, std::vector<unsigned short>, std::vector<int>,
             std::vector<unsigned int>, std::vector<long>, std::vector<unsigned long>>;

template <class... Types>
BranchEdit make_checking_edit(const std::type_info& type, TypeList<Types...>) {
  BranchEdit edit;
  // The first type of the list that matches sets the edit and ends the evaluation.
  (void)((type == typeid(std::vector<Types>) && (edit = check_length<std::vector<Types>>, true)) ||
         ...);
  return edit;
}

template <class... Types>
BranchEdit make_dropping_edit(const std::type_info& type, TypeList<Types...>) {
  BranchEdit edit;
  (void)((type == typeid(std::vector<Types>) && (edit = drop_hits<std::vector<Types>>, true)) ||
         ...);
  return edit;
}

// The same for RVec, which only numbers come in.
template <class... Types>
BranchEdit make_dropping_edit_of_rvec(const std::type_info& type, TypeList<Types...>) {
  BranchEdit edit;
  (void)((type == typeid(ROOT::RVec<Types>) && (edit = drop_hits<ROOT::RVec<Types>>, true)) || ...);
  return edit;
}

template <class... Types>
BranchEdit make_renumbering_edit(const std::type_info& type, TypeList<Types...>) {
  BranchEdit edit;
  (void)((type == typeid(std::vector<std::vector<Types>>) && (edit = renumber_hits<Types>, true)) ||
         ...);
  return edit;
}

struct EditedBranch {
  TBranchElement* branch;
  BranchEdit edit;
};

EditedBranch make_edit(TBranch& branch, const std::string& path) {
  const bool is_buckets = std::string(branch.GetName()) == "bucket_spacePoints";
  const std::type_info* type = branch_type(branch);
  BranchEdit edit;
  if (type != nullptr)
    edit = is_buckets ? make_renumbering_edit(*type, NestedIndexTypes{})
                      : make_dropping_edit(*type, HitTypes{});
  if (type != nullptr && !edit) edit = make_dropping_edit_of_rvec(*type, NumericTypes{});
  auto* element = dynamic_cast<TBranchElement*>(&branch);
  if (edit && element != nullptr) return {element, std::move(edit)};
  throw core::DataError(
      path + ": branch " + branch.GetName() + " is a " + branch_type_name(branch) +
      ", from which hits cannot be dropped; use --mode score or remove the branch");
}

std::vector<EditedBranch> make_edits(TTree& tree, const std::string& path) {
  std::vector<EditedBranch> edits;
  for (TObject* object : *tree.GetListOfBranches()) {
    auto& branch = static_cast<TBranch&>(*object);
    const std::string name = branch.GetName();
    // Numbers of the event, muons and the other columns of the buckets do not depend on the hits.
    // Buckets stay even when they become empty, so that their other columns keep their length.
    if (name == score_branch || single_leaf(branch) != nullptr ||
        (!name.starts_with("spacePoint_") && name != "bucket_spacePoints"))
      continue;
    edits.push_back(make_edit(branch, path));
  }
  return edits;
}

// If all hits stay, the length of one branch is enough to check that the scores belong to this
// entry.
std::vector<EditedBranch> make_length_check(TTree& tree) {
  TBranch* branch = tree.GetBranch("spacePoint_PositionX");
  const std::type_info* type = branch == nullptr ? nullptr : branch_type(*branch);
  BranchEdit edit = type == nullptr ? BranchEdit{} : make_checking_edit(*type, HitTypes{});
  auto* element = dynamic_cast<TBranchElement*>(branch);
  if (!edit || element == nullptr) return {};
  return {{element, std::move(edit)}};
}

}  // namespace

struct ScoredNtupleWriter::Impl {
  std::string input_path, tree_path;
  std::filesystem::path output_path;
  std::unique_ptr<TFile> input;
  TTree* from = nullptr;
  std::optional<TreeCheck> check;  // of `from`
  std::vector<EditedBranch> edits;
  std::optional<UnfilteredBranches> unfiltered;  // in mode filter
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
                                       const std::string& tree, core::Logger log)
    : impl_(std::make_unique<Impl>()) {
  const core::CrashNote note(input.string());
  core::require_no_input(output, {input});
  impl_->input_path = input.string();
  impl_->output_path = std::move(output);
  impl_->mode = mode;
  impl_->log = std::move(log);
  impl_->tree_path = tree;
  impl_->input = open_file(input);
  impl_->from = &get_tree(*impl_->input, tree);
  impl_->check.emplace(*impl_->from);
  impl_->edits = mode == ScoredMode::filter ? make_edits(*impl_->from, impl_->input_path)
                                            : make_length_check(*impl_->from);
  if (mode == ScoredMode::filter) impl_->unfiltered.emplace(*impl_->from);
  impl_->output = std::make_unique<RootOutput>(impl_->output_path, DumpWriterOptions{}.compression);
  impl_->make_output();
}

ScoredNtupleWriter::~ScoredNtupleWriter() {
  const core::CrashNote note(impl_->input_path);
  impl_.reset();
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
  for (const EditedBranch& edited : impl_->edits)
    // The branch of the copy shares the object with that of the input, so the edit reaches what is
    // filled below.
    edited.edit(edited.branch->GetObject(), impl_->new_index, place + edited.branch->GetName());
  if (impl_->unfiltered) impl_->unfiltered->compare_lengths(scores.size());
  if (filter) drop_hits<std::vector<float>>(&impl_->scores, impl_->new_index, place + score_branch);
  const RootMessages messages;
  impl_->to->Fill();
  impl_->output->check_written(messages);
}

void ScoredNtupleWriter::Impl::copy_others() {
  const std::vector<std::string> lost = copy_other_objects(*input, output->file(), tree_path);
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
