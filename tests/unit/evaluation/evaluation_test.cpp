#include <algorithm>
#include <cmath>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/errors.hpp>
#include <stationhit/evaluation/evaluation.hpp>

#include "scored_toy.hpp"

namespace stationhit::evaluation {
namespace {

TEST(Evaluate, CountsAreThoseOfTheHitsAboveTheThreshold) {
  const metrics::ScoredSample sample = scored_toy(30);
  const EvaluationResult result = evaluate(sample);
  EXPECT_EQ(result.n_events, 30U);
  EXPECT_EQ(result.n_true_hits, 45U * 20U);
  EXPECT_EQ(result.n_muons, 45U);
  ASSERT_EQ(result.working_points.size(), 3U);
  for (const WorkingPointResult& point : result.working_points) {
    std::uint64_t kept = 0, kept_true = 0, kept_muons = 0;
    for (std::size_t event = 0; event < sample.n_events(); ++event) {
      std::vector<int> hits(2, 0);
      for (std::size_t hit = sample.event_offsets[event]; hit < sample.event_offsets[event + 1];
           ++hit) {
        if (!(sample.score[hit] > point.threshold)) continue;
        ++kept;
        if (sample.truth_link[hit] < 0) continue;
        ++kept_true;
        ++hits[static_cast<std::size_t>(sample.truth_link[hit])];
      }
      kept_muons += static_cast<std::uint64_t>(
          std::count_if(hits.begin(), hits.end(), [](int n) { return n >= 3; }));
    }
    EXPECT_EQ(point.kept.hits.kept(), kept);
    EXPECT_EQ(point.kept.hits.true_positives, kept_true);
    EXPECT_EQ(point.kept.muons.kept, kept_muons);
    EXPECT_GE(point.estimates["efficiency"].value, point.working_point);
    EXPECT_DOUBLE_EQ(point.estimates["hits_kept_per_event"].value, static_cast<double>(kept) / 30);
    EXPECT_LE(point.estimates["purity"].interval.low, point.estimates["purity"].value);
    EXPECT_GE(point.estimates["purity"].interval.high, point.estimates["purity"].value);
  }
}

TEST(Evaluate, TechnologiesAddUpToTheSample) {
  metrics::ScoredSample sample = scored_toy(10);
  sample.technology[3] = 9;
  const EvaluationResult result = evaluate(sample);
  const std::vector<HitClassResult>& technologies = result.at_reference().technologies;
  ASSERT_EQ(technologies.size(), 6U);
  EXPECT_EQ(technologies.back().code, 9);
  EXPECT_EQ(technologies.back().name, "technology 9");
  EXPECT_TRUE(result.at_reference().station_layers.empty()) << "a sample without places";
  metrics::Counts sum;
  for (const HitClassResult& technology : technologies) {
    sum.true_positives += technology.counts.true_positives;
    sum.false_positives += technology.counts.false_positives;
    sum.true_negatives += technology.counts.true_negatives;
    sum.false_negatives += technology.counts.false_negatives;
  }
  EXPECT_EQ(sum, result.working_points[1].kept.hits);
  EXPECT_TRUE(std::isnan(technologies[3].estimates["efficiency"].value))
      << "no signal hit in the sTGC";
}

TEST(Evaluate, ClassesAreGivenAtEveryThreshold) {
  EvaluationOptions options;
  options.validation_thresholds = {-1.0F, -2.0F, -3.0F};
  const EvaluationResult result = evaluate(placed_toy(20), options);
  for (const auto* points : {&result.working_points, &result.validation_thresholds}) {
    for (const WorkingPointResult& point : *points) {
      double hits_kept = 0;
      ASSERT_EQ(point.station_layers.size(), 7U);
      EXPECT_EQ(point.station_layers[1].name, "BM");
      for (const HitClassResult& layer : point.station_layers) {
        const Estimate& kept = layer.estimates["hits_kept_per_event"];
        EXPECT_LE(kept.interval.low, kept.value) << layer.name;
        EXPECT_GE(kept.interval.high, kept.value) << layer.name;
        hits_kept += kept.value;
      }
      EXPECT_NEAR(hits_kept, point.estimates["hits_kept_per_event"].value, 1e-9);
      ASSERT_EQ(point.technologies.size(), 5U);
      EXPECT_GT(point.technologies[0].estimates["efficiency"].interval.high, 0);
    }
  }
}

// Events of two processes in turn; the number of one is 999001.
metrics::ScoredSample two_processes(std::size_t n_events) {
  metrics::ScoredSample sample = placed_toy(n_events);
  for (std::size_t event = 0; event < n_events; ++event)
    sample.mc_channel_number[event] = event % 2 == 0 ? 999001 : 601229;
  return sample;
}

TEST(Evaluate, ProcessesAddUpToTheSample) {
  EvaluationOptions options;
  options.validation_thresholds = {-1.0F, -2.0F, -3.0F};
  options.process_names = {{999001, "toy"}};
  const EvaluationResult result = evaluate(two_processes(21), options);
  for (const auto* points : {&result.working_points, &result.validation_thresholds}) {
    for (const WorkingPointResult& point : *points) {
      ASSERT_EQ(point.processes.size(), 2U);
      const ProcessResult &single = point.processes[1], &pair = point.processes[0];
      EXPECT_EQ(single.name, "toy");
      EXPECT_EQ(pair.name, "601229") << "no name is known";
      EXPECT_EQ(single.kept.n_events, 11U);
      EXPECT_EQ(pair.kept.n_events, 10U);
      EXPECT_EQ(single.kept.muons.total, 11U) << "one muon per event";
      EXPECT_EQ(pair.kept.muons.total, 20U);
      EXPECT_EQ(single.kept.hits.true_positives + pair.kept.hits.true_positives,
                point.kept.hits.true_positives);
      EXPECT_EQ(single.kept.hits.false_positives + pair.kept.hits.false_positives,
                point.kept.hits.false_positives);
      EXPECT_GT(pair.estimates["purity"].value, single.estimates["purity"].value)
          << "twice the signal";
      for (const ProcessResult& process : point.processes) {
        for (const char* key : {"efficiency", "purity", "rejection", "muons_kept_share"}) {
          const Estimate& estimate = process.estimates[key];
          EXPECT_LE(estimate.interval.low, estimate.value) << key;
          EXPECT_GE(estimate.interval.high, estimate.value) << key;
          EXPECT_LT(estimate.interval.low, estimate.interval.high) << key;
        }
      }
    }
  }
}

TEST(Evaluate, SamplesOfOneProcessAreNotSplit) {
  EXPECT_TRUE(evaluate(placed_toy(4)).at_reference().processes.empty());
  metrics::ScoredSample sample = two_processes(4);
  sample.mc_channel_number[0] = sample.mc_channel_number[2] = 0;
  EXPECT_EQ(evaluate(sample).at_reference().processes[0].name, "unknown");
}

TEST(Evaluate, ValidationThresholdsAreAppliedAsTheyAre) {
  EvaluationOptions options;
  options.validation_thresholds = {-1.0F, -2.0F, -3.0F};
  const metrics::ScoredSample sample = scored_toy(20);
  const EvaluationResult result = evaluate(sample, options);
  ASSERT_EQ(result.validation_thresholds.size(), 3U);
  EXPECT_EQ(result.validation_thresholds[1].threshold, -2.0F);
  EXPECT_EQ(result.validation_thresholds[1].kept.hits,
            metrics::counts_at(sample.score, metrics::hit_labels(sample), -2.0F));
  EXPECT_LT(result.validation_thresholds[1].estimates["efficiency"].interval.low,
            result.validation_thresholds[1].estimates["efficiency"].interval.high);
}

TEST(Evaluate, EfficiencyOfOneKeepsALowerLimit) {
  EvaluationOptions options;
  options.validation_thresholds = {-100.0F, -100.0F, -100.0F};
  const EvaluationResult result = evaluate(scored_toy(20), options);
  const Estimate& efficiency = result.validation_thresholds[0].estimates["efficiency"];
  EXPECT_EQ(efficiency.value, 1.0);
  EXPECT_EQ(efficiency.interval.high, 1.0);
  EXPECT_NEAR(efficiency.interval.low, std::pow((1 - metrics::confidence_level) / 2, 1.0 / 600),
              1e-12);
  const Estimate& own = result.working_points[1].estimates["efficiency"];
  EXPECT_LE(own.interval.low, own.value);
  EXPECT_GE(own.interval.high, own.value);
}

TEST(Evaluate, WrongNumberOfValidationThresholdsIsAnError) {
  EvaluationOptions options;
  options.validation_thresholds = {1.0F};
  EXPECT_CONTAINS(test::config_error([&] { (void)evaluate(scored_toy(2), options); }),
                  "1 validation thresholds for 3 working points");
}

TEST(EvaluateNodes, MeasuresNodesAtTheirOwnThresholds) {
  const auto sample = scored_toy(20);
  EvaluationOptions options;
  options.working_points = {0.9, 0.99};
  const EvaluationResult hits = evaluate(sample, options);
  options.validation_thresholds = {0.0F, 1.0F};  // of hits
  const NodeResult nodes = evaluate_nodes(sample, options);
  EXPECT_EQ(nodes.n_nodes, sample.n_hits());
  EXPECT_EQ(nodes.n_true_nodes, hits.n_true_hits);
  EXPECT_EQ(nodes.auc.value, hits.estimates["auc"].value);
  ASSERT_EQ(nodes.working_points.size(), 2U);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(nodes.working_points[i].threshold, hits.working_points[i].threshold);
    EXPECT_EQ(nodes.working_points[i].estimates["purity"].value,
              hits.working_points[i].estimates["purity"].value);
  }
}

TEST(Evaluate, SampleOfOneClassIsAnError) {
  metrics::ScoredSample sample = scored_toy(2);
  for (auto& link : sample.truth_link) link = -1;
  EXPECT_THROW((void)evaluate(sample), core::DataError);
  EXPECT_THROW((void)evaluate(metrics::ScoredSample{}), core::DataError);
}

}  // namespace
}  // namespace stationhit::evaluation
