#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/recording_observer.hpp>
#include <unit/workflow/small_run.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/core/text.hpp>
#include <stationhit/graph/hit_scores.hpp>
#include <stationhit/inference/hit_classifier.hpp>
#include <stationhit/workflow/export_checkpoint.hpp>
#include <stationhit/workflow/labeled_split.hpp>
#include <stationhit/workflow/quantize_onnx_file.hpp>

namespace stationhit::workflow {
namespace {

class QuantizeOnnxFile : public SmallRun {
 protected:
  QuantizeOnnxFile() {
    options.model = export_checkpoint(run, {}, {}, core::Observer{})->file;
    options.folder = folder / "int8";
    options.latency_events = 2;
  }

  void expect_nothing_is_written_if_stopped(const test::RecordingObserver& observer) {
    const auto before = files();
    EXPECT_FALSE(quantize_onnx_file(run, options, {}, observer));
    EXPECT_EQ(files(), before);
    ASSERT_FALSE(observer.warnings.empty());
    EXPECT_EQ(observer.warnings.back(), "stopped: nothing of int8 is written");
  }

  QuantizeOptions options;
};

TEST_F(QuantizeOnnxFile, WritesBothFilesAndComparesThemOnTheTestSplit) {
  const auto result = quantize_onnx_file(run, options, {}, core::Observer{});
  ASSERT_TRUE(result);
  EXPECT_EQ(result->file, options.folder / "model.int8.onnx");
  EXPECT_EQ(result->comparison.after.file_bytes, std::filesystem::file_size(result->file));
  EXPECT_EQ(result->comparison.before.sample.n_events(), 5);
  EXPECT_EQ(result->comparison.after.sample.n_events(), 5);
  EXPECT_FALSE(result->scan.layers.empty());
  for (const char* name : {"model.onnx", "table.md", "table.csv", "comparison.json"})
    EXPECT_TRUE(std::filesystem::exists(options.folder / name)) << name;
}

TEST_F(QuantizeOnnxFile, ScoresDoNotDependOnTheNumberOfThreads) {
  const auto one = quantize_onnx_file(run, options, {.debug = true}, core::Observer{});
  run.threads = 3;
  const auto three = quantize_onnx_file(run, options, {.debug = true}, core::Observer{});
  EXPECT_EQ(one->comparison.before.sample.score, three->comparison.before.sample.score);
  EXPECT_EQ(one->comparison.after.sample.score, three->comparison.after.sample.score);
}

TEST_F(QuantizeOnnxFile, TheEngineScoresAfterItWasComparedWithOnnxRuntime) {
  const test::RecordingObserver observer;
  const auto result = quantize_onnx_file(run, options, {}, observer);
  ASSERT_TRUE(result);
  EXPECT_CONTAINS(core::join(observer.messages), "the engine scores the events");
  const inference::HitClassifier int8(result->file, {.backend = inference::BackendChoice::engine});
  const auto split = open_labeled_split(run.test_path, {run.features, run.graph});
  std::vector<float> scores;
  for (features::LabeledEvent& event : read_first_events(*split, 5, 1)) {
    const auto prepared = int8.prepare(std::move(event.inputs));
    for (const float score : graph::hit_scores(prepared.nodes.front(), int8.node_logits(prepared),
                                               event.truth.n_hits()))
      scores.push_back(score);
  }
  EXPECT_EQ(result->comparison.after.sample.score, scores);
}

TEST_F(QuantizeOnnxFile, AnEditedModelIsTakenOnlyIfThatIsAskedFor) {
  std::string content = core::read_text_file(options.model);
  const std::string point = "\"0.985\"";
  const auto threshold = content.find(point);
  ASSERT_NE(threshold, std::string::npos);
  // Another digit.
  content[content.find_first_of("0123456789", threshold + point.size())] ^= 1;
  core::write_text_file(options.model, content);
  EXPECT_CONTAINS(
      test::data_error([&] { (void)quantize_onnx_file(run, options, {}, core::Observer{}); }),
      "--allow-modified");
  options.changed_model = onnx_file::ChangedModel::accept;
  const test::RecordingObserver observer;
  const auto result = quantize_onnx_file(run, options, {}, observer);
  ASSERT_TRUE(result);
  EXPECT_EQ(onnx_file::read_model(result->file).integrity, onnx_file::Integrity::unchanged);
  EXPECT_CONTAINS(core::join(observer.messages),
                  "cannot run the float32 file: its metadata do not describe");
}

TEST_F(QuantizeOnnxFile, TheFolderFollowsFromTheModel) {
  options.folder.clear();
  EXPECT_EQ(quantize_onnx_file(run, options, {}, core::Observer{})->file,
            checkpoints() / "onnx_benchmarking" / "model.int8.onnx");
}

TEST_F(QuantizeOnnxFile, ADebugRunWritesNothing) {
  const auto before = files();
  const auto result = quantize_onnx_file(run, options, {.debug = true}, core::Observer{});
  ASSERT_TRUE(result);
  EXPECT_TRUE(result->file.empty());
  EXPECT_EQ(files(), before);
}

TEST_F(QuantizeOnnxFile, NothingIsWrittenIfTheScanIsStopped) {
  test::RecordingObserver observer;
  observer.stop_at_message("measuring the loss of");
  expect_nothing_is_written_if_stopped(observer);
}

TEST_F(QuantizeOnnxFile, NothingIsWrittenIfTheThresholdsAreStopped) {
  test::RecordingObserver observer;
  observer.stop_at_update(2, "thresholds");
  expect_nothing_is_written_if_stopped(observer);
}

TEST_F(QuantizeOnnxFile, NothingIsWrittenIfTheScoringOfTheTestSplitIsStopped) {
  test::RecordingObserver observer;
  observer.stop_at_update(2, "test");
  expect_nothing_is_written_if_stopped(observer);
}

TEST_F(QuantizeOnnxFile, WarnsOfAMethodWhoseScoresDependOnTheCall) {
  run.quantization.method = quantization::QuantizationMethod::dynamic_scales;
  const test::RecordingObserver observer;
  EXPECT_TRUE(quantize_onnx_file(run, options, {.debug = true}, observer));
  ASSERT_FALSE(observer.warnings.empty());
  EXPECT_CONTAINS(observer.warnings.front(), "depend on what else is in the call");
  EXPECT_CONTAINS(core::join(observer.messages),
                  "ONNX Runtime scores the events, because the engine cannot run "
                  "the int8 file: its scales are found anew in every call");
}

}  // namespace
}  // namespace stationhit::workflow
