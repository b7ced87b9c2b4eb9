#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/recording_observer.hpp>
#include <unit/workflow/small_run.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/workflow/export_checkpoint.hpp>

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

class ExportCheckpoint : public SmallRun {};

TEST_F(ExportCheckpoint, WritesTheFileBesideTheCheckpoint) {
  const auto before = files();
  const auto model = export_checkpoint(run, {}, {}, core::Observer{});
  ASSERT_TRUE(model);
  EXPECT_EQ(model->file, checkpoints() / "model.onnx");
  EXPECT_EQ(model->checkpoint, checkpoints() / "best.safetensors");
  EXPECT_EQ(model->architecture, "edgeconv");
  EXPECT_EQ(model->thresholds.size(), 3);
  auto after = before;
  after.insert("run/checkpoints/model.onnx");
  EXPECT_EQ(files(), after);
}

TEST_F(ExportCheckpoint, AFileOfTheOtherInterfaceHasAnotherNameAndSaysWhatKeepsItFromBeingADropIn) {
  const test::RecordingObserver observer;
  ExportOptions options;
  options.interface = exporter::Interface::edges;
  const auto model = export_checkpoint(run, options, {}, observer);
  ASSERT_TRUE(model);
  EXPECT_EQ(model->file, checkpoints() / "model_edges.onnx");
  ASSERT_FALSE(observer.warnings.empty());
  EXPECT_CONTAINS(observer.warnings.back(), "no drop-in");
}

TEST_F(ExportCheckpoint, FilesForTheOperatorLibraryHaveNamesOfTheirOwn) {
  ExportOptions options;
  options.interface = exporter::Interface::fused;
  EXPECT_EQ(export_checkpoint(run, options, {}, core::Observer{})->file,
            checkpoints() / "model_fused.onnx");
  options.interface = exporter::Interface::fused_edges;
  EXPECT_EQ(export_checkpoint(run, options, {}, core::Observer{})->file,
            checkpoints() / "model_fused_edges.onnx");
}

TEST_F(ExportCheckpoint, ADebugRunKeepsTheOldFileAndLeavesNoNewOne) {
  const fs::path old = checkpoints() / "model.onnx";
  core::write_text_file(old, "old");
  const auto before = files();
  auto model = export_checkpoint(run, {}, {.debug = true}, core::Observer{});
  ASSERT_TRUE(model);
  EXPECT_NE(model->file, old);
  EXPECT_GT(fs::file_size(model->file), 1000U);
  model.reset();
  EXPECT_EQ(files(), before);
  EXPECT_EQ(core::read_text_file(old), "old");
}

TEST_F(ExportCheckpoint, NamesAFolderThatDoesNotExist) {
  ExportOptions options;
  options.output = folder / "absent" / "model.onnx";
  EXPECT_CONTAINS(
      test::data_error([&] { (void)export_checkpoint(run, options, {}, core::Observer{}); }),
      "absent/model.onnx");
}

TEST_F(ExportCheckpoint, KeepsTheOldFileAndNoNewOneIfItIsStopped) {
  const auto model = export_checkpoint(run, {}, {}, core::Observer{});
  const auto written = std::filesystem::last_write_time(model->file);
  const auto before = files();
  test::RecordingObserver observer;
  observer.stop();
  EXPECT_FALSE(export_checkpoint(run, {}, {}, observer));
  EXPECT_EQ(files(), before);
  EXPECT_EQ(std::filesystem::last_write_time(model->file), written);
  ASSERT_FALSE(observer.warnings.empty());
  EXPECT_EQ(observer.warnings.back(), "stopped: no ONNX file is written");
}

}  // namespace
}  // namespace stationhit::workflow
