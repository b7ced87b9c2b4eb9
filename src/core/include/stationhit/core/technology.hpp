// Codes of detector technologies and stations, as the ntuple uses them.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>

namespace stationhit::core {

enum class Technology : std::uint8_t { mdt = 0, csc = 1, rpc = 2, tgc = 3, stgc = 4, mm = 5 };

// The technologies of Run 4, in reporting order.
inline constexpr std::array<Technology, 5> technologies{
    Technology::mdt, Technology::rpc, Technology::tgc, Technology::stgc, Technology::mm};

// "MDT", "RPC", ...; "technology 9" is not a name: unknown codes give "unknown".
[[nodiscard]] std::string_view name(Technology technology);

// Station layers of the bucket rule: NSW counts as EI, TGC T1-T3 as EM, T4 as EI.
enum class StationLayer : std::uint8_t { bi, bm, bo, ee, ei, em, eo, unknown };
[[nodiscard]] std::string_view name(StationLayer layer);
[[nodiscard]] constexpr bool is_barrel(StationLayer layer) {
  return layer == StationLayer::bi || layer == StationLayer::bm || layer == StationLayer::bo;
}

struct Station {
  std::uint8_t index;     // code in the ntuple
  std::string_view name;  // for example "BML"
  StationLayer layer;
  bool large;  // large sector (odd sector numbers), else small
};

// All known stations, ascending code. The codes are approximate: taken from public code, not
// confirmed by the experiment.
[[nodiscard]] std::span<const Station> stations();
[[nodiscard]] std::optional<Station> find_station(std::uint8_t index);
[[nodiscard]] StationLayer station_layer(std::uint8_t index);

inline constexpr std::size_t n_sectors = 16;

// Sector 1..16 of a chamber. Stations other than TGC: 2 * stationPhi - 1 for large, 2 * stationPhi
// for small chambers. TGC: stationPhi counts n_phi chambers (24 forward inner, 48 endcap, ...) and
// is mapped to the sector that holds its center. Numbers beyond those of a full turn start the next
// turn.
[[nodiscard]] int sector(Technology technology, std::uint8_t station_index,
                         std::uint8_t station_phi);

// Number of the group of chambers (station layer, sector, side) to which a hit belongs: the
// chambers that a muon crosses as one station. Ordered by layer, sector and side; station_eta 0 is
// on the positive side.
[[nodiscard]] std::uint8_t chamber_group(Technology technology, std::uint8_t station_index,
                                         std::int8_t station_eta, std::uint8_t station_phi);

}  // namespace stationhit::core
