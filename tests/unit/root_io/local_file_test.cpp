// Names that ROOT would take for URLs, and what is no regular file.
#include <cstdlib>
#include <string>

#include <gtest/gtest.h>
#include <support/expected_error.hpp>
#include <support/file_bytes.hpp>
#include <support/random_event.hpp>
#include <support/scratch_folder.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include <stationhit/core/errors.hpp>
#include <stationhit/root_io/describe.hpp>
#include <stationhit/root_io/muon_hit_dump.hpp>
#include <stationhit/root_io/score_file.hpp>
#include <stationhit/root_io/scored_ntuple.hpp>
#include <stationhit/root_io/shards.hpp>

namespace stationhit::root_io {
namespace {

using test::data_error;
using test::random_event;

class LocalNames : public testing::TestWithParam<const char*> {
 protected:
  void SetUp() override {
    std::filesystem::create_directories(path_.parent_path());
    // What a URL of this name would mean; none of it may be read, written or removed.
    for (const char* name : {"hits", "hits.root"}) test::write_bytes(folder_ / name, "precious");
  }
  void TearDown() override {
    for (const char* name : {"hits", "hits.root"})
      EXPECT_EQ(test::read_bytes(folder_ / name), "precious");
  }
  static core::Event event() { return random_event(7, 50, 1); }

  test::ScratchFolder folder_;
  std::filesystem::path path_ = folder_ / GetParam();
};

TEST_P(LocalNames, NtuplesAreWrittenReadDescribedAndScoredUnderTheirWholeName) {
  MuonHitDumpWriter writer(path_);
  writer.write(event());
  writer.close();
  core::Event read;
  MuonHitDumpReader reader({path_});
  ASSERT_TRUE(reader.next(read));
  EXPECT_TRUE(read == event());
  EXPECT_EQ(count_events(path_), 1U);
  EXPECT_EQ(describe(path_).kind, "hit ntuple");
  const std::filesystem::path output = path_.string() + ".scored";
  ScoredNtupleWriter scored(path_, output, ScoredMode::score);
  scored.write(0, std::vector<float>(event().hits.size(), 1.0F), {});
  scored.close();
  EXPECT_EQ(count_events(output), 1U);
}

TEST_P(LocalNames, ShardsAreWrittenReadAndDescribedUnderTheirWholeName) {
  ShardWriter writer(path_);
  writer.write(event());
  writer.close();
  core::Event read;
  ShardReader reader({path_});
  ASSERT_TRUE(reader.next(read));
  EXPECT_TRUE(read == event());
  EXPECT_EQ(describe(path_).kind, "prepared shard");
}

TEST_P(LocalNames, ScoresAreWrittenAndReadUnderTheirWholeName) {
  metrics::ScoredSample sample;
  write_scores(path_, sample);
  EXPECT_EQ(read_scores(path_).n_events(), 0U);
}

INSTANTIATE_TEST_SUITE_P(All, LocalNames,
                         testing::Values("hits#2.root", "hits.root?filetype=raw", "hits|x.root",
                                         "$HOME.root", "~root", "root:/x.root", "a%41%.root",
                                         "hits;1.root", "with space.root", "*.root", "[a].root"));

// Relative names as well: "~" and "$" are expanded at the beginning of a name.
TEST(RelativeNames, AreNotExpanded) {
  const test::ScratchFolder folder;
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder.path());
  for (const char* name : {"~x.root", "$HOME", "root:", "-", "file:x.root", "root://x"}) {
    if (std::string(name) == "root://x") {
      std::filesystem::remove("root:");
      std::filesystem::create_directory("root:");
    }
    MuonHitDumpWriter writer(name);
    writer.write(random_event(7, 50, 1));
    writer.close();
    EXPECT_TRUE(std::filesystem::exists(name)) << name;
    EXPECT_EQ(count_events(name), 1U) << name;
    ShardWriter shard(name);
    shard.write(random_event(7, 50, 1));
    shard.close();
    EXPECT_EQ(ShardReader({name}).size(), 1U) << name;
    EXPECT_EQ(describe(name).kind, "prepared shard") << name;
  }
  std::filesystem::current_path(before);
}

TEST(LocalFiles, NamedPipesAreRefusedAtOnce) {
  const test::ScratchFolder folder;
  const std::filesystem::path pipe = folder / "pipe.root";
  ASSERT_EQ(::mkfifo(pipe.c_str(), 0600), 0);
  ::alarm(20);
  const std::string text = pipe.string() + ": cannot be read: it is a named pipe";
  EXPECT_CONTAINS(data_error([&] { (void)count_events(pipe); }), text);
  EXPECT_CONTAINS(data_error([&] { ShardReader reader({pipe}); }), text);
  EXPECT_CONTAINS(data_error([&] { (void)describe(pipe); }), text);
  ::alarm(0);
}

}  // namespace
}  // namespace stationhit::root_io
