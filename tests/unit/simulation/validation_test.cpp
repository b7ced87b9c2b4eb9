#include <algorithm>

#include <gtest/gtest.h>

#include <stationhit/data/selection.hpp>
#include <stationhit/simulation/generate_events.hpp>
#include <stationhit/simulation/validation.hpp>

namespace stationhit::simulation {
namespace {

SampleStatistics statistics_of(std::uint64_t n) {
  SampleStatistics statistics;
  const SimulationConfig config;
  const Simulator simulator(config);
  generate_events(simulator, make_hard_events(config, simulator), 0, n, 2,
                  [&](const SimulatedEvent& simulated) {
                    core::Event event = simulated.event;
                    const data::SelectionResult result = data::apply_selection(event, {});
                    statistics.add_before(
                        result.muons_before,
                        result.muons_failing[static_cast<std::size_t>(data::Cut::pt)]);
                    if (result.kept) statistics.add(event);
                  });
  return statistics;
}

// The full validation of 3,000 events without allowance for statistics is `stationhit simulate
// --validate`.
TEST(Validation, ThreeHundredEventsAgreeWithThePublishedOnesWithinThreeSigma) {
  const std::vector<Check> checks = validate(statistics_of(300), 3);
  EXPECT_EQ(checks.size(), 29U);
  EXPECT_TRUE(all_passed(checks)) << check_table(checks, true);
}

TEST(Validation, AnEmptySampleFails) {
  const std::vector<Check> checks = validate(SampleStatistics{}, 0);
  EXPECT_FALSE(all_passed(checks));
  EXPECT_NE(check_table(checks, true).find("FAIL"), std::string::npos);
  EXPECT_EQ(check_table(checks, false).find("FAIL"), std::string::npos);
}

TEST(Validation, AllowanceForStatisticsWidensTheRange) {
  SampleStatistics statistics;
  for (std::uint32_t n = 0; n < 10; ++n) {
    core::Event event;
    core::resize(event.hits, 6000 + 100 * n);
    core::resize(event.muons, 1);
    statistics.add(event);
  }
  // Mean 6450 +- 91, accepted from 6689.1.
  const auto hits = [](const std::vector<Check>& checks) {
    return *std::find_if(checks.begin(), checks.end(),
                         [](const Check& c) { return c.quantity == "hits / event"; });
  };
  EXPECT_FALSE(hits(validate(statistics, 0)).passed);
  EXPECT_FALSE(hits(validate(statistics, 2.5)).passed);
  EXPECT_TRUE(hits(validate(statistics, 3)).passed);
  EXPECT_EQ(hits(validate(statistics, 3)).low, 0.97 * 6896) << "the range itself stays";
}

TEST(Validation, ChecksWithTooFewValuesAreSkipped) {
  SampleStatistics statistics;
  core::Event event;
  core::resize(event.hits, 6896);
  core::resize(event.muons, 1);
  for (int n = 0; n < 12; ++n) statistics.add(event);
  const std::vector<Check> checks = validate(statistics, 3);
  const auto of = [&](const std::string& quantity) {
    return *std::ranges::find(checks, quantity, &Check::quantity);
  };
  EXPECT_FALSE(of("hits / event").skipped);
  EXPECT_FALSE(of("hits / muon: 50 % percentile").skipped);
  EXPECT_TRUE(of("hits / muon: 5 % percentile").skipped);
  EXPECT_GT(of("events with 1 muon in %").error, 5) << "all of 12 events";
  EXPECT_GT(count_skipped(checks), 0U);
  EXPECT_NE(check_table(checks, true).find("too few"), std::string::npos);
}

TEST(Validation, NothingIsComparedWithNineEvents) {
  const std::vector<Check> checks = validate(statistics_of(9), 3);
  EXPECT_TRUE(std::ranges::find(checks, "hits / event", &Check::quantity)->skipped);
}

TEST(CheckTable, HasValueErrorPublishedRangeAndResult) {
  const std::vector<Check> checks{{"hits / event", 6900.04, 23.45, 6896.0, 6689.1, 7102.9, 1, true},
                                  {"sigma", 900, 10, {}, 1000, 1600, 0, false}};
  EXPECT_EQ(
      check_table(checks, true),
      "quantity                             toy       +-  published            accepted  result\n"
      "hits / event                      6900.0     23.4     6896.0    6689.1 .. 7102.9  pass\n"
      "sigma                                900       10          -        1000 .. 1600  FAIL\n");
  EXPECT_EQ(
      check_csv(checks),
      "quantity,toy,error,published,low,high,result\n"
      "hits / event,6900.04,23.449999999999999,6896,6689.1000000000004,7102.8999999999996,pass\n"
      "sigma,900,10,,1000,1600,fail\n");
}

}  // namespace
}  // namespace stationhit::simulation
