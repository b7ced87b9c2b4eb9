#include <map>
#include <string>

#include <gtest/gtest.h>
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
  const SelectionTrial trial = try_selection(set.config(), set.formats());
  EXPECT_EQ(trial.input.events, 50U);
  EXPECT_EQ(trial.input.kept_events, 50U);
  EXPECT_EQ(trial.kept.hits, 50U * 60U);
  EXPECT_EQ(trial.kept.true_hits, 50U * 5U);
  EXPECT_FALSE(fs::exists(set / "set"));
}

}  // namespace
}  // namespace stationhit::workflow
