#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/recording_observer.hpp>
#include <unit/workflow/small_run.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/core/hashing.hpp>
#include <stationhit/core/version.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>
#include <stationhit/workflow/benchmark_model.hpp>
#include <stationhit/workflow/export_checkpoint.hpp>

namespace stationhit::workflow {
namespace {

class BenchmarkModel : public SmallRun {
 protected:
  BenchmarkModel() {
    options.model = export_checkpoint(run, {}, {}, core::Observer{})->file;
    options.input = folder / "events.root";
    options.events = 3;
    options.warmup = 1;
    options.repetitions = 2;
    options.threads = 2;
    root_io::MuonHitDumpWriter writer(options.input);
    for (const core::Event& event : test::learnable_events(400, 4)) writer.write(event);
    writer.close();
  }

  // A file of a network with other weights.
  std::filesystem::path export_other_network() {
    config::RunConfig other = run;
    other.experiment_dir = folder / "other";
    other.seed = 5;
    (void)train(other, {}, core::Observer{});
    return export_checkpoint(other, {}, {}, core::Observer{})->file;
  }

  BenchmarkOptions options;
};

TEST_F(BenchmarkModel, TimesOneThreadAndAllOfThem) {
  const auto result = benchmark_model(options, core::Observer{});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->events, 3);
  EXPECT_EQ(result->hits, 3 * 120);
  ASSERT_EQ(result->latency.size(), 2);
  EXPECT_EQ(result->latency[0].model.threads, 1);
  EXPECT_EQ(result->latency[1].model.threads, 2);
  for (const LatencyMeasurement& measurement : result->latency) {
    EXPECT_EQ(measurement.model.calls, 3 * 2);
    EXPECT_GT(measurement.model.total.p50, 0);
    EXPECT_FALSE(measurement.other_model);
  }
}

TEST_F(BenchmarkModel, CountsThreadsByTwosUpToTheMost) {
  options.threads = 5;
  options.repetitions = 1;
  const auto result = benchmark_model(options, core::Observer{});
  ASSERT_TRUE(result);
  std::vector<unsigned> threads;
  for (const auto& measurement : result->latency) threads.push_back(measurement.model.threads);
  EXPECT_EQ(threads, (std::vector<unsigned>{1, 2, 4, 5}));
}

TEST_F(BenchmarkModel, SaysWhereTheTimeAndTheMemoryOfAnEventGo) {
  options.count_allocations = [count = std::uint64_t{0}]() mutable { return count += 10; };
  const auto result = benchmark_model(options, core::Observer{});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->reading.n, 3U);
  EXPECT_GT(result->reading.max, 0);
  const inference::EventProfile& events = result->profile.events;
  EXPECT_EQ(events.network.n, 3U * 2U);
  ASSERT_FALSE(events.steps.empty());
  double steps = 0;
  for (const auto& [step, ms] : events.steps) {
    EXPECT_EQ(ms.n, 3U * 2U);
    steps += ms.mean;
  }
  EXPECT_LE(steps, events.network.mean);
  EXPECT_EQ(events.steps.back().step.stage, "head");
  ASSERT_TRUE(events.allocations);
  EXPECT_EQ(events.allocations->total, 30);
  ASSERT_TRUE(result->profile.memory);
  EXPECT_GT(result->profile.memory->weights, 0U);
  EXPECT_GT(result->profile.memory->workspaces, 0U);
  EXPECT_GT(result->memory_before, 0U);
  for (const auto& measurement : result->latency)
    EXPECT_GE(measurement.peak_memory, result->memory_before / 2);
}

TEST_F(BenchmarkModel, SaysWhatWasMeasuredWhere) {
  const auto result = benchmark_model(options, core::Observer{});
  ASSERT_TRUE(result);
  core::Hasher hasher;
  hasher.add(core::read_text_file(options.model));
  EXPECT_EQ(result->profile.file_hash, hasher.hex());
  EXPECT_GT(result->machine.cores, 0U);
  EXPECT_EQ(result->machine.version, core::version());
  EXPECT_EQ(result->machine.onnxruntime_version.front(), '1');
}

TEST_F(BenchmarkModel, ComparesTheScoresWithTheCheckpointBesideTheModel) {
  const auto result = benchmark_model(options, core::Observer{});
  ASSERT_TRUE(result && result->checkpoint);
  EXPECT_EQ(result->checkpoint->with, checkpoints() / "best.safetensors");
  EXPECT_EQ(result->checkpoint->difference.compared, 3 * 120);
  EXPECT_LE(result->checkpoint->difference.largest_relative, metrics::backend_tolerance);
}

