// Reads the two numbers that identify an event and nothing else, so that a split by event need not
// read the hits. A branch that is missing gives 0 for every entry.
#include <memory>

#include <stationhit/core/crash_note.hpp>
#include <stationhit/core/file_kind.hpp>
#include <stationhit/root_io/event_numbers.hpp>

#include "columns.hpp"
#include "hit_source.hpp"
#include "root_session.hpp"

namespace stationhit::root_io {
namespace {

// nullptr if there is no such number.
template <class Target>
std::unique_ptr<Column> make_number_column(HitSource& hits, const char* name, Target& target) {
  auto source = hits.has(name) ? hits.find_number(name) : nullptr;
  if (source == nullptr) return nullptr;
  return std::make_unique<ScalarColumn<Target>>(std::move(source),
                                                [&target]() -> Target& { return target; });
}

}  // namespace

std::vector<EventNumbers> read_event_numbers(const std::filesystem::path& file,
                                             const std::string& tree_name,
                                             core::UnfinishedFiles unfinished) {
  const core::CrashNote note(file.string());
  const bool is_hdf5 = core::is_of_kind(file, core::FileKind::hdf5);
  const std::unique_ptr<TFile> opened = is_hdf5 ? nullptr : open_file(file, unfinished);
  HitSource hits = is_hdf5 ? HitSource(file) : HitSource(*opened, tree_name);
  const RootMessages messages;
  EventNumbers numbers;
  const auto run = make_number_column(hits, "runNumber", numbers.run_number);
  const auto event = make_number_column(hits, "eventNumber", numbers.event_number);
  std::vector<EventNumbers> all;
  all.reserve(hits.entries());
  for (long long entry = 0; entry < static_cast<long long>(hits.entries()); ++entry) {
    if (run) run->read(entry, messages, file.string());
    if (event) event->read(entry, messages, file.string());
    all.push_back(numbers);
  }
  return all;
}

}  // namespace stationhit::root_io
