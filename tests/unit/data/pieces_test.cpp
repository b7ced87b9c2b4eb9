#include <stationhit/core/directory_lock.hpp>
#include <stationhit/core/files.hpp>

#include "prepare_fixture.hpp"

namespace stationhit::data {
namespace {

class Pieces : public PrepareTest {
 protected:
  PieceResult make(std::size_t number, std::size_t of) {
    return prepare_piece(config, fake.formats(), {number, of}).value();
  }
  Manifest merge() {
    return prepare(config, fake.formats(), {}, MissingWork::refuse).value().manifest;
  }
  std::string error_of_piece(std::size_t number, std::size_t of) {
    return test::data_error([&] { (void)make(number, of); });
  }
  std::string error_of_merge() {
    return test::data_error([&] { (void)merge(); });
  }
};

// The inputs give six chunks.
TEST_F(Pieces, MergeToTheSetOfOneCall) {
  run();
  const auto expected = manifests_in(config.output);
  ASSERT_EQ(expected.size(), 7U);
  const auto events = events_of("train");
  const auto small = events_of("train_small");
  for (const std::size_t of : {1U, 2U, 4U, 6U, 9U}) {
    config.output = (folder / std::to_string(of)).string();
    std::size_t chunks = 0;
    for (std::size_t number = of; number > 0; --number) chunks += make(number, of).chunks;
    EXPECT_EQ(chunks, 6U);
    EXPECT_TRUE(manifests_in(config.output).empty());
    fake.inputs_opened = 0;
    merge();
    EXPECT_EQ(fake.inputs_opened, 0U) << "the merge reads inputs again";
    EXPECT_EQ(manifests_in(config.output), expected) << of << " pieces";
    EXPECT_EQ(events_of("train"), events);
    EXPECT_EQ(events_of("train_small"), small);
    EXPECT_EQ(test::count_entries(config.output), 7) << "journals are left";
  }
}

TEST_F(Pieces, CountWhatTheyRead) {
  InputCounts sum;
  for (const std::size_t number : {1U, 2U, 3U}) sum += make(number, 3).input;
  EXPECT_EQ(sum, merge().input_counts);
}

TEST_F(Pieces, ThatAreMissingAreNamedAndMadeByACallWithoutMerge) {
  EXPECT_EQ(error_of_merge(),
            config.output +
                ": holds no pieces to merge; make them with --shard 1/N to N/N, or "
                "prepare without --merge");
  make(1, 3);
  make(3, 3);
  EXPECT_EQ(error_of_merge(),
            config.output +
                ": piece 2/3 has finished 0 of its 2 shards; run --shard 2/3 again, or "
                "prepare without --merge, which makes what is missing");
  fake.inputs_opened = 0;
  const Manifest manifest = run();
  EXPECT_EQ(fake.inputs_opened, 2U);
  config.output = (folder / "whole").string();
  EXPECT_EQ(manifest.shards, run().shards);
}

TEST_F(Pieces, ContinueAfterAKill) {
  config.threads = 1;
  make(1, 2);
  fake.write_limit = 30;
  EXPECT_CONTAINS(error_of_piece(2, 2), "No space left on device");
  fake.write_limit = SIZE_MAX;
  EXPECT_CONTAINS(error_of_merge(), ": piece 2/2 has finished 1 of its 3 shards; run --shard 2/2");
  fake.inputs_opened = 0;
  make(2, 2);
  EXPECT_EQ(fake.inputs_opened, 2U) << "finished chunks are read again";
  const Manifest manifest = merge();
  config.output = (folder / "whole").string();
  EXPECT_EQ(manifest.shards, run().shards);
}

TEST_F(Pieces, OfAnotherNumberAreRefused) {
  make(1, 3);
  EXPECT_EQ(error_of_piece(1, 2),
            config.output +
                ": holds piece 1/3, which overlaps with piece 1/2; give pieces of one "
                "number, or another folder");
}

TEST_F(Pieces, OfAnotherSetAreRefused) {
  make(1, 2);
  config.selection.min_pt = 6;
  EXPECT_CONTAINS(error_of_piece(2, 2),
                  "prepare.journal.1-of-2: this folder holds an unfinished set with other settings "
                  "or other input files (selection.min_pt is 5.0 there and 6.0 here)");
  EXPECT_CONTAINS(error(), "(selection.min_pt is 5.0 there and 6.0 here)");
  EXPECT_CONTAINS(error_of_merge(), "(selection.min_pt is 5.0 there and 6.0 here)");
}

TEST_F(Pieces, DoNothingWhereTheWholeSetIs) {
  run();
  EXPECT_TRUE(make(2, 3).set_is_complete);
  config.selection.min_pt = 6;
  EXPECT_CONTAINS(error_of_piece(1, 2), "holds a set prepared with other settings");
}

TEST_F(Pieces, AndTheWholeSetAreMadeByOneProgramAtATime) {
  {
    const PieceLock other(config.output, Piece{1, 2}, {});
    EXPECT_CONTAINS(error_of_piece(1, 2), ": another program makes piece 1/2 here (");
    EXPECT_CONTAINS(error(), ": another program is writing into this folder (");
    make(2, 2);
  }
  {
    const core::DirectoryLock whole(config.output, {});
    EXPECT_CONTAINS(error_of_piece(1, 2), ": another program is writing into this folder (");
  }
  make(1, 2);
  merge();
}

// The same events under another name of the file: the checksums differ, the events do not.
TEST_F(Pieces, EventsThatTwoOfThemHaveAreFoundByTheMerge) {
  std::vector<core::Event> events = inputs.at("zmumu_PU200_skip0_n60.root");
  events.resize(59);
  fake.add_input(folder / "in" / "zmumu_PU200_skip60_n59.root", events);
  for (const std::size_t number : {1U, 2U, 3U}) make(number, 3);
  EXPECT_CONTAINS(error_of_merge(), "are the same event");
}

TEST(PieceText, IsTheNumberAndTheCount) {
  const Piece piece = parse_piece("3/16", "--shard");
  EXPECT_EQ(piece, (Piece{3, 16}));
  EXPECT_EQ(text_of(piece), "3/16");
  EXPECT_EQ(file_suffix(piece), "3-of-16");
  for (const char* text : {"", "3", "0/4", "5/4", "1/0", "a/4", "1/4x", "-1/4", "1/100001"})
    EXPECT_EQ(test::error_of<core::UsageError>([&] { (void)parse_piece(text, "--shard"); }),
              std::string("--shard ") + text +
                  ": expected I/N, the piece I of N (1/16 to 16/16; N at most 100000)");
}

TEST(PieceOfSuffix, IsThatOfJournalsOnly) {
  EXPECT_EQ(piece_of_suffix("prepare.journal.2-of-3", "prepare.journal."), (Piece{2, 3}));
  for (const char* name : {"prepare.journal", "prepare.journal.", "prepare.journal.4-of-3",
                           "prepare.journal.2-of-3.host.7.ab.partial", "2-of-3"})
    EXPECT_FALSE(piece_of_suffix(name, "prepare.journal.")) << name;
}

}  // namespace
}  // namespace stationhit::data
