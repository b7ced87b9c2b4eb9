// Events for the verbs that take "a ROOT ntuple or the folder of a prepared split".
#pragma once

#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include <stationhit/core/errors.hpp>
#include <stationhit/core/event_stream.hpp>
#include <stationhit/core/sample_info.hpp>
#include <stationhit/data/prepared_split.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>
#include <stationhit/root_io/shards.hpp>

namespace stationhit::app {

// Calls visit(event) for every event until it gives false. Throws DataError naming the input where
// it cannot be read.
inline void for_each_event(const std::filesystem::path& input,
                           const std::function<bool(const core::Event&)>& visit) {
  const auto read = [&](core::EventReader& reader) {
    core::Event event;
    while (reader.next(event)) {
      if (!visit(event)) break;
    }
  };
  if (std::filesystem::is_directory(input)) {
    const data::PreparedSplit split = data::open_split(input);
    const auto open_shard = [](const std::filesystem::path& shard) {
      return std::make_unique<root_io::ShardReader>(std::vector{shard});
    };
    read(*data::read_split(split, open_shard));
  } else {
    root_io::DumpReaderOptions options;
    options.non_finite = root_io::NonFinite::keep;
    options.need_truth = false;
    root_io::MuonHitDumpReader reader({input}, options);
    read(reader);
  }
}

// The first max_events events. Throws DataError naming the input: unreadable, or without events.
inline std::vector<core::Event> read_events(const std::filesystem::path& input,
                                            std::uint64_t max_events) {
  std::vector<core::Event> events;
  for_each_event(input, [&](const core::Event& event) {
    if (events.size() < max_events) events.push_back(event);
    return events.size() < max_events;
  });
  if (events.empty())
    throw core::DataError(input.string() +
                          ": there are no events in it; give an input with at least one event");
  return events;
}

// What the input says about its sample.
inline core::SampleInfo sample_info_of(const std::filesystem::path& input) {
  if (std::filesystem::is_directory(input))
    return data::open_split(input).manifest.provenance.sample;
  return root_io::read_sample_info(input, root_io::DumpReaderOptions{}.tree);
}

}  // namespace stationhit::app
