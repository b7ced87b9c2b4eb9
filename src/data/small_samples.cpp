// A map sorted by (rank, chunk, position) holds the lowest so far and drops its last entry when it
// grows too large. What remains is the same whatever the order of the calls.
#include "small_samples.hpp"

#include <stationhit/data/checksums.hpp>

#include "prepare_chunk.hpp"

namespace stationhit::data {

bool SmallSamples::wants(Split split, std::uint64_t rank) const {
  const std::scoped_lock lock(mutex_);
  const auto& events = events_[static_cast<std::size_t>(split)];
  return size_ > 0 && (events.size() < size_ || rank <= std::get<0>(events.rbegin()->first));
}

void SmallSamples::offer(Split split, std::uint64_t rank, std::size_t chunk, std::uint64_t position,
                         const core::Event& event) {
  // Most events are refused here, before any is copied.
  if (!wants(split, rank)) return;
  const std::scoped_lock lock(mutex_);
  auto& events = events_[static_cast<std::size_t>(split)];
  events.insert_or_assign(Key{rank, chunk, position}, event);
  if (events.size() > size_) events.erase(std::prev(events.end()));
}

void SmallSamples::clear() {
  const std::scoped_lock lock(mutex_);
  for (auto& events : events_) events.clear();
}

std::vector<core::Event> SmallSamples::take(Split split) {
  const std::scoped_lock lock(mutex_);
  std::vector<core::Event> result;
  for (auto& [key, event] : events_[static_cast<std::size_t>(split)])
    result.push_back(std::move(event));
  events_[static_cast<std::size_t>(split)].clear();
  return result;
}

std::optional<ShardInfo> write_small_sample(const std::vector<core::Event>& events,
                                            const std::filesystem::path& folder,
                                            const PrepareFormats& formats) {
  if (events.empty()) return std::nullopt;
  ShardInfo shard;
  shard.file = shard_file_name(0, formats.shard_extension);
  const auto writer = formats.create_shard(folder / shard.file);
  ColumnHasher hasher;
  for (const core::Event& event : events) {
    writer->write(event);
    hasher.add(event);
    shard.counts.add(event);
  }
  writer->close();
  shard.columns = hasher.digest();
  return shard;
}

}  // namespace stationhit::data
