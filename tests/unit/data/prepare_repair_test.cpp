#include <stationhit/core/files.hpp>

#include "prepare_fixture.hpp"

namespace stationhit::data {
namespace {

namespace fs = std::filesystem;

class PrepareRepairTest : public PrepareTest {
 protected:
  PrepareRepairTest() {
    hooks.log =
        core::Logger([this](core::LogLevel, const std::string& message) { log += message + "\n"; });
    expected = run();
    for (const std::string name : {"train", "val", "test", "train_small", "val_small"})
      events[name] = events_of(name);
  }

  [[nodiscard]] fs::path path(const std::string& name) const {
    return fs::path(config.output) / name;
  }

  // The set is as it was after the first call.
  PrepareResult repair() {
    PrepareResult result = prepare(config, fake.formats(), hooks).value();
    EXPECT_EQ(result.manifest.shards, expected.shards);
    for (const auto& [name, before] : events) EXPECT_EQ(events_of(name), before) << name;
    EXPECT_TRUE(prepare(config, fake.formats())->was_complete);
    return result;
  }

  PrepareHooks hooks;
  std::string log;
  Manifest expected;
  std::map<std::string, std::vector<core::Event>> events;
};

TEST_F(PrepareRepairTest, ADeletedShardIsMadeAgainAndNoOther) {
  const fs::path lost = path("train/shard_000001.fake"), other = path("train/shard_000000.fake");
  const auto written = fs::last_write_time(other);
  fs::remove(lost);
  fake.inputs_opened = 0;
  const PrepareResult result = repair();
  EXPECT_FALSE(result.was_complete);
  EXPECT_EQ(result.made_again, std::vector<fs::path>{lost});
  EXPECT_EQ(fake.inputs_opened, 1U);
  EXPECT_EQ(fs::last_write_time(other), written);
  EXPECT_EQ(log, lost.string() + ": is missing (this shard is made again now)\n");
}

TEST_F(PrepareRepairTest, DamagedShardsAreMadeAgain) {
  fake.damage_shard(path("train/shard_000000.fake"));
  fake.damage_shard(path("train_small/shard_000000.fake"));
  EXPECT_EQ(repair().made_again.size(), 2U);
  EXPECT_CONTAINS(log,
                  "train/shard_000000.fake: the content differs from the checksums of the "
                  "manifest (columns spacePoint_PositionY); the shard is damaged; the same "
                  "`stationhit prepare` into the same folder makes missing and damaged shards "
                  "again (this shard is made again now)");
}

TEST_F(PrepareRepairTest, AWholeSplitIsMadeAgain) {
  fs::remove_all(path("val"));
  fs::remove_all(path("val_small"));
  repair();
  EXPECT_CONTAINS(log, "val/manifest.json: is missing or damaged (it is written again now)");
}

TEST_F(PrepareRepairTest, ADamagedManifestOfASplitIsWrittenAgain) {
  std::ofstream(path("test/manifest.json")) << "{";
  repair();
}

TEST_F(PrepareRepairTest, AnotherManifestOfASplitIsRefused) {
  fs::copy_file(path("val/manifest.json"), path("test/manifest.json"),
                fs::copy_options::overwrite_existing);
  EXPECT_CONTAINS(error(), "test: its manifest differs from the one of the set; remove");
}

TEST_F(PrepareRepairTest, StopsWhenAskedAndGoesOn) {
  fs::remove(path("train/shard_000001.fake"));
  hooks.stop_requested = [] { return true; };
  EXPECT_FALSE(prepare(config, fake.formats(), hooks).has_value());
  hooks.stop_requested = {};
  repair();
}

TEST_F(PrepareRepairTest, FoldersWithOtherFilesAreNoOutput) {
  config.output = (folder / "configs").string();
  fs::create_directories(config.output);
  core::write_text_file(fs::path(config.output) / "mlp.yaml", "features: [r]");
  EXPECT_CONTAINS(error(),
                  "configs: is no folder of a prepared set, it holds mlp.yaml; choose an empty "
                  "output folder or one that does not exist");
  EXPECT_FALSE(fs::exists(fs::path(config.output) / "train"));
}

}  // namespace
}  // namespace stationhit::data
