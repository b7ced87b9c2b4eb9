// Training events in which chambers are missing.
#include "../../../src/training/leave_out_stations.hpp"

#include <algorithm>
#include <numbers>
#include <set>
#include <utility>

#include <gtest/gtest.h>

namespace stationhit::training {
namespace {

constexpr StationColumns columns{0, 1};
constexpr float sector_width = std::numbers::pi_v<float> / 8;

// A group of two nodes in every sector of every station layer, one of them signal, with phi from
// -pi to pi; the nodes are neighbors of each other.
Sample all_stations() {
  Sample sample;
  sample.offsets = {0};
  for (int sector = -8; sector < 8; ++sector) {
    for (int layer = 0; layer < 4; ++layer) {
      const auto first = static_cast<std::int32_t>(sample.labels.size());
      for (const float within : {-0.4F, 0.4F}) {
        sample.features.insert(sample.features.end(),
                               {(static_cast<float>(sector) + within) * sector_width,
                                static_cast<float>(layer), static_cast<float>(first)});
      }
      sample.neighbors.insert(sample.neighbors.end(), {first + 1, first});
      sample.labels.insert(sample.labels.end(), {1, 0});
      sample.offsets.push_back(static_cast<std::uint32_t>(sample.labels.size()));
    }
  }
  return sample;
}

TEST(LeaveOutStations, GroupsLeaveAsAWholeAndTheOthersKeepTheirNeighbors) {
  const Sample all = all_stations(), kept = leave_out_stations(all, columns, 0.3, 5);
  ASSERT_LT(kept.labels.size(), all.labels.size());
  ASSERT_GT(kept.labels.size(), 0U);
  EXPECT_EQ(kept.labels.size(), 2 * (kept.offsets.size() - 1));
  EXPECT_EQ(kept.weights, std::vector<float>(kept.labels.size(), 1.0F));
  for (std::size_t node = 0; node < kept.labels.size(); node += 2) {
    EXPECT_EQ(kept.labels[node], 1);
    EXPECT_EQ(kept.features[3 * node + 2], kept.features[3 * node + 5]);  // of one group
    EXPECT_EQ(kept.neighbors[node], static_cast<std::int32_t>(node + 1));
    EXPECT_EQ(kept.neighbors[node + 1], static_cast<std::int32_t>(node));
  }
}

TEST(LeaveOutStations, ASectorOfAStationLayerLeavesWithAllItsGroups) {
  // Two groups in each place, the first ones in the order of the second.
  Sample twice = all_stations();
  const Sample once = twice;
  const auto n = static_cast<std::int32_t>(once.labels.size());
  twice.features.insert(twice.features.end(), once.features.begin(), once.features.end());
  twice.labels.insert(twice.labels.end(), once.labels.begin(), once.labels.end());
  for (const std::int32_t neighbor : once.neighbors) twice.neighbors.push_back(neighbor + n);
  for (std::size_t group = 1; group < once.offsets.size(); ++group)
    twice.offsets.push_back(once.offsets[group] + static_cast<std::uint32_t>(n));
  const Sample kept = leave_out_stations(twice, columns, 0.3, 5);
  std::multiset<float> places;
  for (std::size_t node = 0; node < kept.labels.size(); node += 2)
    places.insert(kept.features[3 * node + 2]);
  for (const float place : places) EXPECT_EQ(places.count(place), 2U);
}

TEST(LeaveOutStations, TheShareIsThatOfThePlaces) {
  const Sample all = all_stations();
  std::size_t kept = 0;
  const std::size_t draws = 400;
  for (std::size_t seed = 0; seed < draws; ++seed)
    kept += leave_out_stations(all, columns, 0.1, seed).labels.size();
  // 25,600 places: five standard deviations of a binomial are 0.0094.
  EXPECT_NEAR(static_cast<double>(kept) / static_cast<double>(draws * all.labels.size()), 0.9,
              0.0094);
}

TEST(LeaveOutStations, TheFirstSectorLiesAroundPhiZeroAndTheNinthAroundPi) {
  // Both sides of the same sector: they stay or leave together whatever the seed.
  for (const float center : {0.0F, std::numbers::pi_v<float>}) {
    Sample sample;
    sample.features = {center - 0.1F, 1, center == 0.0F ? 0.1F : 0.1F - center, 1};
    sample.labels = {0, 0};
    sample.offsets = {0, 1, 2};
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      const std::size_t kept = leave_out_stations(sample, columns, 0.5, seed).labels.size();
      EXPECT_TRUE(kept == 0 || kept == 2) << seed;
    }
  }
}

TEST(LeaveOutStations, DependsOnTheSeedOnly) {
  const Sample all = all_stations();
  EXPECT_EQ(leave_out_stations(all, columns, 0.3, 5).features,
            leave_out_stations(all, columns, 0.3, 5).features);
  EXPECT_NE(leave_out_stations(all, columns, 0.3, 5).features,
            leave_out_stations(all, columns, 0.3, 6).features);
  EXPECT_EQ(leave_out_stations(all, columns, 0, 5).labels, all.labels);
  Sample none;
  none.offsets = {0};
  EXPECT_TRUE(leave_out_stations(none, columns, 0.3, 5).labels.empty());
}

TEST(LeaveOutStations, NeedsTheFeaturesPhiAndStationLayer) {
  const auto found = find_station_columns({"localY", "stationLayer", "phi"});
  ASSERT_TRUE(found);
  EXPECT_EQ(found->phi, 2U);
  EXPECT_EQ(found->station_layer, 1U);
  EXPECT_FALSE(find_station_columns({"localY", "phi"}));
  EXPECT_FALSE(find_station_columns({"stationLayer"}));
}

}  // namespace
}  // namespace stationhit::training
