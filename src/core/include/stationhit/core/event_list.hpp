// The events of a set by what tells them apart, for a comparison of two sets. Numbers alone do not:
// simulated samples begin anew with event 0.
#pragma once

#include <compare>
#include <cstdint>
#include <vector>

#include <stationhit/core/event.hpp>

namespace stationhit::core {

// Found without reading the hits.
struct EventKey {
  std::uint64_t event_number = 0;
  std::uint32_t run_number = 0;  // 0 if the set does not say it
  std::uint32_t n_hits = 0;

  // NOLINTNEXTLINE(modernize-use-nullptr): a false alarm of clang-tidy 14
  auto operator<=>(const EventKey&) const = default;
};

class EventList {
 public:
  virtual ~EventList() = default;

  // Of all events in order. Throws DataError naming the file.
  [[nodiscard]] virtual std::vector<EventKey> read_keys() const = 0;
  [[nodiscard]] virtual bool has_run_numbers() const = 0;

  // Hashes of the hits of these events (numbers from 0, ascending): hash_places of each. Throws
  // DataError naming the file.
  [[nodiscard]] virtual std::vector<std::uint64_t> hash_hits(
      const std::vector<std::uint64_t>& events) const = 0;
};

// Where the hits of an event are, in their order: technology, chamber and layer of each. What cuts
// on truth muons change is not in it. All spans have the same length.
[[nodiscard]] std::uint64_t hash_places(std::span<const std::uint8_t> technology,
                                        std::span<const std::uint8_t> station_index,
                                        std::span<const std::int8_t> station_eta,
                                        std::span<const std::uint8_t> station_phi,
                                        std::span<const std::uint8_t> layer);

}  // namespace stationhit::core
