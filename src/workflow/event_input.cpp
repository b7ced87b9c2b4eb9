#include <algorithm>
#include <limits>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/event_stream.hpp>
#include <stationhit/core/input_files.hpp>
#include <stationhit/data/prepared_split.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>
#include <stationhit/workflow/event_input.hpp>
#include <stationhit/workflow/root_formats.hpp>

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

void visit_all(core::EventReader& reader, const std::function<bool(const core::Event&)>& visit) {
  core::Event event;
  while (reader.next(event)) {
    if (!visit(event)) break;
  }
}

std::unique_ptr<root_io::MuonHitDumpReader> open_to_score(const fs::path& input,
                                                          const NtupleAccess& access) {
  return open_ntuple_to_score(input, access.tree, TruthReading::if_there, access.unfinished);
}

}  // namespace

void warn_of_unfinished(const fs::path& input, const NtupleAccess& access,
                        const core::Logger& log) {
  if (access.unfinished == core::UnfinishedFiles::read && !fs::is_directory(input))
    warn_of_unfinished(*open_to_score(input, access), log);
}

void for_each_event(const fs::path& input, const std::function<bool(const core::Event&)>& visit,
                    const NtupleAccess& access) {
  if (fs::is_directory(input)) {
    const data::PreparedSplit split = data::open_split(input);
    visit_all(*data::read_split(split, open_shard), visit);
  } else {
    visit_all(*open_to_score(input, access), visit);
  }
}

std::vector<core::Event> read_events(const fs::path& input, std::uint64_t max_events,
                                     const NtupleAccess& access) {
  std::vector<core::Event> events;
  for_each_event(
      input,
      [&](const core::Event& event) {
        if (events.size() < max_events) events.push_back(event);
        return events.size() < max_events;
      },
      access);
  require_events(events.size(), input);
  return events;
}

void require_events(std::size_t n_events, const fs::path& input) {
  if (n_events > 0) return;
  throw core::DataError(input.string() +
                        ": there are no events in it; give an input with at least one event");
}

FoundEvent find_event(const fs::path& input, std::optional<std::uint64_t> event_number,
                      const NtupleAccess& access) {
  std::optional<FoundEvent> first;
  std::optional<FoundEvent> found;
  std::uint64_t entry = 0;
  std::uint64_t smallest = std::numeric_limits<std::uint64_t>::max(), largest = 0;
  const auto visit = [&](const core::Event& event) {
    smallest = std::min<std::uint64_t>(smallest, event.header.event_number);
    largest = std::max<std::uint64_t>(largest, event.header.event_number);
    if (event_number ? event.header.event_number == *event_number : event.muons.size() > 0)
      found = FoundEvent{event, entry};
    if (!first) first = FoundEvent{event, entry};
    ++entry;
    return !found;
  };
  for_each_event(input, visit, access);
  if (found) return *found;
  if (!event_number && first) return *first;
  if (!first) throw core::DataError(input.string() + ": has no events; give another input");
  throw core::DataError(input.string() + ": has no event " + std::to_string(*event_number) +
                        ", its event numbers are from " + std::to_string(smallest) + " to " +
                        std::to_string(largest) + "; give one of these with --event");
}

core::SampleInfo read_sample_info(const fs::path& input, const NtupleAccess& access) {
  if (fs::is_directory(input)) return data::open_split(input).manifest.provenance.sample;
  return root_io::read_sample_info(input, access.tree, access.unfinished);
}

core::SampleInfo label_for_figures(core::SampleInfo sample) {
  if (sample.origin.empty()) sample.origin = "Unlabeled input";
  return sample;
}

std::vector<data::MissingBranches> read_missing_branches(const fs::path& input,
                                                         const NtupleAccess& access) {
  if (fs::is_directory(input)) return data::open_split(input).manifest.provenance.missing_branches;
  const std::vector<std::string> missing = open_to_score(input, access)->missing_branches();
  if (missing.empty()) return {};
  return {{core::file_name(input), missing}};
}

}  // namespace stationhit::workflow
