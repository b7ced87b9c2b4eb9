#include "prepare_fixture.hpp"

namespace stationhit::data {
namespace {

namespace fs = std::filesystem;

class PreparedSplitTest : public PrepareTest {};

TEST_F(PreparedSplitTest, OpenSplitNamesWhatIsWrong) {
  run();
  const fs::path train = fs::path(config.output) / "train";
  fake.damage_shard(train / "shard_000000.fake");
  EXPECT_CONTAINS(test::data_error([&] { (void)events_of("train"); }),
                  "train/shard_000000.fake: the content differs from the checksums");
  EXPECT_CONTAINS(test::data_error([&] { (void)open_split(config.output); }),
                  "describes a prepared set, not a prepared split; name the folder of a split");
  EXPECT_CONTAINS(test::data_error([&] { (void)read_manifest(train); }),
                  "describes a prepared split, not a prepared set");
  fs::remove(train / "shard_000000.fake");
  EXPECT_CONTAINS(
      test::data_error([&] { (void)open_split(train); }),
      "shard_000000.fake: the manifest of the split lists this shard, but it cannot be read");
  EXPECT_CONTAINS(test::data_error([&] { (void)open_split(folder / "in"); }),
                  "no such file; this is no complete prepared split");
}

}  // namespace
}  // namespace stationhit::data