TEST_F(BenchmarkModel, SaysThatThereIsNoCheckpoint) {
  std::filesystem::copy_file(options.model, folder / "alone.onnx");
  options.model = folder / "alone.onnx";
  const test::RecordingObserver observer;
  const auto result = benchmark_model(options, observer);
  ASSERT_TRUE(result);
  EXPECT_FALSE(result->checkpoint);
  ASSERT_EQ(observer.messages.size(), 2U);
  EXPECT_CONTAINS(observer.messages[0], "alone.onnx: run by the engine");
  EXPECT_CONTAINS(observer.messages[1], "no checkpoint beside the model");
}

TEST_F(BenchmarkModel, TimesTwoBackendsOfTheSameFile) {
  options.other_model = options.model;
  options.other_backend = inference::BackendChoice::onnxruntime;
  const auto result = benchmark_model(options, core::Observer{});
  ASSERT_TRUE(result && result->other_model);
  EXPECT_EQ(result->backend, "engine");
  EXPECT_EQ(result->other_model->backend, "onnxruntime");
  EXPECT_LE(result->other_model->difference.largest_relative, 1e-5);
  EXPECT_GT(result->other_model->difference.largest_relative, 0);
}

TEST_F(BenchmarkModel, TimesTwoPrecisionsOfTheSameFile) {
  options.other_model = options.model;
  options.other_precision = inference::Precision::bfloat16;
  const auto result = benchmark_model(options, core::Observer{});
  ASSERT_TRUE(result && result->other_model);
  EXPECT_EQ(result->precision, "float32");
  EXPECT_EQ(result->other_model->precision, "bfloat16");
  EXPECT_FALSE(result->other_model->checked);
  ASSERT_TRUE(result->other_model->other_side);
  EXPECT_LT(*result->other_model->other_side, result->other_model->difference.compared / 10);
}

TEST_F(BenchmarkModel, IsNotCheckedAgainstTheCheckpointInReducedPrecision) {
  options.precision = inference::Precision::bfloat16;
  options.tolerance = 0;
  const auto result = benchmark_model(options, core::Observer{});
  ASSERT_TRUE(result && result->checkpoint);
  EXPECT_FALSE(result->checkpoint->checked);
  EXPECT_GT(result->checkpoint->difference.largest_absolute, 0);
}

TEST_F(BenchmarkModel, RefusesAPrecisionThatOnnxRuntimeDoesNotHave) {
  options.precision = inference::Precision::bfloat16;
  options.backend = inference::BackendChoice::onnxruntime;
  EXPECT_CONTAINS(
      test::error_of<core::UsageError>([&] { (void)benchmark_model(options, core::Observer{}); }),
      "the precision bfloat16 is one of the engine");
}

TEST_F(BenchmarkModel, TimesTwoModelsOfTheSameScoresInTurn) {
  options.other_model = options.model;
  const auto result = benchmark_model(options, core::Observer{});
  ASSERT_TRUE(result && result->other_model);
  EXPECT_TRUE(result->other_model->checked);
  EXPECT_EQ(result->other_model->difference.largest_absolute, 0);
  EXPECT_EQ(result->other_model->difference.compared, 3 * 120);
  for (const LatencyMeasurement& measurement : result->latency)
    EXPECT_TRUE(measurement.other_model);
}

TEST_F(BenchmarkModel, RefusesAModelOfOtherScores) {
  options.other_model = export_other_network();
  EXPECT_CONTAINS(test::data_error([&] { (void)benchmark_model(options, core::Observer{}); }),
                  "give different scores");
  options.tolerance = 1e9;
  EXPECT_TRUE(benchmark_model(options, core::Observer{}));
}

TEST_F(BenchmarkModel, GivesNothingIfItIsStopped) {
  test::RecordingObserver observer;
  observer.stop();
  EXPECT_FALSE(benchmark_model(options, observer));
}

TEST_F(BenchmarkModel, TheReportHasOneEntryPerMeasurement) {
  options.other_model = options.model;
  const auto result = benchmark_model(options, core::Observer{});
  ASSERT_TRUE(result);
  write_benchmark(*result, folder / "bench.json");
  const std::string report = core::read_text_file(folder / "bench.json");
  for (const char* key :
       {"\"model\"", "\"checkpoint\"", "\"compare\"", "\"latency\"", "\"latency_compare\"",
        "\"events_per_s\"", "\"network_ms\"", "\"profile\"", "\"profile_compare\"",
        "\"operations\"", "\"workspace_bytes\"", "\"file_xxh3_64\"", "\"instruction_sets\""})
    EXPECT_CONTAINS(report, key);
}

}  // namespace
}  // namespace stationhit::workflow
