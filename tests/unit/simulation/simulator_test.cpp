#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>

#include <stationhit/core/buckets.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/simulation/generate_events.hpp>
#include <stationhit/simulation/output_files.hpp>
#include <stationhit/simulation/sample_statistics.hpp>
#include <stationhit/simulation/simulator.hpp>

namespace stationhit::simulation {
namespace {

std::string message_of(const SimulationConfig& config) {
  try {
    const Simulator simulator(config);
  } catch (const core::ConfigError& error) {
    return error.what();
  }
  return "";
}

TEST(Simulator, NamesWhatIsWrongInTheConfiguration) {
  SimulationConfig config;
  config.mu = -1;
  EXPECT_EQ(message_of(config), "mu = -1: the mean number of interactions must be from 0 to 250");
  config.mu = 251;
  EXPECT_EQ(message_of(config), "mu = 251: the mean number of interactions must be from 0 to 250");
  config.mu = 200;
  config.process = "zmumuu";
  EXPECT_EQ(message_of(config), "process = \"zmumuu\" is unknown; allowed are jpsi, zmumu, ttbar, mix; did you mean \"zmumu\"?");
  config.process = "jpsi";
  config.first_event = UINT64_MAX;
  EXPECT_NE(message_of(config).find("does not fit 64 bits"), std::string::npos);
}

std::vector<core::Event> events(const SimulationConfig& config, std::uint64_t first, std::uint64_t n, unsigned threads) {
  std::vector<core::Event> result;
  generate_events(Simulator(config), first, n, threads, [&](const SimulatedEvent& event) { result.push_back(event.event); });
  return result;
}

TEST(GenerateEvents, IsBitIdenticalForAnyNumberOfThreadsAndAnyRange) {
  SimulationConfig config;
  const auto one = events(config, 5, 21, 1);
  EXPECT_EQ(one, events(config, 5, 21, 4));
  const auto part = events(config, 10, 3, 2);
  EXPECT_EQ(part, (std::vector<core::Event>(one.begin() + 5, one.begin() + 8)));
  for (std::size_t i = 0; i < one.size(); ++i) EXPECT_EQ(one[i].header.event_number, 5 + i);
  config.seed = 43;
  EXPECT_NE(one.front(), events(config, 5, 1, 1).front());
}

const std::vector<core::Event>& sample() {
  static const std::vector<core::Event> instance = events({}, 0, 60, 2);
  return instance;
}

SampleStatistics statistics_of(const std::vector<core::Event>& all) {
  SampleStatistics statistics;
  for (const core::Event& event : all) statistics.add(event);
  return statistics;
}

void expect_within(double value, double published, double tolerance, const std::string& what) {
  EXPECT_NEAR(value, published, tolerance * published) << what;
}

TEST(Simulator, HitsPerTechnologyAreThePublishedOnes) {
  const SampleStatistics statistics = statistics_of(sample());
  constexpr std::array<double, 5> published{4024, 314, 175, 1117, 1266};  // MDT, RPC, TGC, sTGC, MM
  for (std::size_t t = 0; t < published.size(); ++t)
    expect_within(statistics.technology_hits[t].mean(), published[t], 0.25, std::string(core::name(core::technologies[t])));
  expect_within(statistics.hits.mean(), 6896, 0.15, "all");
  EXPECT_GT(statistics.hits.sigma(), 800);
  EXPECT_LT(statistics.hits.sigma(), 1800);
}

TEST(Simulator, TrueHitsAndMuonsAreThePublishedOnes) {
  SimulationConfig config;
  config.mu = 0;
  const SampleStatistics statistics = statistics_of(events(config, 0, 1500, 2));
  expect_within(statistics.true_hits.mean(), 40.2, 0.1, "all");
  expect_within(statistics.technology_true_hits[0].mean(), 27.7, 0.1, "MDT");
  expect_within(statistics.technology_true_hits[1].mean(), 5.5, 0.15, "RPC");
  expect_within(statistics.technology_true_hits[2].mean(), 6.6, 0.15, "TGC");
  EXPECT_LT(statistics.technology_true_hits[3].mean() + statistics.technology_true_hits[4].mean(), 0.8) << "sTGC and MM";
  expect_within(statistics.muons.mean(), 1.554, 0.05, "muons");
  expect_within(statistics.hits_per_muon.mean(), 25.9, 0.06, "hits per muon");
  EXPECT_NEAR(statistics.hits_per_muon.sigma(), 8.4, 1.5);
  const double failing = static_cast<double>(statistics.muons_failing_pt) / static_cast<double>(statistics.muons_before);
  EXPECT_GT(failing, 0.05);
  EXPECT_LT(failing, 0.10);
}

TEST(Simulator, BackgroundScalesWithThePileUp) {
  SimulationConfig half, none;
  half.mu = 100;
  none.mu = 0;
  const auto mean_background = [](const std::vector<core::Event>& all) {
    double n = 0;
    for (const core::Event& event : all) n += static_cast<double>(std::count(event.hits.truth_link.begin(), event.hits.truth_link.end(), -1));
    return n / static_cast<double>(all.size());
  };
  EXPECT_NEAR(mean_background(events(half, 0, 60, 2)) / mean_background(sample()), 0.5, 0.07);
  EXPECT_LT(mean_background(events(none, 0, 60, 2)), 5) << "false pairs of strips only";
}

TEST(OutputFiles, NameProcessPileUpAndRange) {
  SimulationConfig config;
  config.output = "folder";
  config.events = 25;
  config.first_event = 100;
  config.events_per_file = 10;
  config.process = "zmumu";
  const std::vector<OutputFile> expected{{"folder/zmumu_PU200_skip100_n10.root", 100, 10},
                                         {"folder/zmumu_PU200_skip110_n10.root", 110, 10},
                                         {"folder/zmumu_PU200_skip120_n5.root", 120, 5}};
  EXPECT_EQ(output_files(config), expected);
  config.mu = 59.5;
  EXPECT_EQ(output_files(config).front().path, "folder/zmumu_PU59.5_skip100_n10.root");
  config.events_per_file = 0;
  EXPECT_EQ(output_files(config), (std::vector<OutputFile>{{"folder", 100, 25}}));
}

TEST(Simulator, MakesTheProcessThatIsAskedFor) {
  std::set<std::uint32_t> numbers;
  for (const char* process : {"jpsi", "zmumu", "ttbar"}) {
    SimulationConfig config;
    config.process = process;
    config.mu = 0;
    std::set<std::uint32_t> own;
    for (const core::Event& event : events(config, 0, 20, 1)) own.insert(event.header.mc_channel_number);
    EXPECT_EQ(own.size(), 1U);
    numbers.insert(*own.begin());
  }
  std::map<std::uint32_t, int> mixed;
  SimulationConfig mix;
  mix.mu = 0;
  for (const core::Event& event : events(mix, 0, 900, 2)) ++mixed[event.header.mc_channel_number];
  ASSERT_EQ(mixed.size(), 3U);
  for (const auto& [number, count] : mixed) {
    EXPECT_TRUE(numbers.contains(number));
    EXPECT_NEAR(count, 300, 75);
  }
}

TEST(Simulator, EventsAreConsistentFiniteAndHaveTheirBuckets) {
  for (const core::Event& event : sample()) {
    core::check_consistency(event, "event");
    EXPECT_EQ(core::first_non_finite(event), "");
    EXPECT_EQ(event.buckets, core::build_buckets(event.hits));
  }
}

TEST(Simulator, APositionLiesOnItsElementAndInItsFrame) {
  const Simulator simulator{SimulationConfig{}};
  const core::HitTable& hits = sample().front().hits;
  for (std::size_t i = 0; i < hits.size(); ++i) {
    const int sector = core::sector(static_cast<core::Technology>(hits.technology[i]), hits.station_index[i], hits.station_phi[i]);
    const auto frames = simulator.detector().frames();
    const auto frame = std::find_if(frames.begin(), frames.end(), [&](const Frame& f) {
      return f.layer == core::station_layer(hits.station_index[i]) && f.sector == sector && f.side == (hits.station_eta[i] < 0 ? -1 : 1);
    });
    ASSERT_NE(frame, frames.end());
    const Vector3 position = frame->to_global({hits.local_x[i], hits.local_y[i], hits.local_z[i]});
    EXPECT_NEAR(position.x, hits.glob_x[i], 0.01);
    EXPECT_NEAR(position.y, hits.glob_y[i], 0.01);
    EXPECT_NEAR(position.z, hits.glob_z[i], 0.01);
    // |low - p| + |p - high| = |low - high| for a point between the ends.
    const auto distance = [](double x, double y, double z) { return std::sqrt(x * x + y * y + z * z); };
    const double to_low = distance(hits.glob_x[i] - hits.edge_low_x[i], hits.glob_y[i] - hits.edge_low_y[i], hits.glob_z[i] - hits.edge_low_z[i]);
    const double to_high = distance(hits.glob_x[i] - hits.edge_high_x[i], hits.glob_y[i] - hits.edge_high_y[i], hits.glob_z[i] - hits.edge_high_z[i]);
    const double length =
        distance(hits.edge_high_x[i] - hits.edge_low_x[i], hits.edge_high_y[i] - hits.edge_low_y[i], hits.edge_high_z[i] - hits.edge_low_z[i]);
    EXPECT_NEAR(to_low + to_high, length, 0.02);
    EXPECT_LE(hits.drift_r[i], 14.6F);
    EXPECT_GE(hits.drift_r[i], 0.0F);
  }
}

// Values that only one class of hits has would give the label away.
TEST(Simulator, TrueHitsAndBackgroundShareTheSupportOfEveryDiscreteColumn) {
  using Values = std::set<std::tuple<int, int, double>>;
  Values background, muons;
  for (const core::Event& event : sample()) {
    const core::HitTable& hits = event.hits;
    for (std::size_t i = 0; i < hits.size(); ++i) {
      Values& values = hits.truth_link[i] >= 0 ? muons : background;
      int column = 0;
      const auto add = [&](auto value) { values.insert({hits.technology[i], column++, static_cast<double>(value)}); };
      add(hits.station_index[i]);
      add(hits.station_eta[i]);
      add(hits.layer[i]);
      add(hits.read_out_side[i]);
      add(hits.meas_eta[i] + 2 * hits.meas_phi[i]);
      add(hits.sec_channel[i] >= 0);
      add(hits.technology[i] == 3 ? hits.time[i] : 0.0F);
      add(std::floor(hits.technology[i] == 0 ? hits.drift_r[i] : 0.0F));
    }
  }
  for (const auto& value : muons)
    EXPECT_TRUE(background.contains(value)) << "technology " << std::get<0>(value) << " column " << std::get<1>(value) << " value "
                                            << std::get<2>(value);
}

// Positions in the table must not tell true hits from others: the order is that of the channels.
TEST(Simulator, HitsStandInTheOrderOfTheirChannels) {
  const core::HitTable& hits = sample().front().hits;
  const auto key = [&](std::size_t i) {
    return std::tuple(hits.technology[i], hits.station_index[i], hits.station_eta[i], hits.station_phi[i], hits.layer[i], hits.channel[i],
                      hits.sec_channel[i]);
  };
  for (std::size_t i = 1; i < hits.size(); ++i) EXPECT_LT(key(i - 1), key(i)) << i;
}

}  // namespace
}  // namespace stationhit::simulation
