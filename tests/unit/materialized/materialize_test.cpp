// A killed or stopped run goes on, and nothing is mixed with files of another set.
#include <fstream>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>

#include <stationhit/core/files.hpp>

#include "small_split.hpp"

namespace stationhit::materialized {
namespace {

namespace fs = std::filesystem;

using test::data_error;

class Materialize : public SmallSplit {};

TEST_F(Materialize, FilesDoNotDependOnTheNumberOfThreads) {
  (void)make({}, 1);
  const std::string one = core::read_text_file(part("000004"));
  fs::remove_all(folder / "train");
  (void)make({}, 3);
  EXPECT_EQ(core::read_text_file(part("000004")), one);
}

TEST_F(Materialize, AnInterruptedRunGoesOnAfterEveryPart) {
  const auto expected = make().value().parts;
  for (std::size_t finished = 0; finished <= shards.size(); ++finished) {
    fs::remove_all(folder / "train");
    fails_at = finished;
    shards_opened = 0;
    if (finished < shards.size()) {
      EXPECT_CONTAINS(data_error([&] { (void)make(); }), "interrupted");
    } else {
      (void)make();
      fs::remove(folder / "train" / "manifest.json");
    }
    fails_at.reset();
    std::ofstream(folder / "train" / "shard_000004.safetensors.partial") << "cut off";
    EXPECT_FALSE(fs::exists(folder / "train" / "manifest.json"));
    shards_opened = 0;
    EXPECT_EQ(make().value().parts, expected);
    EXPECT_EQ(shards_opened, shards.size() - finished) << "finished parts are kept";
    EXPECT_FALSE(fs::exists(folder / "train" / "shard_000004.safetensors.partial"));
    EXPECT_EQ(read({0, 1, 2}).size(), 7U);
  }
}

TEST_F(Materialize, PiecesAreMergedToTheManifestOfOneCall) {
  const Jobs merge{.missing = data::MissingWork::refuse, .pieces = 2};
  const fs::path manifest = folder / "train" / "manifest.json";
  (void)make();
  const std::string expected = core::read_text_file(manifest);
  fs::remove_all(folder / "train");
  fs::create_directories(folder / "train");
  std::ofstream(folder / "train" / "other.partial") << "of another job";
  EXPECT_EQ(make({}, 2, {.piece = data::Piece{2, 2}})->parts.size(), 2U);
  EXPECT_FALSE(fs::exists(manifest));
  EXPECT_TRUE(fs::exists(folder / "train" / "other.partial"));
  EXPECT_EQ(data_error([&] { (void)make({}, 2, merge); }),
            part("000000").string() +
                ": is missing; run --shard 1/2 again, or leave --merge out, which makes what is "
                "missing");
  EXPECT_CONTAINS(data_error([&] { (void)make({}, 2, {.missing = data::MissingWork::refuse}); }),
                  ": is missing; leave --merge out, which");
  settings.graph.k = 3;
  EXPECT_CONTAINS(data_error([&] {
                    (void)make({}, 2, {.piece = data::Piece{1, 2}});
                  }),
                  part("000002").string() +
                      ": was made from other events, or with other features or another graph (");
  settings.graph.k = 4;
  EXPECT_EQ(make({}, 2, {.piece = data::Piece{1, 2}})->parts.size(), 1U);
  shards_opened = 0;
  EXPECT_TRUE(make({}, 2, merge).has_value());
  EXPECT_EQ(shards_opened, 0U);
  EXPECT_EQ(core::read_text_file(manifest), expected);
}

TEST_F(Materialize, AStoppedRunLeavesWholePartsOnly) {
  Hooks hooks;
  hooks.stop_requested = [&] { return shards_opened == 3; };
  EXPECT_FALSE(make(hooks));
  EXPECT_TRUE(fs::exists(part("000000")) && fs::exists(part("000002")));
  EXPECT_FALSE(fs::exists(part("000004")) || fs::exists(folder / "train" / "manifest.json"));
  EXPECT_EQ(make().value().counts.events, 7U);
}

TEST_F(Materialize, ADamagedPartIsMadeAgain) {
  const auto expected = make().value().parts;
  flip_byte(part("000004"), 100);
  std::string warning;
  Hooks hooks;
  hooks.log = core::Logger([&](core::LogLevel level, const std::string& text) {
    warning += level == core::LogLevel::warning ? text : "";
  });
  shards_opened = 0;
  EXPECT_EQ(make(hooks).value().parts, expected);
  EXPECT_EQ(shards_opened, 1U);
  EXPECT_CONTAINS(warning,
                  part("000004").string() + ": damaged safetensors file: the data have checksum ");
  EXPECT_CONTAINS(warning, "(this part is made again now)");
}

TEST_F(Materialize, OtherSettingsOrEventsNeverMix) {
  (void)make();
  const std::string advice = "; choose another output folder or remove this one";
  settings.graph.k = 5;
  EXPECT_CONTAINS(data_error([&] { (void)make(); }),
                  part("000000").string() +
                      ": was made from other events, or with other features or another graph");
  settings.graph.k = 4;
  settings.features = {"localY"};
  EXPECT_CONTAINS(data_error([&] { (void)make(); }),
                  " (features: localY, driftR, neighbors, now localY)" + advice);
  settings.features = {"localY", "driftR", "neighbors"};
  shards[0][0].hits.local_y[3] += 1;
  describe_shards();
  EXPECT_CONTAINS(data_error([&] { (void)make(); }), advice);
}

TEST_F(Materialize, ForeignFilesAreNotMixedWith) {
  fs::create_directories(folder / "train");
  std::ofstream(folder / "train" / "shard_000001.safetensors") << "of another set";
  EXPECT_CONTAINS(
      data_error([&] { (void)make(); }),
      "shard_000001.safetensors: is no part of what is made here; choose another output folder");
  fs::remove(folder / "train" / "shard_000001.safetensors");
  data::write_manifest(folder / "train", source.manifest);
  EXPECT_CONTAINS(data_error([&] { (void)make(); }),
                  "manifest.json: is no part of what is made here; choose another output folder");
}

TEST_F(Materialize, ADamagedShardIsNamedAndLeavesNoPart) {
  shards[2][1].hits.local_y[3] += 1;  // after the checksums of the manifest
  EXPECT_CONTAINS(data_error([&] { (void)make(); }), "source/shard_000004.root: ");
  EXPECT_FALSE(fs::exists(part("000004")));
}

}  // namespace
}  // namespace stationhit::materialized
