#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <tuple>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/buckets.hpp>
#include <stationhit/core/errors.hpp>
#include <stationhit/simulation/generate_events.hpp>
#include <stationhit/simulation/output_files.hpp>
#include <stationhit/simulation/simulator.hpp>

namespace stationhit::simulation {
namespace {

std::string message_of(const SimulationConfig& config) {
  return test::error_of<core::ConfigError>([&] { const Simulator simulator(config); });
}

TEST(Simulator, NamesWhatIsWrongInTheConfiguration) {
  SimulationConfig config;
  config.mu = -1;
  EXPECT_EQ(message_of(config), "mu: expected a number in 0..250, found '-1'");
  config.mu = 251;
  EXPECT_EQ(message_of(config), "mu: expected a number in 0..250, found '251'");
  config.mu = 200;
  config.source = MuonSource::hepmc;
  EXPECT_EQ(message_of(config), "source = hepmc: hepmc_file is not set; give the file to read");
  config.source = MuonSource::generator;
  config.hepmc_file = "z.hepmc3";
  EXPECT_EQ(message_of(config),
            "hepmc_file = \"z.hepmc3\" is read only with source = hepmc; set that, or leave "
            "hepmc_file out");
  config.hepmc_file = "";
  config.first_event = UINT64_MAX;
  EXPECT_NE(message_of(config).find("does not fit 64 bits"), std::string::npos);
}

TEST(Simulator, SaysThatItIsAToyAndAtWhichPileUp) {
  SimulationConfig config;
  config.mu = 62.5;
  EXPECT_EQ(sample_info(config), (core::SampleInfo{"Toy simulation", {62.5}}));
}

TEST(Simulator, NamesTheProcessesOfItsSamplesOnly) {
  SimulationConfig config;
  const auto names = process_names(sample_info(config));
  EXPECT_EQ(names.size(), n_processes);
  for (const ProcessChoice process :
       {ProcessChoice::jpsi, ProcessChoice::zmumu, ProcessChoice::ttbar}) {
    config.process = process;
    const core::Event event = Simulator(config).generate(1);
    EXPECT_EQ(names.at(event.header.mc_channel_number), core::name(process));
  }
  EXPECT_TRUE(process_names({"Several samples", {200}}).empty());
}

std::vector<core::Event> events(const SimulationConfig& config, std::uint64_t first,
                                std::uint64_t n, unsigned threads) {
  std::vector<core::Event> result;
  const Simulator simulator(config);
  generate_events(simulator, make_hard_events(config, simulator), first, n, threads,
                  [&](const SimulatedEvent& event) { result.push_back(event.event); });
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

TEST(GenerateEvents, WhatTheSinkThrowsPassesThrough) {
  const SimulationConfig config;
  const Simulator simulator(config);
  std::uint64_t seen = 0;
  const auto stop = [&](const SimulatedEvent&) {
    if (++seen == 3) throw std::runtime_error("stop");
  };
  EXPECT_THROW(generate_events(simulator, make_hard_events(config, simulator), 0, 40, 2, stop),
               std::runtime_error);
  EXPECT_EQ(seen, 3U);
  generate_events(simulator, make_hard_events(config, simulator), 0, 0, 2, stop);
  EXPECT_EQ(seen, 3U) << "no events";
}

const std::vector<core::Event>& sample() {
  static const std::vector<core::Event> instance = events({}, 0, 200, 2);
  return instance;
}

TEST(Simulator, BackgroundScalesWithThePileUp) {
  SimulationConfig half, none;
  half.mu = 100;
  none.mu = 0;
  const auto mean_background = [](const std::vector<core::Event>& all) {
    double n = 0;
    for (const core::Event& event : all)
      n += static_cast<double>(
          std::count(event.hits.truth_link.begin(), event.hits.truth_link.end(), -1));
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
  config.process = ProcessChoice::zmumu;
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
  for (const auto process : {ProcessChoice::jpsi, ProcessChoice::zmumu, ProcessChoice::ttbar}) {
    SimulationConfig config;
    config.process = process;
    config.mu = 0;
    std::set<std::uint32_t> own;
    for (const core::Event& event : events(config, 0, 20, 1))
      own.insert(event.header.mc_channel_number);
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
    const int sector = core::sector(static_cast<core::Technology>(hits.technology[i]),
                                    hits.station_index[i], hits.station_phi[i]);
    const auto frames = simulator.detector().frames();
    const auto frame = std::find_if(frames.begin(), frames.end(), [&](const Frame& f) {
      return f.layer == core::station_layer(hits.station_index[i]) && f.sector == sector &&
             f.side == (hits.station_eta[i] < 0 ? -1 : 1);
    });
    ASSERT_NE(frame, frames.end());
    const Vector3 position = frame->to_global({hits.local_x[i], hits.local_y[i], hits.local_z[i]});
    EXPECT_NEAR(position.x, hits.glob_x[i], 0.01);
    EXPECT_NEAR(position.y, hits.glob_y[i], 0.01);
    EXPECT_NEAR(position.z, hits.glob_z[i], 0.01);
    // |low - p| + |p - high| = |low - high| for a point between the ends.
    const auto distance = [](double x, double y, double z) {
      return std::sqrt(x * x + y * y + z * z);
    };
    const double to_low =
        distance(hits.glob_x[i] - hits.edge_low_x[i], hits.glob_y[i] - hits.edge_low_y[i],
                 hits.glob_z[i] - hits.edge_low_z[i]);
    const double to_high =
        distance(hits.glob_x[i] - hits.edge_high_x[i], hits.glob_y[i] - hits.edge_high_y[i],
                 hits.glob_z[i] - hits.edge_high_z[i]);
    const double length =
        distance(hits.edge_high_x[i] - hits.edge_low_x[i], hits.edge_high_y[i] - hits.edge_low_y[i],
                 hits.edge_high_z[i] - hits.edge_low_z[i]);
    EXPECT_NEAR(to_low + to_high, length, 0.02);
    EXPECT_LE(hits.drift_r[i], 14.6F);
    EXPECT_GE(hits.drift_r[i], 0.0F);
  }
}

// The columns of a hit, rounded to steps that a classifier could cut on.
std::vector<double> steps(const core::HitTable& hits, std::size_t i) {
  const auto coarse = [](float value, double step) {
    return std::floor(static_cast<double>(value) / step);
  };
  const double time_step = hits.technology[i] == 0 ? 100 : hits.technology[i] == 3 ? 1 : 5;
  return {static_cast<double>(hits.station_index[i]),
          static_cast<double>(hits.station_eta[i]),
          static_cast<double>(hits.station_phi[i]),
          static_cast<double>(hits.layer[i]),
          static_cast<double>(hits.read_out_side[i]),
          hits.meas_eta[i] + 2.0 * hits.meas_phi[i],
          static_cast<double>(hits.channel[i] % 8),
          hits.sec_channel[i] < 0 ? -1.0 : static_cast<double>(hits.sec_channel[i] % 8),
          static_cast<double>(std::min<std::uint32_t>(hits.n_eta_in_use[i], 4)),
          static_cast<double>(std::min<std::uint32_t>(hits.n_phi_in_use[i], 4)),
          coarse(hits.drift_r[i], 0.5),
          coarse(hits.time[i], time_step),
          coarse(std::log(hits.cov_xx[i]), 1),
          coarse(std::log(hits.cov_yy[i]), 1),
          static_cast<double>(hits.cov_xy[i]),
          coarse(hits.local_x[i], 250),
          coarse(hits.local_y[i], 1000),
          std::round(static_cast<double>(hits.local_z[i]))};
}

// Values that only one class of hits has would give the label away. Signal hits of the small wheel
// are too few to fill their range.
TEST(Simulator, TrueHitsAndBackgroundShareTheSupportOfEveryColumn) {
  std::map<std::tuple<int, std::size_t, double>, std::array<std::uint64_t, 2>>
      counts;  // technology, column, value: background, true
  std::map<int, std::array<std::uint64_t, 2>> all;
  for (const core::Event& event : sample()) {
    for (std::size_t i = 0; i < event.hits.size(); ++i) {
      const std::size_t is_true = event.hits.truth_link[i] >= 0 ? 1 : 0;
      const std::vector<double> values = steps(event.hits, i);
      for (std::size_t column = 0; column < values.size(); ++column)
        ++counts[{event.hits.technology[i], column, values[column]}][is_true];
      ++all[event.hits.technology[i]][is_true];
    }
  }
  std::map<std::pair<int, std::size_t>, double> only_background;
  for (const auto& [key, count] : counts) {
    const auto& [technology, column, value] = key;
    EXPECT_TRUE(count[0] > 0) << "technology " << technology << " column " << column << " value "
                              << value << ": only true hits";
    if (count[1] == 0)
      only_background[{technology, column}] +=
          static_cast<double>(count[0]) / static_cast<double>(all[technology][0]);
  }
  for (const auto& [key, share] : only_background) {
    if (key.first > static_cast<int>(core::Technology::tgc)) continue;
    EXPECT_LT(share, 0.05) << "technology " << key.first << " column " << key.second
                           << ": share of background at values without true hits";
  }
}

// Positions in the table must not tell signal hits from others: the order is that of the channels.
TEST(Simulator, HitsStandInTheOrderOfTheirChannels) {
  const core::HitTable& hits = sample().front().hits;
  const auto key = [&](std::size_t i) {
    return std::tuple(hits.technology[i], hits.station_index[i], hits.station_eta[i],
                      hits.station_phi[i], hits.layer[i], hits.channel[i], hits.sec_channel[i]);
  };
  for (std::size_t i = 1; i < hits.size(); ++i) EXPECT_LT(key(i - 1), key(i)) << i;
}

}  // namespace
}  // namespace stationhit::simulation
