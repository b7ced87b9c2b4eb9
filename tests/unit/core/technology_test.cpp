#include <array>
#include <cmath>
#include <numbers>
#include <set>

#include <gtest/gtest.h>

#include <stationhit/core/technology.hpp>

namespace stationhit::core {
namespace {

TEST(Technology, CodesOfTheNtuple) {
  EXPECT_EQ(static_cast<int>(Technology::mdt), 0);
  EXPECT_EQ(static_cast<int>(Technology::rpc), 2);
  EXPECT_EQ(static_cast<int>(Technology::tgc), 3);
  EXPECT_EQ(static_cast<int>(Technology::stgc), 4);
  EXPECT_EQ(static_cast<int>(Technology::mm), 5);
  EXPECT_EQ(name(Technology::stgc), "sTGC");
  EXPECT_EQ(name(Technology{9}), "unknown");
}

TEST(Stations, AscendingCodesDifferentNames) {
  std::set<std::string_view> names;
  int last = -1;
  for (const Station& station : stations()) {
    EXPECT_GT(int{station.index}, last);
    last = station.index;
    EXPECT_TRUE(names.insert(station.name).second) << station.name;
    EXPECT_EQ(find_station(station.index)->name, station.name);
  }
}

TEST(Stations, LayersOfTheBucketRule) {
  for (const Station& station : stations()) {
    const std::string_view n = station.name;
    // The first two letters name the layer; triggers and small wheels are the exceptions of the
    // rule.
    StationLayer expected = StationLayer::unknown;
    if (n.starts_with("T4") || n.starts_with("MM") || n.starts_with("ST") || n == "EIL")
      expected = StationLayer::ei;
    else if (n.starts_with("T"))
      expected = StationLayer::em;
    else if (n == "BEE" || n.starts_with("EE"))
      expected = StationLayer::ee;
    else if (n.starts_with("BI"))
      expected = StationLayer::bi;
    else if (n.starts_with("BM"))
      expected = StationLayer::bm;
    else if (n.starts_with("BO"))
      expected = StationLayer::bo;
    else if (n.starts_with("EI"))
      expected = StationLayer::ei;
    else if (n.starts_with("EM"))
      expected = StationLayer::em;
    else if (n.starts_with("EO"))
      expected = StationLayer::eo;
    EXPECT_EQ(station.layer, expected) << n;
    EXPECT_EQ(station_layer(station.index), expected) << n;
  }
}

TEST(Stations, UnknownCodes) {
  for (const std::uint8_t code : std::array<std::uint8_t, 4>{11, 40, 59, 255}) {
    EXPECT_FALSE(find_station(code));
    EXPECT_EQ(station_layer(code), StationLayer::unknown);
    EXPECT_EQ(name(station_layer(code)), "unknown");
  }
}

TEST(Sector, LargeChambersAreOdd) {
  EXPECT_EQ(sector(Technology::mdt, 2, 1), 1);   // BML1
  EXPECT_EQ(sector(Technology::mdt, 2, 8), 15);  // BML8
  EXPECT_EQ(sector(Technology::rpc, 3, 1), 2);   // BMS1
  EXPECT_EQ(sector(Technology::mdt, 3, 8), 16);  // BMS8
  EXPECT_EQ(sector(Technology::mm, 55, 3), 6);   // MMS3
}

TEST(Sector, StaysBetween1And16WhateverTheChamberNumber) {
  EXPECT_EQ(sector(Technology::mdt, 2, 9), 1);
  EXPECT_EQ(sector(Technology::mdt, 2, 0), 15);
  EXPECT_EQ(sector(Technology::mdt, 3, 0), 16);
  EXPECT_EQ(sector(Technology::mdt, 3, 255), 14);
}

TEST(ChamberGroup, IsOneStationLayerSectorAndSide) {
  const auto bml1 = chamber_group(Technology::mdt, 2, 1, 1);
  EXPECT_EQ(chamber_group(Technology::mdt, 2, 5, 1), bml1) << "another chamber of the side";
  EXPECT_EQ(chamber_group(Technology::rpc, 2, 0, 1), bml1) << "0 is on the positive side";
  EXPECT_EQ(chamber_group(Technology::mdt, 53, 1, 1), bml1) << "BME is a station of BM";
  std::set<std::uint8_t> groups;
  constexpr std::array<std::uint8_t, 8> codes{0, 2, 4, 6, 13, 17, 20, 11};  // the last: unknown
  for (const std::uint8_t code : codes) {
    for (std::uint8_t phi = 1; phi <= 8; ++phi) {
      for (const std::int8_t eta : std::array<std::int8_t, 2>{-1, 1})
        EXPECT_TRUE(groups.insert(chamber_group(Technology::mdt, code, eta, phi)).second);
    }
  }
}

TEST(Sector, TgcChambersGoToTheSectorAtTheirCenter) {
  for (const auto& [station, chambers] :
       {std::pair{41, 24}, std::pair{42, 48}, std::pair{48, 21}, std::pair{47, 24}}) {
    for (int phi = 1; phi <= chambers; ++phi) {
      const int s = sector(Technology::tgc, static_cast<std::uint8_t>(station),
                           static_cast<std::uint8_t>(phi));
      const double center = 2 * std::numbers::pi * (phi - 1) / chambers;
      const double distance =
          std::remainder(center - (s - 1) * std::numbers::pi / 8, 2 * std::numbers::pi);
      EXPECT_LE(std::abs(distance), std::numbers::pi / 16 + 1e-9)
          << "station " << station << " phi " << phi << " sector " << s;
    }
  }
}

}  // namespace
}  // namespace stationhit::core
