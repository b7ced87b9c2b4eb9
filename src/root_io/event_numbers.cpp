// Reads the two numbers that identify an event and nothing else, so that a split by event need not
// read the hits. A branch that is missing gives 0 for every entry.
#include <memory>

#include <stationhit/core/crash_note.hpp>
#include <stationhit/root_io/event_numbers.hpp>

#include "branch_columns.hpp"
#include "root_session.hpp"

namespace stationhit::root_io {
namespace {

template <class Number>
std::unique_ptr<BranchColumn> make_number_column(TTree& tree, const char* name, Number& target) {
  TBranch* branch = tree.GetBranch(name);
  return branch == nullptr
             ? nullptr
             : make_scalar_column<Number>(*branch, [&target]() -> Number& { return target; });
}

}  // namespace

std::vector<EventNumbers> read_event_numbers(const std::filesystem::path& file,
                                             const std::string& tree_name,
                                             core::UnfinishedFiles unfinished) {
  const core::CrashNote note(file.string());
  const std::unique_ptr<TFile> opened = open_file(file, unfinished);
  TTree& tree = get_tree(*opened, tree_name);
  const RootMessages messages;
  EventNumbers numbers;
  const auto run = make_number_column(tree, "runNumber", numbers.run_number);
  const auto event = make_number_column(tree, "eventNumber", numbers.event_number);
  std::vector<EventNumbers> all;
  all.reserve(static_cast<std::size_t>(tree.GetEntries()));
  for (long long entry = 0; entry < tree.GetEntries(); ++entry) {
    if (run) run->read(entry, messages, file.string());
    if (event) event->read(entry, messages, file.string());
    all.push_back(numbers);
  }
  return all;
}

}  // namespace stationhit::root_io
