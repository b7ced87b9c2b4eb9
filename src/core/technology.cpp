// The codes of stations and technologies are those of the ntuples. The table is sorted by code, for
// the binary search below; large and small sectors alternate around phi, so a chamber number of 1
// to 8 gives one of 16 sectors together with the size of its station.
#include <algorithm>
#include <string_view>

#include <stationhit/core/technology.hpp>

namespace stationhit::core {
namespace {

using enum StationLayer;

constexpr std::array<Station, 34> station_table{{
    {0, "BIL", bi, true},   {1, "BIS", bi, false},  {2, "BML", bm, true},   {3, "BMS", bm, false},
    {4, "BOL", bo, true},   {5, "BOS", bo, false},  {6, "BEE", ee, false},  {7, "BIR", bi, true},
    {8, "BMF", bm, false},  {9, "BOF", bo, false},  {10, "BOG", bo, false}, {13, "EIS", ei, false},
    {14, "EES", ee, false}, {15, "EEL", ee, true},  {17, "EML", em, true},  {18, "EMS", em, false},
    {20, "EOL", eo, true},  {21, "EOS", eo, false}, {41, "T1F", em, true},  {42, "T1E", em, true},
    {43, "T2F", em, true},  {44, "T2E", em, true},  {45, "T3F", em, true},  {46, "T3E", em, true},
    {47, "T4F", ei, true},  {48, "T4E", ei, true},  {49, "EIL", ei, true},  {52, "BIM", bi, true},
    {53, "BME", bm, true},  {54, "BMG", bm, false}, {55, "MMS", ei, false}, {56, "MML", ei, true},
    {57, "STS", ei, false}, {58, "STL", ei, true},
}};

// Number of chambers around phi of a TGC station: 24 in forward wheels, 48 in end-cap wheels, 21 in
// the inner end-cap.
int tgc_phi_chambers(std::string_view station) {
  if (station == "T4E") return 21;
  return station.back() == 'F' ? 24 : 48;
}

}  // namespace

std::string_view name(Technology technology) {
  switch (technology) {
    case Technology::mdt:
      return "MDT";
    case Technology::csc:
      return "CSC";
    case Technology::rpc:
      return "RPC";
    case Technology::tgc:
      return "TGC";
    case Technology::stgc:
      return "sTGC";
    case Technology::mm:
      return "MM";
  }
  return "unknown";
}

std::string_view name(StationLayer layer) {
  constexpr std::array<std::string_view, 8> names{"BI", "BM", "BO", "EE",
                                                  "EI", "EM", "EO", "unknown"};
  return names[static_cast<std::size_t>(layer)];
}

std::span<const Station> stations() { return station_table; }

std::optional<Station> find_station(std::uint8_t index) {
  const auto all = stations();
  const auto found =
      std::lower_bound(all.begin(), all.end(), index,
                       [](const Station& s, std::uint8_t code) { return s.index < code; });
  if (found == all.end() || found->index != index) return std::nullopt;
  return *found;
}

StationLayer station_layer(std::uint8_t index) {
  const auto station = find_station(index);
  return station ? station->layer : unknown;
}

int sector(Technology technology, std::uint8_t station_index, std::uint8_t station_phi) {
  const auto station = find_station(station_index);
  if (technology == Technology::tgc && station) {
    // Chamber 1 is centered on phi = 0 like sector 1; sectors are 2 pi / 16 wide.
    // Rounds the chamber's center to the nearest sector, in integers.
    const int n = tgc_phi_chambers(station->name);
    const int chamber = (station_phi + n - 1) % n;
    return (16 * chamber + n / 2) / n % 16 + 1;
  }
  // Large sectors have odd numbers, small ones even numbers.
  const bool large = !station || station->large;
  const int number = large ? 2 * station_phi - 1 : 2 * station_phi;
  return (number + 15) % 16 + 1;
}

std::uint8_t chamber_group(Technology technology, std::uint8_t station_index,
                           std::int8_t station_eta, std::uint8_t station_phi) {
  const auto layer = static_cast<unsigned>(station_layer(station_index));
  const auto sector_index =
      static_cast<unsigned>(sector(technology, station_index, station_phi)) - 1;
  return static_cast<std::uint8_t>((layer * n_sectors + sector_index) * 2 +
                                   (station_eta < 0 ? 1 : 0));
}

}  // namespace stationhit::core
