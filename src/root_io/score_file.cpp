// One entry per event, with one vector per column of the sample. Writer and reader go through the
// same list of branches, so the two cannot differ.
#include <cstdint>
#include <memory>
#include <type_traits>

#include <stationhit/core/crash_note.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>
#include <stationhit/root_io/score_file.hpp>

#include "baskets.hpp"
#include "root_session.hpp"

namespace stationhit::root_io {
namespace {

constexpr const char* process_branch = "mc_channel_number";

// The buffers of one entry of the tree.
struct EntryBuffers {
  std::uint64_t event_number = 0;
  std::uint32_t mc_channel_number = 0;
  std::vector<float> score;
  std::vector<char> truth_link;
  std::vector<unsigned char> technology;
  std::vector<float> muon_pt, muon_eta, muon_phi;
};

// Calls visit(branch name, column of the row, column of the sample) for every vector branch, first
// for hits and then for muons.
template <class Sample, class Visitor>
void for_each_hit_branch(EntryBuffers& row, Sample& sample, Visitor&& visit) {
  visit("score", row.score, sample.score);
  visit("truth_link", row.truth_link, sample.truth_link);
  visit("technology", row.technology, sample.technology);
}

template <class Sample, class Visitor>
void for_each_muon_branch(EntryBuffers& row, Sample& sample, Visitor&& visit) {
  visit("muon_pt", row.muon_pt, sample.muon_pt);
  visit("muon_eta", row.muon_eta, sample.muon_eta);
  visit("muon_phi", row.muon_phi, sample.muon_phi);
}

void fill_row(const metrics::ScoredSample& sample, std::size_t event, EntryBuffers& row) {
  const auto slice = [event](const std::vector<std::uint64_t>& offsets) {
    return [begin = static_cast<std::ptrdiff_t>(offsets[event]),
            end = static_cast<std::ptrdiff_t>(offsets[event + 1])](const char*, auto& to,
                                                                   const auto& from) {
      to.assign(from.begin() + begin, from.begin() + end);
    };
  };
  row.event_number = sample.event_number[event];
  row.mc_channel_number = sample.mc_channel_number[event];
  for_each_hit_branch(row, sample, slice(sample.event_offsets));
  for_each_muon_branch(row, sample, slice(sample.muon_offsets));
}

void append_row(EntryBuffers& row, metrics::ScoredSample& sample) {
  const auto append = [](const char*, auto& from, auto& to) {
    to.insert(to.end(), from.begin(), from.end());
  };
  sample.event_number.push_back(row.event_number);
  sample.mc_channel_number.push_back(row.mc_channel_number);
  for_each_hit_branch(row, sample, append);
  for_each_muon_branch(row, sample, append);
  sample.event_offsets.push_back(sample.score.size());
  sample.muon_offsets.push_back(sample.muon_pt.size());
}

template <class T>
void connect(TTree& tree, const char* branch, T& object, const std::string& path) {
  if (tree.SetBranchAddress(branch, &object) >= 0) return;
  throw core::DataError(path + ": tree " + scores_tree + " has no branch " + branch +
                        " of the expected type; write the file again with `stationhit test`");
}

void check_lengths(const EntryBuffers& row, const std::string& where) {
  // ROOT reads every branch by itself, so a damaged file can have vectors that do not belong
  // together.
  const bool hits_agree =
      row.truth_link.size() == row.score.size() && row.technology.size() == row.score.size();
  const bool muons_agree =
      row.muon_eta.size() == row.muon_pt.size() && row.muon_phi.size() == row.muon_pt.size();
  if (!hits_agree || !muons_agree)
    throw core::DataError(
        where + ": the branches have unequal lengths; write the file again with `stationhit test`");
}

}  // namespace

void write_scores(const std::filesystem::path& path, const metrics::ScoredSample& sample) {
  EntryBuffers row;
  RootOutput output(path, DumpWriterOptions{}.compression);
  auto* tree = new TTree(scores_tree, "Scores of all hits", 99, &output.file());
  // Only complete files get their name, so headers in between are of no use.
  tree->SetAutoSave(0);
  tree->Branch("event_number", &row.event_number, "event_number/l");
  tree->Branch(process_branch, &row.mc_channel_number, "mc_channel_number/i");
  const auto add_branch = [&](const char* name, auto& column, const auto&) {
    tree->Branch(name, &column);
  };
  for_each_hit_branch(row, sample, add_branch);
  for_each_muon_branch(row, sample, add_branch);
  for (std::size_t event = 0; event < sample.n_events(); ++event) {
    fill_row(sample, event, row);
    const RootMessages messages;
    tree->Fill();
    output.check_written(messages);
  }
  output.finish(*tree);
}

metrics::ScoredSample read_scores(const std::filesystem::path& path) {
  const core::CrashNote note(path.string());
  const std::unique_ptr<TFile> file = open_file(path);
  TTree& tree = get_tree(*file, scores_tree);
  EntryBuffers row;
  metrics::ScoredSample sample;
  std::vector<std::shared_ptr<void>>
      pointers;  // ROOT wants the address of a pointer to each column, and keeps it
  const RootMessages messages;
  ULong64_t event_number = 0;
  connect(tree, "event_number", event_number, path.string());
  // Files of earlier versions do not say the process.
  if (tree.GetBranch(process_branch) != nullptr)
    connect(tree, process_branch, row.mc_channel_number, path.string());
  const auto add_branch = [&](const char* name, auto& column, const auto&) {
    const auto pointer = std::make_shared<std::remove_reference_t<decltype(column)>*>(&column);
    pointers.push_back(pointer);
    connect(tree, name, *pointer, path.string());
  };
  for_each_hit_branch(row, sample, add_branch);
  for_each_muon_branch(row, sample, add_branch);
  const TreeCheck check(tree);
  for (Long64_t entry = 0; entry < tree.GetEntries(); ++entry) {
    check.check_entry(entry, path.string());
    if (tree.GetEntry(entry) <= 0 || !messages.error().empty()) {
      throw core::DataError(path.string() + ", entry " + std::to_string(entry) +
                            ": cannot be read (ROOT: " + messages.error() +
                            "); copy the file again");
    }
    check_lengths(row, path.string() + ", entry " + std::to_string(entry));
    row.event_number = event_number;
    append_row(row, sample);
  }
  tree.ResetBranchAddresses();
  return sample;
}

}  // namespace stationhit::root_io
