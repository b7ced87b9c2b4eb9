#include <array>
#include <set>

#include <gtest/gtest.h>

#include <stationhit/config/unread_settings.hpp>
#include <stationhit/core/settings.hpp>

namespace stationhit::config {
namespace {

using Arguments = std::vector<std::string>;

std::set<std::string> read_settings(RunPurpose purpose) {
  std::set<std::string> read;
  for (const std::string& key : core::all_paths_of<RunConfig>())
    if (is_read(purpose, key)) read.insert(key);
  return read;
}

TEST(UnreadSettings, ArgumentsOfOtherSubcommandsAreFound) {
  const Arguments given{"normalization_stats=other.yaml",
                        "test_path=data/test",
                        "training.batch_size=8",
                        "training.epochs=3",
                        "graph.k=4",
                        "graph={k: 4}"};
  EXPECT_EQ(find_unread(RunPurpose::test, given), (Arguments{given[0], given[2]}));
  EXPECT_EQ(find_unread(RunPurpose::training, given), Arguments());
  EXPECT_EQ(find_unread(RunPurpose::statistics, given), (Arguments{given[1], given[2], given[3]}));
  EXPECT_EQ(find_unread(RunPurpose::pruning, given), Arguments{given[3]});
}

TEST(UnreadSettings, ASectionIsNotAPrefixOfAName) {
  EXPECT_TRUE(is_read(RunPurpose::statistics, "normalization_stats"));
  EXPECT_FALSE(is_read(RunPurpose::statistics, "normalization"));
}

TEST(UnreadSettings, EverySettingIsReadForSomething) {
  std::set<std::string> read;
  for (const RunPurpose purpose :
       {RunPurpose::statistics, RunPurpose::materialization, RunPurpose::training, RunPurpose::test,
        RunPurpose::exporting, RunPurpose::quantization, RunPurpose::pruning, RunPurpose::study,
        RunPurpose::search})
    read.merge(read_settings(purpose));
  const auto all = core::all_paths_of<RunConfig>();
  EXPECT_EQ(read, std::set<std::string>(all.begin(), all.end()));
}

TEST(UnreadSettings, EveryPurposeReadsItsOwnSettings) {
  EXPECT_TRUE(read_settings(RunPurpose::pruning).contains("prune.steps"));
  EXPECT_TRUE(read_settings(RunPurpose::quantization).contains("quantization.method"));
  EXPECT_FALSE(read_settings(RunPurpose::exporting).contains("quantization.method"));
  EXPECT_TRUE(read_settings(RunPurpose::study).contains("study.seeds"));
  EXPECT_EQ(read_settings(RunPurpose::documentation).size(),
            core::all_paths_of<RunConfig>().size());
}

}  // namespace
}  // namespace stationhit::config
