#include <atomic>
#include <chrono>
#include <fstream>
#include <string>
#include <thread>

#include <stationhit/core/files.hpp>

#include "prepare_fixture.hpp"

namespace stationhit::data {
namespace {

namespace fs = std::filesystem;

class PrepareJournalTest : public PrepareTest {};

// Stops the run after each possible number of written events; the continued run gives the same set.
TEST_F(PrepareJournalTest, AnInterruptedRunContinuesToTheSameSet) {
  config.threads = 1;
  const Manifest expected = run();
  for (std::size_t limit = 0; limit < 100; limit += 7) {
    config.output = (folder / ("out" + std::to_string(limit))).string();
    fake.write_limit = limit;
    EXPECT_CONTAINS(error(), "No space left on device");
    EXPECT_FALSE(fs::exists(fs::path(config.output) / manifest_file_name));
    for (const auto& entry : fs::recursive_directory_iterator(config.output))
      EXPECT_NE(entry.path().extension(), ".partial");
    fake.write_limit = SIZE_MAX;
    fake.inputs_opened = 0;
    const Manifest manifest = run();
    EXPECT_EQ(manifest.shards, expected.shards);
    EXPECT_EQ(manifest.input_counts, expected.input_counts);
    EXPECT_TRUE(limit < 40 || fake.inputs_opened < 6) << "finished chunks are read again";
  }
}

TEST_F(PrepareJournalTest, AShardThatTheDiskDoesNotTakeIsMadeByTheContinuedRun) {
  for (const unsigned threads : {1U, 2U}) {
    config.threads = threads;
    config.output = (folder / ("whole" + std::to_string(threads))).string();
    const Manifest expected = run();
    for (std::size_t limit = 0; limit < 15; limit += 2) {
      config.output = (folder / (std::to_string(threads) + "x" + std::to_string(limit))).string();
      fake.publish_limit = limit;
      EXPECT_CONTAINS(error(), "Input/output error");
      EXPECT_FALSE(fs::exists(fs::path(config.output) / manifest_file_name));
      fake.publish_limit = SIZE_MAX;
      EXPECT_EQ(run().shards, expected.shards);
    }
  }
}

TEST_F(PrepareJournalTest, WhileAChunkWaitsForTheDiskTheNextOneIsMade) {
  config.threads = 1;
  std::atomic<bool> next_was_made{false};
  fake.before_publishing = [&] {
    for (int i = 0; i < 1000 && !next_was_made; ++i) {
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
      next_was_made = fake.inputs_opened > 1;
    }
  };
  (void)run();
  EXPECT_TRUE(next_was_made);
}

TEST_F(PrepareJournalTest, AJournalCutOffInALineIsContinued) {
  config.threads = 1;
  const Manifest expected = run();
  config.output = (folder / "cut").string();
  fake.write_limit = 60;
  (void)error();
  fake.write_limit = SIZE_MAX;
  const fs::path journal = folder / "cut" / "prepare.journal";
  fs::resize_file(journal, fs::file_size(journal) - 10);
  EXPECT_EQ(run().shards, expected.shards);
}

TEST_F(PrepareJournalTest, ADamagedShardOfTheFirstRunIsMadeAgainAndNamed) {
  config.threads = 1;
  const Manifest expected = run();
  config.output = (folder / "damaged").string();
  fake.write_limit = 60;
  (void)error();
  fake.write_limit = SIZE_MAX;
  fake.damage_shard(folder / "damaged/train/shard_000000.fake");
  std::string warnings;
  PrepareHooks hooks;
  hooks.log =
      core::Logger([&](core::LogLevel, const std::string& message) { warnings += message; });
  EXPECT_EQ(prepare(config, fake.formats(), hooks)->manifest.shards, expected.shards);
  EXPECT_CONTAINS(warnings,
                  "damaged/train/shard_000000.fake: the content differs from the checksums of the "
                  "manifest (columns spacePoint_PositionY)");
}

TEST_F(PrepareJournalTest, StopsWhenAskedAndContinues) {
  config.threads = 1;
  const Manifest expected = run();
  config.output = (folder / "stopped").string();
  int calls = 0;
  PrepareHooks hooks;
  hooks.stop_requested = [&] { return ++calls > 50; };
  EXPECT_FALSE(prepare(config, fake.formats(), hooks).has_value());
  EXPECT_FALSE(fs::exists(fs::path(config.output) / manifest_file_name));
  EXPECT_EQ(run().shards, expected.shards);
}

TEST_F(PrepareJournalTest, ASecondCallDoesNothing) {
  run();
  fake.inputs_opened = 0;
  EXPECT_TRUE(prepare(config, fake.formats())->was_complete);
  EXPECT_EQ(fake.inputs_opened, 0U);
}

TEST_F(PrepareJournalTest, NeverMixesWithAnotherSet) {
  run();
  config.selection.min_pt = 10.0;
  EXPECT_CONTAINS(error(),
                  "out: holds a set prepared with other settings or other input files "
                  "(selection.min_pt is 5.0 there and 10.0 here); choose");
  config.input.push_back((folder / "more.root").string());
  fake.add_input(folder / "more.root", {toy_event(1, 77)});
  EXPECT_CONTAINS(error(), "10.0 here; input more.root is new); choose");
  config.input.pop_back();
  config.output = (folder / "unfinished").string();
  fake.write_limit = 60;
  config.threads = 1;
  (void)error();
  fake.write_limit = SIZE_MAX;
  config.selection.min_pt = 6.0;
  EXPECT_CONTAINS(error(),
                  "this folder holds an unfinished set with other settings or other input files "
                  "(selection.min_pt is 10.0 there and 6.0 here)");
  config.output = (folder / "foreign").string();
  fs::create_directories(folder / "foreign/train");
  std::ofstream(folder / "foreign/train/notes.txt") << "mine";
  EXPECT_CONTAINS(error(), "foreign/train: holds files that no known preparation made");
  EXPECT_TRUE(fs::exists(folder / "foreign/train/notes.txt"));
}

TEST_F(PrepareJournalTest, NumbersThatAreNoCountsAreRefused) {
  config.threads = 1;
  fake.write_limit = 85;
  (void)error();
  fake.write_limit = SIZE_MAX;
  const fs::path journal = fs::path(config.output) / "prepare.journal";
  std::string text = core::read_text_file(journal);
  const std::string before = "\"input\":{\"bad_events\":0";
  ASSERT_NE(text.find(before), std::string::npos);
  text.replace(text.find(before), before.size(), "\"input\":{\"bad_events\":-1");
  core::write_text_file(journal, text);
  EXPECT_CONTAINS(error(),
                  "prepare.journal: input.bad_events is -1, expected a whole number from 0 to "
                  "1000000000000000; remove this folder and prepare again");
}

}  // namespace
}  // namespace stationhit::data
