#include <algorithm>
#include <numeric>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/known_models.hpp>
#include <support/random_event.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/inference/latency.hpp>

namespace stationhit {
namespace {

using inference::HitClassifier;

TEST(Percentiles, NearestRank) {
  std::vector<double> times(200);
  std::iota(times.rbegin(), times.rend(), 1.0);  // 200 .. 1
  const inference::Percentiles result = inference::percentiles(times);
  EXPECT_EQ(result.p50, 100);
  EXPECT_EQ(result.p90, 180);
  EXPECT_EQ(result.p99, 198);
  EXPECT_EQ(result.max, 200);
  EXPECT_DOUBLE_EQ(result.mean, 100.5);
  EXPECT_EQ(result.n, 200U);
  EXPECT_EQ(inference::percentiles({7.0}).p50, 7);
}

void expect_plausible(const inference::LatencyReport& report, std::size_t calls) {
  EXPECT_EQ(report.calls, calls);
  EXPECT_GT(report.events_per_s, 0);
  EXPECT_GE(report.total.max, report.total.p50);
  EXPECT_NEAR(report.total.mean, report.preparation.mean + report.network.mean,
              0.2 * report.total.mean + 0.05);
}

TEST(Latency, CountsEveryCall) {
  const std::vector<core::Event> events{test::random_event(1, 500, 1),
                                        test::random_event(2, 600, 1), test::random_event(3, 0, 0)};
  const HitClassifier classifier(test::write_model(test::table_model()));
  expect_plausible(
      measure_latency(classifier, events, {.warmup = 1, .repetitions = 5, .threads = 1}), 15);
  expect_plausible(
      measure_latency(classifier, events, {.warmup = 1, .repetitions = 5, .threads = 2}), 15);
  const auto [a, b] = measure_interleaved(classifier, classifier, events,
                                          {.warmup = 0, .repetitions = 4, .threads = 1});
  expect_plausible(a, 12);
  expect_plausible(b, 12);
}

TEST(Latency, SessionsOfAllModelsTakeTheSameEvents) {
  const HitClassifier classifier(test::write_model(test::table_model()));
  std::vector<inference::PreparedEvents> events;
  for (const std::uint64_t seed : {1, 2}) {
    const core::Event event = test::random_event(seed, 500, 1);
    events.push_back(classifier.prepare({&event, 1}));
  }
  const auto times =
      inference::measure_sessions(std::vector{&classifier, &classifier, &classifier}, events, 4);
  ASSERT_EQ(times.size(), 3U);
  for (const inference::SessionTimes& model : times) {
    EXPECT_EQ(model.ms_of_calls.size(), 8U);
    EXPECT_GT(model.ms.p50, 0);
    EXPECT_EQ(model.ms.max, *std::ranges::max_element(model.ms_of_calls));
  }
  EXPECT_THROW((void)inference::measure_sessions({}, {}, 1), core::UsageError);
}

TEST(Latency, NeedsEvents) {
  const HitClassifier classifier(test::write_model(test::nodes_model()));
  EXPECT_EQ(test::usage_error([&] { (void)measure_latency(classifier, {}, {}); }),
            "there are no events to measure the latency on; give an input with at least one event");
}

}  // namespace
}  // namespace stationhit
