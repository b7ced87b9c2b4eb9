#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/recording_observer.hpp>
#include <unit/workflow/small_run.hpp>

#include <stationhit/core/files.hpp>
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

TEST_F(BenchmarkModel, ComparesTheScoresWithTheCheckpointBesideTheModel) {
  const auto result = benchmark_model(options, core::Observer{});
  ASSERT_TRUE(result && result->checkpoint);
  EXPECT_EQ(result->checkpoint->with, checkpoints() / "best.safetensors");
  EXPECT_EQ(result->checkpoint->difference.compared, 3 * 120);
  EXPECT_LE(result->checkpoint->difference.largest_relative, backend_tolerance);
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
  for (const char* key : {"\"model\"", "\"checkpoint\"", "\"compare\"", "\"latency\"",
                          "\"latency_compare\"", "\"events_per_s\"", "\"network_ms\""})
    EXPECT_CONTAINS(report, key);
}

}  // namespace
}  // namespace stationhit::workflow
