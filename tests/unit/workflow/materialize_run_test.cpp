#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/recording_observer.hpp>

#include <stationhit/config/load.hpp>
#include <stationhit/core/files.hpp>
#include <stationhit/materialized/materialized_split.hpp>
#include <stationhit/workflow/materialize_run.hpp>

#include "prepared_set.hpp"

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

class MaterializeRun : public testing::Test {
 protected:
  MaterializeRun() {
    set.prepare();
    run.features = {"localY", "driftR"};
    run.threads = 1;
    run.train_path = set.split("train").string();
    run.val_path = set.split("val").string();
  }

  MaterializationResult materialize(const core::Observer& observer = {},
                                    const materialized::Jobs& jobs = {}) {
    return materialize_run(run, open_materialization_sources(run, "run.yaml"), set.open(), output,
                           observer, jobs);
  }
  MaterializationResult make_piece(std::size_t number, std::size_t of) {
    return materialize({}, {.piece = data::Piece{number, of}});
  }
  MaterializationResult merge() { return materialize({}, {.missing = data::MissingWork::refuse}); }

  void write_statistics(const std::vector<std::string>& names) {
    features::NormalizationStats statistics;
    statistics.events = 3;
    for (const std::string& name : names)
      statistics.features.push_back({.name = name, .count = 9, .mean = 1, .std = 2});
    run.normalization_stats = (set / "statistics.yaml").string();
    config::save_normalization_stats(run.normalization_stats, statistics);
  }

  // Contents by the path in the output folder.
  [[nodiscard]] std::map<std::string, std::string> files() const {
    std::map<std::string, std::string> found;
    for (const auto& entry : fs::recursive_directory_iterator(output))
      if (entry.is_regular_file())
        found[fs::relative(entry.path(), output).string()] = core::read_text_file(entry.path());
    return found;
  }

  PreparedSet set;
  config::RunConfig run;
  fs::path output = set / "materialized";
};

TEST_F(MaterializeRun, MakesAFolderOfEverySplitThatTheRunNames) {
  const MaterializationResult result = materialize();
  EXPECT_FALSE(result.stopped);
  ASSERT_EQ(result.folders.size(), 2U);
  EXPECT_EQ(result.folders[0].folder, output / "train");
  EXPECT_EQ(result.folders[1].folder, output / "val");
  EXPECT_EQ(result.folders[0].counts.events, 15U);
  std::uintmax_t bytes = 0;
  for (const auto& entry : fs::directory_iterator(output / "train"))
    bytes += entry.path().extension() == ".safetensors" ? entry.file_size() : 0;
  EXPECT_EQ(result.folders[0].bytes, bytes);
  EXPECT_EQ(materialized::read_manifest(output / "val").counts, result.folders[1].counts);
  EXPECT_FALSE(fs::exists(output / "test"));
}

TEST_F(MaterializeRun, AStoppedCallLeavesWholePartsAndTheNextOneFinishes) {
  write_statistics(run.features);
  (void)materialize();
  const auto expected = files();
  for (const std::string split : {"train", "val"}) {
    fs::remove_all(output);
    test::RecordingObserver observer;
    observer.stop_at_update(1, "materialize " + split);
    const MaterializationResult stopped = materialize(observer);
    EXPECT_TRUE(stopped.stopped);
    EXPECT_TRUE(stopped.normalization.empty());
    EXPECT_EQ(stopped.folders.size(), split == "val" ? 1U : 0U);
    for (const auto& [file, content] : files()) EXPECT_EQ(content, expected.at(file)) << file;
    EXPECT_LT(files().size(), expected.size());
    EXPECT_FALSE(materialize().stopped);
    EXPECT_EQ(files(), expected);
  }
}

TEST_F(MaterializeRun, PiecesAreMergedAndLeaveNothingBehind) {
  write_statistics(run.features);
  (void)materialize();
  const auto expected = files();
  fs::remove_all(output);
  (void)make_piece(2, 2);
  EXPECT_EQ(test::data_error([&] { (void)merge(); }),
            output.string() +
                ": piece 1/2 is missing; run --shard 1/2, or leave --merge out, which makes what "
                "is missing");
  (void)make_piece(1, 2);
  EXPECT_FALSE(merge().stopped);
  EXPECT_EQ(files(), expected);
  EXPECT_FALSE(merge().stopped) << "of a set that is complete";
  (void)make_piece(1, 3);
  EXPECT_EQ(files(), expected) << "a job that comes late";
}

TEST_F(MaterializeRun, PiecesThatDoNotFitAreNamed) {
  write_statistics(run.features);
  (void)make_piece(1, 2);
  EXPECT_CONTAINS(test::data_error([&] { (void)make_piece(1, 3); }),
                  ": holds piece 1/2, which overlaps with pieces of 3");
  run.normalization_stats = "";
  EXPECT_CONTAINS(test::data_error([&] { (void)make_piece(2, 2); }),
                  ": piece 1/2 was made with normalization_stats ");
}

TEST_F(MaterializeRun, AStoppedPieceIsNotFinished) {
  test::RecordingObserver observer;
  observer.stop_at_update(1, "materialize train");
  EXPECT_TRUE(materialize(observer, {.piece = data::Piece{1, 1}}).stopped);
  EXPECT_CONTAINS(test::data_error([&] { (void)merge(); }), ": piece 1/1 is not finished");
}

TEST_F(MaterializeRun, StatisticsAreCopied) {
  write_statistics({"driftR", "localY", "globX"});
  const MaterializationResult result = materialize();
  EXPECT_EQ(result.normalization, output / "normalization.yaml");
  EXPECT_EQ(core::read_text_file(result.normalization),
            core::read_text_file(run.normalization_stats));
}

TEST_F(MaterializeRun, StatisticsThatLackAFeatureAreNamedBeforeTheWork) {
  write_statistics({"driftR"});
  EXPECT_THROW((void)open_materialization_sources(run, "run.yaml"), core::ConfigError);
  EXPECT_FALSE(fs::exists(output));
}

TEST_F(MaterializeRun, ARunWithoutSplitsIsNamed) {
  run.train_path = run.val_path = "";
  EXPECT_EQ(test::config_error([&] { (void)open_materialization_sources(run, "run.yaml"); }),
            "run.yaml: names no split; set train_path, val_path or test_path");
}

}  // namespace
}  // namespace stationhit::workflow
