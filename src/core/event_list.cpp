#include <span>

#include <stationhit/core/event_list.hpp>
#include <stationhit/core/hashing.hpp>

namespace stationhit::core {

std::uint64_t hash_places(std::span<const std::uint8_t> technology,
                          std::span<const std::uint8_t> station_index,
                          std::span<const std::int8_t> station_eta,
                          std::span<const std::uint8_t> station_phi,
                          std::span<const std::uint8_t> layer) {
  Hasher hasher;
  hasher.add(std::as_bytes(technology));
  hasher.add(std::as_bytes(station_index));
  hasher.add(std::as_bytes(station_eta));
  hasher.add(std::as_bytes(station_phi));
  hasher.add(std::as_bytes(layer));
  return hasher.value();
}

}  // namespace stationhit::core
