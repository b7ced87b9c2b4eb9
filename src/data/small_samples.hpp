// The debug samples: the kept events of lowest rank of each split, held in memory until they are
// written.
#pragma once

#include <array>
#include <cstdint>
#include <filesystem>
#include <map>
#include <mutex>
#include <optional>
#include <tuple>
#include <vector>

#include <stationhit/core/event.hpp>
#include <stationhit/data/manifest.hpp>
#include <stationhit/data/prepare_formats.hpp>
#include <stationhit/data/splits.hpp>

namespace stationhit::data {

class SmallSamples {
 public:
  explicit SmallSamples(std::size_t size) : size_(size) {}

  // True if an event of this place would be taken now.
  [[nodiscard]] bool wants(Split split, std::uint64_t rank) const;
  // Takes the event if it is among the lowest ranks so far. chunk and position break ties, so that
  // the order of calls does not matter.
  void offer(Split split, std::uint64_t rank, std::size_t chunk, std::uint64_t position,
             const core::Event& event);
  // Forgets all events.
  void clear();
  // In the order of rank.
  [[nodiscard]] std::vector<core::Event> take(Split split);

 private:
  using Key = std::tuple<std::uint64_t, std::size_t, std::uint64_t>;  // rank, chunk, position
  std::size_t size_;
  mutable std::mutex mutex_;
  std::array<std::map<Key, core::Event>, 3> events_;
};

// Writes the debug sample of one split as a shard; nothing where it has no events.
[[nodiscard]] std::optional<ShardInfo> write_small_sample(const std::vector<core::Event>& events,
                                                          const std::filesystem::path& folder,
                                                          const PrepareFormats& formats);

}  // namespace stationhit::data
