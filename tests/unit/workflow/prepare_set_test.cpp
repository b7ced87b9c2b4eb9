#include <map>
#include <string>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/recording_observer.hpp>

#include <stationhit/core/files.hpp>
#include <stationhit/workflow/prepare_set.hpp>

#include "prepared_set.hpp"

namespace stationhit::workflow {
namespace {

namespace fs = std::filesystem;

// The manifests of all splits by their folder.
std::map<std::string, std::string> manifests(const fs::path& output) {
  std::map<std::string, std::string> found;
  for (const auto& entry : fs::recursive_directory_iterator(output))
    if (entry.path().filename() == "manifest.json")
      found[entry.path().parent_path().filename()] = core::read_text_file(entry.path());
  return found;
}

TEST(PrepareSet, GivesTheManifestThatItWrites) {
  PreparedSet set;
  const auto result = prepare_set(set.config(), set.formats(), core::Observer{});
  EXPECT_FALSE(result->prepared.was_complete);
  EXPECT_EQ(result->prepared.manifest.splits.at("train").events, 15U);
  EXPECT_EQ(result->prepared.hits_read_now, 30U * 60U);
  EXPECT_TRUE(fs::exists(set.split("test") / "manifest.json"));
  EXPECT_TRUE(prepare_set(set.config(), set.formats(), core::Observer{})->prepared.was_complete);
}

TEST(PrepareSet, AStoppedCallHasNoManifestAndTheNextOneFinishes) {
  PreparedSet set;
  (void)prepare_set(set.config(), set.formats(), core::Observer{});
  const auto expected = manifests(set / "set");
  fs::remove_all(set / "set");
  test::RecordingObserver observer;
  observer.stop_at_update(1, "prepare");
  EXPECT_FALSE(prepare_set(set.config(), set.formats(), observer));
  EXPECT_EQ(observer.warnings.back(),
            "stopped; the same command goes on from here (finished shards stay in " +
                (set / "set").string() + ")");
  EXPECT_TRUE(manifests(set / "set").empty());
  EXPECT_TRUE(prepare_set(set.config(), set.formats(), core::Observer{}));
  EXPECT_EQ(manifests(set / "set"), expected);
}

TEST(TrySelection, ReadsTheFirstEventsAndWritesNothing) {
  PreparedSet set(60);
  data::PrepareFormats formats = set.formats();
  formats.examine = [](const auto& file) {
    data::InputSummary summary;
    summary.missing_branches = {"bcid"};
    summary.loss = core::UnfinishedFile{file.filename().string(), 60, 12};
    return summary;
  };
  const test::RecordingObserver observer;
  const SelectionTrial trial = try_selection(set.config(), formats, observer.log());
  ASSERT_EQ(observer.warnings.size(), 2U);
  EXPECT_CONTAINS(observer.warnings[0], "zmumu_PU200_skip0_n30.root: no branch bcid: written as 0");
  EXPECT_CONTAINS(observer.warnings[1], "zmumu_PU200_skip0_n30.root: was not closed by its writer");
  EXPECT_EQ(trial.input.events, 50U);
  EXPECT_EQ(trial.input.kept_events, 50U);
  EXPECT_EQ(trial.kept.hits, 50U * 60U);
  EXPECT_EQ(trial.kept.true_hits, 50U * 5U);
  EXPECT_FALSE(fs::exists(set / "set"));
}

}  // namespace
}  // namespace stationhit::workflow
