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

// Events that are in memory already.
class MemoryReader : public core::EventReader {
 public:
  explicit MemoryReader(const std::vector<core::Event>& events) : events_(events) {}
  bool next(core::Event& event) override {
    if (next_ == events_.size()) return false;
    event = events_[next_++];
    return true;
  }
  [[nodiscard]] std::string where() const override { return "event " + std::to_string(next_); }
  [[nodiscard]] std::optional<std::uint64_t> size() const override { return events_.size(); }

 private:
  const std::vector<core::Event>& events_;
  std::size_t next_ = 0;
};

}  // namespace stationhit::app
