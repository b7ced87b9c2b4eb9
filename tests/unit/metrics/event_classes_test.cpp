#include <limits>
#include <vector>

#include <gtest/gtest.h>

#include <stationhit/metrics/event_classes.hpp>

#include "placed_events.hpp"

namespace stationhit::metrics {
namespace {

// Events of two processes in turn; event n has a muon of n + 1 hits and two background hits.
ScoredSample two_processes(std::size_t n_events) {
  ScoredSample sample;
  for (std::size_t event = 0; event < n_events; ++event) {
    std::vector<PlacedHit> hits{{-1, 3}, {-1, 0}};
    for (std::size_t hit = 0; hit <= event; ++hit)
      hits.push_back({0, static_cast<float>(hit), hit % 2 == 0 ? bil : bml});
    append_placed(sample, 1, hits);
    sample.mc_channel_number.back() = event % 2 == 0 ? 601229 : 7;
  }
  return sample;
}

TEST(EventClasses, ProcessesAreListedByTheirNumbers) {
  const EventClasses processes = classify_by_process(two_processes(3));
  EXPECT_EQ(processes.codes, (std::vector<std::uint32_t>{7, 601229}));
  EXPECT_EQ(processes.of_event, (std::vector<std::uint32_t>{1, 0, 1}));
}

TEST(EventClasses, OneProcessOrTooManyAreNoClasses) {
  const ScoredSample one = two_processes(1);
  const EventClasses none = classify_by_process(one);
  EXPECT_TRUE(none.codes.empty());
  EXPECT_TRUE(count_kept_by_event_class(one, none, std::vector<float>{0}).empty());
  ScoredSample many = two_processes(most_processes + 1);
  for (std::size_t event = 0; event < many.n_events(); ++event)
    many.mc_channel_number[event] = static_cast<std::uint32_t>(event);
  EXPECT_TRUE(classify_by_process(many).codes.empty());
  many.mc_channel_number[0] = 1;
  EXPECT_EQ(classify_by_process(many).codes.size(), most_processes);
}

TEST(EventClasses, CountsAreThoseOfTheEventsOfTheClass) {
  const ScoredSample sample = two_processes(5);
  const std::vector<float> thresholds{0.5F, -std::numeric_limits<float>::infinity()};
  const auto kept = count_kept_by_event_class(sample, classify_by_process(sample), thresholds);
  ASSERT_EQ(kept.size(), 2U);
  EXPECT_EQ(kept[0][0].hits, (Counts{4, 2, 2, 2})) << "muons of 2 and 4 hits";
  EXPECT_EQ(kept[0][0].n_events, 2U);
  EXPECT_EQ(kept[0][0].muons, (KeptShare{1, 2}));
  EXPECT_EQ(kept[1][0].hits, (Counts{6, 3, 3, 3})) << "muons of 1, 3 and 5 hits";
  EXPECT_EQ(kept[1][0].muons, (KeptShare{1, 3}));
  EXPECT_EQ(kept[1][1].muons, (KeptShare{2, 3}));
}

TEST(EventClasses, ReplicasAddUpToThoseOfTheSample) {
  const ScoredSample sample = two_processes(7);
  const Replicas replicas = draw_replicas(sample.n_events(), {.replicas = 20});
  const std::vector<ThresholdRule> rules{{0.8, {}}, {0.0, 2.5F}};
  const ReplicaCounts all = count_replicas(sample, replicas, rules);
  const auto by_process =
      count_replicas_by_event_class(sample, classify_by_process(sample), replicas, rules);
  ASSERT_EQ(by_process.size(), 2U);
  for (std::size_t rule = 0; rule < rules.size(); ++rule) {
    for (std::size_t replica = 0; replica < 20; ++replica) {
      const KeptAtThreshold& sum = all.of_rule(rule)[replica];
      const KeptAtThreshold &first = by_process[0].of_rule(rule)[replica],
                            &second = by_process[1].of_rule(rule)[replica];
      EXPECT_EQ(first.hits.kept() + second.hits.kept(), sum.hits.kept());
      EXPECT_EQ(first.n_events + second.n_events, sum.n_events);
      EXPECT_EQ(first.muons.kept + second.muons.kept, sum.muons.kept);
      EXPECT_EQ(first.two_layer_muons.total + second.two_layer_muons.total,
                sum.two_layer_muons.total);
    }
  }
}

}  // namespace
}  // namespace stationhit::metrics
