#include <cmath>
#include <limits>
#include <numeric>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/random_event.hpp>

#include <stationhit/workflow/overview_figures.hpp>

namespace stationhit::workflow {
namespace {

const std::vector<std::string> features{"localY", "technology", "time", "eta", "phi"};

std::uint64_t sum(const std::vector<std::uint64_t>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

// More events than the bins are chosen from, of two processes.
class Overview : public testing::Test {
 protected:
  Overview() {
    for (std::uint64_t seed = 1; seed <= 30; ++seed) {
      events.push_back(test::random_event(seed, 200 + seed, 2));
      events.back().header.mc_channel_number = seed % 3 == 0 ? 999002 : 999001;
      sample.add(features::label_event(events.back(), {}, features));
    }
    sample.finish();
  }
  std::vector<core::Event> events;
  OverviewSample sample;
};

TEST(ChooseEdges, TakeWholeNumbersOneByOne) {
  EXPECT_EQ(choose_edges({3, 1, 1}), (std::vector<double>{0.5, 1.5, 2.5, 3.5}));
  EXPECT_EQ(choose_edges({7}), (std::vector<double>{6.5, 7.5}));
}

TEST(ChooseEdges, HoldNearlyAllValuesOfOthers) {
  std::vector<float> values{1e6F, std::numeric_limits<float>::quiet_NaN()};
  for (int i = 0; i < 5000; ++i) values.push_back(static_cast<float>(i) * 0.01F);
  const std::vector<double> edges = choose_edges(values);
  EXPECT_LE(edges.size(), 61U);
  EXPECT_LE(edges.front(), 0.1);
  EXPECT_GE(edges.back(), 49.9);
  EXPECT_LT(edges.back(), 60);
}

TEST(ChooseEdges, HaveAWidthForEqualValues) {
  for (const float value : {0.5F, -1234.5F, 1e-3F}) {
    const std::vector<double> edges = choose_edges({value, value});
    EXPECT_LE(edges.front(), static_cast<double>(value));
    EXPECT_GT(edges.back(), static_cast<double>(value)) << value;
  }
  EXPECT_EQ(choose_edges({}), (std::vector<double>{0, 1}));
}

TEST_F(Overview, CountsEveryHitOnce) {
  std::uint64_t hits = 0, signal = 0;
  for (const core::Event& event : events) {
    hits += event.hits.size();
    for (const std::int8_t link : event.hits.truth_link) signal += link >= 0 ? 1 : 0;
  }
  EXPECT_EQ(sample.events(), 30U);
  for (const HitHistogram& histogram : sample.feature_histograms()) {
    EXPECT_EQ(histogram.total(false), hits - signal);
    EXPECT_EQ(histogram.total(true), signal);
  }
  // The codes of technologies are whole numbers, none of which is outside.
  EXPECT_EQ(sum(sample.feature_histograms()[1].entries(false)), hits - signal);
  std::uint64_t of_technologies = 0;
  for (const std::uint64_t n : sample.technology_hits()) of_technologies += n;
  EXPECT_EQ(of_technologies, hits);
  EXPECT_EQ(sample.hits_per_muon().count(), 60U);
  EXPECT_EQ(sample.hits_by_process().at(999002).count(), 10U);
}

TEST_F(Overview, PutsHitsWhereTheyAre) {
  std::uint64_t expected = 0, found = 0;
  for (const core::Event& event : events)
    for (std::size_t hit = 0; hit < event.hits.size(); ++hit)
      expected += core::station_layer(event.hits.station_index[hit]) == core::StationLayer::bm &&
                          event.hits.technology[hit] == 2
                      ? 1
                      : 0;
  ASSERT_TRUE(sample.has_occupancy());
  const auto layer = static_cast<std::size_t>(core::StationLayer::bm);
  for (const std::uint64_t n : sample.by_phi()[layer][1]) found += n;
  EXPECT_GT(expected, 50U);
  EXPECT_EQ(found, expected);
}

TEST_F(Overview, HasAFigureForEveryQuantity) {
  const auto figures = make_overview_figures(sample, {{999001, "jpsi"}});
  std::vector<std::string> stems;
  for (const plots::Figure& figure : figures) {
    stems.push_back(figure.stem);
    for (const plots::Series& series : figure.series)
      EXPECT_EQ(series.y.size(), series.x_low.size()) << figure.stem;
  }
  EXPECT_EQ(stems,
            (std::vector<std::string>{
                "hits_per_event", "muons_per_event", "technology_shares", "hits_per_muon",
                "hits_per_event_by_process", "feature_localY", "feature_technology", "feature_time",
                "feature_eta", "feature_phi", "time_MDT", "time_RPC", "time_TGC", "time_sTGC",
                "time_MM", "occupancy_eta", "occupancy_phi", "occupancy_eta_phi"}));
  EXPECT_EQ(figures[4].series[0].label, "jpsi (20 events)");
  EXPECT_EQ(figures[4].series[1].label, "Process 999002 (10 events)");
}

TEST(OverviewOfData, NeedsNeitherTruthNorPlaces) {
  core::Event event = test::random_event(1, 100, 0);
  auto labeled = features::label_event(event, {}, std::vector<std::string>{"localY"});
  labeled.truth.bucket_offsets.clear();
  OverviewSample sample;
  sample.add(std::move(labeled));
  sample.finish();
  EXPECT_FALSE(sample.has_occupancy());
  const auto figures = make_overview_figures(sample, {});
  ASSERT_EQ(figures.size(), 4U);
  EXPECT_EQ(figures[3].stem, "feature_localY");
  EXPECT_EQ(figures[3].series.size(), 1U);
}

}  // namespace
}  // namespace stationhit::workflow
