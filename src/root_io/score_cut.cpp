#include <memory>

#include <TBranch.h>
#include <TList.h>
#include <TNamed.h>

#include <stationhit/core/crash_note.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/core/named_enum.hpp>
#include <stationhit/core/numbers.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/root_io/score_cut.hpp>

#include "baskets.hpp"
#include "cut_info.hpp"
#include "root_session.hpp"
#include "score_branch.hpp"

namespace stationhit::root_io {
namespace {

constexpr const char* logit_name = "score_cut";
constexpr const char* working_point_name = "score_working_point";
constexpr const char* mode_name = "score_mode";

std::string find_text(TTree& tree, const char* name) {
  const TObject* found = tree.GetUserInfo()->FindObject(name);
  return found == nullptr ? "" : found->GetTitle();
}

}  // namespace

void remove_cut_info(TTree& tree) {
  TList& info = *tree.GetUserInfo();
  for (const char* name : {logit_name, working_point_name, mode_name})
    while (TObject* old = info.FindObject(name)) delete info.Remove(old);
}

void add_cut_info(TTree& tree, const ScoreCut& cut) {
  const auto add = [&tree](const char* name, const std::string& text) {
    tree.GetUserInfo()->Add(new TNamed(name, text.c_str()));
  };
  add(logit_name, core::to_text(cut.logit));
  if (!cut.working_point.empty()) add(working_point_name, cut.working_point);
  add(mode_name, std::string(core::name(cut.mode)));
}

std::optional<ScoreCut> read_score_cut(const std::filesystem::path& file,
                                       const std::string& tree_name,
                                       core::UnfinishedFiles unfinished) {
  const core::CrashNote note(file.string());
  const std::unique_ptr<TFile> opened = open_file(file, unfinished);
  if (is_ntuple(*opened, tree_name)) return std::nullopt;  // infer writes trees
  TTree& tree = get_tree(*opened, tree_name);
  const auto logit = core::parse_number<float>(find_text(tree, logit_name));
  const auto mode = core::value_of<ScoredMode>(find_text(tree, mode_name));
  if (!logit || !mode) return std::nullopt;
  return ScoreCut{*logit, find_text(tree, working_point_name), *mode};
}

std::vector<float> read_scores(const std::filesystem::path& file, std::uint64_t entry,
                               const std::string& tree_name, core::UnfinishedFiles unfinished) {
  const std::string where = file.string() + ", entry " + std::to_string(entry);
  const core::CrashNote note(where);
  const std::unique_ptr<TFile> opened = open_file(file, unfinished);
  TTree& tree = get_tree(*opened, tree_name);
  TBranch* branch = tree.GetBranch(score_branch);
  if (branch == nullptr)
    throw core::DataError(file.string() + ": has no branch " + score_branch +
                          "; give a file that infer wrote");
  std::vector<float> scores;
  std::vector<float>* address = &scores;
  const RootMessages messages;
  BranchCheck(*branch).check_entry(static_cast<long long>(entry), file.string());
  if (tree.SetBranchAddress(score_branch, &address) < 0 ||
      branch->GetEntry(static_cast<Long64_t>(entry)) <= 0 || !messages.error().empty())
    throw core::DataError(where + ": branch " + score_branch + " cannot be read (ROOT: " +
                          messages.error() + "); make the file again with infer");
  tree.ResetBranchAddresses();
  return scores;
}

}  // namespace stationhit::root_io
