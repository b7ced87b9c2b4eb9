// Events for the verbs that take "a ROOT ntuple or the folder of a prepared split".
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/event_stream.hpp>
#include <stationhit/data/prepared_split.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>
#include <stationhit/root_io/shards.hpp>

namespace stationhit::app {

// The first max_events events. Throws DataError naming the input: unreadable, or without events.
inline std::vector<core::Event> read_events(const std::filesystem::path& input, std::uint64_t max_events) {
  std::vector<core::Event> events;
  const auto read = [&](core::EventReader& reader) {
    core::Event event;
    while (events.size() < max_events && reader.next(event)) events.push_back(event);
  };
  if (std::filesystem::is_directory(input)) {
    const data::PreparedSplit split = data::open_split(input);
    const auto open_shard = [](const std::filesystem::path& shard) { return std::make_unique<root_io::ShardReader>(std::vector{shard}); };
    read(*data::read_split(split, open_shard));
  } else {
    root_io::DumpReaderOptions options;
    options.non_finite = root_io::NonFinite::keep;
    options.need_truth = false;
    root_io::MuonHitDumpReader reader({input}, options);
    read(reader);
  }
  if (events.empty()) throw core::DataError(input.string() + ": there are no events in it; give an input with at least one event");
  return events;
}

}  // namespace stationhit::app
