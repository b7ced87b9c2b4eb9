#include <cmath>
#include <random>

#include <gtest/gtest.h>

#include <stationhit/metrics/bootstrap.hpp>
#include <stationhit/metrics/ranked_scores.hpp>

namespace stationhit::metrics {
namespace {

// Events of 4 true and 100 background hits; `shift` moves all hits of an event together, so that
// hits of one event are correlated.
ScoredSample make_sample(std::size_t n_events, float shift, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> gauss;
  ScoredSample sample;
  for (std::size_t event = 0; event < n_events; ++event) {
    const float common = shift * gauss(random);
    for (int hit = 0; hit < 104; ++hit) {
      sample.truth_link.push_back(hit < 4 ? 0 : -1);
      sample.score.push_back(gauss(random) + (hit < 4 ? 2.5F + common : 0.0F));
      sample.technology.push_back(0);
    }
    sample.event_number.push_back(event);
    sample.event_offsets.push_back(sample.score.size());
    sample.muon_pt.push_back(10);
    sample.muon_offsets.push_back(event + 1);
  }
  return sample;
}

struct RuleIntervals {
  Interval efficiency, purity, rejection, hits_kept_per_event;
};

struct BootstrapIntervals {
  Interval auc;
  std::vector<RuleIntervals> rules;
};

double efficiency_of(const KeptAtThreshold& kept) { return kept.hits.efficiency(); }
double purity_of(const KeptAtThreshold& kept) { return kept.hits.purity(); }
double rejection_of(const KeptAtThreshold& kept) { return kept.hits.rejection(); }
double hits_kept_per_event(const KeptAtThreshold& kept) {
  return ratio(kept.hits.kept(), kept.n_events);
}

// All steps, for the quantities that are looked at here.
BootstrapIntervals bootstrap_intervals(const ScoredSample& sample,
                                       const std::vector<ThresholdRule>& rules, double auc,
                                       const BootstrapOptions& options = {}) {
  const Replicas replicas = draw_replicas(sample.n_events(), options);
  const ReplicaCounts counts = count_replicas(sample, replicas, rules);
  BootstrapIntervals result{auc_interval(sample, replicas, auc), {}};
  for (std::size_t rule = 0; rule < rules.size(); ++rule) {
    const auto interval = [&](const KeptFunction& quantity) {
      return replica_interval(counts.of_rule(rule), quantity);
    };
    result.rules.push_back({interval(efficiency_of), interval(purity_of), interval(rejection_of),
                            interval(hits_kept_per_event)});
  }
  return result;
}

double width(const Interval& interval) { return interval.high - interval.low; }

// Standard deviation of a quantity over independent samples.
template <class Quantity>
double spread(std::size_t n_events, float shift, const Quantity& quantity) {
  double sum = 0, squares = 0;
  constexpr int samples = 200;
  for (int i = 0; i < samples; ++i) {
    const ScoredSample sample = make_sample(n_events, shift, 1000U + static_cast<std::uint32_t>(i));
    const double value = quantity(RankedScores(sample.score, hit_labels(sample)));
    sum += value;
    squares += value * value;
  }
  return std::sqrt(squares / samples - sum / samples * (sum / samples));
}

TEST(Bootstrap, WidthIsTheSpreadOfIndependentSamples) {
  const std::vector<ThresholdRule> rules{{0.9, {}}, {0.0, 1.5F}};
  constexpr int samples = 10;
  for (const float shift : {0.0F, 1.0F}) {
    double purity_width = 0, efficiency_width = 0, auc_width = 0;  // half widths, mean over samples
    for (std::uint32_t seed = 0; seed < samples; ++seed) {
      const ScoredSample sample = make_sample(100, shift, seed);
      const double auc = RankedScores(sample.score, hit_labels(sample)).auc();
      const BootstrapIntervals intervals =
          bootstrap_intervals(sample, rules, auc, {.replicas = 200, .seed = seed});
      purity_width += width(intervals.rules[0].purity) / 2 / samples;
      efficiency_width += width(intervals.rules[1].efficiency) / 2 / samples;
      auc_width += width(intervals.auc) / 2 / samples;
    }
    const auto purity = [](const RankedScores& r) {
      return r.counts_at(r.working_point_threshold(0.9)).purity();
    };
    const auto fixed_efficiency = [](const RankedScores& r) {
      return r.counts_at(1.5F).efficiency();
    };
    const auto auc_of = [](const RankedScores& r) { return r.auc(); };
    EXPECT_NEAR(purity_width / spread(100, shift, purity), 1.0, 0.2) << shift;
    EXPECT_NEAR(efficiency_width / spread(100, shift, fixed_efficiency), 1.0, 0.2) << shift;
    EXPECT_NEAR(auc_width / spread(100, shift, auc_of), 1.0, 0.2) << shift;
  }
}

TEST(Bootstrap, AucWidthHoldsNearOne) {
  // Well separated classes: 1 - AUC comes from few low signal hits.
  const auto separated = [](std::uint32_t seed) {
    ScoredSample sample = make_sample(100, 0.0F, seed);
    for (std::size_t hit = 0; hit < sample.n_hits(); ++hit)
      sample.score[hit] += sample.truth_link[hit] >= 0 ? 2.0F : 0.0F;
    return sample;
  };
  double bootstrap_width = 0, sum = 0, squares = 0;
  constexpr int samples = 40;
  for (std::uint32_t seed = 0; seed < samples; ++seed) {
    const ScoredSample sample = separated(seed);
    const double auc = RankedScores(sample.score, hit_labels(sample)).auc();
    bootstrap_width += width(bootstrap_intervals(sample, {}, auc).auc) / 2 / samples;
    sum += auc;
    squares += auc * auc;
  }
  const double spread_of_samples = std::sqrt(squares / samples - sum / samples * (sum / samples));
  EXPECT_NEAR(bootstrap_width / spread_of_samples, 1.0, 0.4);
}

TEST(Bootstrap, IntervalsContainTheCentralValues) {
  const ScoredSample sample = make_sample(100, 0.5F, 2);
  const RankedScores ranked(sample.score, hit_labels(sample));
  const Counts counts = ranked.counts_at(ranked.working_point_threshold(0.9));
  const std::vector<ThresholdRule> rules{{0.9, {}}};
  const BootstrapIntervals intervals = bootstrap_intervals(sample, rules, ranked.auc());
  const auto contains = [](const Interval& interval, double value) {
    return interval.low <= value && value <= interval.high;
  };
  EXPECT_TRUE(contains(intervals.auc, ranked.auc()));
  EXPECT_TRUE(contains(intervals.rules[0].purity, counts.purity()));
  EXPECT_TRUE(contains(intervals.rules[0].rejection, counts.rejection()));
  EXPECT_TRUE(
      contains(intervals.rules[0].hits_kept_per_event, static_cast<double>(counts.kept()) / 100));
  EXPECT_GE(intervals.rules[0].efficiency.low, 0.9)
      << "a replica's own working point keeps at least its share";
}

TEST(Bootstrap, EqualEventsGiveNoWidth) {
  ScoredSample sample;
  for (std::uint64_t event = 0; event < 10; ++event) {
    for (const float score : {3.0F, 2.0F, 1.0F, 0.0F}) sample.score.push_back(score);
    for (const int link : {0, -1, 0, -1})
      sample.truth_link.push_back(static_cast<std::int8_t>(link));
    sample.event_number.push_back(event);
    sample.event_offsets.push_back(sample.score.size());
    sample.muon_pt.push_back(10);
    sample.muon_offsets.push_back(event + 1);
  }
  const std::vector<ThresholdRule> rules{{0.5, {}}, {1.0, {}}};
  const BootstrapIntervals intervals = bootstrap_intervals(sample, rules, 0.75);
  EXPECT_DOUBLE_EQ(intervals.auc.low, 0.75);
  EXPECT_DOUBLE_EQ(intervals.auc.high, 0.75);
  EXPECT_DOUBLE_EQ(intervals.rules[0].purity.low, 1.0);
  EXPECT_TRUE(std::isinf(intervals.rules[0].rejection.high));
  EXPECT_DOUBLE_EQ(intervals.rules[1].purity.high, 2.0 / 3.0);
  EXPECT_DOUBLE_EQ(intervals.rules[1].rejection.low, 2.0);
  EXPECT_DOUBLE_EQ(intervals.rules[1].hits_kept_per_event.high, 3.0);
}

TEST(Bootstrap, SameSeedSameIntervals) {
  const ScoredSample sample = make_sample(30, 0.5F, 4);
  const std::vector<ThresholdRule> rules{{0.9, {}}};
  const auto purity_low = [&](std::uint64_t seed) {
    return bootstrap_intervals(sample, rules, 0.9, {.replicas = 50, .seed = seed})
        .rules[0]
        .purity.low;
  };
  EXPECT_EQ(purity_low(1), purity_low(1));
  EXPECT_NE(purity_low(1), purity_low(2));
}

// Scores of another network that is nearly the same.
ScoredSample disturbed(ScoredSample sample, float by, std::uint32_t seed) {
  std::mt19937 random(seed);
  std::normal_distribution<float> gauss(0, by);
  for (float& score : sample.score) score += gauss(random);
  return sample;
}

struct ChangeIntervals {
  Interval purity, rejection;
};

std::vector<ChangeIntervals> changes(const ScoredSample& before, const ScoredSample& after,
                                     const std::vector<ThresholdRule>& rules,
                                     const BootstrapOptions& options = {}) {
  const Replicas replicas = draw_replicas(before.n_events(), options);
  const ReplicaCounts counts_before = count_replicas(before, replicas, rules),
                      counts_after = count_replicas(after, replicas, rules);
  const auto kept_of = [](const ScoredSample& sample, const ThresholdRule& rule) {
    const RankedScores ranked(sample.score, hit_labels(sample));
    const float threshold =
        rule.threshold ? *rule.threshold : ranked.working_point_threshold(rule.working_point);
    return count_kept(sample, {&threshold, 1}).front();
  };
  std::vector<ChangeIntervals> result;
  for (std::size_t rule = 0; rule < rules.size(); ++rule) {
    const auto interval = [&](const KeptFunction& quantity) {
      return change_interval(
          counts_before.of_rule(rule), counts_after.of_rule(rule),
          relative_change(kept_of(before, rules[rule]), kept_of(after, rules[rule]), quantity),
          quantity);
    };
    result.push_back({interval(purity_of), interval(rejection_of)});
  }
  return result;
}

TEST(DifferenceIntervals, HoldTheValueOfTheSampleAndTheReplicas) {
  const auto kept = [](std::uint64_t muons) {
    return KeptAtThreshold{.hits = {}, .muons = {muons, 10}};
  };
  const auto share = [](const KeptAtThreshold& of) { return of.muons.value(); };
  const std::vector<KeptAtThreshold> first(4, kept(9)), same(4, kept(9)),
      other{kept(7), kept(8), kept(8), kept(9)};
  const Interval lost = difference_interval(first, same, -0.1, share);
  EXPECT_DOUBLE_EQ(lost.low, -0.1);
  EXPECT_EQ(lost.high, 0) << "no replica shows the muon that the sample loses";
  const Interval spread = difference_interval(first, other, -0.1, share);
  EXPECT_LT(spread.low, -0.1);
  EXPECT_GT(spread.high, -0.1);
  EXPECT_DOUBLE_EQ(difference(kept(9), kept(7), share), -0.2);
}

TEST(ChangeIntervals, WidthIsTheSpreadOfTheChangeInIndependentSamples) {
  const std::vector<ThresholdRule> rules{{0.9, {}}};
  const auto purity = [](const ScoredSample& sample) {
    const RankedScores ranked(sample.score, hit_labels(sample));
    return ranked.counts_at(ranked.working_point_threshold(0.9)).purity();
  };
  constexpr int samples = 200, of_width = 10;
  double sum = 0, squares = 0, paired = 0, alone = 0;
  for (std::uint32_t seed = 0; seed < samples; ++seed) {
    const ScoredSample before = make_sample(100, 1, seed),
                       after = disturbed(before, 0.1F, seed + 1);
    const double change = purity(after) / purity(before) - 1;
    sum += change;
    squares += change * change;
    if (seed >= of_width) continue;
    paired += width(changes(before, after, rules, {.replicas = 200, .seed = seed})[0].purity) / 2 /
              of_width;
    alone += width(bootstrap_intervals(before, rules, 0.9, {.replicas = 200, .seed = seed})
                       .rules[0]
                       .purity) /
             purity(before) / 2 / of_width;
  }
  EXPECT_NEAR(paired / std::sqrt(squares / samples - sum / samples * (sum / samples)), 1, 0.25);
  EXPECT_LT(paired, 0.5 * alone);
}

TEST(ChangeIntervals, ContainTheChangeOfTheSample) {
  const std::vector<ThresholdRule> rules{{0.99, {}}};
  for (std::uint32_t seed = 0; seed < 20; ++seed) {
    const ScoredSample before = make_sample(60, 1, seed),
                       after = disturbed(before, 0.05F, seed + 1);
    const auto rejection = [](const ScoredSample& sample) {
      const RankedScores ranked(sample.score, hit_labels(sample));
      return ranked.counts_at(ranked.working_point_threshold(0.99)).rejection();
    };
    const double change = rejection(after) / rejection(before) - 1;
    const Interval interval = changes(before, after, rules)[0].rejection;
    EXPECT_LE(interval.low, change) << seed;
    EXPECT_GE(interval.high, change) << seed;
  }
}

TEST(ChangeIntervals, NothingWhereNothingChangesAndNoneWithoutTwoEvents) {
  const std::vector<ThresholdRule> rules{{0.9, {}}, {0.5, 1.0F}};
  const ScoredSample sample = make_sample(20, 1, 3);
  for (const ChangeIntervals& change : changes(sample, sample, rules)) {
    EXPECT_EQ(change.purity.low, 0);
    EXPECT_EQ(change.purity.high, 0);
    EXPECT_EQ(width(change.rejection), 0);
  }
  const ScoredSample one = make_sample(1, 1, 3);
  EXPECT_TRUE(std::isnan(changes(one, one, rules)[0].purity.low));
}

TEST(Bootstrap, OneEventOrOneClassHasNoInterval) {
  const std::vector<ThresholdRule> rules{{0.9, {}}};
  EXPECT_TRUE(std::isnan(bootstrap_intervals(make_sample(1, 0, 1), rules, 0.9).auc.low));
  ScoredSample background = make_sample(3, 0, 1);
  for (auto& link : background.truth_link) link = -1;
  const BootstrapIntervals intervals = bootstrap_intervals(background, rules, 0.5);
  ASSERT_EQ(intervals.rules.size(), 1U);
  EXPECT_TRUE(std::isnan(intervals.rules[0].purity.high));
}

}  // namespace
}  // namespace stationhit::metrics
