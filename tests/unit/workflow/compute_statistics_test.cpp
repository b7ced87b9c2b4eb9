#include <memory>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/recording_observer.hpp>

#include <stationhit/config/load.hpp>
#include <stationhit/features/inputs.hpp>
#include <stationhit/features/statistics_accumulator.hpp>
#include <stationhit/workflow/compute_statistics.hpp>

#include "prepared_set.hpp"

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

void expect_equal(const features::NormalizationStats& a, const features::NormalizationStats& b) {
  EXPECT_EQ(a.events, b.events);
  ASSERT_EQ(a.features.size(), b.features.size());
  for (std::size_t i = 0; i < a.features.size(); ++i) {
    const features::FeatureStatistics &x = a.features[i], &y = b.features[i];
    EXPECT_EQ(x.name, y.name);
    EXPECT_EQ(x.count, y.count);
    EXPECT_EQ(x.mean, y.mean);
    EXPECT_EQ(x.std, y.std);
    EXPECT_EQ(x.min, y.min);
    EXPECT_EQ(x.max, y.max);
    EXPECT_EQ(x.median, y.median);
    EXPECT_EQ(x.iqr, y.iqr);
    EXPECT_EQ(x.quantile_error, y.quantile_error);
  }
}

class ComputeStatistics : public testing::Test {
 protected:
  ComputeStatistics() {
    set.prepare();
    settings.features = {"localY", "driftR", "neighbors"};
    run.features = settings.features;
    run.train_path = set.split("train").string();
    run.normalization_stats = (set / "new folder/statistics.yaml").string();
  }

  std::optional<features::NormalizationStats> compute(const core::Observer& observer = {}) {
    return compute_statistics(data::open_split(set.split("train")), set.open(), settings, observer);
  }

  // A shard after the other, without threads.
  features::NormalizationStats accumulate() {
    const data::PreparedSplit split = data::open_split(set.split("train"));
    features::StatisticsAccumulator all(settings.features);
    for (std::size_t shard = 0; shard < split.n_shards(); ++shard) {
      features::StatisticsAccumulator accumulator(settings.features);
      const auto reader = data::read_shard(split, shard, set.open());
      for (core::Event event; reader->next(event);)
        accumulator.add(features::build_inputs(event, settings.graph, settings.features).features);
      all.merge(accumulator);
    }
    return all.result();
  }

  PreparedSet set;
  StatisticsSettings settings;
  config::RunConfig run;
};

TEST_F(ComputeStatistics, EqualThoseOfTheAccumulatorForAnyNumberOfThreads) {
  const features::NormalizationStats expected = accumulate();
  EXPECT_EQ(expected.events, 15U);
  for (const unsigned threads : {1U, 2U, 5U}) {
    settings.threads = threads;
    expect_equal(compute().value(), expected);
  }
}

TEST_F(ComputeStatistics, LimitsAreOfShardsAndOfTheirEvents) {
  settings.max_shards = 2;
  settings.max_events_per_shard = 3;
  EXPECT_EQ(compute()->events, 6U);
}

TEST_F(ComputeStatistics, AStoppedCallGivesAndWritesNothing) {
  test::RecordingObserver observer;
  observer.stop_at_update(1, "shards");
  settings.threads = run.threads = 1;
  EXPECT_FALSE(compute(observer));
  EXPECT_FALSE(compute_statistics(run, set.open(), {}, observer));
  EXPECT_EQ(observer.warnings,
            std::vector<std::string>{"stopped: " + run.normalization_stats + " is not written"});
  EXPECT_FALSE(fs::exists(run.normalization_stats));
}

TEST_F(ComputeStatistics, OfARunAreWrittenToTheFileItNames) {
  const auto result = compute_statistics(run, set.open(), {}, core::Observer{});
  EXPECT_EQ(result->file, run.normalization_stats);
  expect_equal(result->statistics, accumulate());
  EXPECT_EQ(config::load_normalization_stats(run.normalization_stats).events, 15U);
}

TEST_F(ComputeStatistics, ADebugRunReadsOneShardAndWritesNothing) {
  const auto result = compute_statistics(run, set.open(), {.debug = true}, core::Observer{});
  EXPECT_TRUE(result->file.empty());
  EXPECT_LT(result->statistics.events, 15U);
  EXPECT_GT(result->statistics.events, 0U);
  EXPECT_FALSE(fs::exists(run.normalization_stats));
}

TEST_F(ComputeStatistics, AFeatureThatNeverChangesIsWarnedOf) {
  run.features = {"localY", "time"};
  const test::RecordingObserver observer;
  (void)compute_statistics(run, set.open(), {}, observer);
  EXPECT_EQ(
      observer.warnings,
      std::vector<std::string>{"the feature time is always 5: a network learns nothing from it"});
}

TEST_F(ComputeStatistics, AFeatureThatOverflowsIsNamedWithItsShardAndEvent) {
  const data::PreparedSplit split = data::open_split(set.split("train"));
  std::vector<core::Event> events{selected_event(0), selected_event(1)};
  events[1].hits.glob_x[0] = events[1].hits.glob_y[0] = 3e38F;
  const auto overflowing = [&](const fs::path& path) {
    return std::make_unique<core::MemoryReader>(events, path.string());
  };
  settings.features = {"localY", "r"};
  settings.max_shards = 1;
  EXPECT_CONTAINS(test::data_error([&] {
                    (void)compute_statistics(split, overflowing, settings, core::Observer{});
                  }),
                  split.shard_path(0).string() + ", event 1: the feature r is inf");
}

TEST_F(ComputeStatistics, MissingPathsAndEmptySplitsAreNamed) {
  data::PreparedSplit split = data::open_split(set.split("train"));
  split.manifest.shards.clear();
  EXPECT_EQ(
      test::data_error(
          [&] { (void)compute_statistics(split, set.open(), settings, core::Observer{}); }),
      split.folder.string() + ": the split has no events; run `stationhit prepare` on more files");
  run.normalization_stats.clear();
  EXPECT_THROW((void)compute_statistics(run, set.open(), {"run.yaml"}, core::Observer{}),
               core::ConfigError);
}

}  // namespace
}  // namespace stationhit::workflow
